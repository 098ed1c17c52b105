"""The paths of a race on one loss surface.

With two parameters it is the surface itself. For a network it is a plane through the paths, chosen by
principal components: Li, Xu, Taylor, Studer, Goldstein, "Visualizing the Loss Landscape of Neural Nets",
NeurIPS 2018, arXiv:1712.09913, section 7.2; `explained` says how much of the paths' spread it shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .landscape import Plane, Progress, Surface, Weights, surface
from .race import Lane, Race

PLACES, FLAT_PLACES = 21, 45  # of a surface's side
SAMPLES = 128  # of which the loss is computed
MARGIN = 1.15
_STRAYED = 3.0  # times as far as the others: that is not on the map


@dataclass(frozen=True, eq=False)
class RaceMap:
    """`paths` has for each lane its places (n, 2) on the surface; `explained` the share of each direction."""

    surface: Surface
    paths: tuple[np.ndarray, ...]
    explained: tuple[float, float]
    flat: bool
    names: tuple[str, str]  # of the directions, where they are parameters


def race_map(race: Race, progress: Progress = lambda done, total: True) -> RaceMap | None:
    """The map of a race that stands still; None if `progress` asked to stop, or nobody has moved."""
    lanes = race.lanes
    rows, owners = _places(lanes)
    if not lanes or len(rows) < 2 or not np.ptp(rows, axis=0).any():
        return None
    shapes = {name: value.shape for name, value in lanes[0].path[0].items()}
    near = _near(rows, owners, lanes)
    if race.track.flat:
        plane, explained = _axes(near, shapes)
    else:
        plane, explained = _components(near, shapes)
    lane = lanes[0]
    train = lane.parts.train
    chosen = train.select(slice(0, SAMPLES))
    judge = race.track.judge(lane.parts, lambda: lane.weights(True))
    n = FLAT_PLACES if race.track.flat else PLACES
    typed = Plane(_like(plane.origin, lane.path[0]), plane.d1, plane.d2)
    made = surface(
        judge, typed.origin, typed.d1, typed.d2, MARGIN, n, chosen.inputs, chosen.targets, progress
    )
    if made is None:
        return None
    paths = tuple(np.array([typed.project(weights) for weights in each.walked()]) for each in lanes)
    names = list(shapes)
    both = (names[0], names[-1]) if race.track.flat and len(names) == 2 else ("", "")
    return RaceMap(made, paths, explained, race.track.flat, both)


def _places(lanes: list[Lane]) -> tuple[np.ndarray, np.ndarray]:
    """All finite places of all paths as rows of one matrix, and whose they are."""
    rows, owners = [], []
    for number, lane in enumerate(lanes):
        for weights in lane.walked():
            row = np.concatenate([value.reshape(-1) for value in weights.values()]).astype(np.float64)
            if np.isfinite(row).all():
                rows.append(row)
                owners.append(number)
    return np.array(rows), np.array(owners)


def _near(rows: np.ndarray, owners: np.ndarray, lanes: list[Lane]) -> np.ndarray:
    """Without the places where one that diverged was far away from all others."""
    away = np.linalg.norm(rows - rows[0], axis=1)
    lost = np.array([lanes[owner].diverged is not None for owner in owners])
    if lost.all() or not away[~lost].any():
        kept = away <= _STRAYED * np.median(away) if lost.all() and np.median(away) else away >= 0
    else:
        kept = ~lost | (away <= _STRAYED * away[~lost].max())
    return np.asarray(rows[kept])


def _axes(rows: np.ndarray, shapes: Mapping[str, tuple[int, ...]]) -> tuple[Plane, tuple[float, float]]:
    """The two parameters themselves, with all paths inside."""
    low, high = rows.min(axis=0), rows.max(axis=0)
    half = np.maximum((high - low) / 2, 0.05 * max(float((high - low).max()), 1e-6))
    middle = (low + high) / 2
    first, second = np.diag(half)
    plane = Plane(_split(middle, shapes), _split(first, shapes), _split(second, shapes))
    return plane, (1.0, 1.0)


def _components(rows: np.ndarray, shapes: Mapping[str, tuple[int, ...]]) -> tuple[Plane, tuple[float, float]]:
    """The two directions in which the paths spread most, and their shares of Σ ‖w − mean‖²."""
    mean = rows.mean(axis=0)
    centred = rows - mean
    # By the small matrix of products: there are many more weights than places.
    sizes, vectors = np.linalg.eigh(centred @ centred.T)
    sizes, vectors = sizes[::-1].clip(0.0), vectors[:, ::-1]
    total = float(sizes.sum())
    places = vectors[:, :2] * np.sqrt(sizes[:2])
    directions = [
        centred.T @ vectors[:, k] / np.sqrt(sizes[k]) if sizes[k] > 1e-12 * total else np.zeros(len(mean))
        for k in (0, 1)
    ]
    for k in (0, 1):  # a sign of its own accord would turn the map round at random
        if places[-1, k] < 0:
            places[:, k], directions[k] = -places[:, k], -directions[k]
    low, high = places.min(axis=0), places.max(axis=0)
    half = np.maximum((high - low) / 2, 0.1 * float((high - low).max()))
    middle = mean + ((low + high) / 2) @ np.array(directions)
    plane = Plane(
        _split(middle, shapes),
        _split(directions[0] * half[0], shapes),
        _split(directions[1] * half[1], shapes),
    )
    return plane, (float(sizes[0]) / total, float(sizes[1]) / total)


def _split(row: np.ndarray, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    found, start = {}, 0
    for name, shape in shapes.items():
        size = int(np.prod(shape, dtype=int))
        found[name] = row[start : start + size].reshape(shape)
        start += size
    return found


def _like(weights: Weights, other: Weights) -> dict[str, np.ndarray]:
    return {name: np.asarray(value, other[name].dtype) for name, value in weights.items()}
