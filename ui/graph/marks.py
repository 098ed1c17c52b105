"""What is laid over the graph: rings, the edges of nodes that stand out, breakpoints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from gradviz.engine.program import Phase
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from .camera import Camera
from .cards import outline
from .colours import Colours
from .differences import Difference, paint_difference
from .edge_layer import EdgeLayer
from .labels import LABELS_FROM, Labels
from .lettering import STACK
from .node_layer import screen_rects
from .notes import Note
from .quick import draw_tiles
from .scene import PHASES, Scene, touching
from .splines import Floats, Ints

DOT = 5.0
_DIAMOND = ((0.0, -5.5), (5.5, 0.0), (0.0, 5.5), (-5.5, 0.0))  # pixels
MANY = 200  # more matches than this are marked by plain rectangles


@dataclass
class Focus:
    """What stands out: nodes by id, and by their number in the scene as far as they are drawn in it."""

    current_id: str = ""
    selected_id: str = ""
    breakpoint_ids: frozenset[str] = frozenset()
    lit_ids: frozenset[str] = frozenset()
    follower_ids: frozenset[str] = frozenset()
    current: int | None = None
    selected: int | None = None
    breakpoints: frozenset[int] = frozenset()
    lit: frozenset[int] = frozenset()
    hit_ids: frozenset[str] = frozenset()
    hits: Ints = field(default_factory=lambda: np.empty(0, dtype=np.intp))  # what a search has found
    followers: frozenset[int] = frozenset()  # of the lit ones
    differences: Mapping[str, Difference] = field(default_factory=dict)
    hovered: int | None = None
    hovered_edge: int | None = None
    hovered_group: int | None = None
    notes: Mapping[str, Note] = field(default_factory=dict)  # by node id
    flow: float | None = None  # how far the values have flown into the current node, 0 to 1

    def find(self, scene: Scene) -> None:
        """Find the nodes in a scene."""
        self.current = scene.index.get(self.current_id)
        self.selected = scene.index.get(self.selected_id)
        found = sorted(scene.index[name] for name in self.hit_ids if name in scene.index)
        self.hits = np.array(found, dtype=np.intp)
        self.breakpoints = frozenset(scene.index[name] for name in self.breakpoint_ids if name in scene.index)
        self.lit = frozenset(scene.index[name] for name in self.lit_ids if name in scene.index)
        after = frozenset(scene.index[name] for name in self.follower_ids if name in scene.index)
        self.followers = after - self.lit

    def point_at_nothing(self) -> None:
        """The pointer is over nothing, as far as one knows."""
        self.hovered = self.hovered_edge = self.hovered_group = None


class Marks:
    """Paints the marks of one scene in one theme."""

    def __init__(self, scene: Scene, colours: Colours, edges: EdgeLayer, labels: Labels) -> None:
        self._scene = scene
        self._colours = colours
        self._labels = labels
        self._edges = edges
        self._spot: QPixmap | None = None

    def paint_below(self, painter: QPainter, camera: Camera, focus: Focus) -> None:
        """Edges that stand out: above the other edges, below the cards."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if focus.lit or focus.followers:
            self._light_between(painter, camera, focus.lit | focus.followers)
        if focus.selected is not None and focus.selected != focus.current:
            self._light(painter, camera, focus.selected, 1.6, self._colours.selected)
        if focus.hovered is not None and focus.hovered != focus.current:
            self._light(painter, camera, focus.hovered, 1.6, self._colours.hovered)
        if focus.current is not None:
            self._light(painter, camera, focus.current, 2.2, None)
        if focus.hovered_edge is not None:
            edge = focus.hovered_edge
            pen = _cosmetic(QPen(self._colours.hovered, 2.0))
            self._edges.paint_edges(painter, camera, np.array([edge]), pen)
            self._labels.paint_one(painter, camera, edge)

    def paint_hits(self, painter: QPainter, camera: Camera, focus: Focus) -> None:
        """A ground that peeks out around what a search has found, below the cards."""
        hits = focus.hits[touching(self._scene.rects[focus.hits], camera.visible(8))]
        if not len(hits):
            return
        gap = min(max(4.0 * camera.scale, 2.0), 5.0)
        rects = screen_rects(camera, self._scene.rects[hits])
        rects += np.array([-gap, -gap, 2 * gap, 2 * gap])
        if len(hits) > MANY:
            self.paint_spots(painter, rects)
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colours.hit)
        for number, (x, y, w, h) in zip(hits.tolist(), rects.tolist(), strict=True):
            kind = self._scene.model.nodes[number].kind
            painter.drawPath(outline(kind, QRectF(x, y, w, h), camera.scale + gap / 8))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def paint_spots(self, painter: QPainter, rects: Floats) -> None:
        """Plain rectangles in the colour of what has been found, all at once."""
        if self._spot is None:
            self._spot = QPixmap(4, 4)
            self._spot.fill(self._colours.hit)
        draw_tiles(painter, rects, np.tile((1.0, 1.0, 2.0, 2.0), (len(rects), 1)), self._spot)

    def paint_above(self, painter: QPainter, camera: Camera, focus: Focus) -> None:
        """Rings and breakpoints, above the cards."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        colours = self._colours
        for number in sorted(focus.lit - {focus.selected}):
            self._ring(painter, camera, number, QPen(colours.lamp, 2.4), 3.0)
        dashed = QPen(colours.lamp, 2.0)
        dashed.setDashPattern([4.0, 2.0])
        for number in sorted(focus.followers - {focus.selected}):
            self._ring(painter, camera, number, dashed, 3.0)
        if focus.hovered is not None and focus.hovered not in (focus.current, focus.selected):
            self._ring(painter, camera, focus.hovered, QPen(colours.hovered, 1.4), 0.0)
        if focus.current is not None:
            self._ring(painter, camera, focus.current, QPen(colours.halo, 4.0), 3.0)
            self._ring(painter, camera, focus.current, QPen(colours.accent, 2.2), 0.0)
        if focus.selected is not None:
            gap = 7.0 if focus.selected == focus.current else 3.5
            pen = QPen(colours.selected, 1.4)
            pen.setDashPattern([3.0, 2.5])
            self._ring(painter, camera, focus.selected, pen, gap)
        for name, difference in focus.differences.items():
            if (node := self._scene.index.get(name)) is not None:
                paint_difference(painter, self._box(camera, node), difference, camera.scale, colours)
        for number in sorted(focus.breakpoints):
            self._paint_breakpoint(painter, camera, number)
        if focus.flow is not None and focus.current is not None:
            self._paint_flow(painter, camera, focus.current, focus.flow)

    def _light(
        self, painter: QPainter, camera: Camera, node: int, width: float, colour: QColor | None
    ) -> None:
        into, out = self._scene.edges_of(node)
        for edges, share in ((out, 0.7), (into, 1.0)):
            for edge in edges.tolist():
                ink = self._colours.lit[int(self._scene.edge_phases[edge])] if colour is None else colour
                pen = _cosmetic(QPen(ink, width * share))
                if self._scene.saved[edge]:
                    pen.setDashPattern([3.0, 2.5])
                self._edges.paint_edges(painter, camera, np.array([edge]), pen)
        if camera.scale >= LABELS_FROM:
            self._labels.paint_all(painter, camera, np.concatenate([into, out]))

    def _light_between(self, painter: QPainter, camera: Camera, nodes: frozenset[int]) -> None:
        """The edges from one lit node to another."""
        lit = np.array(sorted(nodes))
        scene = self._scene
        between = np.flatnonzero(np.isin(scene.sources, lit) & np.isin(scene.targets, lit))
        self._edges.paint_edges(painter, camera, between, _cosmetic(QPen(self._colours.lamp, 2.4)))

    def _box(self, camera: Camera, node: int) -> QRectF:
        return QRectF(*screen_rects(camera, self._scene.rects[node : node + 1])[0].tolist())

    def _ring(self, painter: QPainter, camera: Camera, node: int, pen: QPen, gap: float) -> None:
        """A line around a card, `gap` pixels away from its border."""
        box, kind = self._box(camera, node), self._scene.model.nodes[node].kind
        path = outline(kind, box.adjusted(-gap, -gap, gap, gap), camera.scale + gap / 8)
        if kind == "module":
            back = STACK * camera.scale
            front = box.adjusted(0, 0, -back, -back)
            path = QPainterPath()
            for part in (front, front.translated(back, back)):
                path = path.united(outline(kind, part.adjusted(-gap, -gap, gap, gap), camera.scale + gap / 8))
        painter.setPen(pen)
        painter.drawPath(path)

    def _paint_breakpoint(self, painter: QPainter, camera: Camera, node: int) -> None:
        box = self._box(camera, node)
        size = DOT * min(max(camera.scale, 0.7), 1.3)
        centre = box.topLeft() + QPointF(size * 0.4, size * 0.4)
        painter.setPen(QPen(self._colours.canvas, 1.5))
        painter.setBrush(self._colours.breakpoint)
        painter.drawEllipse(centre, size + 1, size + 1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colours.canvas)
        painter.drawEllipse(centre, size * 0.36, size * 0.36)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_flow(self, painter: QPainter, camera: Camera, node: int, share: float) -> None:
        """What flows into the node, on its way: a disc for a value, a diamond for a gradient."""
        into, _ = self._scene.edges_of(node)
        painter.setPen(QPen(self._colours.canvas, 1.0))
        for edge in into.tolist():
            point = self._edges.path(edge).pointAtPercent(min(max(share, 0.0), 1.0))
            place = QPointF(*camera.screen(point.x(), point.y()))
            gradient = carries_gradient(self._scene, edge)
            phase = Phase.BACKWARD if gradient else Phase.FORWARD
            painter.setBrush(self._colours.lit[PHASES.index(phase)])
            if gradient:
                painter.drawConvexPolygon(QPolygonF([place + QPointF(x, y) for x, y in _DIAMOND]))
            else:
                painter.drawEllipse(place, 4.5, 4.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)


def carries_gradient(scene: Scene, edge: int) -> bool:
    """Whether a gradient flows along an edge, and not a value."""
    source = scene.model.nodes[int(scene.sources[edge])]
    return source.kind == "gradient" or source.phase is Phase.BACKWARD


def _cosmetic(pen: QPen) -> QPen:
    pen.setCosmetic(True)
    return pen
