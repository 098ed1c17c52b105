"""The whole picture of a graph, on the screen or into a file."""

from __future__ import annotations

import math

import numpy as np
from gradviz.ui.theme import Theme
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainter, QPen

from .camera import Camera
from .colours import colours_of
from .edge_layer import EdgeLayer
from .frames import Frames
from .glide import Arrival
from .labels import Labels
from .lettering import Lettering
from .marks import Focus, Marks
from .node_layer import NodeLayer
from .notes import Notes
from .quick import draw_points
from .scene import Scene

DOTS = 24.0  # the grid's distance in units of the world, doubled as often as one zooms out by two


class ScenePainter:
    """Paints one scene in one theme, layer upon layer."""

    def __init__(self, scene: Scene, theme: Theme, lettering: Lettering) -> None:
        self.scene = scene
        self.colours = colours_of(theme)
        labels = Labels(scene, self.colours, lettering)
        self.edges = EdgeLayer(scene, self.colours, labels)
        self.nodes = NodeLayer(scene, self.colours, lettering)
        self.frames = Frames(scene, self.colours, lettering)
        self.marks = Marks(scene, self.colours, self.edges, labels)
        self.notes = Notes(scene, self.colours, lettering)

    @property
    def unfinished(self) -> bool:
        """Whether the last frame showed stand-ins that further frames replace."""
        return self.nodes.unfinished

    def paint(
        self,
        painter: QPainter,
        camera: Camera,
        focus: Focus,
        ratio: float,
        hurried: bool,
        arrival: Arrival | None = None,
    ) -> None:
        """Paint a frame on the screen; in a hurry, layers may be rough or stretched.

        While cards glide to their places, all that depends on where they will be fades in.
        """
        self._paint_ground(painter, camera)
        painter.setOpacity(arrival.share if arrival is not None else 1.0)
        self.frames.paint_backs(painter, camera)
        self.edges.paint(painter, camera, ratio, hurried)
        self.marks.paint_below(painter, camera, focus)
        painter.setOpacity(1.0)
        if arrival is None:
            self.marks.paint_hits(painter, camera, focus)
        self.nodes.paint(painter, camera, ratio, arrival)
        painter.setOpacity(arrival.share if arrival is not None else 1.0)
        self.frames.paint_titles(painter, camera, focus.hovered_group)
        self.marks.paint_above(painter, camera, focus)
        self.notes.paint(painter, camera, focus.notes)
        painter.setOpacity(1.0)

    def paint_directly(self, painter: QPainter, camera: Camera, focus: Focus) -> None:
        """Paint without pictures, so that an SVG holds shapes."""
        painter.fillRect(QRectF(0, 0, camera.width, camera.height), self.colours.canvas)
        self.frames.paint_backs(painter, camera)
        self.edges.paint_directly(painter, camera)
        self.marks.paint_below(painter, camera, focus)
        self.nodes.paint_directly(painter, camera)
        self.frames.paint_titles(painter, camera)
        self.marks.paint_above(painter, camera, focus)
        self.notes.paint(painter, camera, focus.notes)

    def paint_keyboard_focus(self, painter: QPainter, camera: Camera) -> None:
        """A line around the canvas while keys go to it."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(self.colours.accent, 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(0, 0, camera.width - 1, camera.height - 1))

    def _paint_ground(self, painter: QPainter, camera: Camera) -> None:
        """The canvas with its grid of dots, which shows that it can be moved."""
        painter.fillRect(QRectF(0, 0, camera.width, camera.height), self.colours.canvas)
        step = DOTS * 2.0 ** -math.floor(math.log2(camera.scale))  # 24 to 48 pixels
        area = camera.visible()
        across = np.arange(math.floor(area.x / step), math.ceil((area.x + area.width) / step) + 1) * step
        down = np.arange(math.floor(area.y / step), math.ceil((area.y + area.height) / step) + 1) * step
        x, y = np.meshgrid((across - camera.left) * camera.scale, (down - camera.top) * camera.scale)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(self.colours.dots, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap))
        draw_points(painter, np.stack([x.ravel(), y.ravel()], axis=1).round())
