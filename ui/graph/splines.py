"""The edges' curves as arrays: many cubic Bézier pieces cut into straight segments at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradviz.app.layout.types import Point

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

FINE = 12  # segments per cubic where one looks closely, and for hit tests
COARSE = 3  # segments per cubic where thousands of edges are in sight


@dataclass(frozen=True)
class Curves:
    """E curves of C cubic pieces in all.

    pieces: C×4×2 control points; owner: for each piece its curve, ascending; starts: E + 1, where each
    curve's pieces begin; boxes: E×4 (x0, y0, x1, y1); tips: E×2, where each curve ends; headings: E×2, the
    unit vector in which it arrives.
    """

    pieces: Floats
    owner: Ints
    starts: Ints
    boxes: Floats
    tips: Floats
    headings: Floats

    def segments(self, steps: int) -> tuple[Floats, Ints]:
        """Straight segments S×4 (x0, y0, x1, y1) and for each its curve, `steps` to a piece."""
        points = sample(self.pieces, steps)
        lines = np.concatenate([points[:, :-1], points[:, 1:]], axis=2)
        return lines.reshape(-1, 4), np.repeat(self.owner, steps)

    def middles(self) -> Floats:
        """E×2: a point near the middle of each curve."""
        count = np.diff(self.starts)
        piece = self.pieces[self.starts[:-1] + count // 2]
        on_joint = (count % 2 == 0)[:, None]
        centre = (piece[:, 0] + 3 * piece[:, 1] + 3 * piece[:, 2] + piece[:, 3]) / 8
        return np.where(on_joint, piece[:, 0], centre)


def sample(pieces: Floats, steps: int) -> Floats:
    """B(t) = (1−t)³ P₀ + 3(1−t)² t P₁ + 3(1−t) t² P₂ + t³ P₃ at steps + 1 places: C×(steps + 1)×2."""
    t = np.linspace(0.0, 1.0, steps + 1)[:, None]
    weights = np.concatenate([(1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3], axis=1)
    return np.einsum("sk,ckd->csd", weights, pieces)


def curves_of(splines: Sequence[Sequence[Point]]) -> Curves:
    """Curves from one list of 1 + 3k control points per edge."""
    sizes = np.array([len(points) for points in splines], dtype=np.intp)
    if not len(sizes):
        none = np.zeros((0, 2))
        no_pieces = np.zeros((0, 4, 2)), np.zeros(0, np.intp), np.zeros(1, np.intp)
        return Curves(*no_pieces, np.zeros((0, 4)), none, none)
    if ((sizes < 4) | (sizes % 3 != 1)).any():
        raise ValueError("an edge needs 1 + 3k control points, k ≥ 1")
    flat = np.array([point for points in splines for point in points], dtype=np.float64)
    first = np.cumsum(sizes) - sizes
    count = (sizes - 1) // 3
    owner = np.repeat(np.arange(len(sizes)), count)
    starts = np.concatenate([[0], np.cumsum(count)])
    rank = np.arange(len(owner)) - starts[owner]
    pieces = flat[(first[owner] + 3 * rank)[:, None] + np.arange(4)]
    low = np.minimum.reduceat(flat, first)
    high = np.maximum.reduceat(flat, first)
    tips = flat[first + sizes - 1]
    boxes = np.concatenate([low, high], axis=1)
    return Curves(pieces, owner, starts, boxes, tips, _headings(flat, first, sizes))


def _headings(flat: Floats, first: Ints, sizes: Ints) -> Floats:
    """The direction of the last control points that differ from the tip (down, if all coincide)."""
    tips = flat[first + sizes - 1]
    heading = np.zeros_like(tips)
    for back in (2, 3, 4):
        unset = (np.abs(heading) < 1e-9).all(axis=1)
        heading[unset] = (tips - flat[first + sizes - back])[unset]
    heading[np.hypot(heading[:, 0], heading[:, 1]) < 1e-9] = (0.0, 1.0)
    return heading / np.hypot(heading[:, 0], heading[:, 1])[:, None]
