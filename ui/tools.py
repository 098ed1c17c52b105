"""The windows beside the main one that work on its experiment: made when they are first wanted."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QObject

from gradviz.app.i18n import tr
from gradviz.app.recording import Iteration, Recording
from gradviz.data import Dataset

from .main_window import MainWindow
from .panels.draw.window import DrawWindow
from .panels.race.window import RaceWindow
from .workers.task import Report


class Tools(QObject):
    """Opens the windows, keeps them up to date with the experiment, and closes them with the main window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.drawing: DrawWindow | None = None
        self.racing: RaceWindow | None = None
        window.commands.connect(draw=self.draw, race=self.race)
        window.lab.shown.connect(self._follow)
        window.lab.training.advanced.connect(lambda _: self._follow())
        window.closing.connect(self._close)

    def draw(self) -> None:
        """Open the sheet to draw on, or bring it to the front."""
        if self.drawing is None:
            self.drawing = DrawWindow(self._window.themes, self._window)
            self.drawing.record_wanted.connect(self.record)
        self.drawing.show()
        self.drawing.raise_()
        self.drawing.activateWindow()
        self._follow()

    def race(self) -> None:
        """Open the race of optimizers, or bring it to the front."""
        if self.racing is None:
            self.racing = RaceWindow(self._window.themes, self._window)
        self.racing.show()
        self.racing.raise_()
        self.racing.activateWindow()
        self._follow()

    def record(self, image: np.ndarray, target: int) -> None:
        """Record an iteration on a drawing: an image as the data has its own, and its class."""
        lab = self._window.lab
        if (experiment := lab.experiment) is None or lab.training.pause(lambda: self.record(image, target)):
            return
        before = self._window.session.recording
        batch = Dataset("drawing", image[np.newaxis, np.newaxis], np.array([target]), experiment.data.classes)

        def work(report: Report) -> tuple[Iteration, Recording]:
            iteration = experiment.record(batch)
            return iteration, experiment.recording(iteration)

        def done(made: tuple[Iteration, Recording]) -> None:
            lab.show([], *made, before=before)

        lab.start(tr("Recording"), work, done, cancellable=False)

    def _follow(self) -> None:
        if self.drawing is not None and self.drawing.isVisible():
            self.drawing.follow(self._window.lab.experiment)
        experiment = self._window.lab.experiment
        if self.racing is not None and experiment is not None:
            self.racing.follow(experiment.spec)

    def _close(self) -> None:
        if self.drawing is not None:
            self.drawing.close()
            self.drawing.shut_down()
        if self.racing is not None:
            self.racing.close()
            self.racing.shut_down()
