"""What would answer a lesson's question stays hidden until the answer is shown.

The shapes that are asked for always are, as the graph writes them on boxes that have not run yet; the numbers
while a lesson is presented, as stepping on would tell them to a whole class.
"""

from __future__ import annotations

from PyQt6.QtCore import QObject

from gradviz.app.lessons.hidden import hidden_by
from gradviz.app.lessons.player import LessonPlayer

from .listening import listen
from .main_window import MainWindow

_OWNER = "lesson"


class PresenterVeil(QObject):
    """Follows the lesson that is on; `set_on` begins and ends presenting."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._on = False
        self._player: LessonPlayer | None = None
        window.lesson.lesson_opened.connect(self._follow)
        window.lesson.step_shown.connect(self._follow)
        window.lesson.page.left.connect(self._follow)

    def set_on(self, on: bool) -> None:
        """Hide numbers as well, or shapes only."""
        self._on = on
        self._follow()

    def _follow(self, *news: object) -> None:
        player = self._window.lesson.player
        if player is not None and player is not self._player:
            self._player = player
            listen(self, player.changed, self._follow)
        veil = self._window.session.veil
        hidden = hidden_by(player)
        slots = hidden.slots if hidden is not None and self._on else frozenset[int]()
        if hidden is None or not (slots or hidden.shapes):
            veil.lift(_OWNER)
        else:
            veil.cover(hidden.program, slots, hidden.shapes, _OWNER)
