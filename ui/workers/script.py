"""A user's script in a process of its own: it may crash, hang or print; the window goes on."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from PyQt6.QtCore import QObject, QProcess, QProcessEnvironment, pyqtSignal

from gradviz.app.i18n import language, tr
from gradviz.app.storage import load_recording

from .environment import child_environment
from .task import Task

CHILD = ("-P", "-m", "gradviz.app.script_child")
KEPT_OUTPUT = 20_000  # characters of what the script prints
GRACE = 3_000  # ms for a killed process to be gone


class ScriptRun(QObject):
    """Runs one script and loads what it recorded.

    Signals: `output` with what it prints; then `finished` with the Recording (its `problem` tells an error in
    the script), or `failed` with a message and details, or `cancelled`; and in any case `ended` at last.
    """

    output = pyqtSignal(str)
    finished = pyqtSignal(object)
    failed = pyqtSignal(str, str)
    cancelled = pyqtSignal()
    ended = pyqtSignal()

    def __init__(
        self,
        script: Path,
        arguments: Sequence[str] = (),
        parent: QObject | None = None,
        child: Sequence[str] = CHILD,
    ) -> None:
        super().__init__(parent)
        self.script = script
        self._folder = tempfile.TemporaryDirectory(prefix="gradviz-", ignore_cleanup_errors=True)
        self._result = Path(self._folder.name) / "recording.gradviz"
        self._printed = ""
        self._cancelled = False
        self._over = False
        self._loading: Task | None = None
        self._process = QProcess(self)
        self._process.setProgram(sys.executable)
        self._process.setArguments([*child, str(script), "--out", str(self._result), *arguments])
        self._process.setWorkingDirectory(str(script.parent))
        self._process.setProcessEnvironment(_environment())
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        if os.name == "posix":  # a group of its own, so that what the script starts ends with it
            parameters = QProcess.UnixProcessParameters()
            parameters.flags = QProcess.UnixProcessFlag.CreateNewSession
            self._process.setUnixProcessParameters(parameters)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(self._load)
        self._process.errorOccurred.connect(self._process_failed)

    @property
    def running(self) -> bool:
        return not self._over

    @property
    def printed(self) -> str:
        """The end of what the script has printed."""
        return self._printed

    def start(self) -> None:
        """Begin."""
        self._process.start()

    def cancel(self) -> None:
        """Stop at once."""
        self._cancelled = True
        self._kill()
        if self._loading is not None:
            self._loading.cancel()

    def shut_down(self) -> None:
        """Stop silently and wait until it is gone."""
        self.blockSignals(True)
        self.cancel()
        if self._process.state() is not QProcess.ProcessState.NotRunning:
            self._process.waitForFinished(GRACE)
        if self._loading is not None:
            self._loading.shut_down()
        self._over = True
        self._folder.cleanup()

    def _kill(self) -> None:
        number = self._process.processId()
        if number and os.name == "posix":
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(number, signal.SIGKILL)
        self._process.kill()

    def _read(self) -> None:
        text = bytes(self._process.readAllStandardOutput().data()).decode("utf-8", "replace")
        self._printed = (self._printed + text)[-KEPT_OUTPUT:]
        self.output.emit(text)

    def _process_failed(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self.failed.emit(tr("Python cannot be started"), self._process.errorString())
            self._end()

    def _load(self, code: int, status: QProcess.ExitStatus) -> None:
        if self._cancelled:
            self.cancelled.emit()
            self._end()
        elif self._result.exists():
            self._loading = Task(lambda report: load_recording(self._result), self)
            self._loading.finished.connect(self._loaded)
            self._loading.failed.connect(self.failed)
            self._loading.ended.connect(self._end)
            self._loading.start()
        else:
            self.failed.emit(self._verdict(code, status), self._printed)
            self._end()

    def _loaded(self, recording: object) -> None:
        if self._cancelled:
            self.cancelled.emit()
        else:
            self.finished.emit(recording)

    def _verdict(self, code: int, status: QProcess.ExitStatus) -> str:
        if status is QProcess.ExitStatus.CrashExit:
            return tr("{script} crashed").format(script=self.script.name)
        return tr("{script} ended with code {code} and recorded nothing").format(
            script=self.script.name, code=code
        )

    def _end(self) -> None:
        self._over = True
        self._folder.cleanup()
        self.ended.emit()


def _environment() -> QProcessEnvironment:
    environment = child_environment()
    environment.insert("PYTHONIOENCODING", "utf-8")
    environment.insert("PYTHONUNBUFFERED", "1")
    environment.insert("GRADVIZ_LANGUAGE", language())
    return environment
