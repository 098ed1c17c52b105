"""A widget that looks at a plane through a camera, moved by mouse, wheel and touchpad."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QMouseEvent, QNativeGestureEvent, QResizeEvent, QWheelEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from gradviz.app.layout.types import Rect

from .camera import Camera, clear_of
from .gestures import Gestures
from .hits import NOTHING, Hit
from .mover import Mover

ZOOM_STEP = 1.25


class Viewport(QWidget):
    """What has a camera; a subclass paints, says what lies where (`hit`) and how far it goes (`bounds`)."""

    view_changed = pyqtSignal()  # the camera has moved, or something else is shown

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mover = Mover(self)
        self.mover.moved.connect(self._moved)
        self.mover.settled.connect(self.update)
        self.gestures = Gestures(self.mover, self.hit, self)
        self.gestures.panning.connect(self._panning)
        self.gestures.used.connect(self._release_fit)
        self.keeps_fitting = True
        self.cover: Rect | None = None  # pixels in the lower right corner that something lies over
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)

    def hit(self, place: QPointF) -> Hit:
        """What lies under a pixel."""
        return NOTHING

    @property
    def bounds(self) -> Rect:
        """The rectangle around everything."""
        return Rect(0.0, 0.0, 0.0, 0.0)

    @property
    def camera(self) -> Camera:
        """What is in sight."""
        return self.mover.camera

    # Moves.

    def move_camera(self, camera: Camera, smooth: bool = True) -> None:
        """Look somewhere else."""
        self.keeps_fitting = False
        self.mover.go(camera, smooth)

    def fit(self, smooth: bool = True) -> None:
        """Show everything, also when the widget's size changes, until the user looks elsewhere."""
        self.mover.go(self.mover.goal.fitted(self.bounds), smooth)
        self.keeps_fitting = True

    def refit(self) -> None:
        """The widget's size has changed while everything is shown."""
        self.fit(smooth=False)

    def zoom_in(self) -> None:
        """Look closer, at the centre."""
        self.move_camera(self.mover.goal.zoomed(ZOOM_STEP))

    def zoom_out(self) -> None:
        """Look from further away."""
        self.move_camera(self.mover.goal.zoomed(1 / ZOOM_STEP))

    def reveal(self, rect: Rect) -> None:
        """Bring a rectangle into sight, if it is not, without changing the scale."""
        self._look(rect, self.mover.goal.revealing(rect))

    def follow(self, rect: Rect, sideways: bool) -> None:
        """Keep a rectangle well in sight while it moves, sideways or down."""
        if not self.keeps_fitting or not self.mover.goal.shows_all_of(rect):
            self._look(rect, self.mover.goal.following(rect, self.bounds, sideways))

    def _look(self, rect: Rect, camera: Camera) -> None:
        if self.cover is not None:
            camera = clear_of(self.cover, rect, camera)
        x, y = self.mover.goal.screen(camera.x, camera.y)
        if max(abs(x - camera.width / 2), abs(y - camera.height / 2)) > 0.5:  # pixels
            self.move_camera(camera)

    def _release_fit(self) -> None:
        self.keeps_fitting = False

    def _moved(self) -> None:
        self.update()
        self.view_changed.emit()

    def _panning(self, on: bool) -> None:
        if on:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        else:
            self.unsetCursor()

    # Events.

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        self.mover.resize(self.width(), self.height())
        if self.keeps_fitting:
            self.refit()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self.gestures.press(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self.gestures.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self.gestures.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self.gestures.double_click(event)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None:
            self.gestures.wheel(event)

    def leaveEvent(self, event: QEvent | None) -> None:
        self.gestures.leave()

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QNativeGestureEvent) and self.gestures.native(event):
            return True
        return super().event(event)
