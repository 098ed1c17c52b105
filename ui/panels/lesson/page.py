"""One lesson, step by step: what to look at, the question, and the way on and back."""

from __future__ import annotations

from PyQt6.QtCore import QPoint, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from gradviz.app.i18n import language
from gradviz.app.lessons.answers import UnreadableAnswerError
from gradviz.app.lessons.exercise import ExerciseResult
from gradviz.app.lessons.player import Given, LessonPlayer

from ...theme import ThemeManager
from ...workers.exercise import Exercises
from .closing import ClosingCard
from .frame import AstrayBar, Footer, Header
from .question import QuestionCard
from .task_card import TaskCard
from .texts import STRONG, Label, PageText, plain


class StepPage(QWidget):
    """Shows a player's current step and hands the learner's answers to it."""

    left = pyqtSignal()  # to the list of lessons
    step_shown = pyqtSignal(object)  # Step: one begins
    tool_wanted = pyqtSignal(str)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._player: LessonPlayer | None = None
        self._shown: tuple[int, Given] | None = None  # which step, with which answer
        self.header = Header(themes)
        self.astray = AstrayBar(themes)
        self.heading = Label(14, STRONG, wordWrap=True)
        self.body = PageText(themes)
        self.body.document_().setDocumentMargin(0)
        self.card = QuestionCard(themes)
        self.task = TaskCard(themes)
        self.exercises = Exercises(self)
        self.closing = ClosingCard(themes)
        self.area = QScrollArea(widgetResizable=True)
        self.footer = Footer(themes)
        self._scroll = QTimer(self, interval=0, singleShot=True)
        self._texts = (self.body, self.task.words, self.card.words, self.card.verdict.text)
        self._build()
        self._connect()

    def _build(self) -> None:
        page = QWidget()
        inside = QVBoxLayout(page)
        inside.setContentsMargins(16, 12, 16, 16)
        inside.setSpacing(12)
        for widget in (self.heading, self.body, self.task, self.card, self.closing):
            inside.addWidget(widget)
        inside.addStretch(1)
        self.area.setWidget(page)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.astray)
        column.addWidget(self.area, 1)
        column.addWidget(self.footer)

    def _connect(self) -> None:
        self.header.left.connect(self.left)
        self.header.chosen.connect(self._go)
        self.astray.back.clicked.connect(self._come_back)
        self.footer.previous.clicked.connect(self.go_back)
        self.footer.next.clicked.connect(self.go_on)
        self.card.checked.connect(self._answer)
        self.task.done_said.connect(self._done)
        self.task.open_wanted.connect(self.tool_wanted)
        self.exercises.running_changed.connect(self.card.set_running)
        self.exercises.finished.connect(self._code_ran)
        self.card.given_up.connect(self._reveal)
        self.card.advanced.connect(self.go_on)
        self.closing.restarted.connect(self._restart)
        self._scroll.timeout.connect(self._show_verdict)
        for text in self._texts:
            text.zoomed.connect(self._zoom)
        for keys, act in (("Alt+Left", self.go_back), ("Alt+Right", self.go_on)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    # Moving.

    @property
    def player(self) -> LessonPlayer | None:
        """The lesson that is shown."""
        return self._player

    def set_player(self, player: LessonPlayer | None) -> None:
        """Show another lesson."""
        self.exercises.shut_down()
        if self._player is not None:
            self._player.changed.disconnect(self.refresh)
        if player is not self._player:
            self.card.forget()
            self._shown = None
        self._player = player
        if player is not None:
            player.changed.connect(self.refresh)
            self.refresh()
            self.to_top()

    def go_on(self) -> None:
        """The next step, or back to the list after the last one."""
        if self._player is None:
            return
        if self._player.at_end:
            self.left.emit()
        else:
            self._go(self._player.index + 1)

    def go_back(self) -> None:
        """The step before."""
        if self._player is not None and self._player.index > 0:
            self._go(self._player.index - 1)

    def _go(self, index: int) -> None:
        if self._player is None:
            return
        focus = self.focusWidget()
        inside = focus is not None and focus.hasFocus()
        self._player.go(index)
        self.to_top()
        if inside and focus is not self.header.dots:
            self.take_focus()

    def _come_back(self) -> None:
        if self._player is not None:
            self._player.show()
            self.note_place()
            self.take_focus()

    def _restart(self) -> None:
        if self._player is not None:
            self.card.forget()
            self._player.start_over()
            self.to_top()
            self.take_focus()

    def take_focus(self) -> None:
        """Put the keyboard where the learner goes on: the answer, or the next step."""
        if self._player is not None and self._player.waiting:
            self.card.take_focus()
        else:
            self.footer.next.setFocus()

    def to_top(self) -> None:
        """Show the beginning of the page."""
        self.area.verticalScrollBar().setValue(0)

    def _zoom(self, zoom: float) -> None:
        for text in self._texts:
            text.set_zoom(zoom)

    # Answering.

    def _answer(self, text: str) -> None:
        assert self._player is not None
        question = self._player.step.question
        if question is not None and question.exercise is not None:
            self.card.show_line(0)
            self.exercises.run(self._player.step.id, question.exercise, text)
            return
        try:
            verdict = self._player.answer(text)
        except UnreadableAnswerError:
            self.card.set_unreadable()
            return
        if verdict.correct:
            self.footer.next.setFocus()

    def _code_ran(self, step: str, result: ExerciseResult) -> None:
        if self._player is None or self._player.step.id != step or not self._player.waiting:
            return
        if self._player.answer_code(result).correct:
            self.footer.next.setFocus()
        else:
            self.card.show_line(result.line)

    def _done(self) -> None:
        if self._player is not None:
            self._player.note_used(self._player.step.do)

    def _reveal(self) -> None:
        assert self._player is not None
        self._player.reveal()
        self.footer.next.setFocus()

    def _show_verdict(self) -> None:
        """Scroll as far as the verdict asks for, but not past its beginning."""
        page, bar = self.area.widget(), self.area.verticalScrollBar()
        top = self.card.verdict.mapTo(page, QPoint(0, 0)).y() - 16
        bottom = top + self.card.verdict.height() + 32 - self.area.viewport().height()
        bar.setValue(min(top, max(bottom, bar.value())))

    # What is shown.

    def refresh(self) -> None:
        """Show the step in the current language."""
        player = self._player
        if player is None:
            return
        code = language()
        text, words = player.lesson.text(code), player.words(code)
        steps = player.lesson.steps
        self.header.show_steps(
            plain(text.title),
            [plain(text.steps[step.id].heading) for step in steps],
            [step.question is not None for step in steps],
            player.index,
        )
        self.heading.setText(plain(words.heading))
        self.body.set_markdown(player.text(words.body))
        self.body.setAccessibleName(plain(words.heading))
        self.task.show_task(player.step.do, player.text(words.task), player.given.done)
        self.card.ask(player, code)
        answered = player.index, player.given
        begins = self._shown is None or self._shown[0] != player.index
        if self._shown is not None and self._shown[0] == player.index and self._shown != answered:
            self._scroll.start()  # when the page has its new size
        self._shown = answered
        self.closing.show_results(player if player.at_end else None)
        self.footer.show_ways(player.index == 0, player.at_end, player.waiting)
        self.astray.retranslate()
        self.note_place()
        if begins:
            self.step_shown.emit(player.step)

    def note_place(self) -> None:
        """Offer the way back while the window shows something else than the step."""
        self.astray.setVisible(self._player is not None and self._player.wandered)
