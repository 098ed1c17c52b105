"""Is this gradient right? The engine's number beside a finite difference, and how that depends on the step.

The central difference (L(x + h) − L(x − h)) / 2h is wrong by about h² L‴ / 6 (truncation) plus about
u |L| / h (round-off, u the precision of the arithmetic): the best step lies between.
Source: W. Press et al., "Numerical Recipes", 3rd ed., 2007, section 5.7.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

import numpy as np

from gradviz.engine.program import Program
from gradviz.engine.rerun import Progress

from .slope import Difference, Sides, Slope

__all__ = ["STEPS", "Check", "Difference", "Slope", "Verdict", "check", "checks"]

STEPS = tuple(10.0 ** (-n / 2) for n in range(25))
"""Step sizes from 1 down to 1e-12, two in each decade."""

# How far a right gradient may lie off, relative to itself and to the largest of its tensor: what is left of a
# sum in which large terms cancel is as wrong as they were.
_TOLERANCE = {"float16": (5e-2, 5e-3), "float32": (1e-3, 5e-5), "float64": (1e-6, 1e-9)}
_FIRST = 10  # evaluations of the loss for everything but the curve
_EACH = 4  # evaluations for each step


class Verdict(StrEnum):
    """`MISSING`: the engine has computed no gradient; `KINK`: there is no derivative, only two slopes."""

    AGREES = "agrees"
    DIFFERS = "differs"
    KINK = "kink"
    MISSING = "missing"


@dataclass(frozen=True)
class Check:
    """`gradient` is what backward has computed (None where it has not come), `exact` the slope as good as it
    can be had in double precision, the others the slopes by step size in the program's own precision and in
    double.

    `scale` is the largest magnitude in the gradient's tensor, `sides` what the slopes from below and from
    above say, `precision` the name of the program's own dtype.
    """

    gradient: float | None
    exact: float
    single: tuple[Difference, ...]
    double: tuple[Difference, ...]
    scale: float
    loss: float
    sides: Sides
    precision: str

    @cached_property
    def error(self) -> float | None:
        """|gradient − exact|, relative to the larger of the two; None without a gradient."""
        if self.gradient is None:
            return None
        scale = max(abs(self.gradient), abs(self.exact))
        return abs(self.gradient - self.exact) / scale if scale else 0.0

    @cached_property
    def verdict(self) -> Verdict:
        """Whether the gradient is right, as far as its precision can tell."""
        if self.gradient is None:
            return Verdict.MISSING
        if self.sides.kink is not None:
            return Verdict.KINK
        relative, absolute = _TOLERANCE[self.precision]
        bound = relative * max(abs(self.gradient), abs(self.exact)) + absolute * self.scale
        return Verdict.AGREES if abs(self.gradient - self.exact) <= bound else Verdict.DIFFERS

    def errors(self, wide: bool) -> tuple[float, ...]:
        """|numeric − exact| for each step so far; NaN where the step is lost to rounding."""
        return tuple(abs(row.slope - self.exact) for row in (self.double if wide else self.single))

    @property
    def rounding(self) -> float:
        """How wrong rounding makes a slope, times the step: u |L|."""
        return float(np.finfo(self.precision).eps) / 2 * abs(self.loss)

    @cached_property
    def bend(self) -> float | None:
        """How wrong bending makes a slope, over the square of the step: |L‴| / 6; None where the errors do
        not grow with that square."""
        rows = [
            (row.step, error)
            for row, error in zip(self.double, self.errors(wide=True), strict=True)
            if error > 1e-7 * max(abs(self.exact), 1e-12) and row.step < 0.5
        ]
        factors = [
            fine[1] / fine[0] ** 2
            for coarse, fine in pairwise(rows)
            if 1.7 < math.log(coarse[1] / fine[1]) / math.log(coarse[0] / fine[0]) < 2.3
        ]
        return factors[-1] if factors else None

    @cached_property
    def best(self) -> int | None:
        """The place of the step that errs least in the program's own precision; None if none can be used."""
        errors = [math.inf if math.isnan(error) else error for error in self.errors(wide=False)]
        return min(range(len(errors)), key=errors.__getitem__) if any(map(math.isfinite, errors)) else None


def checks(
    program: Program,
    slot: int,
    element: tuple[int, ...],
    steps: Sequence[float] = STEPS,
    progress: Progress | None = None,
) -> Iterator[Check]:
    """What is known of ∂loss/∂slot[element], first without and then with more and more steps.

    `progress` hears how many evaluations of the loss are done, of how many. ValueError for whole numbers and
    for a program without a loss of one number; AbandonedError if `progress` says so.
    """
    work = _Work(progress, _FIRST + _EACH * len(steps))
    slope = Slope(program, slot, element)
    total = program.gradient_slot(slot)
    gradients = None if total is None else program.values[total]
    exact = slope.exact(work.inside)
    found = Check(
        gradient=None if gradients is None else float(gradients[element]),
        exact=exact,
        single=(),
        double=(),
        scale=_largest(gradients),
        loss=float(program.values[slope.loss].reshape(())),
        sides=slope.sides(work.inside),
        precision=str(program.values[slot].dtype),
    )
    work.done = _FIRST
    yield found
    for step in steps:
        rows = [slope.difference(step, wide, work.inside) for wide in (False, True)]
        work.done += _EACH
        found = replace(found, single=(*found.single, rows[0]), double=(*found.double, rows[1]))
        yield found


def check(
    program: Program,
    slot: int,
    element: tuple[int, ...],
    steps: Sequence[float] = STEPS,
    progress: Progress | None = None,
) -> Check:
    """Compare ∂loss/∂slot[element] with finite differences of many steps; see `checks`."""
    *_, found = checks(program, slot, element, steps, progress)
    return found


class _Work:
    """Counts evaluations of the loss, and asks within each of them whether to go on."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._total = total
        self.done = 0

    def inside(self, done: int, of: int) -> bool:
        return self._progress is None or self._progress(self.done, self._total)


def _largest(values: np.ndarray | None) -> float:
    return float(np.abs(values).max(initial=0.0)) if values is not None else 0.0
