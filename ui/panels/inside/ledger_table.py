"""The terms of a gradient as a table: from where, how much, which share, and the sum so far."""

from __future__ import annotations

from typing import Any

from gradviz.engine.op import REGISTRY
from gradviz.engine.program import Program
from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFont, QKeyEvent
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from gradviz.app.facts import input_labels
from gradviz.app.i18n import tr
from gradviz.app.inside.ledger import Entry, Ledger
from gradviz.app.names import name_of
from gradviz.app.numerals import number

from ...fonts import mono_font, ui_font
from ...theme import ThemeManager

_NOWHERE = QModelIndex()
_ROWS = 8  # that are seen without scrolling
UNKNOWN = "…"


class LedgerModel(QAbstractTableModel):
    """One row for each term; with `overwrite` each one replaces what was there."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._program: Program | None = None
        self._ledger: Ledger | None = None
        self.overwrite = False

    def show_ledger(self, program: Program | None, ledger: Ledger | None, overwrite: bool) -> None:
        """Show other terms."""
        self.beginResetModel()
        self._program, self._ledger, self.overwrite = program, ledger, overwrite
        self.endResetModel()

    def row(self, number_: int) -> Entry:
        """The term of a row."""
        assert self._ledger is not None
        return self._ledger.entries[number_]

    def rowCount(self, parent: QModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() or self._ledger is None else len(self._ledger.entries)

    def columnCount(self, parent: QModelIndex = _NOWHERE) -> int:
        return 4

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            whole = self._ledger is not None and self._ledger.element is None
            term, total = (tr("|term|"), tr("|sum|")) if whole else (tr("term"), tr("sum"))
            return (tr("from"), term, tr("share"), "=" if self.overwrite else total)[section]
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or self._program is None:
            return None
        entry = self.row(index.row())
        arrived = entry.running is not None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(entry, index.column())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            header = self.headerData(index.column(), Qt.Orientation.Horizontal)
            return f"{header} {self._text(entry, index.column())}"
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column():
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole:
            font = mono_font(8.5) if index.column() else ui_font(9.0)
            font.setStrikeOut(self._replaced(index.row()) and index.column() == 1)
            return font
        if role == Qt.ItemDataRole.ForegroundRole:
            theme = self._themes.theme
            faint = not arrived or self._replaced(index.row())
            return theme.faint if faint else theme.gradient if index.column() in (1, 3) else theme.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(entry) if arrived else tr("Not known at this moment")
        return None

    def _replaced(self, row: int) -> bool:
        """Whether a term is lost because a later one overwrites it."""
        if not self.overwrite or self._ledger is None:
            return False
        arrived = [i for i, entry in enumerate(self._ledger.entries) if entry.running is not None]
        paths = [i for i in arrived if self._ledger.entries[i].kind == "path"]
        return bool(paths) and row != paths[-1]

    def _text(self, entry: Entry, column: int) -> str:
        if column == 0:
            return self._source(entry)
        if column == 2:
            return UNKNOWN if entry.share is None else f"{number(100 * entry.share, 3)} %"
        value = entry.term if column == 1 or self.overwrite else entry.running
        if self.overwrite and column == 3 and entry.kind == "before" and self._ledger is not None:
            value = self._ledger.overwritten
        return UNKNOWN if value is None else number(value)

    def _source(self, entry: Entry) -> str:
        assert self._program is not None
        if entry.kind == "before":
            return tr(".grad from before")
        instr = self._program.instrs[entry.instr]
        label = input_labels(REGISTRY.get(instr.op), len(instr.inputs))[entry.position]
        place = instr.site.module or name_of(self._program, instr.output)  # as the node in the graph says
        where = f"{place} · {instr.op}" if place not in ("", instr.op) else instr.op
        return f"{where} ({label})"

    def _tip(self, entry: Entry) -> str:
        if entry.kind == "before":
            return tr("What .grad held when this backward pass began: nobody has cleared it")
        text = tr("{path}: instruction {n} reads the value, instruction {m} sends this back")
        return text.format(path=self._source(entry), n=entry.instr + 1, m=entry.writer + 1)


class LedgerTable(QTableView):
    """The list of terms; choosing one (click, Enter) shows its tensor and its node."""

    slot_clicked = pyqtSignal(int)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.terms = LedgerModel(themes)
        self.setModel(self.terms)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        side, top = self.verticalHeader(), self.horizontalHeader()
        assert side is not None
        assert top is not None
        side.hide()
        side.setDefaultSectionSize(24)
        top.setFont(QFont(ui_font(8.5)))
        top.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2, 3):
            top.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.clicked.connect(self._choose)
        themes.changed.connect(lambda _: self.viewport().update())

    def show_ledger(self, program: Program, ledger: Ledger, overwrite: bool) -> None:
        """The terms of a gradient, those to come in grey."""
        self.terms.show_ledger(program, ledger, overwrite)
        self.updateGeometry()
        self.setFixedHeight(self.sizeHint().height())

    def sizeHint(self) -> QSize:
        header = self.horizontalHeader()
        top = header.sizeHint().height() if header is not None else 24
        return QSize(200, top + 24 * min(self.terms.rowCount(), _ROWS) + 4)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _choose(self, place: QModelIndex) -> None:
        if place.isValid():
            entry = self.terms.row(place.row())
            if entry.running is not None:
                self.slot_clicked.emit(entry.grad)

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Terms of the gradient"))
        self.terms.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, 3)
