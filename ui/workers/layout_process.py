"""The layout worker as the window sees it: a process that answers jobs, or is found broken."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from PyQt6.QtCore import QObject, QProcess, pyqtSignal

from gradviz.app.i18n import tr
from gradviz.app.layout.wire import Unpacker, pack

from .environment import child_environment

WORKER = ("-P", "-m", "gradviz.app.layout.worker")
_GRACE = 2_000  # ms for a killed process to be gone


class LayoutProcess(QObject):
    """One child process at a time, started when it is first needed.

    `answered` brings each message of the child; `broken` a sentence for the user when the child has ended by
    itself, could not be started or has sent what is no message. After that the next `send` starts a new one.
    """

    answered = pyqtSignal(object)
    broken = pyqtSignal(str)

    def __init__(self, arguments: Sequence[str] = WORKER, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._arguments = list(arguments)
        self._process: QProcess | None = None
        self._unpacker = Unpacker()
        self.warm = False  # the child has answered before: no start-up to wait for

    @property
    def process_id(self) -> int:
        """The number of the child, 0 if there is none."""
        return self._process.processId() if self._process is not None else 0

    def send(self, message: Any) -> None:
        """Send a message, to a new child if there is none."""
        if self._process is None:
            self._start()
        assert self._process is not None
        self._process.write(pack(message))

    def _start(self) -> None:
        process = QProcess(self)
        process.setProgram(sys.executable)
        process.setArguments(self._arguments)
        process.setProcessEnvironment(child_environment())
        process.setStandardErrorFile(QProcess.nullDevice())
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._ended)
        process.errorOccurred.connect(self._failed)
        self._process = process
        self._unpacker = Unpacker()
        self.warm = False
        process.start()

    def _read(self) -> None:
        if self._process is None:
            return
        try:
            messages = self._unpacker.feed(self._process.readAllStandardOutput().data())
        except ValueError:
            self.kill()
            self.broken.emit(tr("The layout process sent something that cannot be read"))
            return
        for message in messages:
            self.warm = True
            self.answered.emit(message)

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and self._process is not None:
            reason = self._process.errorString()
            self.kill()
            self.broken.emit(tr("The layout process cannot be started: {reason}").format(reason=reason))

    def _ended(self) -> None:
        self.kill()
        self.broken.emit(tr("The layout process has ended unexpectedly"))

    def kill(self) -> None:
        """End the child at once, silently."""
        process, self._process = self._process, None
        if process is None:
            return
        process.blockSignals(True)
        if process.state() is not QProcess.ProcessState.NotRunning:
            process.kill()
            process.waitForFinished(_GRACE)
        process.deleteLater()
