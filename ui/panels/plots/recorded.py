"""A log of what scripts and files recorded, with closer looks at it that are taken in the background."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal

from gradviz.app.recorded_run import RecordedRun
from gradviz.app.recording import Iteration, Recording
from gradviz.app.session import Session
from gradviz.app.snapshots import snapshot_of
from gradviz.app.train_log import Snapshot, TrainLog

from ...workers.task import Report, Task

MOST = 60  # iterations that are looked at, the last ones


class RecordedLog(QObject):
    """Makes a log of the session's recording when asked for; `changed` says that it has grown."""

    changed = pyqtSignal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._task: Task | None = None
        self._known: dict[int, tuple[Iteration, Snapshot]] = {}  # by the iteration's number
        self._state: tuple[object, ...] = ()
        self._log = TrainLog()
        self._run: RecordedRun | None = None

    @property
    def log(self) -> TrainLog:
        """The session's numbers, with the closer looks that there are."""
        recording, rows = self._session.recording, self._session.metrics
        state = (recording, len(rows), len(self._known))
        if state != self._state:
            self._state = state
            self._log = TrainLog()
            for row in rows:
                self._log.add_row(row)
            for iteration in recording.iterations if recording is not None else ():
                known = self._known.get(iteration.number)
                if known is not None and known[0] is iteration:
                    self._log.add_snapshot(known[1])
        return self._log

    @property
    def run(self) -> RecordedRun | None:
        """The recording as a run that can be asked for losses; the same one while it grows."""
        recording = self._session.recording
        if recording is None:
            return None
        if self._run is None or not recording.is_of(self._run.recording):
            self._run = RecordedRun(recording)
        self._run.recording = recording
        return self._run

    def look(self) -> None:
        """Look at the iterations that are not known yet."""
        recording: Recording | None = self._session.recording
        if self._task is not None or recording is None:
            return
        iterations = recording.iterations[-MOST:]
        kept = {i.number: self._known[i.number] for i in iterations if i.number in self._known}
        self._known = {n: pair for n, pair in kept.items() if pair[0] in iterations}
        new = [iteration for iteration in iterations if iteration.number not in self._known]
        if not new:
            return

        def work(report: Report) -> list[tuple[Iteration, Snapshot]]:
            found: list[tuple[Iteration, Snapshot]] = []
            for iteration in new:
                if not report(len(found)):
                    break
                found.append((iteration, snapshot_of(iteration.program, iteration.number)))
            return found

        self._task = task = Task(work, self)
        task.finished.connect(self._seen)
        task.ended.connect(self._ended)
        task.start()

    def _seen(self, found: list[tuple[Iteration, Snapshot]]) -> None:
        self._known |= {iteration.number: (iteration, snapshot) for iteration, snapshot in found}
        self._state = ()
        self.changed.emit()

    def _ended(self) -> None:
        if self._task is not None:
            self._task.deleteLater()
        self._task = None

    def shut_down(self) -> None:
        """End what runs; call this before the window goes."""
        if self._task is not None:
            self._task.shut_down()
        self._task = None
