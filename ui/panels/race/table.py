"""The table at the end of a race; a click on a heading sorts it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from gradviz.app.i18n import tr
from gradviz.app.numerals import number
from gradviz.app.race_table import Standing

from ...fonts import mono_font

_NUMBER = Qt.ItemDataRole.UserRole


class _Cell(QTableWidgetItem):
    """Sorts by its number; what has none comes last."""

    def __lt__(self, other: QTableWidgetItem) -> bool:
        mine, theirs = self.data(_NUMBER), other.data(_NUMBER)
        return bool(mine < theirs) if mine is not None and theirs is not None else self.text() < other.text()


class RaceTable(QTableWidget):
    """One row for each contender."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 5, parent)
        self._rows: tuple[Standing, ...] = ()
        self._after: tuple[int | None, ...] = ()
        self._goal = 0.0
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setSortingEnabled(True)
        side, top = self.verticalHeader(), self.horizontalHeader()
        assert side is not None
        assert top is not None
        side.hide()
        side.setDefaultSectionSize(26)
        top.setMinimumSectionSize(96)
        top.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        top.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        top.setSortIndicator(1, Qt.SortOrder.AscendingOrder)

    def show_rows(self, rows: Sequence[Standing], after: Sequence[int | None], goal: float) -> None:
        """Show how it has ended, and after how many iterations each had come down to the goal."""
        self._rows, self._after, self._goal = tuple(rows), tuple(after), goal
        self._fill()

    def _fill(self) -> None:
        self.setSortingEnabled(False)
        self.setRowCount(len(self._rows))
        for place, (row, reached) in enumerate(zip(self._rows, self._after, strict=True)):
            lost = row.diverged
            loss = number(row.loss) if lost is None else tr("✗ diverged at {n}").format(n=lost)
            accuracy = "–" if math.isnan(row.accuracy) else f"{100 * row.accuracy:.1f} %"
            cells = (
                (row.label, None),
                (loss, row.loss if lost is None else math.inf),
                (accuracy, -1.0 if math.isnan(row.accuracy) else row.accuracy),
                ("–" if reached is None else str(reached), math.inf if reached is None else float(reached)),
                (number(row.seconds * 1000, 3), row.seconds),
            )
            for column, (text, value) in enumerate(cells):
                cell = _Cell(text)
                if column:
                    cell.setData(_NUMBER, value)
                    cell.setFont(mono_font(9.0))
                    cell.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.setItem(place, column, cell)
        self.setSortingEnabled(True)

    def retranslate(self) -> None:
        self.setAccessibleName(tr("How the race has ended"))
        goal = number(self._goal) if self._goal and math.isfinite(self._goal) else tr("goal")
        heads = (
            (tr("optimizer"), tr("The optimizer and its learning rate")),
            (tr("loss"), tr("Of the training samples, at the end")),
            (tr("test accuracy"), tr("The share of test samples that are classified rightly")),
            (tr("to loss {goal}").format(goal=goal), tr("Iterations until the loss was down to the goal")),
            (tr("ms / iteration"), tr("How long an iteration took")),
        )
        for column, (text, tip) in enumerate(heads):
            head = QTableWidgetItem(text)
            head.setToolTip(tip)
            self.setHorizontalHeaderItem(column, head)
        self._fill()
