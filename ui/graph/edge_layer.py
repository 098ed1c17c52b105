"""All edges in sight, kept in a picture somewhat larger than the viewport: panning only copies it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from gradviz.app.layout.types import Rect

from .camera import Camera
from .colours import Colours, edge_styles
from .labels import Labels
from .quick import draw_lines
from .scene import Scene
from .splines import Floats, Ints

MAX_CURVES = 1500  # more than this in sight are drawn as few straight segments
CURVES_FROM = 0.2  # so are smaller ones
DASHES_FROM = 0.45  # scale from which saved edges are dashed
ARROWS_FROM = 0.3
ARROW = (8.0, 3.2)  # length and half width, in units of the world
OVERLAP = 0.25  # how far the picture reaches beyond the viewport, as a share of it
CHEAP = 0.006  # seconds; a picture that took less is painted anew even in a hurry
STRETCH = 2.5  # how far a picture may be stretched or shrunk
AFFORDABLE = 0.008  # seconds for a rough picture within a frame
OVERDUE = 0.5  # seconds that a picture of another moment may stay
PATIENCE = 30  # and so many times as long as painting takes, so that it never takes much of the time


@dataclass(frozen=True)
class Shot:
    """A picture of edges, what it shows, how it was painted and when."""

    picture: QPixmap
    camera: Camera
    rough: bool
    taken: float


class EdgeLayer:
    """Paints the edges of one scene in one theme.

    Where there are many, frames in a hurry (while one zooms, or steps quickly) make do with a picture of
    another zoom or moment, or with a rough one; `exact` says whether the last frame showed them as they are.
    """

    def __init__(self, scene: Scene, colours: Colours, labels: Labels) -> None:
        self._scene = scene
        self._colours = colours
        self._labels = labels
        self._paths: dict[int, QPainterPath] = {}
        self._arrows: dict[int, QPolygonF] = {}
        self._shot: Shot | None = None
        self._whole: Shot | None = None  # the last one of the whole graph
        self._outdated = False  # edges look different since
        self._cost = 0.0  # seconds that the last good picture took
        self._rate = 0.0  # seconds for each edge of a rough one
        self.exact = True

    def invalidate(self) -> None:
        """The edges look different."""
        self._outdated = True

    def paint(self, painter: QPainter, camera: Camera, ratio: float, hurried: bool) -> None:
        """Copy a picture, after painting it anew where needed."""
        hurried = hurried and self._cost > CHEAP
        if not self._serves(self._shot, camera, ratio, hurried):
            if hurried and self._whole is not None and self._expected(camera) > AFFORDABLE:
                self._copy(painter, self._whole, camera, ratio)
                self.exact = False
                return
            self._take(camera, ratio, rough=hurried)
        assert self._shot is not None
        self._copy(painter, self._shot, camera, ratio)
        self.exact = not (self._shot.camera.scale != camera.scale or self._shot.rough or self._outdated)

    @staticmethod
    def _copy(painter: QPainter, shot: Shot, camera: Camera, ratio: float) -> None:
        x, y = camera.screen(shot.camera.left, shot.camera.top)
        if shot.camera.scale == camera.scale:
            painter.drawPixmap(QPointF(round(x * ratio) / ratio, round(y * ratio) / ratio), shot.picture)
        else:
            size = shot.picture.deviceIndependentSize() * (camera.scale / shot.camera.scale)
            painter.drawPixmap(QRectF(QPointF(x, y), size), shot.picture, QRectF(shot.picture.rect()))

    def paint_directly(self, painter: QPainter, camera: Camera, rough: bool = False) -> None:
        """Paint the edges that the camera sees themselves, not a picture of them."""
        scene = self._scene
        visible = scene.edges_in(camera.visible(4))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not rough)
        few = len(visible) <= MAX_CURVES
        rough = rough or not few or camera.scale < CURVES_FROM
        styles = edge_styles(scene.edge_phases[visible], scene.saved[visible], scene.edge_done[visible])
        # Light edges first, so that what has been computed lies above what has not.
        for style in sorted(set(styles.tolist()), key=lambda s: (not s & 2, s & 1)):
            edges = visible[styles == style]
            if rough:
                self._paint_lines(painter, camera, edges, style, fine=few)
            else:
                self._paint_style(painter, camera, edges, style)
        if not rough:
            self._labels.paint_all(painter, camera, visible)

    def _paint_lines(self, painter: QPainter, camera: Camera, edges: Ints, style: int, fine: bool) -> None:
        """Paint edges of one style as straight segments."""
        lines, owner = self._scene.fine if fine else self._scene.coarse
        wanted = np.zeros(len(self._scene.sources), dtype=bool)
        wanted[edges] = True
        corner = (camera.left, camera.top, camera.left, camera.top)
        painter.setPen(_thin(self._colours.edges[style]))
        draw_lines(painter, (lines[wanted[owner]] - corner) * camera.scale)

    def _paint_style(self, painter: QPainter, camera: Camera, edges: Ints, style: int) -> None:
        pen = _thin(self._colours.edges[style])
        if style & 2 and camera.scale >= DASHES_FROM:
            pen.setDashPattern([4.0, 4.0])
        self.paint_edges(painter, camera, edges, pen)

    def paint_edges(self, painter: QPainter, camera: Camera, edges: Ints, pen: QPen) -> None:
        """Paint some edges as curves with one pen."""
        painter.save()
        painter.scale(camera.scale, camera.scale)
        painter.translate(-camera.left, -camera.top)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for edge in edges.tolist():
            painter.drawPath(self.path(edge))
        if camera.scale >= ARROWS_FROM:
            self._paint_arrows(painter, edges, pen.color())
        painter.restore()

    def _paint_arrows(self, painter: QPainter, edges: Ints, colour: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        for edge in edges.tolist():
            arrow = self._arrows.get(edge)
            if arrow is None:
                curves = self._scene.curves
                arrow = self._arrows[edge] = _arrow(curves.tips[edge], curves.headings[edge])
            painter.drawConvexPolygon(arrow)

    def path(self, edge: int) -> QPainterPath:
        """One edge as a curve, in units of the world."""
        path = self._paths.get(edge)
        if path is None:
            curves = self._scene.curves
            first, last = curves.starts[edge], curves.starts[edge + 1]
            path = QPainterPath(QPointF(*curves.pieces[first, 0].tolist()))
            for _, a, b, c in curves.pieces[first:last].tolist():
                path.cubicTo(QPointF(*a), QPointF(*b), QPointF(*c))
            self._paths[edge] = path
        return path

    def _serves(self, shot: Shot | None, camera: Camera, ratio: float, hurried: bool) -> bool:
        """Whether a picture will do."""
        if shot is None or shot.picture.devicePixelRatio() != ratio:
            return False
        if not _within(_common(camera.visible(), self._scene.bounds), shot.camera.visible()):
            return False
        if not hurried:
            return shot.camera.scale == camera.scale and not shot.rough and not self._outdated
        patience = max(OVERDUE, PATIENCE * self._cost)
        overdue = self._outdated and time.perf_counter() - shot.taken > patience
        return not overdue and 1 / STRETCH <= camera.scale / shot.camera.scale <= STRETCH

    def _expected(self, camera: Camera) -> float:
        """About how many seconds a rough picture would take."""
        return self._rate * len(self._scene.edges_in(camera.visible()))

    def _take(self, camera: Camera, ratio: float, rough: bool) -> None:
        """Paint the picture."""
        start = time.perf_counter()
        grow = 1 + 2 * OVERLAP
        wide = replace(camera, width=round(camera.width * grow), height=round(camera.height * grow))
        picture = QPixmap(round(wide.width * ratio), round(wide.height * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint_directly(painter, wide, rough)
        painter.end()
        now = time.perf_counter()
        self._shot = Shot(picture, wide, rough, now)
        self._outdated = False
        if rough:
            self._rate = (now - start) / max(len(self._scene.edges_in(wide.visible())), 1)
        else:
            self._cost = now - start
        if _within(self._scene.bounds, wide.visible()):
            self._whole = self._shot


def _thin(colour: QColor) -> QPen:
    """Wider than one pixel, antialiased lines take Qt eight times as long."""
    pen = QPen(colour, 1.0)
    pen.setCosmetic(True)
    return pen


def _arrow(tip: Floats, heading: Floats) -> QPolygonF:
    """The triangle at the end of an edge."""
    length, half = ARROW
    (x, y), (dx, dy) = tip.tolist(), heading.tolist()
    back, side = QPointF(x - dx * length, y - dy * length), QPointF(-dy * half, dx * half)
    return QPolygonF([QPointF(x, y), back + side, back - side])


def _common(a: Rect, b: Rect) -> Rect:
    """The part that two rectangles share; of no size if there is none."""
    x, y = max(a.x, b.x), max(a.y, b.y)
    right, bottom = min(a.x + a.width, b.x + b.width), min(a.y + a.height, b.y + b.height)
    return Rect(x, y, max(right - x, 0.0), max(bottom - y, 0.0))


def _within(inner: Rect, outer: Rect) -> bool:
    if not inner.width or not inner.height:
        return True
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and inner.x + inner.width <= outer.x + outer.width
        and inner.y + inner.height <= outer.y + outer.height
    )
