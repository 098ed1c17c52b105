"""The terms of a gradient: who sends how much back, and the sum."""

from __future__ import annotations

from typing import Any

from gradviz.engine.op import REGISTRY
from gradviz.engine.program import Program
from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from gradviz.app.facts import Facts, input_labels
from gradviz.app.gradient_facts import ContributionFacts
from gradviz.app.i18n import tr
from gradviz.app.numerals import number

from ...fonts import mono_font, ui_font
from ...theme import ThemeManager

_NOWHERE = QModelIndex()


class ContributionModel(QAbstractTableModel):
    """One row for each term: from where, the term and the sum so far at one element."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._rows: tuple[ContributionFacts, ...] = ()
        self._program: Program | None = None

    def show_rows(self, program: Program | None, rows: tuple[ContributionFacts, ...]) -> None:
        self.beginResetModel()
        self._program, self._rows = program, rows
        self.endResetModel()

    def row(self, number_: int) -> ContributionFacts:
        return self._rows[number_]

    def rowCount(self, parent: QModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex = _NOWHERE) -> int:
        return 3

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (tr("from"), tr("term"), tr("sum"))[section]
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or self._program is None:
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (self._source(row), _cell(row, row.term), _cell(row, row.total))[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column():
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole:
            return mono_font(8.5) if index.column() else ui_font(9.0)
        if role == Qt.ItemDataRole.ForegroundRole and not row.arrived:
            return self._themes.theme.faint
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._source(row) if row.arrived else tr("Not yet computed at this moment")
        return None

    def _source(self, row: ContributionFacts) -> str:
        assert self._program is not None
        count = len(self._program.instrs[row.instr].inputs)
        label = input_labels(REGISTRY.get(row.op), count)[row.position]
        where = f"{row.module} · {row.op}" if row.module and row.module != row.op else row.op
        return f"{where} ({label})"


class Contributions(QTableView):
    """The list of terms; choosing one shows its tensor."""

    slot_clicked = pyqtSignal(int)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.terms = ContributionModel(themes)
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
        top.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            top.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)

    def show_facts(self, facts: Facts) -> None:
        """The terms of the shown value's gradient, those to come in grey; hidden if there are none."""
        self.terms.show_rows(facts.program, facts.contributions)
        self.setVisible(bool(facts.contributions))
        self.updateGeometry()
        self.setFixedHeight(self.sizeHint().height())

    def sizeHint(self) -> QSize:
        header = self.horizontalHeader()
        top = header.sizeHint().height() if header is not None else 24
        return QSize(200, top + 24 * min(self.terms.rowCount(), 8) + 4)

    def _choose(self, place: QModelIndex) -> None:
        row = self.terms.row(place.row())
        if row.arrived:
            self.slot_clicked.emit(row.grad)

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Terms of the gradient"))
        self.terms.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, 2)


def _cell(row: ContributionFacts, value: float | None) -> str:
    if not row.arrived or value is None:
        return "…"
    return number(value)
