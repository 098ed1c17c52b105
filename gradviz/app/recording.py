"""What the app shows: recorded iterations, their numbers for the plots, the text of the user's code."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from gradviz.engine.program import Phase, Program, SlotKind


@dataclass(frozen=True)
class Metrics:
    """One iteration in numbers.

    gradient_norms: parameter name -> ‖g‖₂; update_ratios: parameter name -> ‖Δw‖₂ / ‖w‖₂ (0 / 0 counts as 0);
    `loss` is NaN if the iteration had none; `seconds` is how long it took; `lr` is the learning rate of the
    first group, `accuracy` the share of the batch that was told rightly (both NaN if unknown).
    """

    iteration: int
    loss: float
    gradient_norms: Mapping[str, float] = field(default_factory=dict)
    update_ratios: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    lr: float = math.nan
    accuracy: float = math.nan


@dataclass(frozen=True, eq=False)
class Iteration:
    """One walk through zero_grad, forward, loss, backward and update; `number` counts from 1."""

    number: int
    program: Program
    metrics: Metrics


@dataclass(frozen=True, eq=False)
class Recording:
    """Everything that one run left behind.

    sources: file -> text, what the code panel shows; description: the model as it prints itself; classes: the
    names of the targets; problem: the error that ended the user's script, with its place, if there was one;
    trained: the numbers of later iterations, which were not recorded; notes: what the user should know of it.
    """

    title: str
    iterations: tuple[Iteration, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    classes: tuple[str, ...] = ()
    problem: str | None = None
    problem_file: str | None = None
    problem_line: int | None = None
    trained: tuple[Metrics, ...] = ()
    notes: tuple[str, ...] = ()
    lineage: object = field(default_factory=object)  # the same for all that this one grows into

    def with_iteration(self, iteration: Iteration) -> Recording:
        """The same with one more iteration at the end."""
        return replace(self, iterations=(*self.iterations, iteration))

    def with_other(self, place: int, iteration: Iteration) -> Recording:
        """The same with another iteration at a place."""
        rows = self.iterations
        return replace(self, iterations=(*rows[:place], iteration, *rows[place + 1 :]))

    def is_of(self, other: Recording | None) -> bool:
        """Whether both show the same run, though one may have more iterations or changed values."""
        return other is not None and self.lineage is other.lineage


def metrics_of(program: Program, number: int, seconds: float = 0.0) -> Metrics:
    """The numbers of a recorded iteration, read from the names that its program binds."""
    gradient_norms: dict[str, float] = {}
    update_ratios: dict[str, float] = {}
    gradients = last_gradients(program)
    for name, (before, after) in parameter_slots(program).items():
        if name in gradients:
            gradient_norms[name] = norm(program.values[gradients[name]])
        if after != before:
            change = norm(_wide(program.values[after]) - _wide(program.values[before]))
            update_ratios[name] = ratio(change, norm(program.values[before]))
    loss = float("nan")
    if program.loss is not None and program.values[program.loss].size == 1:
        loss = float(program.values[program.loss].reshape(()))
    return Metrics(number, loss, gradient_norms, update_ratios, seconds)


def parameter_slots(program: Program) -> dict[str, tuple[int, int]]:
    """For each parameter's name its slot before the iteration and after it; equal unless it was updated."""
    found: dict[str, tuple[int, int]] = {}
    for row in program.bindings:
        if row.slot is None:
            continue
        if row.name in found:
            found[row.name] = (found[row.name][0], row.slot)
        elif program.slots[row.slot].kind is SlotKind.PARAMETER:
            found[row.name] = (row.slot, row.slot)
    return found


def last_gradients(program: Program) -> dict[str, int]:
    """For each name the slot of the gradient that backward last left in its .grad."""
    found: dict[str, int] = {}
    for row in program.bindings:
        if row.slot is None or not row.name.endswith(".grad"):
            continue
        producer = program.producers[row.slot]
        if producer >= 0 and program.instrs[producer].site.phase is Phase.BACKWARD:
            found[row.name.removesuffix(".grad")] = row.slot
    return found


def norm(values: np.ndarray) -> float:
    """‖x‖₂ in double precision."""
    # Not by BLAS: for products as small as these its threads take longer to meet than to add.
    return math.sqrt(float(np.add.reduce(np.square(values, dtype=np.float64), axis=None)))


def ratio(part: float, whole: float) -> float:
    """part / whole; 0 / 0 is 0, anything else over 0 is infinite."""
    if whole == 0.0:
        return 0.0 if part == 0.0 else float("inf")
    return part / whole


def _wide(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float64)
