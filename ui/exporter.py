"""Saving: the recording with all its numbers, and the graph as a picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QFileDialog, QWidget

from gradviz.app.i18n import tr
from gradviz.app.pytorch.script import export_pytorch
from gradviz.app.session import Session
from gradviz.app.storage import SUFFIX, save_recording

from .graph.canvas import GraphCanvas
from .jobs import JobStrip
from .messages import MessageBar
from .workers.task import Task

PICTURE_WIDTH = 2400  # pixels


class Exporter(QObject):
    """Asks for a file name beside the work, and writes."""

    def __init__(
        self, window: QWidget, session: Session, canvas: GraphCanvas, messages: MessageBar, jobs: JobStrip
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._canvas = window, session, canvas
        self._messages, self._jobs = messages, jobs
        self._saving: Task | None = None

    def ask_recording(self) -> None:
        """Ask where to save the recording."""
        if self._session.recording is None:
            self._messages.show_message(tr("There is nothing to save yet"), "warning")
            return
        if self._veiled():
            return
        dialog = self._dialog(
            tr("Save recording"), [tr("gradviz recordings (*{suffix})").format(suffix=SUFFIX)]
        )
        dialog.setDefaultSuffix(SUFFIX.lstrip("."))
        dialog.fileSelected.connect(lambda path: self.save_recording(Path(path)))
        dialog.open()

    def ask_graph(self) -> None:
        """Ask where to save the picture of the graph."""
        if self._session.graph is None:
            self._messages.show_message(tr("There is no graph to export yet"), "warning")
            return
        dialog = self._dialog(tr("Export graph"), [tr("SVG picture (*.svg)"), tr("PNG picture (*.png)")])
        dialog.setDefaultSuffix("svg")
        dialog.filterSelected.connect(
            lambda chosen: dialog.setDefaultSuffix("png" if "png" in chosen else "svg")
        )
        dialog.fileSelected.connect(lambda path: self.export_graph(Path(path)))
        dialog.open()

    def ask_pytorch(self) -> None:
        """Ask where to write the script for PyTorch."""
        if self._session.recording is None:
            self._messages.show_message(tr("There is nothing to export yet"), "warning")
            return
        if self._veiled():
            return
        dialog = self._dialog(tr("Export as PyTorch script"), [tr("Python scripts (*.py)")])
        dialog.setDefaultSuffix("py")
        dialog.fileSelected.connect(lambda path: self.export_pytorch(Path(path)))
        dialog.open()

    def _veiled(self) -> bool:
        """Whether a file would give away what is to be predicted; then says so."""
        hidden = bool(self._session.veil.slots(self._session.program))
        if hidden:
            text = tr("The file would hold the number that you are to predict. Answer first, or reveal it.")
            self._messages.show_message(text, "warning")
        return hidden

    def save_recording(self, path: Path) -> None:
        """Write the recording in the background."""
        recording = self._session.recording
        if recording is not None:
            self._write(path, lambda: save_recording(recording, path))

    def export_pytorch(self, path: Path) -> None:
        """Write the script for PyTorch, and the values beside it, in the background."""
        recording = self._session.recording
        if recording is not None:
            self._write(path, lambda: export_pytorch(recording, path))

    def _write(self, path: Path, write: Callable[[], object]) -> None:
        if self._saving is not None:
            return
        self._saving = task = Task(lambda report: write(), self)
        job = self._jobs.begin(tr("Saving {file}").format(file=path.name))
        task.finished.connect(lambda _: self._saved(path))
        task.failed.connect(lambda message, details: self._messages.show_message(message, "error", details))
        task.ended.connect(job.end)
        task.ended.connect(self._ended)
        task.start()

    def export_graph(self, path: Path) -> None:
        """Write the graph as it is folded now: SVG, or PNG if the name ends so."""
        try:
            if path.suffix.lower() == ".png":
                image = self._canvas.render_image(PICTURE_WIDTH, dark=False)
                if not image.save(str(path)):
                    raise OSError(tr("the picture cannot be written"))
            else:
                self._canvas.render_svg(str(path))
        except OSError as error:
            text = tr("{path} cannot be saved: {reason}").format(path=path, reason=error)
            self._messages.show_message(text, "error")
            return
        self._saved(path)

    def shut_down(self) -> None:
        """Wait for a recording that is being written."""
        if self._saving is not None:
            self._saving.shut_down()

    def _dialog(self, title: str, filters: list[str]) -> QFileDialog:
        dialog = QFileDialog(self._window, title)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(filters)
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    def _saved(self, path: Path) -> None:
        self._messages.show_message(tr("Saved: {path}").format(path=path))

    def _ended(self) -> None:
        self._saving = None
