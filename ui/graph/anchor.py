"""Where to look: first of all, and so that what one looks at stays in place while the graph changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from gradviz.app.graph.model import GraphModel
from gradviz.app.layout.types import Point, Rect

from .camera import Camera
from .scene import Scene
from .splines import Floats

READABLE = 0.5  # a graph that fits only at a smaller scale than this is not shown as a whole at first
START_SCALE = 0.8
SHARE = 0.2  # of the nodes; two graphs that have less in common are of different programs


@dataclass(frozen=True)
class Anchor:
    """What was at the pixel `place` is now the rectangle `rect` of the world."""

    place: Point
    rect: Rect

    @classmethod
    def find(
        cls, before: Scene, after: Scene, camera: Camera, wanted: str | None, current: str
    ) -> Anchor | None:
        """The node or group `wanted`; else the current node, if in sight; else the one nearest to the centre.

        None if the two scenes have next to nothing in common: another program is shown.
        """
        if wanted is not None and (anchor := cls._at(before, after, camera, wanted)) is not None:
            return anchor
        common = _common(before, after)
        if len(common) <= SHARE * min(len(before), len(after)):
            return None
        rect = before.rect(current)
        if rect is not None and camera.shows_all_of(rect) and current in common:
            return cls._at(before, after, camera, current)
        distance = ((before.centres - (camera.x, camera.y)) ** 2).sum(axis=1)
        for number in np.argsort(distance).tolist():
            name = before.model.nodes[number].id
            if name in common:
                return cls._at(before, after, camera, name)
        return None

    @classmethod
    def _at(cls, before: Scene, after: Scene, camera: Camera, name: str) -> Anchor | None:
        old, heir = before.rect(name), before.counterpart(name, after)
        new = after.rect(heir) if heir is not None else None
        return None if old is None or new is None else cls(camera.screen(*_centre(old)), new)

    def held(self, camera: Camera) -> Camera:
        """The camera that shows it where it was, and as much of it as fits."""
        moved = camera.placed(*_centre(self.rect), *self.place)
        seen = moved.screen_rect(self.rect)
        fits = seen.width < camera.width - 48 and seen.height < camera.height - 48
        return moved.revealing(self.rect, 24.0, 24.0) if fits else moved


def first_look(camera: Camera, scene: Scene, current: int | None) -> Camera:
    """All of a new graph; where nothing could be read then, its current or first node, above the middle."""
    whole = camera.fitted(scene.bounds)
    if whole.scale >= READABLE or not len(scene):
        return whole
    x, y = scene.centres[current or 0].tolist()
    near = replace(camera, scale=START_SCALE).placed(x, y, camera.width / 2, camera.height / 4)
    return near.within(scene.bounds)


def origins(before: Scene, seen: Camera, after: Scene, camera: Camera, opened: str | None) -> Floats:
    """n×4: where the nodes of `after` come from, so that they begin where they were on the screen.

    What was not drawn before comes out of the module `opened`, if it lies in it, else it is there at once.
    """
    start = after.rects.copy()
    grown = seen.scale / camera.scale
    source = before.rect(opened) if opened is not None else None
    inside = after.members(before.counterpart(opened, after)) if opened is not None else set()
    for name, number in after.index.items():
        old = before.rect(name) if name in before.index else None
        if old is not None:
            x, y = camera.world(*seen.screen(old.x, old.y))
            start[number] = (x, y, old.width * grown, old.height * grown)
        elif source is not None and name in inside:
            x, y = camera.world(*seen.screen(*_centre(source)))
            start[number, :2] = (x - start[number, 2] / 2, y - start[number, 3] / 2)
    return start


def folded(before: GraphModel, after: GraphModel, looked_at: Iterable[str]) -> str:
    """The module or frame that has been opened or closed around one of the nodes looked at, or ""."""
    groups = {group.id: group for group in before.groups}
    remaining = {group.id for group in after.groups}
    for name in looked_at:
        node = before.by_id.get(name)
        if node is None or name in after.by_id:
            continue
        if node.kind == "module":
            return name
        gone, around = "", before.membership.get(name, "")
        while around and around not in remaining:
            gone, around = around, groups[around].parent
        if gone:
            return gone
    return ""


def _common(before: Scene, after: Scene) -> set[str]:
    """The nodes that are in both scenes; ids are numbers of instructions, so titles have to agree too."""

    def described(scene: Scene) -> set[tuple[str, str, str]]:
        return {(node.id, node.title, node.module) for node in scene.model.nodes}

    return {name for name, _, _ in described(before) & described(after)}


def _centre(rect: Rect) -> Point:
    return rect.x + rect.width / 2, rect.y + rect.height / 2
