"""The plots and the experiment: they show its log while the session shows it, and lead back into it."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from gradviz.app.session import Session

from .lab import Lab
from .listening import listen
from .panels.plots.panel import PlotsPanel


class PlotLink(QObject):
    """Tells the plots which run they follow and whether it trains; a click on an iteration goes there."""

    def __init__(self, plots: PlotsPanel, lab: Lab, session: Session) -> None:
        super().__init__(plots)
        self._plots, self._lab = plots, lab
        lab.shown.connect(self._follow)
        lab.busy_changed.connect(self._busy_changed)
        listen(self, session.recording_changed, self._follow)
        plots.iteration_wanted.connect(self._go_to)
        self._follow()

    def _follow(self) -> None:
        self._plots.follow(self._lab.experiment if self._lab.is_shown else None)

    def _busy_changed(self, busy: bool) -> None:
        self._follow()
        self._plots.set_running(busy)

    def _go_to(self, number: int) -> None:
        history = self._lab.history
        if history is not None and number in history:
            self._lab.go_to(number)
