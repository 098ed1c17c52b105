"""What the layers make of the drawing: small heat maps in the order in which they are computed."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QGridLayout, QLabel, QWidget

from gradviz.app.drawn_net import Map
from gradviz.app.i18n import tr
from gradviz.app.numerals import shape_text

from ...fonts import mono_font
from ...theme import ThemeManager
from ..inside.small_map import SmallMap

_COLUMNS = 3
_SIZE = QSize(138, 92)


class FeatureMaps(QWidget):
    """Three in a row, each with its name and shape."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self.pictures: list[SmallMap] = []
        self._titles: list[QLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)

    def show_maps(self, maps: tuple[Map, ...]) -> None:
        """Show these, or nothing if there are none."""
        while len(self.pictures) < len(maps):
            self._add()
        for place, (picture, title) in enumerate(zip(self.pictures, self._titles, strict=True)):
            shown = place < len(maps)
            picture.setVisible(shown)
            title.setVisible(shown)
            if shown:
                picture.show_value(maps[place].value)
                title.setText(f"{maps[place].title}  {shape_text(maps[place].value.shape)}")
                title.setToolTip(title.text())
                picture.setAccessibleName(title.text())

    def _add(self) -> None:
        picture, title = SmallMap(self._themes, _SIZE), QLabel()
        title.setFont(mono_font(8.0))
        title.setProperty("tone", "muted")
        title.setFixedWidth(_SIZE.width() + 8)  # a long name is cut off, and whole in its tip
        row, column = divmod(len(self.pictures), _COLUMNS)
        self._grid.addWidget(title, 2 * row, column, Qt.AlignmentFlag.AlignLeft)
        self._grid.addWidget(picture, 2 * row + 1, column, Qt.AlignmentFlag.AlignLeft)
        self.pictures.append(picture)
        self._titles.append(title)

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Feature maps"))
        self.setToolTip(tr("What each layer makes of the drawing: blue above zero, red below"))
