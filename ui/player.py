"""Playing: the cursor moves by itself, at a chosen speed, until the end or a breakpoint."""

from __future__ import annotations

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from gradviz.app.session import Session
from gradviz.app.timeline import Timeline

from .listening import listen

FRAMES = 30  # per second at most; at higher speeds one tick takes several instructions
SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 60.0, 120.0)  # instructions per second


class Player(QObject):
    """Plays the session's timeline; `direction` is 1 or -1."""

    playing_changed = pyqtSignal(bool)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.direction = 1
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        listen(self, session.recording_changed, self.pause)
        self._set_interval()

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    @property
    def speed(self) -> float:
        """Instructions per second."""
        return self._session.settings.play_speed

    def set_speed(self, speed: float) -> None:
        """Play at `speed` instructions per second from now on."""
        self._session.settings.play_speed = speed
        self._set_interval()

    def play(self, direction: int = 1) -> None:
        """Play from here; from the end (or, backwards, the start) all over again."""
        timeline = self._session.timeline
        if timeline is None or not timeline.length:
            return
        self.direction = direction
        last, first = (timeline.length, 0) if direction > 0 else (0, timeline.length)
        if timeline.moment == last:
            timeline.go(first)
        self._timer.start()
        self.playing_changed.emit(True)

    def pause(self) -> None:
        """Stay where it is."""
        if self._timer.isActive():
            self._timer.stop()
            self.playing_changed.emit(False)

    def toggle(self, direction: int = 1) -> None:
        """Play or pause; another direction turns round."""
        if self.playing and self.direction == direction:
            self.pause()
        else:
            self.play(direction)

    def _set_interval(self) -> None:
        self._timer.setInterval(round(1000 / min(self.speed, FRAMES)))

    def _tick(self) -> None:
        timeline = self._session.timeline
        if timeline is None:
            self.pause()
            return
        steps = max(1, round(self.speed / FRAMES))
        target, stopped = _advance(timeline, steps * self.direction)
        timeline.go(target)
        if stopped or timeline.moment == (timeline.length if self.direction > 0 else 0):
            self.pause()


def _advance(timeline: Timeline, steps: int) -> tuple[int, bool]:
    """Where `steps` from here lead, and whether a breakpoint ends the way there."""
    direction = 1 if steps > 0 else -1
    target = min(max(timeline.moment + steps, 0), timeline.length)
    if timeline.breakpoints:
        for moment in range(timeline.moment + direction, target + direction, direction):
            iteration, local = timeline.locate(moment)
            if local and timeline.stops(iteration).stops_at(local - 1, timeline.breakpoints):
                return moment, True
    return target, False
