"""From code to graph and back, and from a number to where it comes from: what connects the panels."""

from __future__ import annotations

from PyQt6.QtCore import QObject

from .comparing import Comparing
from .graph.lamp import Lamp
from .main_window import MainWindow
from .origin_search import OriginSearch

READABLE = 8  # instructions per second; what plays faster is not annotated


class Tracing(QObject):
    """Follows what the user chooses in one panel, and shows it in the others."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.lamp = Lamp(window.session, window.graph.canvas, self)
        window.code.line_chosen.connect(self.lamp.light)
        window.player.playing_changed.connect(self._playing_changed)

        self.origins = OriginSearch(window, self.lamp)
        window.closing.connect(self.origins.shut_down)
        window.closing.connect(window.timeline.shut_down)
        self.comparing = Comparing(window)
        timeline, commands = window.timeline, window.commands
        commands.connect(
            memory_strip=lambda: timeline.show_memory(commands["memory-strip"].isChecked()),
            memory_peak=timeline.strip.go_to_peak,
            find_origin=self.origins.find,
            fork=self.comparing.ask,
        )
        commands["memory-strip"].setChecked(window.session.settings.memory_strip)

    def _playing_changed(self, playing: bool) -> None:
        player = self._window.player
        self._window.code.hurry(playing and player.speed > READABLE)
