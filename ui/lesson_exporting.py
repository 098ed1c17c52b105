"""Exporting the open lesson from the menu: the same command, in a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path

from PyQt6.QtCore import QObject, QProcess
from PyQt6.QtWidgets import QFileDialog

from gradviz.app.i18n import language, tr

from .jobs import Job
from .main_window import MainWindow
from .workers.environment import child_environment

GRACE = 3_000  # ms for a killed process to be gone


class LessonExporting(QObject):
    """Asks for a folder, runs `gradviz lesson export`, and tells what was written."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._process: QProcess | None = None
        window.commands.connect(export_lesson=self.ask)
        window.closing.connect(self.stop)

    def ask(self) -> None:
        """Ask where to."""
        if self._window.lesson.player is None:
            self._window.messages.show_message(tr("Open a lesson first."))
            return
        dialog = QFileDialog(self._window, tr("Folder for the lesson"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda path: self.export(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def export(self, folder: Path) -> None:
        """Write the open lesson to a folder."""
        player = self._window.lesson.player
        if player is None or self._process is not None:
            return
        process = self._process = QProcess(self)
        process.setProgram(sys.executable)
        theme = "dark" if self._window.themes.theme.dark else "light"
        name = str(player.lesson.folder)
        options = ["--out", str(folder), "--language", language(), "--theme", theme]
        process.setArguments(["-P", "-m", "gradviz", "lesson", "export", name, *options])
        environment = child_environment()
        environment.insert("QT_QPA_PLATFORM", "offscreen")
        process.setProcessEnvironment(environment)
        job = self._window.status.jobs.begin(tr("Exporting the lesson"), self.stop)
        process.finished.connect(lambda code, status: self._ended(process, code, job))
        process.start()

    def stop(self) -> None:
        """Stop what is being written."""
        if self._process is not None:
            self._process.kill()
            self._process.waitForFinished(GRACE)

    def _ended(self, process: QProcess, code: int, job: Job) -> None:
        self._process = None
        job.end()
        written = bytes(process.readAllStandardOutput().data()).decode("utf-8", "replace").split("\n")
        problem = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").strip()
        process.deleteLater()
        if code == 0:
            names = ", ".join(Path(line).name for line in written if line.strip())
            self._window.messages.show_message(tr("Written: {names}").format(names=names))
        else:
            self._window.messages.show_message(tr("The lesson could not be exported."), "error", problem)
