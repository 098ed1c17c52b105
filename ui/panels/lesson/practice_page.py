"""Practice: what is mastered and due, and one exercise after the other."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from gradviz.app.i18n import tr
from gradviz.app.inside.predict import Outcome as Judged
from gradviz.app.lessons.answers import answer_text
from gradviz.app.lessons.practice.exercise import Exercise
from gradviz.app.lessons.practice.words import question_words, topic_words

from ...theme import ThemeManager
from .buttons import Button
from .inputs import Input
from .question import UNREADABLE, input_for
from .side_page import SidePage
from .texts import STRONG, Label, PageText
from .topics import Topics
from .verdict import Outcome, VerdictBox


class PracticePage(SidePage):
    """Two faces: the overview, and an exercise; the owner makes exercises and judges answers."""

    begun = pyqtSignal(str)  # a topic, "" for what is due
    answered = pyqtSignal(str)
    given_up = pyqtSignal()
    ended = pyqtSignal()  # back to the overview

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        self._themes = themes
        self._exercise: Exercise | None = None
        self._judged: Judged | None = None
        self._open = False
        self._due = ""
        self.intro, self.due = Label(wordWrap=True, tone="muted"), Label(10.5, STRONG, wordWrap=True)
        self.start = Button()
        self.topics = Topics()
        self.level = Label(9, tone="muted", wordWrap=True)
        self.code = PageText(themes)
        self.card = QFrame()
        self.card.setProperty("surface", "card")
        self.words = PageText(themes)
        self.input: Input | None = None
        self.problem = Label(tone="error", wordWrap=True)
        self.check, self.give_up, self.next, self.stop = Button(), Button(), Button(), Button()
        self.verdict = VerdictBox(themes)
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        for text in (self.code, self.words):
            text.document_().setDocumentMargin(0)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.check, self.give_up, self.next, self.stop):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self._inside = QVBoxLayout(self.card)
        self._inside.setContentsMargins(12, 10, 12, 12)
        self._inside.setSpacing(8)
        self._inside.addWidget(self.words)
        self._inside.addWidget(self.problem)
        self._inside.addLayout(buttons)
        self._inside.addWidget(self.verdict)
        first = QHBoxLayout()
        first.addWidget(self.due, 1)
        first.addWidget(self.start)
        self.column.addWidget(self.intro)
        self.column.addLayout(first)
        self.column.addWidget(self.topics)
        for widget in (self.level, self.code, self.card):
            self.column.addWidget(widget)
        self.column.addStretch(1)
        self.problem.hide()

    def _connect(self) -> None:
        self.start.clicked.connect(lambda: self.begun.emit(""))
        self.topics.chosen.connect(self.begun)
        self.check.clicked.connect(self._submit)
        self.give_up.clicked.connect(self.given_up)
        self.next.clicked.connect(lambda: self.begun.emit("next"))
        self.stop.clicked.connect(self.ended)

    def show_overview(self, due: str, mastery: dict[str, tuple[int, int, int]]) -> None:
        """What is due and what is mastered."""
        self._exercise, self._due = None, due
        self.topics.show_mastery(mastery)
        self.retranslate()

    def show_exercise(self, exercise: Exercise) -> None:
        """Ask a fresh one."""
        self._exercise, self._judged, self._open = exercise, None, True
        if self.input is not None:
            self._inside.removeWidget(self.input)
            self.input.hide()
            self.input.deleteLater()
        self.input = input_for(exercise.prediction.question, self._themes)
        self.input.submitted.connect(self._enter)
        self.input.edited.connect(self.problem.hide)
        self._inside.insertWidget(1, self.input)
        self.problem.hide()
        self.retranslate()
        self.area.verticalScrollBar().setValue(0)
        self.take_focus()

    def show_judged(self, judged: Judged | None, revealed: bool) -> None:
        """What came of an answer; None for one that was given up."""
        self._judged, self._open = judged, not revealed
        self.retranslate()
        if revealed:
            self.next.setFocus()

    def set_unreadable(self) -> None:
        """Say that what was typed is no answer of this kind."""
        assert self._exercise is not None
        assert self.input is not None
        self.input.set_invalid(True)
        self.problem.setText(UNREADABLE[self._exercise.prediction.kind]())
        self.problem.setAccessibleName(self.problem.text())
        self.problem.show()
        self.input.take_focus()

    def take_focus(self) -> None:
        if self._exercise is None:
            self.start.setFocus()
        elif self._open and self.input is not None:
            self.input.take_focus()
        else:
            self.next.setFocus()

    def _submit(self) -> None:
        assert self.input is not None
        if self.input.text():
            self.problem.hide()
            self.answered.emit(self.input.text())
        else:
            self.set_unreadable()

    def _enter(self) -> None:
        if self._open:
            self._submit()
        else:
            self.begun.emit("next")

    def retranslate(self) -> None:
        exercise = self._exercise
        self.head.set_title(tr("Practice"))
        overview = exercise is None
        faces: tuple[tuple[QWidget, ...], tuple[QWidget, ...]] = (
            (self.intro, self.due, self.start, self.topics),
            (self.level, self.code, self.card),
        )
        for face, shown in zip(faces, (overview, not overview), strict=True):
            for widget in face:
                widget.setVisible(shown)
        self.intro.setText(
            tr(
                "Short exercises with fresh numbers. What you miss comes back soon, what you know comes back "
                "later. Everything is kept on this computer."
            )
        )
        self.due.setText(self._due)
        self.start.setText(tr("Start"))
        self.start.set_primary(True)
        self.start.setToolTip(tr("Practise what is due, then something new"))
        self.start.setAccessibleName(tr("Start practising"))
        if exercise is not None:
            self._show_exercise_words(exercise)

    def _show_exercise_words(self, exercise: Exercise) -> None:
        level = tr("{topic} · level {level} of 3").format(
            topic=topic_words(exercise.rule.topic), level=exercise.level
        )
        self.level.setText(level)
        self.code.set_markdown(f"```python\n{exercise.draft.code}\n```")
        self.code.setAccessibleName(tr("Code"))
        self.words.set_markdown(question_words(exercise))
        self.words.setAccessibleName(tr("Question"))
        assert self.input is not None
        self.input.set_words({})
        self.input.setVisible(self._open or self.input.stays)
        for button, text, tip, shown in (
            (
                self.check,
                tr("Check"),
                tr("Compare it with what the engine computed (Enter)"),
                self._open,
            ),
            (self.give_up, tr("Show the answer"), tr("Show what the engine computed"), self._open),
            (self.next, tr("Next exercise"), tr("Another one, with fresh numbers (Enter)"), not self._open),
            (self.stop, tr("Enough for now"), tr("Back to what you have mastered"), not self._open),
        ):
            button.setText(text)
            button.setToolTip(tip)
            button.setVisible(shown)
        self.check.set_primary(True)
        self.next.set_primary(True)
        self.verdict.show_outcome(self._outcome(exercise))

    def _outcome(self, exercise: Exercise) -> Outcome | None:
        judged, asked = self._judged, exercise.prediction
        expected = answer_text(asked.question, asked.answer)
        if judged is None:
            return None if self._open else Outcome("shown", "", expected, "")
        if self._open:
            return Outcome("wrong", judged.given, expected, judged.hint)
        return Outcome("right" if judged.correct else "shown", judged.given, expected, "")
