"""Moving one number a little: what the derivative predicts for all that follows, and what happens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradviz.engine.forward_mode import tangents
from gradviz.engine.program import Phase, Program
from gradviz.engine.rerun import Progress, rerun

_FORWARD = (Phase.FORWARD, Phase.LOSS)


@dataclass(frozen=True, eq=False)
class Effect:
    """How a slot moves: `predicted` is its derivative times ε, `actual` what two computations differ by."""

    slot: int
    predicted: np.ndarray
    actual: np.ndarray

    @property
    def gap(self) -> float:
        """How far the two are apart: ‖predicted − actual‖ / ‖actual‖, 0 where nothing moves."""
        off, size = (float(np.linalg.norm(x.ravel())) for x in (self.predicted - self.actual, self.actual))
        return off / size if size else (0.0 if not off else float("inf"))


@dataclass(frozen=True, eq=False)
class Nudge:
    """One number moved by `epsilon`; `after` is the whole program with everything computed again."""

    slot: int
    element: tuple[int, ...]
    epsilon: float
    after: Program
    effects: dict[int, Effect]  # by slot, the nudged one first, then in the order of computation


def nudge(
    program: Program,
    slot: int,
    element: tuple[int, ...],
    epsilon: float,
    progress: Progress | None = None,
) -> Nudge:
    """Move one element of a slot by ε, and compare what forward makes of it with what derivatives predict.

    ValueError for whole numbers; AbandonedError if `progress` says so.
    """
    before = program.values[slot]
    if before.dtype.kind != "f":
        raise ValueError(f"slot {slot} holds whole numbers")
    moved = np.array(before)
    moved[element] += epsilon
    seed = np.zeros(before.shape)
    seed[element] = 1.0
    stop = _end_of_forward(program)
    directions = tangents(program, {slot: seed}, stop, progress)
    after = rerun(program, {slot: moved}, None, progress)
    effects = {}
    for each, rate in directions.items():
        old, new = program.values[each].astype(np.float64), after.values[each].astype(np.float64)
        effects[each] = Effect(each, rate * epsilon, new - old)
    return Nudge(slot, element, epsilon, after, effects)


def _end_of_forward(program: Program) -> int:
    phases = [instr.site.phase in _FORWARD for instr in program.instrs]
    return len(phases) - phases[::-1].index(True) if True in phases else 0
