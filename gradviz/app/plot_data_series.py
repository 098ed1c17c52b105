"""Numbers by iteration, read from a training log: what is drawn as lines."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from .train_log import TrainLog
from .train_snapshot import EpochRow, Snapshot

SMOOTH_FROM = 40
"""So many iterations have to be there before smoothing them says more than they do."""

_WINDOW = 0.03
"""The share of the iterations over which is smoothed."""


@dataclass(frozen=True, eq=False)
class Curve:
    """One number by iteration, under the name of what it belongs to."""

    name: str
    x: np.ndarray
    y: np.ndarray


def loss_curves(log: TrainLog) -> tuple[Curve, ...]:
    """The loss of each iteration; smoothed, if there are many; after each epoch on training and test data."""
    return _curves(log, "loss", lambda row: row.train_loss, lambda row: row.test_loss)


def accuracy_curves(log: TrainLog) -> tuple[Curve, ...]:
    """The same of the accuracy, 0…1; nothing if nobody knows any."""
    found = _curves(log, "accuracy", lambda row: row.train_accuracy, lambda row: row.test_accuracy)
    return tuple(curve for curve in found if np.isfinite(curve.y).any())


def rate_curve(log: TrainLog) -> Curve:
    """The learning rate of each iteration."""
    return Curve("lr", log.column("iteration"), log.column("lr"))


def ratio_curves(log: TrainLog) -> tuple[Curve, ...]:
    """‖Δw‖ / ‖w‖ for each parameter that was ever updated."""
    x = log.column("iteration")
    names = [name for name in log.parameters if log.tells("update", name).any()]
    return tuple(Curve(name, x, log.update_ratios(name)[: len(x)]) for name in names)


def norm_curves(log: TrainLog) -> tuple[Curve, ...]:
    """‖g‖ for each parameter that ever had a gradient."""
    x = log.column("iteration")
    names = [name for name in log.parameters if log.tells("gradient", name).any()]
    return tuple(Curve(name, x, log.gradient_norms(name)[: len(x)]) for name in names)


def state_curves(snapshots: Sequence[Snapshot], kind: str) -> tuple[Curve, ...]:
    """The norm of one kind of optimizer state ("exp_avg") for each parameter."""
    names = dict.fromkeys(name for s in snapshots for name, norms in s.state.items() if kind in norms)
    x = np.array([s.iteration for s in snapshots], float)
    return tuple(
        Curve(name, x, np.array([s.state.get(name, {}).get(kind, math.nan) for s in snapshots]))
        for name in names
    )


def state_kinds(snapshots: Sequence[Snapshot]) -> tuple[str, ...]:
    """The kinds of optimizer state that there are."""
    return tuple(dict.fromkeys(k for s in snapshots[-1:] for norms in s.state.values() for k in norms))


def share_curves(snapshots: Sequence[Snapshot]) -> tuple[Curve, ...]:
    """For each ReLU the share of dead units, for each squashing activation that of saturated ones, 0…1.

    One that is never saturated nor dead is left out, unless it is a ReLU.
    """
    x = np.array([s.iteration for s in snapshots], float)
    dead = dict.fromkeys(name for s in snapshots for name in s.dead)
    squashed = dict.fromkeys(
        name for s in snapshots for name, spread in s.activations.items() if spread.saturated > 0
    )
    found = [Curve(name, x, np.array([s.dead.get(name, math.nan) for s in snapshots])) for name in dead]
    for name in squashed:
        values = [s.activations[name].saturated if name in s.activations else math.nan for s in snapshots]
        found.append(Curve(name, x, np.array(values)))
    return tuple(found)


def smoothed(y: np.ndarray, window: int) -> np.ndarray:
    """The mean of the `window` numbers around each, fewer at the ends; NaN and infinities do not count."""
    if not len(y):
        return y
    known = np.isfinite(y)
    sums = np.concatenate([[0.0], np.cumsum(np.where(known, y, 0.0))])
    counts = np.concatenate([[0], np.cumsum(known)])
    half = min(max(window // 2, 0), len(y) - 1)
    places = np.arange(len(y))
    # As many on either side, or the ends would lean to where there are more.
    reach = np.minimum(half, np.minimum(places, len(y) - 1 - places))
    first, last = places - reach, places + reach + 1
    with np.errstate(invalid="ignore", divide="ignore"):
        found: np.ndarray = (sums[last] - sums[first]) / (counts[last] - counts[first])
    return found


def decimated(x: np.ndarray, y: np.ndarray, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """At most two points for each of `columns` parts of the x axis: where y is least and greatest.

    Drawn as a line this looks as all points would, as long as a column is no wider than a pixel. x rises.
    """
    count = len(x)
    if count <= 2 * columns or columns < 1:
        return x, y
    edges = np.unique(np.searchsorted(x, np.linspace(x[0], x[-1], columns + 1)[:-1]))
    least = np.fmin.reduceat(y, edges)
    most = np.fmax.reduceat(y, edges)
    sizes = np.diff(np.append(edges, count))
    places = []
    for extreme in (least, most):
        # The first place in each part where y is its extreme; the part's first if it knows no number.
        hits = np.flatnonzero(y == np.repeat(extreme, sizes))
        part = np.searchsorted(edges, hits, side="right") - 1
        found = edges.copy()
        found[part[::-1]] = hits[::-1]
        places.append(found)
    kept = np.unique(np.concatenate([*places, [0, count - 1]]))
    return x[kept], y[kept]


def _curves(
    log: TrainLog, name: str, train: Callable[[EpochRow], float], test: Callable[[EpochRow], float]
) -> tuple[Curve, ...]:
    x, y = log.column("iteration"), log.column(name)
    count = min(len(x), len(y))  # it may grow between the two
    x, y = x[:count], y[:count]
    found = [Curve(name, x, y)]
    if count >= SMOOTH_FROM:
        found.append(Curve("smoothed", x, smoothed(y, max(5, round(count * _WINDOW)))))
    epochs = tuple(log.epochs)
    if epochs:
        ends = np.array([row.iteration for row in epochs], float)
        found += [
            Curve(title, ends, np.array([read(row) for row in epochs]))
            for title, read in (("train", train), ("test", test))
        ]
    return tuple(found)


def longest(curves: Iterable[Curve]) -> int:
    """The most points that one of them has."""
    return max((len(curve.x) for curve in curves), default=0)
