"""One stage of an update: a small heat map, its name and result, its formula, and that with numbers."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFont, QKeyEvent, QMouseEvent
from PyQt6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from ...fonts import mono_font, ui_font
from ...theme import ThemeManager
from .small_map import SmallMap

_PICTURE = QSize(44, 32)


class StageRow(QFrame):
    """Can be clicked, or chosen with Enter or Space; the arrow keys go to its neighbours."""

    chosen = pyqtSignal()

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("row", "stage")
        self.picture = SmallMap(themes, _PICTURE)
        self.title, self.formula, self.numbers = QLabel(), QLabel(wordWrap=True), QLabel(wordWrap=True)
        self.result = QLabel(alignment=Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.title.setFont(ui_font(9.0, QFont.Weight.DemiBold))
        for label in (self.formula, self.numbers):
            label.setFont(mono_font(8.5))
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setMinimumWidth(60)  # a long formula breaks, it does not make the panel wider
        self.result.setFont(mono_font(9.0, QFont.Weight.Bold))
        self.numbers.setProperty("tone", "muted")
        grid = QGridLayout(self)
        grid.setContentsMargins(6, 5, 8, 5)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(1)
        grid.addWidget(self.picture, 0, 0, 3, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.title, 0, 1)
        grid.addWidget(self.result, 0, 2)
        grid.addWidget(self.formula, 1, 1, 1, 2)
        grid.addWidget(self.numbers, 2, 1, 1, 2)
        grid.setColumnStretch(1, 1)

    def show_stage(self, title: str, formula: str, numbers: str, result: str) -> None:
        """Fill in the texts; `result` is the number that comes out."""
        self.title.setText(title)
        self.formula.setText(_breakable(formula))
        self.numbers.setText(_breakable(f"= {numbers}") if numbers else "")
        self.numbers.setVisible(bool(numbers))
        self.result.setText(result)
        self.setAccessibleName(f"{title}: {formula} = {result}")

    def show_state(self, value: np.ndarray | None, current: bool) -> None:
        """Show the whole tensor, and whether this is the stage that is looked at."""
        self.picture.show_value(value)
        if self.property("current") != current:
            self.setProperty("current", current)
            style = self.style()
            style.unpolish(self)
            style.polish(self)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and self.rect().contains(event.position().toPoint()):
            self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        key = event.key() if event is not None else 0
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.focusNextPrevChild(key == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)


def _breakable(text: str) -> str:
    """Lets a long formula break only at its spaces before a sign, never after it."""
    for sign in "+−·/=":
        text = text.replace(f" {sign} ", f" {sign}\N{NO-BREAK SPACE}")
    return text
