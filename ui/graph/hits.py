"""What lies under a point of the plane."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gradviz.app.layout.types import Rect

from .scene import Scene
from .splines import FINE

Part = Literal["nothing", "node", "fold", "edge", "group", "group_fold"]


@dataclass(frozen=True, slots=True)
class Hit:
    """`part` of the item `id`: a node or its + ("fold"), an edge, a frame's title or its − ("group_fold")."""

    part: Part = "nothing"
    id: str = ""

    @property
    def node(self) -> str:
        """The id of the node that was hit, or ""."""
        return self.id if self.part in ("node", "fold") else ""


NOTHING = Hit()
Areas = Callable[[int], Rect]  # item number -> a rectangle of the world


def hit_test(
    scene: Scene, x: float, y: float, tolerance: float, fold: Areas, title: Areas, title_fold: Areas
) -> Hit:
    """What is at (x, y), the topmost first; edges are hit within `tolerance` (units of the world)."""
    node = node_at(scene, x, y)
    if node is not None:
        name = scene.model.nodes[node].id
        is_module = scene.model.nodes[node].kind == "module"
        return Hit("fold" if is_module and _inside(fold(node), x, y) else "node", name)
    for number in reversed(range(len(scene.group_rects))):
        if _inside(title(number), x, y):
            name = scene.model.groups[number].id
            return Hit("group_fold" if _inside(title_fold(number), x, y) else "group", name)
    edge = edge_at(scene, x, y, tolerance)
    return NOTHING if edge is None else Hit("edge", scene.model.edges[edge].id)


def node_at(scene: Scene, x: float, y: float) -> int | None:
    """The last drawn node that contains the point."""
    found = scene.nodes_in(Rect(x, y, 0.0, 0.0))
    return int(found[-1]) if len(found) else None


def edge_at(scene: Scene, x: float, y: float, tolerance: float) -> int | None:
    """The edge nearest to the point, if it is within `tolerance`."""
    near = scene.edges_in(Rect(x - tolerance, y - tolerance, 2 * tolerance, 2 * tolerance))
    if not len(near):
        return None
    segments, owners = scene.fine
    starts = scene.curves.starts * FINE
    chosen = np.concatenate([np.arange(starts[edge], starts[edge + 1]) for edge in near.tolist()])
    lines, owner = segments[chosen], owners[chosen]
    start, along = lines[:, :2], lines[:, 2:] - lines[:, :2]
    to_point = np.array([x, y]) - start
    length = np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip((to_point * along).sum(axis=1) / length, 0.0, 1.0)
    distance = np.hypot(*(to_point - share[:, None] * along).T)
    best = int(np.argmin(distance))
    return int(owner[best]) if distance[best] <= tolerance else None


def _inside(rect: Rect, x: float, y: float) -> bool:
    return rect.x <= x <= rect.x + rect.width and rect.y <= y <= rect.y + rect.height
