"""Moving one number a little: what the derivative predicts for all that follows, and what happens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradviz.engine.forward_mode import tangents
from gradviz.engine.program import Phase, Program
from gradviz.engine.rerun import Progress, affected, in_double, rerun

_FORWARD = (Phase.FORWARD, Phase.LOSS)
SMALL, LARGE = 0.01, 0.1  # gaps from which on a prediction is marked as off, and as far off


@dataclass(frozen=True, eq=False)
class Effect:
    """How a slot moves: `predicted` is its derivative times ε, `actual` what two computations differ by."""

    slot: int
    predicted: np.ndarray
    actual: np.ndarray

    @cached_property
    def gap(self) -> float:
        """How far the two are apart: ‖predicted − actual‖ / ‖actual‖, 0 where nothing moves."""
        off, size = (float(np.linalg.norm(x.ravel())) for x in (self.predicted - self.actual, self.actual))
        return off / size if size else (0.0 if not off else float("inf"))

    @property
    def level(self) -> int:
        """0: as predicted; 1: off by more than 1 %; 2: by more than 10 %, or by nobody knows how much."""
        return (self.gap > SMALL) + (not self.gap <= LARGE)

    @cached_property
    def sizes(self) -> tuple[float, float]:
        """Both changes as one number each: a single number's own, a tensor's norm."""
        if self.actual.size == 1:
            return float(self.predicted.reshape(())), float(self.actual.reshape(()))
        return float(np.linalg.norm(self.predicted.ravel())), float(np.linalg.norm(self.actual.ravel()))


@dataclass(frozen=True, eq=False)
class Nudge:
    """One number of a program moved by `epsilon`."""

    program: Program
    slot: int
    element: tuple[int, ...]
    epsilon: float
    effects: dict[int, Effect]  # by slot, the nudged one first, then in the order of computation

    @cached_property
    def listed(self) -> tuple[Effect, ...]:
        """The effects, that on the loss first."""
        loss = self.program.loss
        first = [self.effects[loss]] if loss in self.effects else []
        return (*first, *(effect for slot, effect in self.effects.items() if slot != loss))

    @cached_property
    def after(self) -> Program:
        """The whole program, in its own precision, with everything computed again."""
        return rerun(self.program, {self.slot: _moved(self.program, self.slot, self.element, self.epsilon)})


class Nudger:
    """Moves one element of a slot by any ε: what derivatives predict is found once, as it grows with ε.

    All is computed in double precision, so that prediction and truth differ only where the function bends.
    ValueError for whole numbers; AbandonedError if `progress` says so.
    """

    def __init__(
        self, program: Program, slot: int, element: tuple[int, ...], progress: Progress | None = None
    ) -> None:
        if program.values[slot].dtype.kind != "f":
            raise ValueError(f"slot {slot} holds whole numbers")
        self._program, self._slot, self._element = program, slot, element
        self._stop = max(_end_of_forward(program), program.producers[slot] + 1)
        self._before = in_double(program, self._stop)
        seed = np.zeros(self._before.values[slot].shape)
        seed[element] = 1.0
        self._rates = tangents(self._before, {slot: seed}, self._stop, progress)

    def by(self, epsilon: float, progress: Progress | None = None) -> Nudge:
        """Move the element by ε, and compare what forward makes of it with what derivatives predict."""
        before, slot, element = self._before, self._slot, self._element
        after = rerun(before, {slot: _moved(before, slot, element, epsilon)}, self._stop, progress)
        effects = {}
        for each in (slot, *_reached(self._program, slot, self._stop)):
            change = after.values[each] - before.values[each]
            rate = self._rates.get(each)
            effects[each] = Effect(each, np.zeros_like(change) if rate is None else rate * epsilon, change)
        return Nudge(self._program, slot, element, epsilon, effects)


def nudge(
    program: Program,
    slot: int,
    element: tuple[int, ...],
    epsilon: float,
    progress: Progress | None = None,
) -> Nudge:
    """Move one element of a slot by ε; see `Nudger`."""
    return Nudger(program, slot, element, progress).by(epsilon, progress)


def _moved(program: Program, slot: int, element: tuple[int, ...], epsilon: float) -> np.ndarray:
    moved = np.array(program.values[slot])
    moved[element] += epsilon
    return moved


def _reached(program: Program, slot: int, stop: int) -> list[int]:
    """What forward computes from the slot, as far as it is no whole number."""
    found = (program.instrs[index] for index in affected(program, {slot}, stop))
    return [
        instr.output
        for instr in found
        if instr.site.phase in _FORWARD and program.values[instr.output].dtype.kind == "f"
    ]


def _end_of_forward(program: Program) -> int:
    phases = [instr.site.phase in _FORWARD for instr in program.instrs]
    return len(phases) - phases[::-1].index(True) if True in phases else 0
