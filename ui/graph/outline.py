"""The graph as a list: phases, open modules, nodes. A real model, which screen readers can walk through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gradviz.engine.program import Phase
from PyQt6.QtCore import QAbstractItemModel, QModelIndex, QSize, Qt
from PyQt6.QtGui import QFont

from gradviz.app.graph.model import GraphGroup, GraphModel, GraphNode
from gradviz.app.i18n import tr
from gradviz.app.narration import phase_title

from ..fonts import ui_font
from .cards import glyph
from .describe import spoken, status_title
from .state import NodeState

COLUMNS = 4
ROW_HEIGHT = 24
ID = Qt.ItemDataRole.UserRole  # of a node or group
NODE = Qt.ItemDataRole.UserRole + 1  # of a node only
_NOWHERE = QModelIndex()


@dataclass(eq=False)
class _Row:
    """A phase, a group or a node, with what lies inside of it."""

    thing: Phase | GraphGroup | GraphNode | None
    parent: _Row | None = None
    children: list[_Row] = field(default_factory=list)
    place: int = 0

    def add(self, thing: Phase | GraphGroup | GraphNode) -> _Row:
        row = _Row(thing, self, place=len(self.children))
        self.children.append(row)
        return row

    @property
    def id(self) -> str:
        return self.thing.id if isinstance(self.thing, GraphNode | GraphGroup) else ""


class OutlineModel(QAbstractItemModel):
    """Mirrors a graph model and its states; columns: name, output, value, status."""

    def __init__(self) -> None:
        super().__init__()
        self._root = _Row(None)
        self._rows: dict[str, _Row] = {}
        self._states: dict[str, NodeState] = {}

    def set_graph(self, model: GraphModel) -> None:
        """Show another graph."""
        self.beginResetModel()
        self._root, self._rows = _Row(None), {}
        phases: dict[Phase, _Row] = {}
        groups = {group.id: group for group in model.groups}
        for node in model.nodes:
            phase = phases.get(node.phase) or phases.setdefault(node.phase, self._root.add(node.phase))
            inside = self._group_row(groups, model.membership.get(node.id, ""), phase)
            self._rows[node.id] = inside.add(node)
        self._states = {name: state for name, state in self._states.items() if name in self._rows}
        self.endResetModel()

    def _group_row(self, groups: Mapping[str, GraphGroup], name: str, phase: _Row) -> _Row:
        group = groups.get(name)
        if group is None:
            return phase
        if name not in self._rows:
            self._rows[name] = self._group_row(groups, group.parent, phase).add(group)
        return self._rows[name]

    def set_states(self, states: Mapping[str, NodeState]) -> None:
        """Show the states of some nodes, leave those of the others."""
        for name, state in states.items():
            self._states[name] = state
            if (row := self._rows.get(name)) is not None:
                left = self.createIndex(row.place, 0, row)
                self.dataChanged.emit(left, self.createIndex(row.place, COLUMNS - 1, row))

    def index_of(self, name: str) -> QModelIndex:
        """Where a node or group stands; invalid if it is not there."""
        row = self._rows.get(name)
        return self.createIndex(row.place, 0, row) if row is not None else QModelIndex()

    # QAbstractItemModel.

    def index(self, row: int, column: int, parent: QModelIndex = _NOWHERE) -> QModelIndex:
        inside = self._row(parent)
        if 0 <= row < len(inside.children) and 0 <= column < COLUMNS:
            return self.createIndex(row, column, inside.children[row])
        return QModelIndex()

    def parent(self, child: QModelIndex = _NOWHERE) -> QModelIndex:  # type: ignore[override]
        around = self._row(child).parent
        if around is None or around is self._root:
            return QModelIndex()
        return self.createIndex(around.place, 0, around)

    def rowCount(self, parent: QModelIndex = _NOWHERE) -> int:
        return len(self._row(parent).children) if parent.column() <= 0 else 0

    def columnCount(self, parent: QModelIndex = _NOWHERE) -> int:
        return COLUMNS

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (tr("Name"), tr("Output"), tr("Value"), tr("Status"))[section]
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self._row(index)
        if role == ID or (role == NODE and isinstance(row.thing, GraphNode)):
            return row.id
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, index.column())
        if role == Qt.ItemDataRole.AccessibleTextRole and isinstance(row.thing, GraphNode):
            return spoken(row.thing, self._states.get(row.id, NodeState()))
        if role == Qt.ItemDataRole.SizeHintRole:
            return QSize(0, ROW_HEIGHT)
        if role == Qt.ItemDataRole.FontRole:
            return self._font(row)
        return None

    def _font(self, row: _Row) -> QFont:
        """Headings and what has just run stand out."""
        current = row.id in self._states and self._states[row.id].status == "current"
        return ui_font(
            10, QFont.Weight.DemiBold if current or isinstance(row.thing, Phase) else QFont.Weight.Normal
        )

    def _text(self, row: _Row, column: int) -> str:
        thing = row.thing
        if isinstance(thing, Phase):
            return phase_title(thing) if column == 0 else ""
        if isinstance(thing, GraphGroup):
            return thing.title if column == 0 else ""
        if thing is None:
            return ""
        state = self._states.get(thing.id, NodeState())
        status = status_title(state) if thing.instrs else ""
        shape = thing.subtitle if state.shape is None else state.shape
        return (f"{glyph(thing)}  {thing.title}", shape, state.value_text, status)[column]

    def _row(self, index: QModelIndex) -> _Row:
        found = index.internalPointer() if index.isValid() else None
        return found if isinstance(found, _Row) else self._root
