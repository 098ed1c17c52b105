"""The list of the graph's nodes as a widget."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, Qt, pyqtSignal
from PyQt6.QtWidgets import QHeaderView, QTreeView, QWidget

from gradviz.app.i18n import tr

from .outline import ID, NODE, OutlineModel


class OutlineView(QTreeView):
    """Selecting a row selects the node, Enter or a double click opens and closes modules."""

    node_selected = pyqtSignal(str)
    node_opened = pyqtSignal(str)

    def __init__(self, model: OutlineModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._outline = model
        self._told = True  # whether changes of the current row come from the user
        self.setModel(model)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.setExpandsOnDoubleClick(False)
        self.setAllColumnsShowFocus(True)
        self.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        header = self.header()
        if header is not None:
            header.setStretchLastSection(True)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
            header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            for column, width in enumerate((320, 150, 150)):
                header.resizeSection(column, width)
        model.modelReset.connect(self.expandAll)
        self.activated.connect(self._activated)
        self.retranslate()

    def retranslate(self) -> None:
        self.setAccessibleName(tr("The graph as a list"))
        self.setToolTip(tr("All nodes of the graph; Enter opens and closes modules"))

    def show_selected(self, name: str) -> None:
        """Mark the row of a node, without telling anybody."""
        index = self._outline.index_of(name)
        if index.isValid() and index.siblingAtColumn(0) != self.currentIndex().siblingAtColumn(0):
            self._told = False
            self.setCurrentIndex(index)
            self.scrollTo(index)
            self._told = True

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:
        super().currentChanged(current, previous)
        if self._told and (name := current.data(NODE)):
            self.node_selected.emit(name)

    def _activated(self, index: QModelIndex) -> None:
        name = index.data(ID)
        if name:
            self.node_opened.emit(name)
        else:
            self.setExpanded(index, not self.isExpanded(index))
