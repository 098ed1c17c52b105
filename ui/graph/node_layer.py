"""All cards in sight: as pictures of their own, or, where there are too many, as flat tiles in one call."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QPainter, QPixmap

from .camera import Camera
from .cards import Card, paint_card
from .colours import Colours
from .glide import Arrival
from .lettering import Lettering
from .quick import draw_tiles
from .scene import PHASES, Scene, touching
from .splines import Floats, Ints
from .sprites import SpriteCache
from .state import STATUSES

MAX_CARDS = 1500  # more than this in sight are flat tiles
CARDS_FROM = 0.1  # so are smaller ones
BUDGET = 0.004  # seconds of a frame for painting new pictures
_TILE = 4  # pixels


class NodeLayer:
    """Paints the nodes of one scene in one theme."""

    def __init__(self, scene: Scene, colours: Colours, lettering: Lettering) -> None:
        self._scene = scene
        self._colours = colours
        self._lettering = lettering
        self._sprites = SpriteCache(self.paint_one)
        self._atlas: QPixmap | None = None

    @property
    def unfinished(self) -> bool:
        """Whether the last frame showed stand-ins, so that another one is needed."""
        return self._sprites.stale

    def card(self, number: int) -> Card:
        """A node as it looks now."""
        scene, colours = self._scene, self._colours
        heat = float(scene.heat[number])
        return Card(
            node=scene.model.nodes[number],
            colours=colours.card(int(scene.phases[number]), int(scene.status[number])),
            heat_colour=colours.heat,
            heat_track=colours.heat_track,
            value=scene.values[number],
            heat=None if np.isnan(heat) else heat,
        )

    def paint_one(self, painter: QPainter, number: int, rect: QRectF, scale: float) -> None:
        """Paint one card itself, not a picture of it."""
        paint_card(painter, self.card(number), rect, scale, self._lettering)

    def paint(self, painter: QPainter, camera: Camera, ratio: float, arrival: Arrival | None = None) -> None:
        """Paint what the camera sees, by way of pictures; the cards may be on their way."""
        scene = self._scene
        places = scene.rects if arrival is None else arrival.rects
        visible = touching(places, camera.visible(8))
        rects = screen_rects(camera, places[visible])
        self._sprites.begin(BUDGET)
        if len(visible) > MAX_CARDS or camera.scale < CARDS_FROM:
            self.paint_tiles(painter, visible, rects)
            return
        missing = []
        versions, draw, scale = scene.versions, self._sprites.draw, camera.scale
        for place, (number, (x, y, w, h)) in enumerate(zip(visible.tolist(), rects.tolist(), strict=True)):
            if not draw(painter, number, int(versions[number]), QRectF(x, y, w, h), scale, ratio):
                missing.append(place)
        if missing:
            self.paint_tiles(painter, visible[missing], rects[missing])

    def paint_directly(self, painter: QPainter, camera: Camera) -> None:
        """Paint what the camera sees without pictures, for export."""
        for number in self._scene.nodes_in(camera.visible()).tolist():
            x, y, w, h = screen_rects(camera, self._scene.rects[number : number + 1])[0].tolist()
            self.paint_one(painter, number, QRectF(x, y, w, h), camera.scale)

    def paint_tiles(self, painter: QPainter, numbers: Ints, rects: Floats) -> None:
        """Paint nodes as flat tiles, at least a pixel large."""
        if self._atlas is None:
            self._atlas = self._tiles()
        cells = self._scene.phases[numbers].astype(np.intp) * len(STATUSES) + self._scene.status[numbers]
        tiles = np.empty((len(numbers), 4))
        tiles[:, 0] = cells * _TILE + 1  # from inside of the square: stretching would mix in its neighbours
        tiles[:, 1:] = (1, _TILE - 2, _TILE - 2)
        draw_tiles(painter, np.maximum(rects, (-np.inf, -np.inf, 1.0, 1.0)), tiles, self._atlas)

    def _tiles(self) -> QPixmap:
        """One square for each phase and status."""
        atlas = QPixmap(len(PHASES) * len(STATUSES) * _TILE, _TILE)
        painter = QPainter(atlas)
        for phase in range(len(PHASES)):
            for status in range(len(STATUSES)):
                x = (phase * len(STATUSES) + status) * _TILE
                painter.fillRect(x, 0, _TILE, _TILE, self._colours.card(phase, status).flat)
        painter.end()
        return atlas


def screen_rects(camera: Camera, rects: Floats) -> Floats:
    """n×4 rectangles of the world in pixels."""
    return (rects - (camera.left, camera.top, 0.0, 0.0)) * camera.scale
