"""Getting a lesson ready: its code runs in a process of its own, its formulas are set in a thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from gradviz.app.i18n import language, tr
from gradviz.app.lessons.checks import texts_of
from gradviz.app.lessons.model import Lesson
from gradviz.app.recording import Recording

from ...math.browser import formulas_to_images
from ...workers.script import CHILD, ScriptRun
from ...workers.task import Report, Task
from .texts import plain

KEPT_ITERATIONS = 12  # of what a lesson's code trains

RunScript = Callable[[Path, QObject], ScriptRun]


def run_setup(script: Path, parent: QObject) -> ScriptRun:
    """The run of a lesson's code, not yet begun."""
    return ScriptRun(script, parent=parent, child=(*CHILD, "--keep", str(KEPT_ITERATIONS)))


class LessonRunner(QObject):
    """Runs one lesson at a time; signals `ready` with the Recording, `failed` with a message and details, or
    `cancelled`."""

    ready = pyqtSignal(object)
    failed = pyqtSignal(str, str)
    cancelled = pyqtSignal()

    def __init__(self, run: RunScript = run_setup, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self._lesson: Lesson | None = None
        self._script: ScriptRun | None = None
        self._typesetting: Task | None = None
        self._recording: Recording | None = None

    @property
    def lesson(self) -> Lesson | None:
        """What is being prepared."""
        return self._lesson

    def start(self, lesson: Lesson) -> None:
        """Run a lesson's code; one that is still running is stopped."""
        self.shut_down()
        self._lesson = lesson
        self._recording = None
        words = lesson.text(language())
        texts = [text for step in words.steps.values() for text in texts_of(step)]
        self._typesetting = Task(lambda report: _typeset(texts, report), self)
        self._typesetting.ended.connect(self._typeset_done)
        self._script = self._run(lesson.setup, self)
        self._script.finished.connect(self._recorded)
        self._script.failed.connect(self._fail)
        self._script.cancelled.connect(self._cancelled)
        self._typesetting.start()
        self._script.start()

    def cancel(self) -> None:
        """Stop; `cancelled` tells when."""
        if self._script is not None:
            self._script.cancel()
        if self._typesetting is not None:
            self._typesetting.cancel()

    def shut_down(self) -> None:
        """Stop silently and wait until nothing runs."""
        for worker in (self._script, self._typesetting):
            if worker is not None:
                worker.shut_down()
                worker.deleteLater()
        self._script = self._typesetting = None
        self._lesson = None

    def _recorded(self, recording: Any) -> None:
        self._recording = recording
        if recording.problem is not None:
            file, line = recording.problem_file, recording.problem_line
            place = f"{Path(file).name}:{line}: " if file and line else ""
            self._fail(tr("The lesson's code has failed"), f"{place}{recording.problem}")
        else:
            self._tell()

    def _typeset_done(self) -> None:
        finished, self._typesetting = self._typesetting, None
        if finished is not None:
            finished.deleteLater()
        self._tell()

    def _tell(self) -> None:
        lesson, recording = self._lesson, self._recording
        if lesson is None or recording is None or self._typesetting is not None:
            return
        self._lesson = None
        self.ready.emit(replace(recording, title=plain(lesson.text(language()).title)))

    def _fail(self, message: str, details: str) -> None:
        self._lesson = None
        self.failed.emit(message, details)

    def _cancelled(self) -> None:
        self._lesson = None
        self.cancelled.emit()


def _typeset(texts: list[str], report: Report) -> None:
    """Set every formula once, so that turning a page is quick."""
    for number, text in enumerate(texts):
        if not report(number):
            return
        formulas_to_images(text)
