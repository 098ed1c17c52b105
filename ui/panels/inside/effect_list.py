"""All values that a nudge moves: what was predicted, what happens, and a mark where the two differ."""

from __future__ import annotations

import math

from gradviz.engine.program import Program
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from gradviz.app.i18n import tr
from gradviz.app.inside.nudge import Effect, Nudge
from gradviz.app.inside.subject import title_of
from gradviz.app.numerals import number

from ...fonts import mono_font, ui_font
from ...theme import ThemeManager

MARKS = ("", "!", "‼")  # as predicted, off by more than 1 %, by more than 10 %
MOST_ROWS = 9
_HEIGHT = 24


class EffectList(QTableWidget):
    """One row for each effect, that on the loss first; a row leads to its value."""

    slot_clicked = pyqtSignal(int)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(0, 4, parent)
        self._themes = themes
        self._nudge: Nudge | None = None
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        side, top = self.verticalHeader(), self.horizontalHeader()
        assert side is not None
        assert top is not None
        side.hide()
        side.setDefaultSectionSize(_HEIGHT)
        top.setMinimumSectionSize(20)
        top.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        top.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.cellClicked.connect(lambda row, column: self._click(row))
        self.cellActivated.connect(lambda row, column: self._click(row))
        themes.changed.connect(lambda _: self.show_nudge(self._nudge))

    def show_nudge(self, nudge: Nudge | None) -> None:
        """Show what a nudge moves."""
        self._nudge = nudge
        rows = nudge.listed if nudge is not None else ()
        self.setRowCount(len(rows))
        if nudge is not None:
            for row, effect in enumerate(rows):
                self._fill(row, effect, nudge.program)
        top = self.horizontalHeader()
        head = top.sizeHint().height() if top is not None else _HEIGHT
        self.setFixedHeight(_HEIGHT * min(len(rows), MOST_ROWS) + head + 4)

    def _fill(self, row: int, effect: Effect, program: Program) -> None:
        predicted, actual = effect.sizes
        title = title_of(program, effect.slot)
        texts = (title, number(predicted, 3), number(actual, 3), MARKS[effect.level])
        theme = self._themes.theme
        mark = theme.error if effect.level > 1 else theme.warning
        colours = (theme.text, theme.gradient, theme.value, mark)
        for column, (text, colour) in enumerate(zip(texts, colours, strict=True)):
            item = QTableWidgetItem(text)
            item.setFont(mono_font(8.5) if column else ui_font(9.0))
            item.setForeground(colour)
            if column:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setToolTip(f"{title}: {gap_text(effect)}")
            self.setItem(row, column, item)

    def _click(self, row: int) -> None:
        if self._nudge is not None:
            self.slot_clicked.emit(self._nudge.listed[row].slot)

    def retranslate(self) -> None:
        self.setAccessibleName(tr("What moves with it"))
        self.setHorizontalHeaderLabels([tr("value"), tr("predicted"), tr("true"), ""])
        self.show_nudge(self._nudge)


def gap_text(effect: Effect) -> str:
    """How far prediction and truth are apart, in words."""
    if not math.isfinite(effect.gap):
        return tr("not as predicted")
    return tr("off by {percent} %").format(percent=number(100 * effect.gap, 2))
