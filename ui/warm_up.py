"""What the first start does once: compile all kernels, in the background, visible and cancellable."""

from __future__ import annotations

from gradviz.engine import jit
from PyQt6.QtCore import QObject, pyqtSignal

from gradviz.app.i18n import tr

from .jobs import Job, JobStrip
from .messages import MessageBar
from .workers.task import Report, Task


class WarmUp(QObject):
    """Compiles what `jit.warm_up` lists; nothing where that was done before."""

    ended = pyqtSignal()

    def __init__(self, messages: MessageBar, jobs: JobStrip, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._messages, self._jobs = messages, jobs
        self._task: Task | None = None
        self._job: Job | None = None

    def start(self) -> None:
        """Begin, unless it runs already; nothing happens where all is ready."""
        if self._task is None:
            self._task = Task(_warm_up, self)
            self._task.progress.connect(self._report)
            self._task.failed.connect(self._failed)
            self._task.ended.connect(self._ended)
            self._task.start()

    def cancel(self) -> None:
        """Stop after the kernel that is being compiled; the others are compiled when they are needed."""
        if self._task is not None:
            self._task.cancel()

    def shut_down(self) -> bool:
        """Stop silently; False if a kernel takes too long."""
        return self._task is None or self._task.shut_down()

    def _report(self, news: tuple[int, int, str]) -> None:
        if self._job is None:
            self._job = self._jobs.begin(tr("Compiling kernels, only this once"), self.cancel)
        done, total, _name = news
        self._job.report(done, total, tr("{done} of {total}").format(done=done, total=total))

    def _failed(self, message: str, details: str) -> None:
        text = tr("The fast kernels cannot be compiled: {error}").format(error=message)
        self._messages.show_message(text, "error", details)

    def _ended(self) -> None:
        if self._job is not None:
            self._job.end()
            self._job = None
        if self._task is not None:
            self._task.deleteLater()
            self._task = None
        problem = jit.cache_problem()
        if problem is not None:
            text = tr("Compiled kernels cannot be kept for the next start: {problem}")
            self._messages.show_message(text.format(problem=problem), "warning")
        self.ended.emit()


def _warm_up(report: Report) -> None:
    if not jit.is_warm() and jit.warm_up(lambda done, total, name: report((done, total, name))):
        jit.mark_warm()
