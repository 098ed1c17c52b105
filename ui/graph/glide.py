"""Cards gliding to where another layout puts them, so that the eye can follow."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QEasingCurve, QObject, QVariantAnimation, pyqtSignal

from .splines import Floats

DURATION = 240  # ms
AT_MOST = 600  # nodes; more than that are not followed by any eye


@dataclass(frozen=True)
class Arrival:
    """Where the cards are on their way (n×4, in units of the world), and how far they have come, 0 to 1."""

    rects: Floats
    share: float


class Glide(QObject):
    """`now` is where the cards are, None while they are where they belong."""

    moved = pyqtSignal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.now: Arrival | None = None
        self.reduced_motion = False
        self._start: Floats | None = None
        self._end: Floats | None = None
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(DURATION)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.valueChanged.connect(self._tick)
        self._animation.finished.connect(self.stop)

    def start(self, start: Floats, end: Floats) -> None:
        """Let the cards glide from n×4 rectangles to others."""
        self.stop()
        self._start, self._end = start, end
        self._animation.start()

    def suits(self, count: int) -> bool:
        """Whether so many cards shall glide at all."""
        return not self.reduced_motion and 0 < count <= AT_MOST

    def stop(self) -> None:
        """The cards are where they belong."""
        self._animation.stop()
        if self.now is not None:
            self.now = None
            self.moved.emit()

    def _tick(self, share: float) -> None:
        assert self._start is not None
        assert self._end is not None
        self.now = Arrival(self._start + (self._end - self._start) * share, share)
        self.moved.emit()
