"""All cards in sight: as pictures of their own, or, where there are too many, as flat tiles in one call."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
from gradviz.ui.theme.palette import mix
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QPainter, QPixmap

from gradviz.app.graph.overlay import measured
from gradviz.app.inside.veil import HIDDEN

from .camera import Camera
from .cards import Card, paint_card
from .colours import LEVELS, CardColours, Colours
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
TINT = 0.3  # of the overlay's colour in a card: text stays readable
SLIMMEST = 0.35  # height of the smallest tile of an overlay, as a share
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
        looks = colours.card(int(scene.phases[number]), int(scene.status[number]))
        if scene.overlay and scene.values[number] != HIDDEN:
            return self._coloured(number, looks)
        node, shape = scene.model.nodes[number], scene.state(number).shape
        return Card(
            node=node if shape is None or not node.subtitle else replace(node, subtitle=shape),
            colours=looks,
            heat_colour=colours.heat,
            heat_track=colours.heat_track,
            value=scene.values[number],
            heat=None if np.isnan(heat) else heat,
        )

    def _coloured(self, number: int, looks: CardColours) -> Card:
        """A node by the overlay: its colour, the number in place of the value, a bar for its size."""
        scene, colours = self._scene, self._colours
        level = float(scene.levels[number])
        bare = np.isnan(level)
        colour = colours.heat if bare else colours.ramps[scene.overlay][_step(level)]
        if not bare:
            fill = mix(looks.fill, colour, TINT)
            border, subtitle = mix(looks.border, colour, 0.5), mix(looks.subtitle, looks.title, 0.6)
            looks = replace(looks, fill=fill, border=border, subtitle=subtitle, value=looks.title)
        return Card(
            node=scene.model.nodes[number],
            colours=looks,
            heat_colour=colour,
            heat_track=colours.heat_track,
            value="" if bare else measured(scene.overlay, float(scene.numbers[number])),
            heat=None if bare else min(level, 1.0),
            thick=1.7,
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
        scene = self._scene
        cells = scene.phases[numbers].astype(np.intp) * len(STATUSES)
        if scene.overlay:
            levels = scene.levels[numbers]
            coloured = ~np.isnan(levels)
            levels = np.where(coloured, levels, 0.0)
            steps = np.where(levels > 1.0, LEVELS + 1, np.rint(levels * LEVELS)).astype(np.intp)
            first = len(PHASES) * len(STATUSES) + list(self._colours.ramps).index(scene.overlay) * (
                LEVELS + 2
            )
            cells = np.where(coloured, first + steps, cells)  # without a number it looks as if not run
            rects = _shrunk(rects, np.where(coloured, np.minimum(levels, 1.0), 0.5))
        else:
            cells += scene.status[numbers]
        tiles = np.empty((len(numbers), 4))
        tiles[:, 0] = cells * _TILE + 1  # from inside of the square: stretching would mix in its neighbours
        tiles[:, 1:] = (1, _TILE - 2, _TILE - 2)
        draw_tiles(painter, np.maximum(rects, (-np.inf, -np.inf, 1.0, 1.0)), tiles, self._atlas)

    def _tiles(self) -> QPixmap:
        """One square for each phase and status, then one for each level of each overlay."""
        every = product(range(len(PHASES)), range(len(STATUSES)))
        shades = [self._colours.card(phase, status).flat for phase, status in every]
        shades += [shade for ramp in self._colours.ramps.values() for shade in ramp]
        atlas = QPixmap(len(shades) * _TILE, _TILE)
        painter = QPainter(atlas)
        for place, shade in enumerate(shades):
            painter.fillRect(place * _TILE, 0, _TILE, _TILE, shade)
        painter.end()
        return atlas


def _step(level: float) -> int:
    return LEVELS + 1 if level > 1.0 else round(level * LEVELS)


def _shrunk(rects: Floats, levels: Floats) -> Floats:
    """Rectangles in their middles, as high as their levels: size tells what colour tells."""
    high = rects[:, 3] * (SLIMMEST + (1.0 - SLIMMEST) * levels)
    return np.stack([rects[:, 0], rects[:, 1] + (rects[:, 3] - high) / 2, rects[:, 2], high], axis=1)


def screen_rects(camera: Camera, rects: Floats) -> Floats:
    """n×4 rectangles of the world in pixels."""
    return (rects - (camera.left, camera.top, 0.0, 0.0)) * camera.scale
