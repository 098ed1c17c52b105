"""The field that finds nodes by name, op or shape."""

from __future__ import annotations

from gradviz.engine.program import Program
from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QKeyEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from gradviz.app.graph.model import GraphModel, GraphNode
from gradviz.app.i18n import tr

from .. import icons
from ..fonts import ui_font
from ..theme import Theme


def matches(model: GraphModel, program: Program | None, text: str) -> list[str]:
    """The ids of the nodes that `text` describes, first those whose title begins so.

    A node is described by its title, module and shape, and by the ops inside of it.
    """
    wanted = text.strip().casefold()
    if not wanted:
        return []
    found = [node for node in model.nodes if wanted in _described(node, program)]
    found.sort(key=lambda node: not node.title.casefold().startswith(wanted))
    return [node.id for node in found]


def _described(node: GraphNode, program: Program | None) -> str:
    ops = {program.instrs[index].op for index in node.instrs} if program is not None else set()
    return " ".join((node.title, node.module, node.subtitle, *sorted(ops))).casefold()


class SearchField(QWidget):
    """Typing finds the first match, Enter the next, Shift+Enter the one before, Escape gives up."""

    found = pyqtSignal(str)  # node id
    left = pyqtSignal()  # Escape

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = GraphModel((), ())
        self._program: Program | None = None
        self._matches: list[str] = []
        self._place = -1
        self.edit = QLineEdit(clearButtonEnabled=True)
        self.edit.setMinimumWidth(96)
        self.edit.setMaximumWidth(240)
        self._icon = QAction(self)
        self.edit.addAction(self._icon, QLineEdit.ActionPosition.LeadingPosition)
        self.count = QLabel()
        self.count.setProperty("tone", "muted")
        self.count.setFont(ui_font(9, tabular=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.edit, 4)
        row.addWidget(self.count)
        row.addStretch(1)
        self.edit.textEdited.connect(self._typed)
        self.edit.textChanged.connect(lambda text: None if text else self._typed(""))
        self.edit.installEventFilter(self)
        self.retranslate()

    def retranslate(self) -> None:
        self.edit.setPlaceholderText(tr("Find a node"))
        self.edit.setAccessibleName(tr("Find a node"))
        self.edit.setToolTip(tr("Find nodes by name, op or shape (Ctrl+F); Enter goes to the next"))

    def recolour(self, theme: Theme) -> None:
        """Take over another theme."""
        self._icon.setIcon(icons.icon("search", theme, theme.muted))

    def set_graph(self, model: GraphModel, program: Program | None) -> None:
        """Search another graph, for the same text."""
        self._model, self._program = model, program
        here = self._matches[self._place] if self._matches else ""
        self._matches = matches(model, program, self.edit.text())
        self._place = self._matches.index(here) if here in self._matches else 0 if self._matches else -1
        self._tell()

    def start(self) -> None:
        """Put the cursor into the field."""
        self.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.edit.selectAll()

    def go(self, step: int) -> None:
        """On to the next match, or back to the one before."""
        if self._matches:
            self._place = (self._place + step) % len(self._matches)
            self._tell()
            self.found.emit(self._matches[self._place])

    def _typed(self, text: str) -> None:
        self._matches = matches(self._model, self._program, text)
        self._place = -1
        self._tell()
        self.go(1)

    def _tell(self) -> None:
        if not self.edit.text().strip():
            self.count.setText("")
        elif not self._matches:
            self.count.setText(tr("none"))
        else:
            self.count.setText(f"{self._place + 1}/{len(self._matches)}")
        self.count.setVisible(bool(self.count.text()))
        self.edit.setProperty("invalid", bool(self.edit.text().strip()) and not self._matches)
        if (style := self.edit.style()) is not None:
            style.polish(self.edit)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.go(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.edit.clear()
                self.left.emit()
                return True
        return False
