"""How large the tensors of a program are: a few numbers for each slot, computed when they are asked for."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from gradviz.engine.program import Program


@dataclass(frozen=True, slots=True)
class Measure:
    """Of one tensor: mean and largest |x|, √Σx², and whether it holds NaN, ±∞, or nothing but zeros.

    The numbers of a tensor with a NaN are NaN, those of one with an infinity infinite.
    """

    mean: float
    largest: float
    norm: float
    nan: bool = False
    inf: bool = False
    zero: bool = False


def measure(value: np.ndarray) -> Measure:
    """The measure of a tensor; an empty one is as small as one of zeros, but does not hold any."""
    if value.size == 0:
        return Measure(0.0, 0.0, 0.0)
    size = np.abs(value.reshape(-1).astype(np.float64, copy=False))
    largest = float(size.max())
    if math.isnan(largest):
        inf = bool(np.isinf(size).any())
        return Measure(math.nan, math.nan, math.nan, nan=True, inf=inf)
    if math.isinf(largest):
        return Measure(math.inf, math.inf, math.inf, inf=True)
    if largest == 0.0:
        return Measure(0.0, 0.0, 0.0, zero=True)
    scaled = size / largest if not 1e-140 < largest < 1e140 else size  # squares neither vanish nor explode
    norm = math.sqrt(float(scaled @ scaled))
    return Measure(float(size.mean()), largest, norm if scaled is size else norm * largest)


class Measures:
    """The measures of one program's slots, also as arrays by slot (`means`, `norms`; NaN while unknown).

    `gradients` are the slots that hold a gradient or a term of one.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        count = len(program.slots)
        self.known = np.zeros(count, dtype=bool)
        self.means = np.full(count, np.nan)
        self.norms = np.full(count, np.nan)
        self._rows: dict[int, Measure] = {}
        self.seconds: list[float] | None = None  # of each instruction, once somebody has measured them
        rows = program.contributions
        self.gradients = frozenset(slot for row in rows for slot in (row.grad, row.total))

    def get(self, slot: int) -> Measure:
        """The measure of a slot."""
        row = self._rows.get(slot)
        if row is None:
            row = self._rows[slot] = measure(self.program.values[slot])
            self.known[slot] = True
            self.means[slot], self.norms[slot] = row.mean, row.norm
        return row

    def fill(self, slots: Iterable[int], budget: float) -> bool:
        """Measure some slots for about `budget` seconds; whether all are known now."""
        deadline = time.perf_counter() + budget
        for slot in slots:
            if not self.known[slot]:
                if time.perf_counter() > deadline:
                    return False
                self.get(slot)
        return True
