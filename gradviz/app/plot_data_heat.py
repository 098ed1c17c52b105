"""Histograms over time, stacked: how magnitudes of weights, gradients or activations shift while training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .spread import DECADES, Spread
from .train_snapshot import Snapshot

Part = Literal["weights", "gradients", "activations"]

_SEEN = 0.002
"""Bins that hold at most this share of the elements, at all times, are not shown at the ends."""


@dataclass(frozen=True, eq=False)
class Heat:
    """shares[row, bin, time]: the share (0…1) of a tensor's elements whose log10|x| lies in a bin.

    `iterations` are the times, `edges` the bins' edges in log10; `zeros` and `nonfinite` [row, time] tell of
    elements that are in no bin.
    """

    names: tuple[str, ...]
    iterations: np.ndarray
    edges: np.ndarray
    shares: np.ndarray
    zeros: np.ndarray
    nonfinite: np.ndarray


def heat(snapshots: Sequence[Snapshot], part: Part, names: Sequence[str] | None = None) -> Heat:
    """Stack the histograms of the tensors with these names, or of all."""
    known = dict.fromkeys(name for snapshot in snapshots for name in getattr(snapshot, part))
    shown = tuple(known) if names is None else tuple(name for name in names if name in known)
    bins = len(DECADES) - 1
    shares = np.zeros((len(shown), bins, len(snapshots)))
    zeros, nonfinite = np.zeros((2, len(shown), len(snapshots)))
    for time, snapshot in enumerate(snapshots):
        spreads = getattr(snapshot, part)
        for row, name in enumerate(shown):
            spread: Spread | None = spreads.get(name)
            if spread is not None:
                shares[row, :, time] = spread.counts / max(int(spread.linear.sum()), 1)
                zeros[row, time], nonfinite[row, time] = spread.zeros, spread.nonfinite
    first, last = _used(shares)
    iterations = np.array([snapshot.iteration for snapshot in snapshots], float)
    return Heat(shown, iterations, DECADES[first : last + 1], shares[:, first:last], zeros, nonfinite)


def at_iterations(heat: Heat, wanted: np.ndarray) -> np.ndarray:
    """For each wanted iteration the place of the last snapshot up to there; -1 before the first."""
    found: np.ndarray = np.searchsorted(heat.iterations, wanted, side="right") - 1
    return found


def _used(shares: np.ndarray) -> tuple[int, int]:
    """The first bin that is worth showing, and the one after the last; at least a decade."""
    most = shares.max(axis=(0, 2), initial=0.0)
    used = np.flatnonzero(most > _SEEN)
    if not used.size:
        return 16, 48
    first, last = int(used[0]), int(used[-1]) + 1
    lack = max(0, 4 - (last - first))
    first = max(0, first - (lack + 1) // 2)
    return first, min(len(most), max(last, first + 4))
