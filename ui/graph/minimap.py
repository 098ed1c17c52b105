"""The whole graph in a corner of the canvas, with a rectangle round what is in sight."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt
from PyQt6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PyQt6.QtWidgets import QWidget

from gradviz.app.i18n import tr
from gradviz.app.layout.types import Rect

from .camera import Camera
from .canvas import GraphCanvas
from .colours import with_alpha
from .node_layer import screen_rects

LARGEST = (208.0, 148.0)  # pixels
SHARE = 0.2  # of the canvas's width and height at most, as it covers that much of the graph
SMALLEST = 32.0
INSET = 6.0
SPOT = 3.0  # pixels of a match at least
FROM_CORNER = 12
HIDDEN_FROM = 0.1  # less than this out of sight needs no overview


class Minimap(QWidget):
    """A click or drag moves the canvas there; hidden while the canvas shows (nearly) everything."""

    def __init__(self, canvas: GraphCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._picture: QPixmap | None = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()
        canvas.view_changed.connect(self._view_changed)
        canvas.states_changed.connect(self._outdate)
        canvas.installEventFilter(self)
        self.retranslate()

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Overview of the graph"))
        self.setToolTip(tr("Overview: click or drag to look elsewhere"))

    @property
    def camera(self) -> Camera:
        """How the whole graph fits into the overview."""
        empty = Camera(width=self.width(), height=self.height())
        return empty.fitted(self._canvas.bounds, INSET, largest=1.0)

    def frame(self) -> QRectF:
        """The rectangle of what the canvas shows, in the overview's pixels."""
        seen = self.camera.screen_rect(self._canvas.camera.visible())
        return QRectF(seen.x, seen.y, seen.width, seen.height)

    def refresh(self) -> None:
        """Another graph or theme is shown."""
        self._outdate()
        self._place()

    def _outdate(self) -> None:
        self._picture = None
        self.update()

    def _view_changed(self) -> None:
        shown = len(self._canvas.scene) > 0 and self._hidden_share() > HIDDEN_FROM
        self.setVisible(shown)
        place = self.geometry()
        self._canvas.cover = Rect(place.x(), place.y(), place.width(), place.height()) if shown else None
        self.update()

    def _hidden_share(self) -> float:
        """How much of the graph, across or down, is out of sight."""
        whole, seen = self._canvas.bounds, self._canvas.camera.visible()
        across = min(whole.x + whole.width, seen.x + seen.width) - max(whole.x, seen.x)
        down = min(whole.y + whole.height, seen.y + seen.height) - max(whole.y, seen.y)
        return 1.0 - min(across / max(whole.width, 1.0), down / max(whole.height, 1.0))

    def _place(self) -> None:
        """Take the shape of the graph, in the lower right corner."""
        bounds = self._canvas.bounds
        across = min(LARGEST[0], SHARE * self._canvas.width()) / max(bounds.width, 1.0)
        down = min(LARGEST[1], SHARE * self._canvas.height()) / max(bounds.height, 1.0)
        scale = min(across, down)
        width = round(max(bounds.width * scale, SMALLEST) + 2 * INSET)
        height = round(max(bounds.height * scale, SMALLEST) + 2 * INSET)
        right, bottom = self._canvas.width() - FROM_CORNER, self._canvas.height() - FROM_CORNER
        self.setGeometry(right - width, bottom - height, width, height)
        self._outdate()
        self._view_changed()

    def eventFilter(self, watched: object, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._look_at(event.position(), smooth=True)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._look_at(event.position(), smooth=False)

    def _look_at(self, place: QPointF, smooth: bool) -> None:
        camera = self._canvas.camera
        x, y = self.camera.world(place.x(), place.y())
        self._canvas.move_camera(camera.placed(x, y, camera.width / 2, camera.height / 2), smooth)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        ratio = self.devicePixelRatioF()
        if self._picture is None:
            self._picture = self._painted(ratio)
        colours = self._canvas.painter.colours
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inside = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        frame = self.frame().intersected(inside)
        painter.setPen(QPen(colours.accent, 1.5))
        painter.setBrush(with_alpha(colours.accent, 0.12))
        painter.drawRoundedRect(frame, 2, 2)
        painter.end()

    def _painted(self, ratio: float) -> QPixmap:
        picture = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        scene, camera, paint = self._canvas.scene, self.camera, self._canvas.painter
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(paint.colours.theme.border, 1.0))
        painter.setBrush(with_alpha(paint.colours.theme.panel, 0.94))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(paint.colours.frame_fill)
        for x, y, w, h in screen_rects(camera, scene.group_rects).tolist():
            painter.drawRect(QRectF(x, y, w, h))
        paint.nodes.paint_tiles(painter, np.arange(len(scene)), screen_rects(camera, scene.rects))
        hits = screen_rects(camera, scene.rects[self._canvas.focus.hits])
        paint.marks.paint_spots(painter, np.maximum(hits, (-np.inf, -np.inf, SPOT, SPOT)))
        painter.end()
        return picture
