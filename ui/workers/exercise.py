"""A learner's code in a process of its own, with a time limit."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PyQt6.QtCore import QObject, QProcess, QTimer, pyqtSignal

from gradviz.app.i18n import language, tr
from gradviz.app.lessons.exercise import TIME_LIMIT, ExerciseResult
from gradviz.app.lessons.model import Exercise

from .environment import child_environment

CHILD = ("-P", "-m", "gradviz.app.lessons.exercise_child")
GRACE = 3_000  # ms for a killed process to be gone


class ExerciseRun(QObject):
    """Runs code once; `finished` has the ExerciseResult, also if it did not end in time."""

    finished = pyqtSignal(object)

    def __init__(
        self, exercise: Exercise, code: str, parent: QObject | None = None, limit: float = TIME_LIMIT
    ) -> None:
        super().__init__(parent)
        self._folder = tempfile.TemporaryDirectory(prefix="gradviz-", ignore_cleanup_errors=True)
        folder = Path(self._folder.name)
        self._result = folder / "result.json"
        file = folder / "exercise.py"
        file.write_text(code, encoding="utf-8")
        self._late = False
        self._limit = limit
        self._process = QProcess(self)
        self._process.setProgram(sys.executable)
        names = [str(file), str(exercise.check), exercise.function, str(self._result)]
        self._process.setArguments([*CHILD, *names])
        environment = child_environment()
        environment.insert("GRADVIZ_LANGUAGE", language())
        self._process.setProcessEnvironment(environment)
        self._process.setWorkingDirectory(str(folder))
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        self._process.setStandardInputFile(QProcess.nullDevice())
        self._process.finished.connect(self._ended)
        self._process.errorOccurred.connect(self._failed)
        self._clock = QTimer(self, singleShot=True, interval=round(limit * 1000))
        self._clock.timeout.connect(self._stop)

    def start(self) -> None:
        """Begin."""
        self._clock.start()
        self._process.start()

    def shut_down(self) -> None:
        """Stop silently and wait until it is gone."""
        self.blockSignals(True)
        self._clock.stop()
        self._process.kill()
        if self._process.state() is not QProcess.ProcessState.NotRunning:
            self._process.waitForFinished(GRACE)
        self._folder.cleanup()

    def _stop(self) -> None:
        self._late = True
        self._process.kill()

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._tell(ExerciseResult(problem=self._process.errorString()))

    def _ended(self, code: int, status: QProcess.ExitStatus) -> None:
        if self._late:
            problem = tr("The code did not end within {n} seconds.").format(n=f"{self._limit:g}")
            self._tell(ExerciseResult(problem=problem))
            return
        try:
            result = ExerciseResult.from_json(self._result.read_text(encoding="utf-8"))
        except (OSError, ValueError, KeyError, TypeError):
            printed = bytes(self._process.readAll().data()).decode("utf-8", "replace").strip()
            last = printed.splitlines()[-1] if printed else ""
            result = ExerciseResult(problem=last or tr("Python ended with code {code}.").format(code=code))
        self._tell(result)

    def _tell(self, result: ExerciseResult) -> None:
        self._clock.stop()
        self._folder.cleanup()
        self.finished.emit(result)


class Exercises(QObject):
    """Runs one exercise at a time, for a step; its result tells which."""

    running_changed = pyqtSignal(bool)
    finished = pyqtSignal(str, object)  # step, ExerciseResult

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run: ExerciseRun | None = None

    def run(self, step: str, exercise: Exercise, code: str) -> None:
        """Run code, unless some is running."""
        if self._run is None:
            self._run = ExerciseRun(exercise, code, self)
            self._run.finished.connect(lambda result: self._ended(step, result))
            self.running_changed.emit(True)
            self._run.start()

    def shut_down(self) -> None:
        """Stop silently and wait until nothing runs."""
        if self._run is not None:
            self._run.shut_down()
            self._run.deleteLater()
            self._run = None
            self.running_changed.emit(False)

    def _ended(self, step: str, result: ExerciseResult) -> None:
        if self._run is not None:
            self._run.deleteLater()
            self._run = None
        self.running_changed.emit(False)
        self.finished.emit(step, result)
