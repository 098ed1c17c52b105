"""Opening what the user brings: a script (run only when told to), a recording, a lesson, data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QFileDialog, QWidget

from gradviz.app.i18n import tr
from gradviz.app.lessons.archive import unpack
from gradviz.app.lessons.model import LessonError
from gradviz.app.lessons.reader import FILE_NAME as LESSON_FILE
from gradviz.app.recording import Recording
from gradviz.app.session import Session
from gradviz.app.storage import SUFFIX, load_recording
from gradviz.data.own_files import SUFFIXES as DATA_SUFFIXES

from .jobs import Job, JobStrip
from .messages import MessageBar
from .workers.script import ScriptRun
from .workers.task import Task


class Opener(QObject):
    """Opens one thing at a time; a newer one stops the one before."""

    data_folder_chosen = pyqtSignal(str)
    data_file_chosen = pyqtSignal(str)
    lesson_folder_chosen = pyqtSignal(object)  # Path
    recent_changed = pyqtSignal()
    opened = pyqtSignal(object)  # Recording

    def __init__(self, window: QWidget, session: Session, messages: MessageBar, jobs: JobStrip) -> None:
        super().__init__(window)
        self._window, self._session, self._messages, self._jobs = window, session, messages, jobs
        self._works: list[ScriptRun | Task] = []

    @property
    def busy(self) -> bool:
        """Whether a script runs or a recording is being read."""
        return bool(self._works)

    # Asking.

    def ask_file(self) -> None:
        """Ask for a script, a recording, a lesson or data."""
        known = tr("Scripts, recordings, lessons and data (*.py *{suffix} *.zip *.csv *.npz)")
        self._ask(tr("Open"), known.format(suffix=SUFFIX))

    def ask_data(self) -> None:
        """Ask for a table or arrays."""
        self._ask(tr("Open data"), tr("Tables and arrays (*.csv *.npz)"))

    def ask_folder(self) -> None:
        """Ask for a folder with MNIST's files."""
        self._ask(tr("Folder with MNIST's files"))

    def _ask(self, title: str, known: str = "") -> None:
        """Ask for a file of a `known` kind, or for a folder if none is named, and open it."""
        dialog = QFileDialog(self._window, title)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile if known else QFileDialog.FileMode.Directory)
        if known:
            dialog.setNameFilters([known, tr("All files (*)")])
        dialog.fileSelected.connect(lambda path: self.open(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    # Opening.

    def open(self, path: Path) -> None:
        """Open a file or folder; a script is run only after the user has said so."""
        if (path / LESSON_FILE).is_file():
            self.lesson_folder_chosen.emit(path)
        elif path.is_dir():
            self.data_folder_chosen.emit(str(path))
        elif not path.is_file():
            self._messages.show_message(tr("There is no file {path}").format(path=path), "error")
        elif path.suffix == SUFFIX:
            self.load(path)
        elif path.suffix.lower() in DATA_SUFFIXES:
            self._remember(path)
            self.data_file_chosen.emit(str(path.resolve()))
        elif path.suffix == ".zip":
            self._unpack(path)
        elif path.suffix == ".py":
            self._messages.show_message(
                tr("Run {file}? Its code does whatever it says, with your rights.").format(file=path.name),
                "warning",
                details=str(path),
                actions=[(tr("Run it"), lambda: self.run(path))],
            )
        else:
            text = tr("{file} is no Python script (.py), recording ({suffix}) or data (.csv, .npz)")
            self._messages.show_message(text.format(file=path.name, suffix=SUFFIX), "error")

    def _unpack(self, path: Path) -> None:
        try:
            self.lesson_folder_chosen.emit(unpack(path))
        except LessonError as error:
            text = tr("{file} is no lesson: {problem}").format(file=path.name, problem=error.message)
            self._messages.show_message(text, "error")

    def run(self, path: Path, arguments: Sequence[str] = ()) -> None:
        """Run a script in a process of its own and show what it recorded."""
        self.stop()
        run = ScriptRun(path, arguments, self)
        self._works.append(run)
        job = self._jobs.begin(tr("Running {file}").format(file=path.name), self.stop)
        run.output.connect(lambda text: job.report(detail=_last_line(run.printed)))
        run.finished.connect(lambda recording: self._show(path, recording, run.printed))
        run.failed.connect(lambda message, details: self._messages.show_message(message, "error", details))
        run.ended.connect(lambda: self._ended(run, job))
        run.start()

    def load(self, path: Path) -> None:
        """Read a recording."""
        self.stop()
        task = Task(lambda report: load_recording(path), self)
        self._works.append(task)
        job = self._jobs.begin(tr("Reading {file}").format(file=path.name), self.stop)
        task.finished.connect(lambda recording: None if task.cancelled else self._show(path, recording))
        task.failed.connect(lambda message, details: self._messages.show_message(message, "error", details))
        task.ended.connect(lambda: self._ended(task, job))
        task.start()

    def stop(self) -> None:
        """Stop what is being opened."""
        for work in self._works:
            work.cancel()

    def shut_down(self) -> None:
        """Stop silently and wait until nothing runs."""
        for work in self._works:
            work.shut_down()

    def _show(self, path: Path, recording: Recording, printed: str = "") -> None:
        self._remember(path)
        if recording.iterations:
            self._session.load(recording)
        if recording.problem is not None:
            self._messages.show_message(problem_text(recording), "error", recording.problem)
        elif not recording.iterations:
            text = tr("{file} ran to its end, but it computed nothing with gradviz").format(file=path.name)
            self._messages.show_message(text, "warning", printed)
        self.opened.emit(recording)

    def _remember(self, path: Path) -> None:
        self._session.settings.remember_file(str(path.resolve()))
        self._session.settings.save()
        self.recent_changed.emit()

    def _ended(self, work: ScriptRun | Task, job: Job) -> None:
        job.end()
        self._works.remove(work)
        work.deleteLater()


def problem_text(recording: Recording) -> str:
    """The error that ended a script in one line, with its place."""
    problem = (recording.problem or "").strip()
    last = problem.splitlines()[-1] if problem else ""
    if recording.problem_file is None:
        return last
    place = f"{Path(recording.problem_file).name}:{recording.problem_line}"
    return tr("{place}: {error}").format(place=place, error=last)


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1][:60] if lines else ""
