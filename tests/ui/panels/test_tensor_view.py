"""Heat map, table, legend and export show the numbers of the tensor, and nothing before they are computed."""

from pathlib import Path

import numpy as np
import pytest
from gradviz.engine.program import Program, SlotKind
from gradviz.ui.panels.inspector.colours import ColourMap, scale_for
from gradviz.ui.panels.inspector.export import as_lines, save
from gradviz.ui.panels.inspector.heatmap import HeatMap
from gradviz.ui.panels.inspector.tensor_view import TensorView
from gradviz.ui.theme import DARK, ThemeManager
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QColor, QGuiApplication, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from gradviz.app.facts import ValueFacts
from gradviz.app.numerals import number
from gradviz.app.tensor_facts import FactsCache
from tests.program_builder import Builder

LEFT = Qt.MouseButton.LeftButton
RNG = np.random.default_rng(5)
IMAGES = RNG.normal(size=(2, 3, 12, 12)).astype(np.float32)


@pytest.fixture
def themes(qapp: QApplication) -> ThemeManager:
    return ThemeManager("light")


@pytest.fixture
def heatmap(qtbot: QtBot, themes: ThemeManager) -> HeatMap:
    made = HeatMap(themes)
    qtbot.addWidget(made)
    made.resize(300, 300)
    made.show()
    return made


def value(array: np.ndarray | None, shape: tuple[int, ...] = ()) -> ValueFacts:
    b = Builder()
    known = array if array is not None else np.zeros(shape)
    b.leaf(known.shape, "w", SlotKind.PARAMETER, dtype=known.dtype.name, value=known)
    program: Program = b.program()
    return ValueFacts(
        "output", "y", "w", 0, known.shape, known.dtype.name, SlotKind.PARAMETER, array, program, FactsCache()
    )


def centre(heatmap: HeatMap, index: tuple[int, ...]) -> QPoint:
    return heatmap.lens.rect_of(index).center().toPoint()


def show(heatmap: HeatMap, array: np.ndarray, leading: tuple[int, ...] = ()) -> None:
    heatmap.show_array(array, scale_for(float(np.nanmin(array)), float(np.nanmax(array))), leading)
    heatmap.resize(300, heatmap.heightForWidth(300))


# The heat map.


def test_every_cell_has_the_colour_of_its_number(heatmap: HeatMap, themes: ThemeManager) -> None:
    array = np.array([[-2.0, -1.0, 0.0], [1.0, 2.0, np.nan]])
    show(heatmap, array)
    for theme in ("light", "dark"):
        themes.set_choice(theme)
        colours, scale = ColourMap(themes.theme), scale_for(-2.0, 2.0)
        image = heatmap.grab().toImage()
        for index in np.ndindex(2, 3):
            corner = heatmap.lens.rect_of(index).topLeft() + QPointF(3, 3)
            assert image.pixelColor(corner.toPoint()) == colours.colour(float(array[index]), scale)
    assert themes.theme is DARK


def test_a_click_chooses_the_element_under_it(qtbot: QtBot, heatmap: HeatMap) -> None:
    show(heatmap, IMAGES, (1, 0, 0, 0))
    for index in ((1, 0, 0, 0), (1, 2, 11, 11), (1, 1, 3, 4)):
        with qtbot.waitSignal(heatmap.element_chosen) as blocker:
            QTest.mouseClick(heatmap, LEFT, pos=centre(heatmap, index))
        assert blocker.args == [index]


def test_a_click_into_a_gap_chooses_nothing(qtbot: QtBot, heatmap: HeatMap) -> None:
    show(heatmap, IMAGES, (0, 0, 0, 0))
    right = heatmap.lens.rect_of((0, 0, 0, 11)).right()
    gap = QPoint(round(right + heatmap.lens.side() / 2), centre(heatmap, (0, 0, 0, 0)).y())
    with qtbot.assertNotEmitted(heatmap.element_chosen):
        QTest.mouseClick(heatmap, LEFT, pos=gap)


def test_hovering_reads_an_element(qtbot: QtBot, heatmap: HeatMap) -> None:
    show(heatmap, IMAGES, (0, 0, 0, 0))
    with qtbot.waitSignal(heatmap.element_hovered) as blocker:
        QTest.mouseMove(heatmap, centre(heatmap, (0, 1, 2, 3)))
    assert blocker.args == [(0, 1, 2, 3)]


def test_arrow_keys_walk_over_gaps(qtbot: QtBot, heatmap: HeatMap) -> None:
    show(heatmap, IMAGES, (0, 0, 0, 0))
    heatmap.element_chosen.connect(heatmap.set_element)
    heatmap.set_element((0, 0, 0, 11))
    with qtbot.waitSignal(heatmap.element_chosen) as blocker:
        QTest.keyClick(heatmap, Qt.Key.Key_Right)
    assert blocker.args == [(0, 1, 0, 0)]
    with qtbot.assertNotEmitted(heatmap.element_chosen):
        QTest.keyClick(heatmap, Qt.Key.Key_Up)
    assert number(float(IMAGES[0, 1, 0, 0])) in heatmap.accessibleDescription()


def test_a_click_does_not_take_the_keys_from_the_walk(heatmap: HeatMap) -> None:
    assert not heatmap.focusPolicy() & Qt.FocusPolicy.ClickFocus


def test_zoom_keeps_the_element_under_the_pointer(heatmap: HeatMap) -> None:
    show(heatmap, RNG.normal(size=(40, 60)))
    place = centre(heatmap, (20, 31))
    for _ in range(6):
        wheel = QWheelEvent(
            QPointF(place), QPointF(place), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(heatmap, wheel)
    assert heatmap.lens.zoom > 3
    assert heatmap.index_at(QPointF(place)) == (20, 31)
    QTest.keyClick(heatmap, Qt.Key.Key_0)
    assert heatmap.lens.zoom == 1


def test_large_tensors_are_reduced_and_drawn_in_time(heatmap: HeatMap) -> None:
    array = np.zeros((512, 512, 3, 3), np.float32)
    array[300, 200, 1, 1] = -1.0
    show(heatmap, array)
    assert heatmap.reduction() > 1
    image = heatmap.grab().toImage()
    x, y = centre(heatmap, (300, 200, 1, 1)).x(), centre(heatmap, (300, 200, 1, 1)).y()
    near = [image.pixelColor(x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    assert any(c.red() > c.blue() + 60 for c in near)  # the one number that is not zero can be seen


@pytest.mark.parametrize("array", [np.zeros((0, 3)), np.array(0.5), np.array([True, False]), np.arange(7)])
def test_odd_tensors_can_be_shown(heatmap: HeatMap, array: np.ndarray) -> None:
    heatmap.show_array(array, scale_for(0.0, 1.0), ())
    heatmap.grab()


# The whole view.


@pytest.fixture
def view(qtbot: QtBot, themes: ThemeManager) -> TensorView:
    made = TensorView(themes)
    qtbot.addWidget(made)
    made.resize(320, 520)
    made.show()
    return made


def test_what_is_not_computed_is_not_shown(view: TensorView) -> None:
    view.show_value(value(IMAGES), (0, 0, 0, 0))
    assert view.heatmap.isVisible()
    assert not view.pending.isVisible()
    view.show_value(value(None, (2, 3)))
    assert view.pending.isVisible()
    assert "Not yet computed" in view.pending.text()
    for part in (view.heatmap, view.table, view.legend, view.statistics, view.readout):
        assert not part.isVisible()
    assert not view.as_table.isEnabled()
    assert view.readout.text().strip() == ""


def test_readout_and_statistics(view: TensorView) -> None:
    view.show_value(value(IMAGES), (1, 2, 3, 4))
    assert view.readout.text() == f"[1, 2, 3, 4] = {number(float(IMAGES[1, 2, 3, 4]), 6)}"
    assert view.slices.value() == (1,)
    for text in (number(float(IMAGES.min())), number(float(IMAGES.max()))):
        assert text in view.statistics.text()
    QTest.mouseMove(view.heatmap, centre(view.heatmap, (1, 0, 1, 1)))
    assert view.readout.text() == f"[1, 0, 1, 1] = {number(float(IMAGES[1, 0, 1, 1]), 6)}"


def test_slices_choose_what_is_shown(view: TensorView) -> None:
    view.show_value(value(IMAGES))
    (box,) = view.slices.boxes()
    box.setValue(1)
    assert view.heatmap.lens.leading[0] == 1
    assert view.heatmap.index_at(QPointF(centre(view.heatmap, (1, 2, 3, 4)))) == (1, 2, 3, 4)


def test_table_shows_the_numbers_of_the_slice(view: TensorView) -> None:
    view.show_value(value(IMAGES), (0, 0, 0, 0))
    view.as_table.click()
    model = view.table.numbers
    assert view.table.isVisible()
    first, second = view.slices.boxes()
    first.setValue(1)
    second.setValue(2)
    assert (model.rowCount(), model.columnCount()) == (12, 12)
    for row, column in np.ndindex(12, 12):
        assert model.data(model.index(row, column)) == number(float(IMAGES[1, 2, row, column]))
        assert model.element(model.index(row, column)) == (1, 2, row, column)


@pytest.mark.parametrize("shape", [(), (5,), (3, 4)])
def test_table_of_few_dimensions(view: TensorView, shape: tuple[int, ...]) -> None:
    array = RNG.normal(size=shape)
    view.show_value(value(array), (0,) * len(shape))
    view.as_table.click()
    model = view.table.numbers
    for index in np.ndindex(*shape):
        assert model.data(model.cell(index)) == number(float(array[index]))


def test_table_cells_choose_elements(qtbot: QtBot, view: TensorView) -> None:
    view.show_value(value(RNG.normal(size=(3, 4))), (0, 0))
    view.as_table.click()
    rect = view.table.visualRect(view.table.numbers.index(2, 1))
    with qtbot.waitSignal(view.element_chosen) as blocker:
        qtbot.mouseClick(view.table.viewport(), LEFT, pos=rect.center())
    assert blocker.args == [(2, 1)]


def clipboard_text() -> str:
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    return clipboard.text()


def test_copy_selection_as_tab_separated_values(view: TensorView) -> None:
    array = np.arange(12.0).reshape(3, 4) / 7
    view.show_value(value(array), (0, 0))
    view.as_table.click()
    view.table.setCurrentIndex(view.table.numbers.index(1, 1))
    view.table.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down):
        QTest.keyClick(view.table, key, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(view.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = [[float(x) for x in line.split("\t")] for line in clipboard_text().split("\n")]
    assert np.array_equal(copied, array[1:3, 1:3])


def test_copy_everything(view: TensorView) -> None:
    array = RNG.normal(size=(2, 3))
    view.show_value(value(array), (0, 0))
    view.copy()
    assert np.array_equal(
        [[float(x) for x in row.split("\t")] for row in clipboard_text().split("\n")], array
    )


def test_save_without_blocking(qtbot: QtBot, view: TensorView, tmp_path: Path) -> None:
    view.show_value(value(IMAGES), (0, 0, 0, 0))
    for kind in ("npy", "csv"):
        view.save(kind)
        (dialog,) = [d for d in view.findChildren(QFileDialog) if d.isVisible()]
        path = tmp_path / f"x.{kind}"
        with qtbot.waitSignal(view.told) as blocker:
            dialog.fileSelected.emit(str(path))
            dialog.close()
        assert blocker.args[1] == "info"
        assert path.exists()
    assert np.array_equal(np.load(tmp_path / "x.npy"), IMAGES)


def test_saving_where_one_may_not_write_is_told(qtbot: QtBot, view: TensorView, tmp_path: Path) -> None:
    view.show_value(value(IMAGES), (0, 0, 0, 0))
    view.save("csv")
    (dialog,) = [d for d in view.findChildren(QFileDialog) if d.isVisible()]
    with qtbot.waitSignal(view.told) as blocker:
        dialog.fileSelected.emit(str(tmp_path / "none" / "x.csv"))
        dialog.close()
    assert blocker.args[1] == "error"


def test_files_can_be_read_back(tmp_path: Path) -> None:
    array = RNG.normal(size=(2, 3, 4)).astype(np.float32)
    save(array, tmp_path / "a.csv")
    rows = [r for r in (tmp_path / "a.csv").read_text().splitlines() if not r.startswith("#")]
    read = np.array([[float(x) for x in row.split(",")] for row in rows]).reshape(2, 3, 4)
    assert np.array_equal(read.astype(np.float32), array)
    assert as_lines(np.array([1, 2]), ",") == "1\n2"


def test_legend_points_at_the_number(view: TensorView) -> None:
    view.show_value(value(np.array([[-1.0, 0.0, 1.0]])), (0, 2))
    plain = view.legend.grab().toImage()
    view.legend.set_marker(None)
    assert view.legend.grab().toImage() != plain
    assert "−1" in view.legend.accessibleDescription()


def test_colours_of_the_legend_are_those_of_the_map(view: TensorView, themes: ThemeManager) -> None:
    view.show_value(value(np.array([[-1.0, 0.0, 1.0]])), (0, 2))
    view.legend.set_marker(None)
    image = view.legend.grab().toImage()
    colours, scale = ColourMap(themes.theme), scale_for(-1.0, 1.0)
    row = next(
        y
        for y in range(image.height() - 1, 0, -1)
        if _is(image.pixelColor(8, y), colours.colour(-0.97, scale))
    )
    assert _is(image.pixelColor(image.width() - 9, row), colours.colour(0.97, scale))


def _is(one: QColor, other: QColor) -> bool:
    return all(abs(a - b) < 14 for a, b in zip(one.getRgb()[:3], other.getRgb()[:3], strict=True))  # type: ignore[operator]
