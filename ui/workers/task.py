"""One slow function in a thread of its own: with progress, cancellation, and errors that are told."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QObject, QThread, QTimer, pyqtSignal

PROGRESS_EVERY = 33  # ms between two progress signals: more often than that nobody can see
STACK = 64 * 2**20  # bytes; compiling a kernel recurses deeply, and some systems give threads very little

Report = Callable[[object], bool]


class Task(QObject):
    """Runs `function(report)` in a thread.

    The function calls `report(anything)` now and then: it returns False once the task has been cancelled, and
    then the function should return soon, with whatever it has. Signals arrive where the task was made:
    `progress` with the newest report (older ones may be skipped), then `finished` with the result or `failed`
    with a message and the traceback, and in either case `ended` at last.
    """

    progress = pyqtSignal(object)
    finished = pyqtSignal(object)
    failed = pyqtSignal(str, str)
    ended = pyqtSignal()
    _reported = pyqtSignal()

    def __init__(self, function: Callable[[Report], Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._newest: list[object] = []  # empty, or the report that nobody has heard yet
        self._thread = _Thread(function, self._report, self)
        self._thread.finished.connect(self._end)
        self._reported.connect(self._tell)
        self._rest = QTimer(self, interval=PROGRESS_EVERY, singleShot=True)
        self._rest.timeout.connect(self._tell)

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    @property
    def running(self) -> bool:
        return self._thread.isRunning()

    def start(self) -> None:
        """Begin, at a lower priority than the window."""
        self._thread.start(QThread.Priority.LowPriority)

    def cancel(self) -> None:
        """Ask the function to stop at its next report."""
        self._cancelled.set()

    def shut_down(self, milliseconds: int = 10_000) -> bool:
        """Cancel and wait; False if the function has not returned in time. No signal arrives afterwards."""
        self.cancel()
        self.blockSignals(True)
        self._rest.stop()
        return self._thread.wait(milliseconds)

    def _report(self, news: object) -> bool:
        with self._lock:
            first = not self._newest
            self._newest = [news]
        if first:
            self._reported.emit()
        return not self._cancelled.is_set()

    def _tell(self) -> None:
        if self._rest.isActive():
            return
        with self._lock:
            news, self._newest = self._newest, []
        if news:
            self._rest.start()
            self.progress.emit(news[0])

    def _end(self) -> None:
        self._rest.stop()
        self._tell()
        self._rest.stop()
        outcome = self._thread.outcome
        if isinstance(outcome, _Failure):
            self.failed.emit(outcome.message, outcome.details)
        else:
            self.finished.emit(outcome)
        self.ended.emit()


class _Failure:
    def __init__(self, error: BaseException) -> None:
        self.message = str(error) or type(error).__name__
        self.details = "".join(traceback.format_exception(error))


class _Thread(QThread):
    def __init__(self, function: Callable[[Report], Any], report: Report, parent: QObject) -> None:
        super().__init__(parent)
        self.setStackSize(STACK)
        self._function = function
        self._report = report
        self.outcome: Any = None

    def run(self) -> None:
        try:
            self.outcome = self._function(self._report)
        except BaseException as error:  # also SystemExit: a thread has nobody else to tell
            self.outcome = _Failure(error)
