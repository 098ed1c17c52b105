"""The shapes written on edges, where one is near enough to read them."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPainter

from .camera import Camera
from .colours import Colours
from .ink import draw_text
from .lettering import Lettering
from .scene import Scene
from .splines import Ints

LABELS_FROM = 0.75  # scale
AT_MOST = 400
LARGEST = 1.5  # they grow with the scale up to this
PAD = 3.0


class Labels:
    """Paints the labels of one scene's edges."""

    def __init__(self, scene: Scene, colours: Colours, lettering: Lettering) -> None:
        self._scene = scene
        self._colours = colours
        self._lettering = lettering

    def paint_all(self, painter: QPainter, camera: Camera, edges: Ints) -> None:
        """Paint the labels of some edges, as far as they do not cover one another."""
        points = self._scene.label_points[edges]
        labelled = edges[~np.isnan(points[:, 0])]
        if camera.scale < LABELS_FROM or len(labelled) > AT_MOST:
            return
        taken: dict[int, list[QRectF]] = {}  # by row, so that few pairs are compared
        for edge in labelled.tolist():
            box = self._box(camera, edge)
            row = int(box.center().y() // box.height())
            near = (other for r in (row - 1, row, row + 1) for other in taken.get(r, ()))
            if not any(box.intersects(other) for other in near):
                taken.setdefault(row, []).append(box)
                self._paint(painter, camera, edge, box)

    def paint_one(self, painter: QPainter, camera: Camera, edge: int) -> None:
        """Paint the label of one edge, at any zoom and even where there is little room."""
        self._paint(painter, camera, edge, self._box(camera, edge))

    def _box(self, camera: Camera, edge: int) -> QRectF:
        scale = _scale(camera)
        x, y = camera.screen(*(self._scene.label_point(edge) or self._scene.middle(edge)))
        width = self._lettering.width("label", self._text(edge)) * scale + 2 * PAD
        height = self._lettering.font("label", scale)[1].height()
        return QRectF(round(x - width / 2), round(y - height / 2), width, height)

    def _text(self, edge: int) -> str:
        """The shape, unless it is hidden at the node that it comes from."""
        label, shape = self._scene.model.edges[edge].label, self._scene.state(self._source(edge)).shape
        return label if shape is None or not label else shape

    def _source(self, edge: int) -> int:
        return int(self._scene.sources[edge])

    def _paint(self, painter: QPainter, camera: Camera, edge: int, box: QRectF) -> None:
        text = self._text(edge)
        if not text:
            return
        font, metrics = self._lettering.font("label", _scale(camera))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colours.canvas)
        painter.drawRoundedRect(box, PAD, PAD)
        painter.setFont(font)
        painter.setPen(self._colours.label)
        draw_text(painter, QPointF(box.left() + PAD, box.top() + metrics.ascent()), text)


def _scale(camera: Camera) -> float:
    return min(max(camera.scale, LABELS_FROM), LARGEST)
