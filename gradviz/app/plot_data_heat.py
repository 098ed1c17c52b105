"""Histograms over time, stacked: how magnitudes of weights, gradients or activations shift while training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .spread import DECADES, Spread
from .train_snapshot import Snapshot

Part = Literal["weights", "gradients", "activations"]

_PER_DECADE = 4
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


class HeatMaker:
    """Stacks histograms; what it has read of a snapshot it remembers, as there are many and all stay."""

    def __init__(self, part: Part) -> None:
        self._part: Part = part
        self._names: tuple[str, ...] = ()
        self._known: dict[Snapshot, tuple[np.ndarray, np.ndarray]] = {}

    def heat(self, snapshots: Sequence[Snapshot], names: Sequence[str] | None = None) -> Heat:
        """Stack the histograms of the tensors with these names, or of all."""
        known = dict.fromkeys(name for snapshot in snapshots for name in getattr(snapshot, self._part))
        shown = tuple(known) if names is None else tuple(name for name in names if name in known)
        if shown != self._names:
            self._names, self._known = shown, {}
        self._known = {s: self._known.get(s) or self._read(s) for s in snapshots}
        bins = len(DECADES) - 1
        shares = np.zeros((len(shown), bins, len(snapshots)))
        apart = np.zeros((2, len(shown), len(snapshots)))
        if snapshots and shown:
            np.stack([counts for counts, _ in self._known.values()], axis=2, out=shares)
            np.stack([others for _, others in self._known.values()], axis=2, out=apart)
        first, last = _used(shares)
        iterations = np.array([snapshot.iteration for snapshot in snapshots], float)
        return Heat(shown, iterations, DECADES[first : last + 1], shares[:, first:last], apart[0], apart[1])

    def _read(self, snapshot: Snapshot) -> tuple[np.ndarray, np.ndarray]:
        """Shares [row, bin], and zeros and NaNs [2, row]."""
        spreads: Mapping[str, Spread] = getattr(snapshot, self._part)
        counts = np.zeros((len(self._names), len(DECADES) - 1))
        others = np.zeros((2, len(self._names)))
        for row, name in enumerate(self._names):
            spread = spreads.get(name)
            if spread is not None:
                counts[row] = spread.counts / max(int(spread.linear.sum()), 1)
                others[:, row] = spread.zeros, spread.nonfinite
        return counts, others


def heat(snapshots: Sequence[Snapshot], part: Part, names: Sequence[str] | None = None) -> Heat:
    """Stack the histograms of the tensors with these names, or of all."""
    return HeatMaker(part).heat(snapshots, names)


def at_iterations(heat: Heat, wanted: np.ndarray) -> np.ndarray:
    """For each wanted iteration the place of the last snapshot up to there; -1 before the first."""
    found: np.ndarray = np.searchsorted(heat.iterations, wanted, side="right") - 1
    return found


def _used(shares: np.ndarray) -> tuple[int, int]:
    """The first bin that is worth showing, and the one after the last: whole decades."""
    most = shares.max(axis=(0, 2), initial=0.0)
    used = np.flatnonzero(most > _SEEN)
    if not used.size:
        return 4 * _PER_DECADE, 12 * _PER_DECADE
    first, last = int(used[0]) // _PER_DECADE, int(used[-1]) // _PER_DECADE + 1
    return first * _PER_DECADE, last * _PER_DECADE
