"""The bug hunt in the window: the program is recorded with its bug in a process of its own."""

from __future__ import annotations

import random
from typing import Any

from gradviz.engine.program import Phase
from PyQt6.QtCore import QObject

from gradviz.app.i18n import language_changed
from gradviz.app.lessons.bughunt.bugs import BUGS, Bug
from gradviz.app.lessons.bughunt.hunt import Hunt, choose
from gradviz.app.lessons.bughunt.planting import scene_path

from .lesson_tools import LessonTools
from .listening import listen
from .main_window import MainWindow
from .panels.lesson.hunt_page import HuntPage
from .workers.script import ScriptRun

CHILD = ("-P", "-m", "gradviz.app.lessons.bughunt.child")
CHECKS = frozenset({"check", "nudge", "microscope", "ledger", "change"})  # that cost points


class Hunting(QObject):
    """Owns the page and the hunt; best results are kept in the settings."""

    def __init__(self, window: MainWindow, tools: LessonTools, rng: random.Random | None = None) -> None:
        super().__init__(window)
        self._window = window
        self._rng = rng or random.Random()
        self._run: ScriptRun | None = None
        self.hunt: Hunt | None = None
        self.page = HuntPage(window.themes)
        window.lesson.add_page(self.page)
        page = self.page
        page.begun.connect(self.begin)
        page.suspected.connect(self.look_at)
        page.accused.connect(self.accuse)
        page.given_up.connect(self.give_up)
        page.ended.connect(self.show)
        page.left.connect(self._stop)
        tools.used.connect(self._used)
        window.lesson.hunt_wanted.connect(self.show)
        window.commands.connect(hunt=self.show)
        window.closing.connect(self._stop)
        listen(self, language_changed, self._retranslate)
        listen(self, window.session.selection_changed, self._selected)

    def show(self) -> None:
        """The choice of a level."""
        self._stop()
        self.hunt = None
        scores = self._window.session.settings.hunts
        points = [score for name, score in scores.items() if name in BUGS and isinstance(score, int)]
        self.page.show_choice(len(points), len(BUGS), sum(points))
        self._window.docks.show_lesson()
        self._window.lesson.show_page(self.page)

    def begin(self, level: int, bug: Bug | None = None) -> None:
        """Record a program with a bug of a level."""
        self._stop()
        wanted = bug or choose(level, self._window.session.settings.hunts, self._rng)
        self.page.show_running()
        run = ScriptRun(scene_path(wanted.scene), parent=self, child=(*CHILD, wanted.id))
        run.finished.connect(lambda recording: self._recorded(wanted, recording))
        run.failed.connect(self._failed)
        self._run = run
        run.start()

    def look_at(self, suspect: str) -> None:
        """Show where a suspect is at work."""
        hunt, session = self.hunt, self._window.session
        program = session.program
        if hunt is None or program is None or session.recording is not hunt.recording:
            return
        if line := hunt.line_number(suspect):
            self._window.code.show_line(str(scene_path(hunt.bug.scene)), line)
        places = hunt.node_ops(suspect, program)
        own = [place for place in places if program.instrs[place].site.phase is not Phase.BACKWARD] or places
        if own:
            session.select_slot(program.instrs[own[-1]].output)

    def accuse(self, suspect: str) -> None:
        """Is that the bug?"""
        hunt = self.hunt
        if hunt is None or hunt.over or not suspect:
            return
        if hunt.accuse(suspect):
            self._keep(hunt)
            self.page.retranslate()
            self.page.take_focus()
        else:
            self.page.show_wrong(suspect)

    def give_up(self) -> None:
        """Say what it was."""
        if self.hunt is not None:
            self.hunt.give_up()
            self.page.retranslate()
            self.page.take_focus()

    def _recorded(self, bug: Bug, recording: Any) -> None:
        session = self._window.session
        session.load(recording)
        assert session.recording is not None
        self.hunt = Hunt(bug, session.recording)
        if session.timeline is not None:
            session.timeline.go(session.timeline.length)
        self.page.show_hunt(self.hunt)

    def _failed(self, message: str, details: str) -> None:
        self._window.messages.show_message(message, "error", details)
        self.show()

    def _used(self, tool: str) -> None:
        hunt = self.hunt
        shown = self._window.session.recording
        if hunt is not None and tool in CHECKS and shown is not None and not hunt.over:
            hunt.note_check()
            self.page.show_used(hunt)

    def _selected(self) -> None:
        """A node was clicked: choose what it stands for."""
        hunt, session = self.hunt, self._window.session
        slot, program = session.selection.slot, session.program
        if hunt is None or slot is None or program is None or session.recording is not hunt.recording:
            return
        index = program.producers[slot]
        chosen = [suspect for suspect in hunt.suspects if index in hunt.node_ops(suspect, program)]
        if chosen and self.page.suspect not in chosen:
            self.page.choose(chosen[0])

    def _keep(self, hunt: Hunt) -> None:
        settings = self._window.session.settings
        before = settings.hunts.get(hunt.bug.id, 0)
        settings.hunts[hunt.bug.id] = max(hunt.score, before if isinstance(before, int) else 0)
        settings.save()

    def _stop(self) -> None:
        run, self._run = self._run, None
        if run is not None:
            run.shut_down()
            run.deleteLater()

    def _retranslate(self, code: str = "") -> None:
        self.page.retranslate()
