"""Lights nodes that belong together: all that come from a line of code, all that a number comes from."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent

from gradviz.app.graph.model import GraphModel
from gradviz.app.session import Session

from ..listening import listen
from .canvas import GraphCanvas


class Lamp(QObject):
    """Keeps the light on the same instructions while modules open and close; Escape puts it out."""

    changed = pyqtSignal()

    def __init__(self, session: Session, canvas: GraphCanvas, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._canvas = session, canvas
        self.instrs: frozenset[int] = frozenset()
        self.slots: frozenset[int] = frozenset()  # values from outside of the program
        self.followers: frozenset[int] = frozenset()  # instructions that are marked as what comes of these
        self._structure: object = None
        canvas.background_clicked.connect(self.put_out)
        canvas.installEventFilter(self)
        listen(self, session.graph_changed, self._follow)
        listen(self, session.recording_changed, self._recording_changed)

    def light(
        self,
        instrs: frozenset[int],
        slots: frozenset[int] = frozenset(),
        followers: frozenset[int] = frozenset(),
    ) -> None:
        """Light the nodes of some instructions and values, mark what comes of them, and no others."""
        self.instrs, self.slots, self.followers = instrs, slots, followers
        self._structure = self._recorded()
        self._follow()
        self.changed.emit()

    def put_out(self) -> None:
        """Light nothing."""
        if self._on:
            self.light(frozenset())

    def nodes(self, graph: GraphModel) -> frozenset[str]:
        """The lit nodes of a graph."""
        drawn = {graph.node_of_instr.get(index, "") for index in self.instrs}
        drawn |= {graph.node_of_slot.get(slot, "") for slot in self.slots}
        return frozenset(drawn - {""})

    @property
    def _on(self) -> bool:
        return bool(self.instrs or self.slots or self.followers)

    def _follow(self) -> None:
        graph = self._session.graph
        if graph is None:
            self._canvas.set_lit((), ())
        else:
            after = {graph.node_of_instr.get(index, "") for index in self.followers}
            self._canvas.set_lit(self.nodes(graph), after)

    def _recording_changed(self) -> None:
        if self._recorded() != self._structure:
            self.put_out()

    def _recorded(self) -> object:
        """What instruction numbers count in; the same while iterations are added."""
        recording = self._session.recording
        return id(recording.iterations[0].program) if recording is not None and recording.iterations else None

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        if event.key() != Qt.Key.Key_Escape or not self._on:
            return False
        self.put_out()
        return True
