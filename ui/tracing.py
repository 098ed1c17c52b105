"""From code to graph and back, and from a number to where it comes from: what connects the panels."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from .main_window import MainWindow

READABLE = 8  # instructions per second; what plays faster is not annotated


class Tracing(QObject):
    """Follows what the user chooses in one panel, and shows it in the others."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.code.line_chosen.connect(window.graph.lamp.light)
        window.player.playing_changed.connect(self._playing_changed)

    def _playing_changed(self, playing: bool) -> None:
        player = self._window.player
        self._window.code.hurry(playing and player.speed > READABLE)
