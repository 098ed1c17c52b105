"""Is this gradient right? The engine's number beside a finite difference, and how that depends on the step.

The central difference (L(x + h) − L(x − h)) / 2h is wrong by about h² L‴ / 6 (truncation) plus about
u |L| / h (round-off, u the precision of the arithmetic): the best step lies between.
Source: W. Press et al., "Numerical Recipes", 3rd ed., 2007, section 5.7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradviz.engine.program import Program
from gradviz.engine.rerun import Progress, in_double, rerun

STEPS = tuple(10.0 ** (-n / 2) for n in range(25))
"""Step sizes from 1 down to 1e-12, two in each decade."""


@dataclass(frozen=True)
class Difference:
    """One central difference: the step that was really taken, and the slope."""

    step: float
    slope: float


@dataclass(frozen=True)
class Check:
    """`gradient` is what backward has computed (None where it has not come), `exact` the slope as good as it
    can be had in double precision, the others the slopes by step size in the program's own precision and in
    double."""

    gradient: float | None
    exact: float
    single: tuple[Difference, ...]
    double: tuple[Difference, ...]

    @cached_property
    def error(self) -> float | None:
        """|gradient − exact|, relative to the larger of the two; None without a gradient."""
        if self.gradient is None:
            return None
        scale = max(abs(self.gradient), abs(self.exact))
        return abs(self.gradient - self.exact) / scale if scale else 0.0


class Slope:
    """Differentiates the loss of a program numerically with respect to one element of one slot."""

    def __init__(self, program: Program, slot: int, element: tuple[int, ...]) -> None:
        if program.loss is None:
            raise ValueError("the program has no loss")
        if program.values[slot].dtype.kind != "f":
            raise ValueError(f"slot {slot} holds whole numbers")
        self._program = program
        self._loss = program.loss
        self._slot = slot
        self._element = element
        self._stop = program.producers[program.loss] + 1
        self._wide: Program | None = None

    @property
    def value(self) -> float:
        """The element as it is."""
        return float(self._program.values[self._slot][self._element])

    def loss_at(
        self, value: float, wide: bool = False, progress: Progress | None = None
    ) -> tuple[float, float]:
        """The loss if the element had this value, and the value as it was rounded."""
        program = self._doubled() if wide else self._program
        changed = np.array(program.values[self._slot])
        changed[self._element] = value
        again = rerun(program, {self._slot: changed}, self._stop, progress)
        return float(again.values[self._loss]), float(changed[self._element])

    def difference(self, step: float, wide: bool = False, progress: Progress | None = None) -> Difference:
        """The central difference with this step; its slope is NaN where the step is lost to rounding."""
        above, upper = self.loss_at(self.value + step, wide, progress)
        below, lower = self.loss_at(self.value - step, wide, progress)
        width = upper - lower
        return Difference(step, (above - below) / width if width else float("nan"))

    def exact(self, progress: Progress | None = None) -> float:
        """The slope in double precision, with the step at which truncation and round-off are alike, and one
        step of Richardson's extrapolation against truncation."""
        step = np.finfo(np.float64).eps ** 0.2 * max(abs(self.value), 1e-2)
        wide, narrow = (self.difference(h, True, progress).slope for h in (step, step / 2))
        return (4 * narrow - wide) / 3

    def _doubled(self) -> Program:
        if self._wide is None:
            self._wide = in_double(self._program, self._stop)
        return self._wide


def check(
    program: Program,
    slot: int,
    element: tuple[int, ...],
    steps: Sequence[float] = STEPS,
    progress: Progress | None = None,
) -> Check:
    """Compare ∂loss/∂slot[element] with finite differences of many steps.

    ValueError for whole numbers and for a program without a loss; AbandonedError if `progress` says so.
    """
    slope = Slope(program, slot, element)
    total = program.gradient_slot(slot)
    gradient = None if total is None else float(program.values[total][element])
    exact = slope.exact()
    rows: tuple[list[Difference], list[Difference]] = ([], [])
    for wide, found in enumerate(rows):
        for step in steps:
            found.append(slope.difference(step, bool(wide), progress))
    return Check(gradient, exact, tuple(rows[0]), tuple(rows[1]))
