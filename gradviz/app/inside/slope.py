"""The loss of a recorded program as a function of one number in it, and the slope of that function."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradviz.engine.program import Phase, Program
from gradviz.engine.rerun import Progress, affected, in_double, rerun

_CLOSE = 1e-5  # two slopes in double precision that differ by more than this are not one
_CORNERS = frozenset({"relu", "leaky_relu", "abs", "prelu"})  # ops with a corner at zero
_FORWARD = (Phase.FORWARD, Phase.LOSS)


@dataclass(frozen=True)
class Difference:
    """One central difference: the step that was asked for, and the slope; NaN if the step was too small."""

    step: float
    slope: float
    crossed: int | None = None  # the first instruction that takes another branch at one end than at the other


@dataclass(frozen=True)
class Sides:
    """The slopes just below and just above a number; where they disagree, `kink` is the first instruction
    whose result has a corner there."""

    below: float
    above: float
    kink: int | None = None


class Slope:
    """Differentiates the loss of a program numerically with respect to one element of one slot."""

    def __init__(self, program: Program, slot: int, element: tuple[int, ...]) -> None:
        if program.loss is None:
            raise ValueError("the program has no loss")
        if program.values[program.loss].size != 1:
            raise ValueError("the loss is more than one number")
        if program.values[slot].dtype.kind != "f":
            raise ValueError(f"slot {slot} holds whole numbers")
        self.loss = program.loss
        self._program = program
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
        again, rounded = self._at(value, wide, progress)
        return self._loss(again), rounded

    def difference(self, step: float, wide: bool = False, progress: Progress | None = None) -> Difference:
        """The central difference with this step; its slope is NaN where the step is lost to rounding."""
        above, upper = self._at(self.value + step, wide, progress)
        below, lower = self._at(self.value - step, wide, progress)
        width = upper - lower
        if not width:
            return Difference(step, float("nan"))
        return Difference(step, (self._loss(above) - self._loss(below)) / width, self._crossed(below, above))

    def exact(self, progress: Progress | None = None) -> float:
        """The slope in double precision, with the step at which truncation and round-off are alike, and one
        step of Richardson's extrapolation against truncation; with a smaller step where that reaches over a
        corner."""
        step = np.finfo(np.float64).eps ** 0.2 * self._size
        wide, narrow = (self.difference(h, True, progress).slope for h in (step, step / 2))
        best = (4 * narrow - wide) / 3
        near = self.difference(self._small, True, progress).slope
        noise = self._noise(self._loss(self._program))
        return best if abs(best - near) <= noise or _alike(best, near) else near

    def sides(self, progress: Progress | None = None) -> Sides:
        """The slopes on both sides, with a very small step in double precision."""
        step = self._small
        middle, value = self._at(self.value, True, progress)
        (upper, high), (lower, low) = (self._at(self.value + h, True, progress) for h in (step, -step))
        losses = [self._loss(each) for each in (lower, middle, upper)]
        below, above = (losses[1] - losses[0]) / (value - low), (losses[2] - losses[1]) / (high - value)
        if abs(above - below) <= self._noise(max(map(abs, losses))) or _alike(above, below, 1e-3):
            return Sides(below, above)
        return Sides(below, above, self._corner(lower, middle, upper))

    @property
    def _size(self) -> float:
        return max(abs(self.value), 1e-2)

    @property
    def _small(self) -> float:
        """The best step of a central difference without extrapolation."""
        return float(np.finfo(np.float64).eps ** (1 / 3)) * self._size

    def _loss(self, program: Program) -> float:
        return float(program.values[self.loss].reshape(()))

    def _crossed(self, below: Program, above: Program) -> int | None:
        """The first instruction whose branches differ: another winner, another side of the corner at zero."""
        for index in affected(below, {self._slot}, self._stop):
            instr = below.instrs[index]
            if instr.site.phase not in _FORWARD:
                continue
            slot = instr.inputs[0] if instr.op in _CORNERS else instr.output
            pair = below.values[slot], above.values[slot]
            if instr.op in _CORNERS:
                pair = pair[0] > 0, pair[1] > 0
            if pair[0].dtype.kind != "f" and not np.array_equal(*pair):
                return index
        return None

    def _noise(self, loss: float) -> float:
        """How far rounding may put slopes with the small step apart."""
        return 8 * float(np.finfo(np.float64).eps) * abs(loss) / self._small

    def _at(self, value: float, wide: bool, progress: Progress | None) -> tuple[Program, float]:
        program = self._doubled() if wide else self._program
        changed = np.array(program.values[self._slot])
        changed[self._element] = value
        again = rerun(program, {self._slot: changed}, self._stop, progress)
        return again, float(changed[self._element])

    def _corner(self, lower: Program, middle: Program, upper: Program) -> int | None:
        """The first instruction that goes on at another rate than it came."""
        for index in affected(middle, {self._slot}, self._stop):
            output = middle.instrs[index].output
            if middle.instrs[index].site.phase not in _FORWARD or middle.values[output].dtype.kind != "f":
                continue
            came = middle.values[output] - lower.values[output]
            goes = upper.values[output] - middle.values[output]
            if np.abs(goes - came).max(initial=0.0) > 1e-3 * max(np.abs(came).max(), np.abs(goes).max()):
                return index
        return None

    def _doubled(self) -> Program:
        if self._wide is None:
            self._wide = in_double(self._program, self._stop)
        return self._wide


def _alike(first: float, second: float, close: float = _CLOSE) -> bool:
    return abs(first - second) <= close * max(abs(first), abs(second))
