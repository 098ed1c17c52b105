"""Shows each new drawing to the network in the background; of those that come meanwhile only the newest."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from gradviz.app.drawing import Picture, Stroke
from gradviz.app.drawn_net import DrawnNet
from gradviz.app.experiment import Experiment

from ...workers.task import Report, Task

REST = 30  # ms between two looks: more often nobody can see

Items = tuple[Stroke | Picture, ...]


class LiveNet(QObject):
    """One look at a time; `seen` has what the network makes of the newest drawing, None of an empty one."""

    seen = pyqtSignal(object)  # Seen or None
    failed = pyqtSignal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._experiment: Experiment | None = None
        self._net: DrawnNet | None = None  # only the task touches it while there is one
        self._items: Items | None = None  # to be shown next
        self._task: Task | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST)
        self._rest.timeout.connect(self._begin)

    def show(self, experiment: Experiment, items: Items) -> None:
        """Have the experiment's model look at a drawing as soon as it is free."""
        self._experiment, self._items = experiment, items
        if self._task is None and not self._rest.isActive():
            self._begin()

    def forget(self) -> None:
        """What was to be shown is of no interest any more, nor what is being computed."""
        self._items = self._experiment = None

    def _begin(self) -> None:
        items, experiment = self._items, self._experiment
        if items is None or experiment is None or self._task is not None:
            return
        self._items = None

        def work(report: Report) -> Any:
            if self._net is None or self._net.experiment is not experiment:
                self._net = DrawnNet(experiment)  # copying a large model takes its time
            return self._net.see(items)

        self._task = task = Task(work, self)
        task.finished.connect(lambda made: self._finished(experiment, made))
        task.failed.connect(lambda message, details: self.failed.emit(message))
        task.ended.connect(self._ended)
        task.start()

    def _finished(self, experiment: Experiment, made: object) -> None:
        if experiment is self._experiment:
            self.seen.emit(made)

    def _ended(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.deleteLater()
        self._rest.start()

    def shut_down(self) -> None:
        """Wait for what runs, before the window goes."""
        self._items = None
        self._rest.stop()
        if self._task is not None:
            self._task.shut_down()
            self._task = None
