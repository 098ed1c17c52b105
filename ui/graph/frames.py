"""Frames around the nodes of open modules, each with a title on its upper border and a − to close it."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPainter, QPen

from gradviz.app.layout.types import Rect

from .camera import Camera
from .cards import paint_fold
from .colours import Colours
from .ink import draw_text
from .lettering import Lettering
from .scene import Scene

RADIUS = 12.0
SMALLEST_FRAME = 14.0  # pixels
HEIGHT = 22.0  # of a title, in pixels at a scale of 1
FOLD = 14.0
PAD = 8.0
SHORTEST = 72.0  # pixels; a title cut off to less would say nothing
INSIDE = 11.0  # how far a title may reach into its frame, in units of the world
WIDER = 1.4  # how much wider than its frame a title may be
SMALLEST, LARGEST = 0.8, 1.15  # titles stay legible: their scale follows the camera's only so far


class Frames:
    """Paints the groups of one scene, and knows where their titles are."""

    def __init__(self, scene: Scene, colours: Colours, lettering: Lettering) -> None:
        self._scene = scene
        self._colours = colours
        self._lettering = lettering

    def title_box(self, number: int, camera: Camera) -> QRectF:
        """The box of a frame's title in pixels; empty where the frame is too small for one."""
        x, y, width, height = self._scene.group_rects[number].tolist()
        left, top = camera.screen(x, y)
        size = title_scale(camera)
        if height * camera.scale < 2 * HEIGHT * size:
            return QRectF()
        group = self._scene.model.groups[number]
        wanted = self._lettering.width("frame", group.title) + FOLD + 3 * PAD
        room = WIDER * width * camera.scale / size - 2 * PAD
        if room < min(wanted, SHORTEST):
            return QRectF()
        box = QRectF(0, 0, min(wanted, room) * size, HEIGHT * size)
        # Astride of the border, but never over the nodes inside, to which seen from afar it is near.
        box.moveTo(left + PAD * size, top - HEIGHT * size + min(HEIGHT * size / 2, INSIDE * camera.scale))
        return box

    def fold_box(self, number: int, camera: Camera) -> QRectF:
        """The − in the title, in pixels."""
        box, size = self.title_box(number, camera), title_scale(camera)
        if box.isEmpty():
            return box
        side = FOLD * size
        return QRectF(box.left() + PAD / 2 * size, box.center().y() - side / 2, side, side)

    def paint_backs(self, painter: QPainter, camera: Camera) -> None:
        """The frames themselves, behind everything."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number in self._in_sight(camera):
            x, y, w, h = self._scene.group_rects[number].tolist()
            left, top = camera.screen(x, y)
            if min(w, h) * camera.scale < SMALLEST_FRAME:
                continue
            rect = QRectF(round(left) + 0.5, round(top) + 0.5, w * camera.scale, h * camera.scale)
            pen = QPen(self._colours.frame, 1.0)
            pen.setDashPattern([5.0, 4.0])
            painter.setPen(pen)
            painter.setBrush(self._colours.frame_fill)
            radius = RADIUS * min(camera.scale, 1.0)
            painter.drawRoundedRect(rect, radius, radius)

    def paint_titles(self, painter: QPainter, camera: Camera, hovered: int | None = None) -> None:
        """The titles, above the edges."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number in self._in_sight(camera):
            box = self.title_box(number, camera)
            if not box.isEmpty():
                self._paint_title(painter, camera, number, box, number == hovered)

    def _paint_title(
        self, painter: QPainter, camera: Camera, number: int, box: QRectF, hovered: bool
    ) -> None:
        group, size, colours = self._scene.model.groups[number], title_scale(camera), self._colours
        painter.setPen(QPen(colours.hovered if hovered else colours.frame, 1.0))
        painter.setBrush(colours.canvas)
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        fold = self.fold_box(number, camera)
        ink = colours.theme.text if hovered else colours.frame_title
        paint_fold(painter, fold, ink, opened=True)
        font, metrics = self._lettering.font("frame", size)
        room = box.right() - fold.right() - 1.5 * PAD * size
        painter.setFont(font)
        painter.setPen(ink)
        text = metrics.elidedText(group.title, Qt.TextElideMode.ElideRight, room + 0.5)
        baseline = box.center().y() + (metrics.ascent() - metrics.descent()) / 2
        draw_text(painter, QPointF(fold.right() + PAD / 2 * size, baseline), text)

    def _in_sight(self, camera: Camera) -> list[int]:
        return [int(number) for number in self._scene.groups_in(camera.visible(HEIGHT))]

    def world_title(self, number: int, camera: Camera) -> Rect:
        """`title_box` in units of the world."""
        return _to_world(self.title_box(number, camera), camera)

    def world_fold(self, number: int, camera: Camera) -> Rect:
        """`fold_box` in units of the world."""
        return _to_world(self.fold_box(number, camera), camera)


def title_scale(camera: Camera) -> float:
    """The scale of titles: they shrink and grow less than the rest."""
    return min(max(camera.scale, SMALLEST), LARGEST)


def _to_world(box: QRectF, camera: Camera) -> Rect:
    x, y = camera.world(box.left(), box.top())
    return Rect(x, y, box.width() / camera.scale, box.height() / camera.scale)
