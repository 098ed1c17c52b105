"""How the elements of one tensor are spread, in a few hundred bytes, so that it can be kept over time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

DECADES = np.linspace(-12.0, 4.0, 65)
"""Edges of the bins of log10|x|, four to a decade: the same for all tensors, so that they stack over time."""
DECADES.flags.writeable = False

LINEAR_BINS = 41
"""Over [-reach, reach]; odd, so that zero lies in the middle of a bin."""

SAMPLE = 50_000
"""Of more elements than this only every k-th is looked at."""

SATURATED: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "tanh": lambda x: np.abs(x) > 0.97,
    "sigmoid": lambda x: (x < 0.03) | (x > 0.97),
}
"""For each squashing activation where its output is so near to its ends that hardly a gradient passes."""


@dataclass(frozen=True, eq=False)
class Spread:
    """Of one tensor at one iteration; statistics are of the finite elements, NaN where there are none.

    `zeros` is the share of exact zeros and `saturated` that of elements at an end of their activation (both
    0…1, of the finite ones), `nonfinite` the number of NaNs and infinities among those looked at. `counts`
    is the histogram of log10|x| over DECADES, zeros left out, what lies beyond in the outermost bins;
    `linear` that of x over [-reach, reach]; `std` divides by the number of elements.
    """

    mean: float
    std: float
    low: float
    high: float
    zeros: float
    saturated: float
    nonfinite: int
    counts: np.ndarray
    linear: np.ndarray
    reach: float


def spread_of(values: np.ndarray, activation: str = "") -> Spread:
    """Describe a tensor; `activation` ("tanh", "sigmoid", or another) says what counts as saturated."""
    flat = np.asarray(values).reshape(-1)
    flat = flat[:: _step(flat.size)]
    if flat.dtype.kind != "f":
        flat = flat.astype(np.float64)
    finite = flat
    # One sum tells whether all are finite, mostly without a mask.
    with np.errstate(over="ignore", invalid="ignore"):
        if flat.size and not np.isfinite(np.add.reduce(flat)):
            finite = flat[np.isfinite(flat)]
    nonfinite = flat.size - finite.size
    nothing = np.zeros(len(DECADES) - 1, np.int32), np.zeros(LINEAR_BINS, np.int32)
    if not finite.size:
        nan = float("nan")
        return Spread(nan, nan, nan, nan, 0.0, 0.0, nonfinite, *nothing, 0.0)
    wide = finite.astype(np.float64)
    size = np.abs(wide)
    low, high = float(wide.min()), float(wide.max())
    reach = max(-low, high, 0.0)
    zeros = wide.size - int(np.count_nonzero(wide))
    saturated = SATURATED.get(activation)
    return Spread(
        mean=float(wide.mean()),
        std=float(wide.std()),
        low=low,
        high=high,
        zeros=zeros / wide.size,
        saturated=float(np.count_nonzero(saturated(wide))) / wide.size if saturated is not None else 0.0,
        nonfinite=nonfinite,
        counts=_decades(size[size > 0] if zeros else size),
        linear=_binned(wide * 0.5 + reach * 0.5, reach, LINEAR_BINS),
        reach=reach,
    )


def _step(count: int) -> int:
    """Of so many elements every k-th is looked at; k is odd, so that it meets all columns of a matrix."""
    step = -(-count // SAMPLE)
    return max(1, step + (step + 1) % 2)


def _decades(size: np.ndarray) -> np.ndarray:
    first, last = float(DECADES[0]), float(DECADES[-1])
    return _binned(np.log10(size) - first, last - first, len(DECADES) - 1)


def _binned(offsets: np.ndarray, width: float, bins: int) -> np.ndarray:
    """Counts of offsets in equal bins from 0 to width, those beyond in the outermost."""
    if width <= 0:
        counts = np.zeros(bins, np.int32)
        counts[bins // 2] = offsets.size
        return counts
    with np.errstate(over="ignore"):
        places = np.clip(offsets * (bins / width), 0, bins - 1).astype(np.int64)
    return np.bincount(places, minlength=bins).astype(np.int32)
