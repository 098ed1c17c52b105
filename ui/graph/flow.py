"""Values flowing into the node that has just run: a share from 0 to 1 that grows for a moment."""

from __future__ import annotations

from PyQt6.QtCore import QEasingCurve, QElapsedTimer, QObject, QVariantAnimation, pyqtSignal

from .marks import Focus

DURATION = 420  # ms
TOO_SOON = 250  # ms; who steps faster than this sees no flow, which would only flicker


class Flow(QObject):
    """`focus.flow` is how far the values have come, None while nothing flows."""

    moved = pyqtSignal()

    def __init__(self, focus: Focus, parent: QObject) -> None:
        super().__init__(parent)
        self._focus = focus
        self.reduced_motion = False
        self._since = QElapsedTimer()
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(DURATION)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.setEasingCurve(QEasingCurve.Type.InOutSine)
        self._animation.valueChanged.connect(self._tick)
        self._animation.finished.connect(self.stop)

    def start(self) -> None:
        """Let values flow, unless they did a moment ago or motion is not wanted."""
        too_soon = self._since.isValid() and self._since.elapsed() < TOO_SOON
        self._since.start()
        self.stop()
        if not too_soon and not self.reduced_motion:
            self._animation.start()

    def stop(self) -> None:
        """Nothing flows any more."""
        self._animation.stop()
        if self._focus.flow is not None:
            self._focus.flow = None
            self.moved.emit()

    def _tick(self, share: float) -> None:
        self._focus.flow = share
        self.moved.emit()
