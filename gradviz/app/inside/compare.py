"""Two runs side by side: a recording, forked at a moment with one thing changed, and their difference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gradviz.engine.dtypes import dtype_named
from gradviz.engine.interpret import step
from gradviz.engine.program import Program, SlotKind
from gradviz.engine.rerun import AbandonedError, Progress

from ..breakpoints import Stops
from ..recording import norm

Changes = Mapping[int, np.ndarray]
Rules = Mapping[int, Callable[[Sequence[np.ndarray]], np.ndarray]]
"""For some instructions another way to compute their result from the values of all slots."""


def fork(
    program: Program,
    moment: int,
    changes: Changes,
    progress: Progress | None = None,
    rules: Rules | None = None,
) -> Program:
    """The run as it goes on from `moment` when some values are changed there; what has run by then stays.

    Instructions that `rules` names are computed by these instead. ValueError for another shape;
    AbandonedError if `progress` says so.
    """
    values = list(program.values)
    for slot, value in changes.items():
        row = program.slots[slot]
        array = np.array(value, dtype_named(row.dtype).numpy)
        if array.shape != row.shape:
            raise ValueError(f"slot {slot} has shape {row.shape}, not {array.shape}")
        array.flags.writeable = False
        values[slot] = array
    changed = set(changes)
    for index in range(moment, len(program)):
        instr = program.instrs[index]
        rule = rules.get(index) if rules is not None else None
        if rule is None and changed.isdisjoint(instr.inputs):
            continue
        if progress is not None and not progress(index - moment, len(program) - moment):
            raise AbandonedError
        changed.add(instr.output)
        result = np.asarray(step(program, index, values) if rule is None else rule(values))
        if result.flags.writeable:
            result.flags.writeable = False
        values[instr.output] = result
    return replace(program, values=tuple(values))


# What can be changed.


def learning_rate(program: Program, factor: float) -> dict[int, np.ndarray]:
    """Every learning rate ("lr", "lr1" …) times a factor; empty where there is none."""
    found = {row.slot for row in program.bindings if row.slot is not None and _is_rate(row.name)}
    return {slot: program.values[slot] * factor for slot in sorted(found)}


def fresh_weights(program: Program, seed: int = 1) -> dict[int, np.ndarray]:
    """Other random numbers of the same mean and spread in every parameter that varies."""
    rng = np.random.default_rng(seed)
    found = {}
    for slot, row in enumerate(program.slots):
        value = program.values[slot]
        if row.kind is SlotKind.PARAMETER and value.dtype.kind == "f" and value.size > 1:
            found[slot] = rng.normal(value.mean(dtype=np.float64), value.std(dtype=np.float64), value.shape)
    return found


def one_number(program: Program, slot: int, element: tuple[int, ...], value: float) -> dict[int, np.ndarray]:
    """One element with another value."""
    changed = np.array(program.values[slot])
    changed[element] = value
    return {slot: changed}


def other_inputs(program: Program, inputs: Mapping[str, np.ndarray]) -> dict[int, np.ndarray]:
    """The values that the user's names mean at first, replaced; those of another shape are left."""
    found = {}
    for name, value in inputs.items():
        slot = program.bound(name, 0)
        if slot is not None and program.slots[slot].shape == value.shape:
            found[slot] = value
    return found


def _is_rate(name: str) -> bool:
    return name == "lr" or (name.startswith("lr") and name[2:].isdigit())


# How far two runs are apart.


@dataclass(frozen=True)
class Pair:
    """One value in both runs, and ‖a − b‖ / max(‖a‖, ‖b‖): 0 where they agree, up to 2."""

    first: np.ndarray
    second: np.ndarray
    difference: float


class Comparison:
    """Two programs; their values are matched slot by slot, or by op, module and name where they differ."""

    def __init__(
        self,
        first: Program,
        second: Program,
        title: str = "",
        moment: int = 0,
        without: frozenset[int] = frozenset(),
    ) -> None:
        self.first, self.second = first, second
        self.title, self.moment = title, moment
        self._without = without  # slots of the first run that nothing of the second stands for
        self._same = first.instrs == second.instrs
        self._matches: dict[int, int] | None = None
        self._pairs: dict[int, Pair | None] = {}

    def match(self, slot: int) -> int | None:
        """The second run's slot that stands for a slot of the first."""
        if slot in self._without:
            return None
        if self._same:
            return slot
        if self._matches is None:
            self._matches = _matched(self.first, self.second)
        return self._matches.get(slot)

    def pair(self, slot: int) -> Pair | None:
        """A value in both runs; None where the second has none of the same shape."""
        if slot not in self._pairs:
            self._pairs[slot] = self._compare(slot)
        return self._pairs[slot]

    def differences(self, slots: Iterable[int]) -> dict[int, float]:
        """The relative difference of each of these slots that both runs have."""
        return {slot: pair.difference for slot in slots if (pair := self.pair(slot)) is not None}

    def _compare(self, slot: int) -> Pair | None:
        other = self.match(slot)
        if other is None or self.first.slots[slot].shape != self.second.slots[other].shape:
            return None
        a, b = self.first.values[slot], self.second.values[other]
        if a is b:
            return Pair(a, b, 0.0)
        return Pair(a, b, relative(a, b))


def relative(a: np.ndarray, b: np.ndarray) -> float:
    """‖a − b‖ / max(‖a‖, ‖b‖); 0 for equal arrays, infinite where one is not finite and the other differs."""
    if np.array_equal(a, b, equal_nan=a.dtype.kind == "f" and b.dtype.kind == "f"):
        return 0.0
    with np.errstate(invalid="ignore", over="ignore"):
        apart = norm(a.astype(np.float64) - b.astype(np.float64))
    size = max(norm(a), norm(b))
    return apart / size if np.isfinite(apart) and np.isfinite(size) else float("inf")


def _matched(first: Program, second: Program) -> dict[int, int]:
    places = {place: index for index, place in enumerate(Stops(second).places)}
    found = {
        first.instrs[index].output: second.instrs[places[place]].output
        for index, place in enumerate(Stops(first).places)
        if place in places
    }
    named = {
        row.name: slot for slot, row in enumerate(second.slots) if row.name and row.kind is not SlotKind.VALUE
    }
    for slot, row in enumerate(first.slots):
        if row.name in named and row.kind is not SlotKind.VALUE:
            found[slot] = named[row.name]
    return found
