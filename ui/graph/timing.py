"""How long each instruction takes, measured in the background when somebody wants to see it."""

from __future__ import annotations

from gradviz.engine.rerun import AbandonedError
from PyQt6.QtCore import QObject, pyqtSignal

from gradviz.app.graph.measures import Measures
from gradviz.app.inside.cost import measure

from ..workers.task import Report, Task


class Timing(QObject):
    """Puts the seconds into the measures of a program; one program at a time, the newest."""

    measured = pyqtSignal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._wanted: Measures | None = None
        self._task: Task | None = None

    def measure(self, measures: Measures) -> None:
        """Measure a program, unless that is done or under way; `measured` tells when it is."""
        if measures.seconds is not None or measures is self._wanted:
            return
        self._wanted = measures
        if self._task is not None:  # its end begins with the newest one
            self._task.cancel()
            return
        self._begin(measures)

    def _begin(self, measures: Measures) -> None:
        program = measures.program

        def work(report: Report) -> list[float] | None:
            try:
                return measure(program, progress=lambda done, of: report((done, of)))
            except AbandonedError:
                return None

        task = self._task = Task(work, self)
        task.finished.connect(lambda seconds: self._found(measures, seconds))
        task.failed.connect(lambda message, details: None)  # times are a luxury
        task.ended.connect(lambda: self._ended(measures))
        task.start()

    def _found(self, measures: Measures, seconds: list[float] | None) -> None:
        if seconds is not None:
            measures.seconds = seconds
            self.measured.emit()

    def _ended(self, measures: Measures) -> None:
        if self._task is not None:
            self._task.deleteLater()
            self._task = None
        if self._wanted is not None and self._wanted is not measures:
            self._begin(self._wanted)

    def shut_down(self) -> bool:
        """Stop measuring."""
        self._wanted = None
        return self._task is None or self._task.shut_down()
