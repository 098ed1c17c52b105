"""The canvas's camera, which may take a moment to get where it is sent."""

from __future__ import annotations

from PyQt6.QtCore import QEasingCurve, QObject, QTimer, QVariantAnimation, pyqtSignal

from .camera import Camera

DURATION = 200  # ms; long enough to be followed by the eye, short enough not to wait for
SETTLED_AFTER = 120  # ms after the last change


class Mover(QObject):
    """Holds the camera; `go` moves it at once or smoothly, `moved` tells of each change."""

    moved = pyqtSignal()
    settled = pyqtSignal()  # what was in a hurry has come to rest

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.camera = Camera()
        self.reduced_motion = False
        self._start = self._goal = self.camera
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(DURATION)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.valueChanged.connect(self._tick)
        self._rest = QTimer(self, interval=SETTLED_AFTER, singleShot=True)
        self._rest.timeout.connect(self.settled)

    @property
    def goal(self) -> Camera:
        """Where the camera will be when it has arrived."""
        return self._goal if self.running else self.camera

    @property
    def running(self) -> bool:
        """Whether the camera is on its way."""
        return self._animation.state() == QVariantAnimation.State.Running

    @property
    def hurried(self) -> bool:
        """Whether the picture has just changed and may change again at once, so that it may be rough."""
        return self._rest.isActive()

    def hurry(self) -> None:
        """The picture changes, by a zoom or by what is shown; `settled` will tell when it no longer does."""
        self._rest.start()

    def go(self, camera: Camera, smooth: bool = False) -> None:
        """Move the camera; smoothly only if motion is wanted at all."""
        self.stop()
        if smooth and not self.reduced_motion and camera != self.camera:
            self._start, self._goal = self.camera, camera
            self._animation.start()
        else:
            self._set(camera)

    def stop(self) -> None:
        """Stay where it is now."""
        self._animation.stop()

    def resize(self, width: float, height: float) -> None:
        """The viewport has another size; a move goes on to where it would have gone."""
        self._goal = self._goal.resized(width, height)
        self._start = self._start.resized(width, height)
        self._set(self.camera.resized(width, height))

    def _tick(self, share: float) -> None:
        self._set(self._start.towards(self._goal, share))

    def _set(self, camera: Camera) -> None:
        if camera == self.camera:
            return
        self.camera = camera
        self.hurry()
        self.moved.emit()
