"""While a lesson is presented, what would answer its question stays hidden until the answer is shown."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from gradviz.app.lessons.hidden import hidden_by
from gradviz.app.lessons.player import LessonPlayer

from .listening import listen
from .main_window import MainWindow

_OWNER = "lesson"


class PresenterVeil(QObject):
    """Follows the lesson that is on; `set_on` begins and ends."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._on = False
        self._player: LessonPlayer | None = None
        window.lesson.lesson_opened.connect(self._follow)
        window.lesson.step_shown.connect(self._follow)
        window.lesson.page.left.connect(self._follow)

    def set_on(self, on: bool) -> None:
        """Hide, or hide nothing any more."""
        self._on = on
        self._follow()

    def _follow(self, *news: object) -> None:
        player = self._window.lesson.player
        if player is not None and player is not self._player:
            self._player = player
            listen(self, player.changed, self._follow)
        veil = self._window.session.veil
        hidden = hidden_by(player) if self._on else None
        if hidden is None:
            veil.lift(_OWNER)
        else:
            veil.cover(hidden.program, hidden.slots, hidden.shapes, _OWNER)
