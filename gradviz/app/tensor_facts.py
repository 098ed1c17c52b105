"""What can be said of a tensor in a few numbers, computed when somebody looks."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from gradviz.engine.program import Program

BINS = 32
_SAMPLE = 1_000_000  # a histogram of more elements than this counts an evenly spaced part of them


@dataclass(frozen=True, eq=False)
class Histogram:
    """`counts[i]` elements lie from `edges[i]` to `edges[i + 1]`; only every `step`-th element is counted."""

    counts: np.ndarray
    edges: np.ndarray
    step: int = 1


@dataclass(frozen=True, eq=False)
class TensorFacts:
    """Statistics over the finite elements; NaN where there are none (min, mean, max, std).

    `zeros` is the share of elements that are exactly 0, `nonfinite` the number of NaNs and infinities; `std`
    divides by the number of elements (population).
    """

    shape: tuple[int, ...]
    dtype: str
    size: int
    min: float
    mean: float
    max: float
    std: float
    zeros: float
    nonfinite: int
    histogram: Histogram | None

    @property
    def norm(self) -> float:
        """‖x‖₂ of the finite elements."""
        count = self.size - self.nonfinite
        return float(np.sqrt((self.std**2 + self.mean**2) * count)) if count else float("nan")


def tensor_facts(array: np.ndarray) -> TensorFacts:
    """Describe an array of any dtype (booleans count as 0 and 1)."""
    flat = np.asarray(array).reshape(-1)
    if flat.dtype == np.bool_:
        flat = flat.astype(np.uint8)
    finite = flat
    if flat.dtype.kind == "f":
        mask = np.isfinite(flat)
        finite = flat if mask.all() else flat[mask]
    nonfinite = flat.size - finite.size
    zeros = float(np.count_nonzero(flat == 0)) / flat.size if flat.size else 0.0
    if not finite.size:
        nan = float("nan")
        return TensorFacts(
            tuple(array.shape), str(array.dtype), flat.size, nan, nan, nan, nan, zeros, nonfinite, None
        )
    low, high = float(finite.min()), float(finite.max())
    with np.errstate(over="ignore"):  # the spread of numbers near the largest is rightly infinite
        mean, std = float(finite.mean(dtype=np.float64)), float(finite.std(dtype=np.float64))
    return TensorFacts(
        tuple(array.shape),
        str(array.dtype),
        flat.size,
        low,
        mean,
        high,
        std,
        zeros,
        nonfinite,
        histogram(finite, low, high),
    )


def histogram(finite: np.ndarray, low: float, high: float, bins: int = BINS) -> Histogram:
    """Equal bins from `low` to `high`; one value only gets a bin of its own in the middle."""
    step = max(1, -(-finite.size // _SAMPLE))
    part = finite[::step].astype(np.float64)
    if not high > low:
        wide, most = max(abs(low), 1.0) * 0.5, float(np.finfo(np.float64).max)
        low, high = max(low - wide, -most), min(high + wide, most)
    # Half the width first: high - low of two numbers near the largest would overflow.
    places = (part * 0.5 - low * 0.5) / (high * 0.5 - low * 0.5) * bins
    counts = np.bincount(np.clip(places.astype(np.int64), 0, bins - 1), minlength=bins)
    share = np.linspace(0.0, 1.0, bins + 1)
    return Histogram(counts, low * (1.0 - share) + high * share, step)


class FactsCache:
    """Remembers the statistics of the slots looked at last; a slot's value never changes."""

    def __init__(self, limit: int = 128) -> None:
        self._limit = limit
        # The program is kept with the entry, so that its id cannot be given to another one meanwhile.
        self._known: OrderedDict[tuple[int, int], tuple[Program, TensorFacts]] = OrderedDict()

    def get(self, program: Program, slot: int) -> TensorFacts:
        """The facts of a slot's value."""
        key = (id(program), slot)
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key][1]
        facts = tensor_facts(program.values[slot])
        self._known[key] = (program, facts)
        if len(self._known) > self._limit:
            self._known.popitem(last=False)
        return facts
