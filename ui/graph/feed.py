"""The states of the cards as the session's cursor moves."""

from __future__ import annotations

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from gradviz.app.graph.model import GraphModel
from gradviz.app.session import Session

from .moments import Moments
from .summaries import Summaries
from .veiling import veiled


class Feed(QObject):
    """Tells the states that change; what takes long to look at comes a little later, between other events."""

    told = pyqtSignal(object)  # dict of node id -> NodeState

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._model: GraphModel | None = None
        self._moments: Moments | None = None
        self._summaries: Summaries | None = None
        self._filling = QTimer(self, interval=0)
        self._filling.timeout.connect(self._fill)

    def show(self, model: GraphModel, anew: bool = False) -> str | None:
        """Bring the nodes of `model` up to date, all of them if `anew`; returns the current one."""
        program, timeline = self._session.program, self._session.timeline
        if program is None or timeline is None:
            self.stop()
            return None
        if self._summaries is None or self._summaries.program is not program:
            self._summaries = Summaries(program)
            anew = True
        if anew or self._moments is None or model is not self._model:
            self._model, self._moments = model, Moments(model, program, self._summaries)
        current = timeline.current
        node = model.node_of_instr.get(current[1]) if current is not None else None
        self.told.emit(veiled(self._session, model, self._moments.at(timeline.locate()[1], node)))
        if self._moments.unfinished:
            self._filling.start()
        return node

    def retell(self) -> None:
        """The texts are in another language: make them anew."""
        self._summaries = None

    def stop(self) -> None:
        """There is nothing to tell."""
        self._filling.stop()
        self._moments = self._summaries = self._model = None

    def _fill(self) -> None:
        """Look at some more of the values that the last step has left out."""
        if self._model is None or self._moments is None or not self._moments.unfinished:
            self._filling.stop()
            return
        self.told.emit(veiled(self._session, self._model, self._moments.rest()))
