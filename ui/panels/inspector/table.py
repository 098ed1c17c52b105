"""A slice of a tensor as a table of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from PyQt6.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, Qt, pyqtSignal
from PyQt6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PyQt6.QtWidgets import QAbstractItemView, QTableView, QWidget

from gradviz.app.i18n import tr
from gradviz.app.numerals import number

from ...fonts import mono_font
from ...theme import ThemeManager

Index = tuple[int, ...]
_NOWHERE = QModelIndex()


class TensorTableModel(QAbstractTableModel):
    """The last two dimensions as rows and columns, at an index of all others; a vector is one column."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._array = np.zeros((0, 0))
        self._shape: tuple[int, ...] = ()
        self._leading: Index = ()

    def show_array(self, array: np.ndarray | None, leading: Index = ()) -> None:
        """Show the slice `leading` (of all but the last two dimensions) of an array."""
        self.beginResetModel()
        self._shape = array.shape if array is not None else ()
        self._leading = leading
        if array is None:
            self._array = np.zeros((0, 0))
        elif array.ndim >= 2:
            self._array = array[leading]
        else:
            self._array = array.reshape(-1, 1)
        self.endResetModel()

    def element(self, place: QModelIndex) -> Index:
        """The element that a cell shows."""
        if len(self._shape) >= 2:
            return (*self._leading, place.row(), place.column())
        return (place.row(),) if self._shape else ()

    def cell(self, element: Index) -> QModelIndex:
        """The cell of an element, invalid if it lies in another slice."""
        if len(self._shape) >= 2:
            if element[:-2] != self._leading:
                return QModelIndex()
            return self.index(element[-2], element[-1])
        return self.index(element[0] if element else 0, 0)

    def rowCount(self, parent: QModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else self._array.shape[0]

    def columnCount(self, parent: QModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else self._array.shape[1]

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        value = self._array[index.row(), index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return str(bool(value)) if self._array.dtype.kind == "b" else number(float(value))
        if role == Qt.ItemDataRole.ToolTipRole:
            return repr(value.item())
        if role == Qt.ItemDataRole.ForegroundRole and self._array.dtype.kind != "b":
            theme = self._themes.theme
            return theme.negative if value < 0 else theme.faint if value == 0 else theme.text
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Horizontal and len(self._shape) < 2:
            return ""
        return str(section)

    def text(self, rows: range, columns: range) -> str:
        """Cells as tab-separated values with all their digits."""
        return "\n".join("\t".join(str(self._array[r, c].item()) for c in columns) for r in rows)


class TensorTable(QTableView):
    """Shows a TensorTableModel; Ctrl+C copies the selected block as tab-separated values."""

    element_chosen = pyqtSignal(object)  # Index

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.numbers = TensorTableModel(themes)
        self.setModel(self.numbers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.setWordWrap(False)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            assert header is not None
            header.setDefaultSectionSize(24)
            header.setFont(mono_font(8.0))
        self.setFont(mono_font(8.5))
        columns = self.horizontalHeader()
        assert columns is not None
        columns.setDefaultSectionSize(self.fontMetrics().horizontalAdvance("−0.00000") + 16)
        self.clicked.connect(self._choose)
        themes.changed.connect(lambda _: self.viewport().update())

    def show_array(self, array: np.ndarray | None, leading: Index = ()) -> None:
        self.numbers.show_array(array, leading)

    def set_element(self, element: Index | None) -> None:
        """Select the cell of an element and scroll to it."""
        place = self.numbers.cell(element) if element is not None else QModelIndex()
        selection = self.selectionModel()
        if place.isValid() and selection is not None and self.currentIndex() != place:
            selection.setCurrentIndex(place, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.scrollTo(place)

    def copy(self) -> None:
        """Put the selected block, or everything, on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        selection = self.selectionModel()
        if clipboard is None or selection is None:
            return
        chosen = selection.selectedIndexes()
        rows = range(self.numbers.rowCount())
        columns = range(self.numbers.columnCount())
        if len(chosen) > 1:
            rows = range(min(i.row() for i in chosen), max(i.row() for i in chosen) + 1)
            columns = range(min(i.column() for i in chosen), max(i.column() for i in chosen) + 1)
        clipboard.setText(self.numbers.text(rows, columns))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _choose(self, place: QModelIndex) -> None:
        if place.isValid():
            self.element_chosen.emit(self.numbers.element(place))

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Table of values"))
        self.setToolTip("")
