"""MNIST from the network, after the user has said so: with progress, to be stopped, and continued later."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from gradviz.app.i18n import tr
from gradviz.app.paths import data_dir

from .jobs import Job
from .workers.task import Report, Task

if TYPE_CHECKING:
    from .main_window import MainWindow

MEGABYTES = 11


class Downloading(QObject):
    """Chooses data, and gets those that have to be got first."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._task: Task | None = None
        window.closing.connect(self.shut_down)

    @property
    def busy(self) -> bool:
        """Whether something is being loaded."""
        return self._task is not None

    def choose(self, data: str) -> None:
        """Use other data; offer to get those whose files nobody has named yet."""
        w, settings = self._window, self._window.session.settings
        if data == "mnist" and not settings.data_folder:
            w.lab.choices_changed.emit()  # back to what is used
            w.messages.show_message(
                tr("Where are MNIST's files? gradviz can load them: {n} MB.").format(n=MEGABYTES),
                "info",
                actions=[
                    (tr("Download"), self.download),
                    (tr("Choose a folder…"), w.opener.ask_folder),
                ],
            )
        elif data == "file" and not settings.data_file:
            w.lab.choices_changed.emit()
            w.opener.ask_data()
        else:
            w.lab.choose_data(data)

    def download(self) -> None:
        """Load what is missing of MNIST, then train on it."""
        if self._task is not None:
            return
        messages, folder = self._window.messages, data_dir() / "mnist"
        self._task = task = Task(lambda report: _fetch(folder, _told(report)), self)
        job = self._window.status.jobs.begin(tr("Downloading MNIST"), task.cancel)
        task.progress.connect(lambda news: _report(job, *news))
        task.finished.connect(lambda made: self._window.lab.choose_folder(str(made)))
        task.failed.connect(
            lambda message, details: (
                None
                if task.cancelled
                else messages.show_message(message, "error", details, [(tr("Try again"), self.download)])
            )
        )
        task.ended.connect(lambda: self._ended(task, job))
        task.start()

    def cancel(self) -> None:
        """Stop; what is loaded is kept for the next time."""
        if self._task is not None:
            self._task.cancel()

    def shut_down(self) -> None:
        """Stop silently, before the window goes."""
        if self._task is not None:
            self._task.shut_down()

    def _ended(self, task: Task, job: Job) -> None:
        job.end()
        self._task = None
        task.deleteLater()


def _fetch(folder: Path, told: Callable[[int, int], bool]) -> Path:
    from gradviz.data.download import fetch_mnist  # the network's libraries, when they are needed

    return fetch_mnist(folder, told)


def _told(report: Report) -> Callable[[int, int], bool]:
    return lambda done, total: report((done, total))


def _report(job: Job, done: int, total: int) -> None:
    text = tr("{done:.1f} of {total:.1f} MB").format(done=done / 1e6, total=total / 1e6)
    job.report(done, total, text)
