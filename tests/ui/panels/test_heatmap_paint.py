"""Numbers in the cells of a heat map."""

from gradviz.ui.fonts import mono_font
from gradviz.ui.panels.inspector.heatmap_paint import cell_texts
from PyQt6.QtGui import QFontMetricsF
from PyQt6.QtWidgets import QApplication

from gradviz.app.numerals import MINUS

VALUES = [0.1123, -0.0313, 0.06, -0.0512]


def room_for(text: str, size: float) -> float:
    return QFontMetricsF(mono_font(size)).horizontalAdvance(text)


def test_negative_cells_get_their_numbers_as_their_neighbours_do(qapp: QApplication) -> None:
    """A minus sign makes a number too wide for a cell that holds the others: all are written smaller then."""
    room = room_for("0.06", 8.0) + 1
    assert room < room_for(f"{MINUS}0.03", 8.0)
    font, texts = cell_texts(VALUES, room)
    assert font.pointSizeF() < 8
    assert texts == ["0.112", f"{MINUS}0.03", "0.06", f"{MINUS}0.05"]
    assert all(QFontMetricsF(font).horizontalAdvance(text) <= room for text in texts)


def test_where_there_is_room_the_font_stays_large(qapp: QApplication) -> None:
    font, texts = cell_texts(VALUES, 200)
    assert font.pointSizeF() == 8
    assert texts == ["0.112", f"{MINUS}0.0313", "0.06", f"{MINUS}0.0512"]


def test_what_fits_nowhere_is_a_sign(qapp: QApplication) -> None:
    assert cell_texts([1.5, -1e-9], room_for("1.5", 6.5))[1] == ["1.5", MINUS]
    assert cell_texts([], 20)[1] == []
