"""Where the selection goes when an arrow key moves it along the edges."""

from __future__ import annotations

from typing import Literal

import numpy as np

from .scene import Scene

Direction = Literal["left", "right", "up", "down"]
_VECTORS = {"left": (-1.0, 0.0), "right": (1.0, 0.0), "up": (0.0, -1.0), "down": (0.0, 1.0)}


def neighbour(scene: Scene, node: int, direction: Direction) -> int | None:
    """The node to go to, or None where there is none.

    Along the flow of the graph: the nearest consumer (forwards) or producer (backwards) of the node. Across
    it: the nearest node on that side among those that share a producer or a consumer with it, else among all
    of its rank; if that side is empty, along an edge that leads there.
    """
    along = ("left", "right") if scene.flow_is_horizontal else ("up", "down")
    if direction == along[1]:
        return _nearest(scene, node, scene.targets[scene.sources == node])
    if direction == along[0]:
        return _nearest(scene, node, scene.sources[scene.targets == node])
    for candidates in (_siblings(scene, node), _same_rank(scene, node), _linked(scene, node)):
        found = _nearest(scene, node, _on_side(scene, node, candidates, direction))
        if found is not None:
            return found
    return None


def _linked(scene: Scene, node: int) -> np.ndarray:
    return np.unique(
        np.concatenate([scene.targets[scene.sources == node], scene.sources[scene.targets == node]])
    )


def _siblings(scene: Scene, node: int) -> np.ndarray:
    """The nodes that read what the node's producers wrote, or that wrote what its consumers read."""
    producers = scene.sources[scene.targets == node]
    consumers = scene.targets[scene.sources == node]
    same = np.concatenate(
        [scene.targets[np.isin(scene.sources, producers)], scene.sources[np.isin(scene.targets, consumers)]]
    )
    return np.setdiff1d(same, [node, *producers, *consumers])


def _same_rank(scene: Scene, node: int) -> np.ndarray:
    """The nodes level with this one across the flow."""
    axis = 0 if scene.flow_is_horizontal else 1
    reach = scene.rects[node, 2 + axis] / 2
    level = np.abs(scene.centres[:, axis] - scene.centres[node, axis]) <= reach
    level[node] = False
    return np.flatnonzero(level)


def _on_side(scene: Scene, node: int, candidates: np.ndarray, direction: Direction) -> np.ndarray:
    offset = scene.centres[candidates] - scene.centres[node]
    return candidates[offset @ np.array(_VECTORS[direction]) > 1.0]


def _nearest(scene: Scene, node: int, candidates: np.ndarray) -> int | None:
    others = candidates[candidates != node]
    if not len(others):
        return None
    distance = ((scene.centres[others] - scene.centres[node]) ** 2).sum(axis=1)
    return int(others[int(np.argmin(distance))])
