"""Mouse, wheel and touchpad on the canvas: drag pans, wheel zooms to the cursor, two fingers pan or pinch."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QInputDevice, QMouseEvent, QNativeGestureEvent, QWheelEvent
from PyQt6.QtWidgets import QApplication

from .camera import Camera
from .hits import NOTHING, Hit
from .mover import Mover

ZOOM_PER_NOTCH = 1.2
NOTCH = 120.0  # Qt's unit of a wheel's step


class Gestures(QObject):
    """Turns events into moves of the camera and into clicks on what `hit` finds under the pointer."""

    clicked = pyqtSignal(object)  # Hit
    double_clicked = pyqtSignal(object)
    hovered = pyqtSignal(object)
    panning = pyqtSignal(bool)
    used = pyqtSignal()  # the camera has been moved by hand

    def __init__(self, mover: Mover, hit: Callable[[QPointF], Hit], parent: QObject) -> None:
        super().__init__(parent)
        self._mover = mover
        self._hit = hit
        self._pressed_at: QPointF | None = None
        self._last = QPointF()
        self._dragging = False
        self._ignore_release = False

    @property
    def dragging(self) -> bool:
        return self._dragging

    def press(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._pressed_at = self._last = event.position()
            self._dragging = False
            self._mover.stop()

    def move(self, event: QMouseEvent) -> None:
        """Pan while a button is held, else find what lies under the pointer."""
        if self._pressed_at is None:
            self.hovered.emit(self._hit(event.position()))
            return
        if not self._dragging:
            far = (event.position() - self._pressed_at).manhattanLength()
            if far < QApplication.startDragDistance():
                return
            self._dragging = True
            self.panning.emit(True)
        step = event.position() - self._last
        self._last = event.position()
        self._go(self._mover.camera.panned(step.x(), step.y()))

    def release(self, event: QMouseEvent) -> None:
        """End a drag, or click."""
        if self._pressed_at is None:
            return
        was_drag, self._dragging, self._pressed_at = self._dragging, False, None
        ignored, self._ignore_release = self._ignore_release, False
        if was_drag:
            self.panning.emit(False)
        elif event.button() == Qt.MouseButton.LeftButton and not ignored:
            self.clicked.emit(self._hit(event.position()))

    def double_click(self, event: QMouseEvent) -> None:
        """Qt sends press, release, double click, release: the last one is no click of its own."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = self._last = event.position()
            self._ignore_release = True
            self.double_clicked.emit(self._hit(event.position()))

    def _go(self, camera: Camera) -> None:
        self.used.emit()
        self._mover.go(camera)

    def leave(self) -> None:
        """The pointer has left the canvas."""
        self.hovered.emit(NOTHING)

    def wheel(self, event: QWheelEvent) -> None:
        """A wheel zooms to the cursor, with Shift it pans sideways; two fingers pan, with Ctrl they zoom."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        pixels, angle = event.pixelDelta(), event.angleDelta()
        if _is_touchpad(event) and not control:
            self._go(self._mover.camera.panned(pixels.x(), pixels.y()))
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._go(self._mover.camera.panned((angle.x() or angle.y()) / 2, 0))
        else:
            factor = ZOOM_PER_NOTCH ** (angle.y() / NOTCH)
            place = event.position()
            self._go(self._mover.camera.zoomed(factor, place.x(), place.y()))
        event.accept()

    def native(self, event: QNativeGestureEvent) -> bool:
        """Pinching a touchpad zooms."""
        if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
            return False
        place = event.position()
        self._go(self._mover.camera.zoomed(1.0 + event.value(), place.x(), place.y()))
        return True


def _is_touchpad(event: QWheelEvent) -> bool:
    """Whether fingers scroll: only then are pixels meant (X11 sends them for wheels too, unreliably)."""
    if event.pixelDelta().isNull():
        return False
    device = event.pointingDevice()
    is_pad = device is not None and device.type() == QInputDevice.DeviceType.TouchPad
    return is_pad or event.phase() != Qt.ScrollPhase.NoScrollPhase
