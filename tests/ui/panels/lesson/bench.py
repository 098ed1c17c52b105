"""A lesson panel with a small lesson, whose code the test pretends to run."""

from __future__ import annotations

from pathlib import Path

from gradviz.ui.panels.lesson import LessonPanel
from gradviz.ui.panels.lesson.inputs import FieldInput
from gradviz.ui.theme import ThemeManager
from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from gradviz.app.lessons.model import Lesson, LessonError
from gradviz.app.lessons.player import LessonPlayer
from gradviz.app.recording import Iteration, Recording, metrics_of
from gradviz.app.session import Session
from gradviz.app.settings import Settings
from tests.programs import neuron


class FakeRun(QObject):
    """A script run whose end the test decides."""

    finished = pyqtSignal(object)
    failed = pyqtSignal(str, str)
    cancelled = pyqtSignal()

    def __init__(self, script: Path, parent: QObject) -> None:
        super().__init__(parent)
        self.script = script
        self.started = self.stopped = False

    def start(self) -> None:
        self.started = True

    def cancel(self) -> None:
        self.cancelled.emit()

    def shut_down(self) -> None:
        self.stopped = True

    def succeed(self, **more: object) -> None:
        program = neuron()
        rows = (Iteration(1, program, metrics_of(program, 1)),)
        self.finished.emit(Recording("setup.py", rows, **more))  # type: ignore[arg-type]


class Bench:
    """A panel with one lesson, and the runs that it has begun."""

    def __init__(self, lessons: list[Lesson], problems: list[LessonError] | None = None) -> None:
        self.runs: list[FakeRun] = []
        self.session = Session(Settings())
        self.themes = ThemeManager("light")
        self.panel = LessonPanel(
            self.session, self.themes, load=lambda: (lessons, problems or []), run=self._run
        )

    def _run(self, script: Path, parent: QObject) -> FakeRun:
        self.runs.append(FakeRun(script, parent))
        return self.runs[-1]

    def open(self, qtbot: QtBot) -> LessonPlayer:
        self.panel.catalogue.cards[0].begin.click()
        self.runs[-1].succeed()
        qtbot.waitUntil(lambda: self.panel.player is not None)
        player = self.panel.player
        assert player is not None
        return player


def field_of(panel: LessonPanel) -> QLineEdit:
    assert isinstance(panel.page.card.input, FieldInput)
    return panel.page.card.input.field
