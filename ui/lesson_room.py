"""Room for a lesson: on a low screen the plots make way while one is on, unless a step speaks of them."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from gradviz.app.lessons.model import Step

from .main_window import MainWindow

ENOUGH = 1000  # pixels of the window's height, at usual text size: text, graph and plots all have their place


class LessonRoom(QObject):
    """Hides the plots when a lesson begins in a low window, and shows them again when it is left."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._made = False  # whether the plots are hidden for the lesson's sake
        window.lesson.lesson_opened.connect(self._begin)
        window.lesson.step_shown.connect(self._step)
        window.lesson.page.left.connect(self.end)
        window.closing.connect(self.end)  # before the arrangement is remembered

    def _begin(self, lesson: str) -> None:
        plots = self._window.docks.plots
        if self._window.height() < ENOUGH and plots.isVisible() and not plots.isFloating():
            self._made = True
            player = self._window.lesson.player
            if player is not None:
                self._step(player.step)

    def _step(self, step: Step) -> None:
        if not self._made:
            return
        wanted = step.show.partition(":")[0] == "plots"
        self._window.docks.plots.setVisible(wanted)

    def end(self) -> None:
        """The lesson is left: everything is where the user had it."""
        if self._made:
            self._made = False
            self._window.docks.plots.show()
