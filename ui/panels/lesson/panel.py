"""The lesson panel: the list, then the page of one lesson, with its code run in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QFocusEvent
from PyQt6.QtWidgets import QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from gradviz.app.i18n import language_changed, tr
from gradviz.app.lessons.library import Progress, load_lessons
from gradviz.app.lessons.model import Lesson, LessonError, key_of
from gradviz.app.lessons.player import LessonPlayer
from gradviz.app.lessons.reader import read_lesson
from gradviz.app.session import Session

from ...listening import listen
from ...theme import ThemeManager
from .catalogue import Catalogue
from .page import StepPage
from .runner import LessonRunner, RunScript, run_setup
from .side_page import SidePage
from .waiting import WaitingPage

Load = Callable[[], tuple[list[Lesson], list[LessonError]]]


class LessonPanel(QWidget):
    """Lessons over the session: starting one loads its recording, and all other panels follow.

    `open_folder` shows a lesson from elsewhere; whoever owns the panel calls `shut_down` before it goes.
    """

    lesson_opened = pyqtSignal(str)  # the lesson's id
    step_shown = pyqtSignal(object)  # Step: one begins
    practice_wanted = pyqtSignal()
    hunt_wanted = pyqtSignal()
    tool_wanted = pyqtSignal(str)

    def __init__(
        self,
        session: Session,
        themes: ThemeManager,
        parent: QWidget | None = None,
        load: Load = load_lessons,
        run: RunScript = run_setup,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._load = load
        self._progress = Progress(session.settings)
        self._lessons: list[Lesson] = []
        self._problems: list[LessonError] = []
        self._players: dict[str, LessonPlayer] = {}
        self._preparing: Lesson | None = None
        self.runner = LessonRunner(run, self)
        self.catalogue = Catalogue(themes, self._progress)
        self.waiting = WaitingPage(themes)
        self.page = StepPage(themes)
        self._stack = QStackedWidget()
        for page in (self.catalogue, self.waiting, self.page):
            self._stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.setMinimumWidth(280)
        self._connect()
        self.reload()

    def _connect(self) -> None:
        self.catalogue.chosen.connect(self.start)
        self.catalogue.folder_wanted.connect(lambda: _ask_for_folder(self))
        self.catalogue.practice_wanted.connect(self.practice_wanted)
        self.catalogue.hunt_wanted.connect(self.hunt_wanted)
        self.waiting.cancelled.connect(self.runner.cancel)
        self.waiting.agreed.connect(self._run)
        self.waiting.retried.connect(self._run)
        self.waiting.left.connect(self.show_list)
        self.page.left.connect(self.show_list)
        self.page.step_shown.connect(self.step_shown)
        self.page.tool_wanted.connect(self.tool_wanted)
        self.runner.ready.connect(self._ready)
        self.runner.failed.connect(self._failed)
        self.runner.cancelled.connect(self.show_list)
        self._session.moment_changed.connect(self._moved)
        self._session.recording_changed.connect(self._moved)
        listen(self, language_changed, self.retranslate)

    # What may be done from outside.

    @property
    def player(self) -> LessonPlayer | None:
        """The lesson that is on, if one is shown."""
        return self.page.player if self._stack.currentWidget() is self.page else None

    def reload(self) -> None:
        """Read the lessons' folders again."""
        own, problems = self._load()
        foreign = [lesson for lesson in self._lessons if lesson.foreign]
        self._lessons, self._problems = [*own, *foreign], problems
        self.catalogue.show_lessons(self._lessons, self._problems)
        self.retranslate()

    def start(self, lesson: Lesson) -> None:
        """Open a lesson where the learner left it; one from elsewhere asks before its code runs."""
        if lesson.id in self._players:
            self._open(self._players[lesson.id])
        elif lesson.foreign:
            self.waiting.show_asking(lesson)
            self._stack.setCurrentWidget(self.waiting)
            self.waiting.no.setFocus()
        else:
            self._run(lesson)

    def start_trusted(self, lesson: Lesson) -> None:
        """Run a lesson whose code the user has asked for by name."""
        self._run(lesson)

    def start_by_id(self, lesson_id: str) -> None:
        """Open one of gradviz's own lessons; KeyError if there is none of that name."""
        self.start({lesson.key: lesson for lesson in self._lessons}[key_of(lesson_id)])

    def open_folder(self, folder: Path) -> None:
        """List a lesson from elsewhere and ask whether its code may run; or list what is wrong with it."""
        folder = folder.resolve()
        self._problems = [problem for problem in self._problems if problem.path.parent != folder]
        self._lessons = [lesson for lesson in self._lessons if lesson.folder != folder]
        try:
            lesson = replace(read_lesson(folder), id=str(folder), foreign=True)
        except LessonError as error:
            self._problems.append(error)
            self.catalogue.show_lessons(self._lessons, self._problems)
            self.show_list()
            self.catalogue.show_last()
            return
        self._players.pop(lesson.id, None)
        self._lessons.append(lesson)
        self.catalogue.show_lessons(self._lessons, self._problems)
        self.start(lesson)

    def put_in_place(self, player: LessonPlayer) -> None:
        """Go on with a lesson that was read anew."""
        self._lessons = [player.lesson if it.id == player.lesson.id else it for it in self._lessons]
        self.catalogue.show_lessons(self._lessons, self._problems)
        self._players[player.lesson.id] = player
        self._open(player)

    def open_anew(self, lesson: Lesson) -> None:
        """Begin again with a lesson whose code has changed; one from elsewhere asks again."""
        self._players.pop(lesson.id, None)
        self._lessons = [lesson if it.id == lesson.id else it for it in self._lessons]
        self.start(lesson)

    def add_page(self, page: SidePage) -> None:
        """A page beside the lessons; its way back leads to the list."""
        page.left.connect(self.show_list)
        self._stack.addWidget(page)

    def show_page(self, page: SidePage) -> None:
        """Bring such a page to the front."""
        self._preparing = None
        self._stack.setCurrentWidget(page)
        page.take_focus()

    def show_list(self) -> None:
        """Back to the list of lessons."""
        self._preparing = None
        self.catalogue.retranslate()
        self._stack.setCurrentWidget(self.catalogue)

    def shut_down(self) -> None:
        """Stop what runs and listen no more; call it before the window goes."""
        self.runner.shut_down()
        self.page.set_player(None)
        language_changed.disconnect(self.retranslate, missing_ok=True)
        for signal in (self._session.moment_changed, self._session.recording_changed):
            signal.disconnect(self._moved, missing_ok=True)

    def retranslate(self, code: str = "") -> None:
        """All words in the current language; place and answers stay."""
        self.setAccessibleName(tr("Lessons"))
        self.catalogue.retranslate()
        self.waiting.retranslate()
        self.page.refresh()

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        """Hand the keyboard to what leads on."""
        super().focusInEvent(event)
        shown = self._stack.currentWidget()
        if shown is self.page:
            self.page.take_focus()
        elif shown is self.waiting:
            self.waiting.no.setFocus()
        elif isinstance(shown, SidePage):
            shown.take_focus()
        elif self.catalogue.cards:
            self.catalogue.cards[0].begin.setFocus()

    # From the list to the page.

    def _run(self, lesson: Lesson) -> None:
        self._preparing = lesson
        self.waiting.show_running(lesson)
        self._stack.setCurrentWidget(self.waiting)
        self.waiting.no.setFocus()
        self.runner.start(lesson)

    def _ready(self, recording: Any) -> None:
        lesson = self._preparing
        if lesson is None:
            return
        start = 0 if self._progress.done(lesson.id) else self._progress.resume_at(lesson.id)
        before = self._session.recording
        self._session.load(recording)
        try:
            player = LessonPlayer(self._session, lesson, start, self._progress.note)
        except LessonError as error:
            if before is not None:
                self._session.load(before)
            self._failed(tr("The lesson does not fit what its code does"), str(error))
            return
        self._players[lesson.id] = player
        self._open(player)

    def _open(self, player: LessonPlayer) -> None:
        self._preparing = None
        if not player.present:
            player.show()
        self.page.set_player(player)
        self._stack.setCurrentWidget(self.page)
        self.page.take_focus()
        self.lesson_opened.emit(player.lesson.id)

    def _failed(self, message: str, details: str) -> None:
        if self._preparing is not None:
            self.waiting.show_failed(self._preparing, message, details)
            self._stack.setCurrentWidget(self.waiting)

    def _moved(self, moment: int = 0) -> None:
        self.page.note_place()


def _ask_for_folder(panel: LessonPanel) -> None:
    dialog = QFileDialog(panel, tr("Open a lesson folder"))
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.fileSelected.connect(lambda path: panel.open_folder(Path(path)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
