"""Colours the graph by a number of each node: fetches the numbers as the session's cursor moves."""

from __future__ import annotations

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from gradviz.app.graph.model import GraphModel
from gradviz.app.graph.overlay import KINDS, NONE, TIME, Overlays
from gradviz.app.session import Session

from .measuring import Measuring
from .overlay_button import OverlayButton
from .timing import Timing

BUDGET = 0.008  # seconds of a step for looking at values; the rest follows later


class Overlaying(QObject):
    """`shown` brings the numbers, None for no overlay; what is not measured yet follows a little later."""

    shown = pyqtSignal(object)  # Shown or None
    chosen = pyqtSignal(str)  # another kind

    def __init__(
        self, session: Session, button: OverlayButton, measuring: Measuring, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._measuring = session, measuring
        self._overlays: Overlays | None = None
        self._model = GraphModel((), ())
        self.kind = session.settings.overlay
        button.show_kind(self.kind)
        button.kind_chosen.connect(self.choose)
        self.chosen.connect(button.show_kind)
        self.timing = Timing(self)
        self.timing.measured.connect(self.refresh)
        self._filling = QTimer(self, interval=0)
        self._filling.timeout.connect(self.refresh)

    def choose(self, kind: str) -> None:
        """Colour by something else, and remember it."""
        if kind not in KINDS:
            raise ValueError(f"there is no overlay {kind!r}")
        if kind != self.kind:
            self.kind = self._session.settings.overlay = kind
            self._session.settings.save()
            self.refresh()
            self.chosen.emit(kind)

    def set_graph(self, model: GraphModel) -> None:
        """Another graph is drawn; `refresh` follows."""
        self._model, self._overlays = model, None

    def refresh(self) -> None:
        """Show the numbers of this moment."""
        measures, timeline = self._measuring.measures, self._session.timeline
        if self.kind == NONE or measures is None or timeline is None or not self._model.nodes:
            self._filling.stop()
            self._overlays = None
            self.shown.emit(None)
            return
        if self._overlays is None or self._overlays.measures is not measures:
            self._overlays = Overlays(self._model, measures.program, measures)
        if self.kind == TIME:
            self.timing.measure(measures)
        moment = timeline.locate()[1]
        if self._overlays.fill(self.kind, moment, BUDGET):
            self._filling.stop()
        else:
            self._filling.start()
        hidden = self._session.veil.slots(measures.program)
        self.shown.emit(self._overlays.at(self.kind, moment, hidden))

    def shut_down(self) -> bool:
        """Stop measuring times."""
        return self.timing.shut_down()
