"""Practising in the window: exercises are shown like any recording, answers are judged and noted."""

from __future__ import annotations

import random

from PyQt6.QtCore import QObject

from gradviz.app.i18n import language_changed
from gradviz.app.lessons.answers import UnreadableAnswerError
from gradviz.app.lessons.practice.exercise import Exercise, make_exercise
from gradviz.app.lessons.practice.plan import Plan, now
from gradviz.app.lessons.practice.words import due_words

from .listening import listen
from .main_window import MainWindow
from .panels.lesson.practice_page import PracticePage


class Practice(QObject):
    """Owns the plan and the page; `show` brings the page to the front."""

    def __init__(self, window: MainWindow, rng: random.Random | None = None) -> None:
        super().__init__(window)
        self._window = window
        self._rng = rng or random.Random()
        self._plan: Plan | None = None
        self._topic = ""
        self._noted = False
        self.exercise: Exercise | None = None
        self.page = PracticePage(window.themes)
        window.lesson.add_page(self.page)
        self.page.begun.connect(self.begin)
        self.page.answered.connect(self.answer)
        self.page.given_up.connect(self.give_up)
        self.page.ended.connect(self.show)
        window.lesson.practice_wanted.connect(self.show)
        window.commands.connect(practice=self.show)
        listen(self, language_changed, self._retranslate)

    @property
    def plan(self) -> Plan:
        """What was practised; read when it is first asked for."""
        if self._plan is None:
            self._plan = Plan.load(self._window.session.settings.folder)
            self._tell()
        return self._plan

    def show(self) -> None:
        """What is due and what is mastered."""
        self.exercise = None
        self._retranslate()
        self._window.docks.show_lesson()
        self._window.lesson.show_page(self.page)

    def begin(self, topic: str = "") -> None:
        """Ask a fresh exercise: of a topic, of what is due (""), or as before ("next")."""
        if topic != "next":
            self._topic = topic
        rule = self.plan.following(now(), self._topic)
        self.exercise = made = make_exercise(rule, self.plan.level(rule.id), self._rng)
        self._noted = False
        session = self._window.session
        session.load(made.recording)
        session.select_node(None)
        if session.timeline is not None:
            session.timeline.go(made.moment)
        self.page.show_exercise(made)

    def answer(self, text: str) -> None:
        """Judge an answer; the first one counts."""
        assert self.exercise is not None
        try:
            judged = self.exercise.judge(text)
        except UnreadableAnswerError:
            self.page.set_unreadable()
            return
        self._note(judged.correct)
        self.page.show_judged(judged, revealed=judged.correct)
        if judged.correct:
            self._reveal(self.exercise)

    def give_up(self) -> None:
        """Show the answer; it counts as missed."""
        assert self.exercise is not None
        self._note(False)
        self.page.show_judged(None, revealed=True)
        self._reveal(self.exercise)

    def _note(self, right: bool) -> None:
        if not self._noted and self.exercise is not None:
            self._noted = True
            self.plan.note(self.exercise.rule.id, right, now())
            self._tell()

    def _reveal(self, made: Exercise) -> None:
        session = self._window.session
        if session.recording is made.recording and session.timeline is not None:
            session.timeline.go(made.after)
            session.select_slot(made.prediction.slot)
            if made.prediction.element:
                session.select_element(made.prediction.element)

    def _tell(self) -> None:
        plan = self._plan
        if plan is not None and plan.problem is not None:
            self._window.messages.show_message(plan.problem, "warning")
            plan.problem = None

    def _retranslate(self, code: str = "") -> None:
        if self.exercise is not None:
            self.page.retranslate()
        elif self._plan is not None or not code:
            self.page.show_overview(due_words(len(self.plan.due(now()))), self.plan.mastery())
