"""The confusion matrix as a table of counts, darker where there are more; the last column is the accuracy."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QBrush, QColor, QGuiApplication, QKeyEvent, QKeySequence
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from gradviz.app.i18n import tr

from ...fonts import ui_font
from ...theme import Theme, ThemeManager

Counts = Sequence[Sequence[int]]


class ConfusionTable(QTableWidget):
    """Rows are true classes, columns what the model says.

    A click or Enter chooses a cell; in the last column all of the class that are taken for another.
    """

    chosen = pyqtSignal(object, object)  # true class, class it is taken for; None: any wrong one

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._counts: Counts = ()
        self._classes: tuple[str, ...] = ()
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFont(ui_font(8.5, tabular=True))
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setMinimumSectionSize(18)
            header.setTextElideMode(Qt.TextElideMode.ElideRight)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.setMinimumHeight(260)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.cellClicked.connect(self._choose)
        self.cellActivated.connect(self._choose)
        themes.changed.connect(self._fill)

    def show_counts(self, counts: Counts, classes: tuple[str, ...]) -> None:
        """Show these; nothing if there are none."""
        self._counts, self._classes = counts, classes
        self.setVisible(bool(counts))
        self._fill(self._themes.theme)

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Confusion matrix: true classes down, what the model says across"))
        self._fill(self._themes.theme)

    def _fill(self, theme: Theme) -> None:
        size = len(self._counts)
        names = self._names()
        self.setRowCount(size)
        self.setColumnCount(size + 1 if size else 0)
        self.setVerticalHeaderLabels(names)
        self.setHorizontalHeaderLabels([*names, "%"] if size else [])
        for k, name in enumerate(names):
            for header in (self.horizontalHeaderItem(k), self.verticalHeaderItem(k)):
                header.setToolTip(name)
        for i, row in enumerate(self._counts):
            total = sum(row)
            for j, count in enumerate(row):
                share = count / total if total else 0.0
                item = QTableWidgetItem(str(count) if count else "·")
                colour = QColor(theme.positive if i == j else theme.negative)
                colour.setAlphaF(0.0 if not count else 0.15 + 0.35 * share)
                item.setBackground(QBrush(colour))
                words = tr("{n} of {total} samples of class {true} are taken for {said}")
                item.setToolTip(words.format(n=count, total=total, true=names[i], said=names[j]))
                self._put(i, j, item)
            self._put(i, size, QTableWidgetItem(f"{100 * row[i] / total:.0f}" if total else "–"))

    def copy(self) -> None:
        """Put the table on the clipboard, its columns parted by tabs, as a spreadsheet reads it."""
        if (clipboard := QGuiApplication.clipboard()) is not None:
            clipboard.setText(self.text())

    def text(self) -> str:
        """The counts with the names of the classes; columns parted by tabs."""
        names = self._names()
        rows = ["\t".join([tr("true \\ said"), *names])]
        rows += ["\t".join([name, *map(str, row)]) for name, row in zip(names, self._counts, strict=True)]
        return "\n".join(rows) + "\n"

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Ctrl+C takes the whole table."""
        if event is not None and event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def _names(self) -> list[str]:
        size = len(self._counts)
        return [self._classes[k] if k < len(self._classes) else str(k) for k in range(size)]

    def _choose(self, row: int, column: int) -> None:
        self.chosen.emit(row, column if column < len(self._counts) else None)

    def _put(self, row: int, column: int, item: QTableWidgetItem) -> None:
        item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setItem(row, column, item)
