"""Looks at the lab's experiment now and then, in the background, while something is done to it."""

from __future__ import annotations

import time

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from gradviz.app.diagnosis.model import Finding
from gradviz.app.diagnosis.watch import Watch

from ...lab import Lab
from ...workers.task import Task

EVERY = 500  # ms
_SHARE = 20  # and at least this many times what the last look took


class Watching(QObject):
    """Tells `changed` when there are other findings, or none any more because the experiment is another."""

    changed = pyqtSignal()
    failed = pyqtSignal(str, str)  # message, details

    def __init__(self, lab: Lab, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lab = lab
        self._watch: Watch | None = None
        self._task: Task | None = None
        self.findings: tuple[Finding, ...] = ()
        self._timer = QTimer(self, interval=EVERY, singleShot=True)
        self._timer.timeout.connect(self.look)
        lab.busy_changed.connect(self.look)
        lab.shown.connect(self.look)

    @property
    def looking(self) -> bool:
        return self._task is not None

    def look(self) -> None:
        """Look now, unless that is being done, and again as long as the lab works."""
        experiment = self._lab.experiment
        if experiment is None:
            return
        if self._watch is None or self._watch.experiment is not experiment:
            self._watch = Watch(experiment)
            if self.findings:
                self.findings = ()
                self.changed.emit()
        if self._task is None and self._watch.stale:
            watch, started = self._watch, time.perf_counter()
            self._task = task = Task(lambda report: watch.look(), self)
            task.finished.connect(lambda found: self._found(watch, found))
            task.failed.connect(self.failed)
            task.ended.connect(lambda: self._ended(task, started))
            task.start()
        elif self._task is None and self._lab.busy and not self._timer.isActive():
            self._timer.start(EVERY)

    def _found(self, watch: Watch, findings: tuple[Finding, ...]) -> None:
        if watch is self._watch and findings != self.findings:
            self.findings = findings
            self.changed.emit()

    def _ended(self, task: Task, started: float) -> None:
        self._task = None
        task.deleteLater()
        if self._lab.busy:
            took = 1000 * (time.perf_counter() - started)
            self._timer.start(max(EVERY, round(_SHARE * took)))
        elif self._watch is not None and self._watch.stale:
            self._timer.start(0)

    def shut_down(self) -> bool:
        """Stop silently; False if something does not stop."""
        self._timer.stop()
        return self._task is None or self._task.shut_down()
