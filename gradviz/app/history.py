"""The past of a training run: weights now and then, and what each iteration was given, so that any iteration
can be computed again, exactly."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from gradviz.engine.compiled import Compiled, compile_program
from gradviz.engine.interpret import run
from gradviz.engine.program import Program, SlotKind

BUDGET = 512 * 2**20
"""Bytes; beyond, the oldest iterations are forgotten."""

EVERY = 100
"""Iterations from one copy of the weights to the next: recomputing that many takes less than a glance."""

_STEP_BYTES = 400
"""What noting one iteration takes, besides the arrays themselves."""

_GIVEN = (SlotKind.VALUE, SlotKind.CONSTANT, SlotKind.INPUT)
"""Slots that are computed, or set for each iteration, or the same in all."""

Inputs = Callable[[np.ndarray], Mapping[str, np.ndarray]]
State = Mapping[int, np.ndarray]


class _Given(NamedTuple):
    """What one iteration was given: the chosen samples, the learning rates by name, seeds."""

    chosen: np.ndarray
    rates: Mapping[str, float]
    seeds: tuple[int, ...]


@dataclass
class _Stretch:
    """Iterations that one executor has run without a break, from number `first` on."""

    compiled: Compiled
    first: int
    leaves: State  # what no iteration changes
    frames: OrderedDict[int, State] = field(default_factory=OrderedDict)
    given: dict[int, _Given] = field(default_factory=dict)


class History:
    """Remembers iterations by their numbers, within `budget` bytes.

    `inputs` makes an iteration's inputs, by name, of the samples that were chosen for it. The executor's
    weights are copied every `every` iterations; the others are computed again from there by an executor of
    the same kind, which gives the same bits. Not to be used in two threads at once.
    """

    def __init__(self, inputs: Inputs, budget: int = BUDGET, every: int = EVERY) -> None:
        self._inputs, self._budget, self._every = inputs, budget, every
        self._stretches: list[_Stretch] = []
        self._programs: OrderedDict[int, Program] = OrderedDict()  # iterations that were recorded as they ran
        self._again: tuple[Program, Compiled] | None = None
        self.nbytes = 0
        """About how many bytes it holds."""

    def begin(self, compiled: Compiled, number: int) -> None:
        """The executor starts, from iteration `number` on, with the values that it now holds."""
        changed = set(compiled.next.values())
        slots = enumerate(compiled.program.slots)
        kept = _copied(compiled, [i for i, slot in slots if slot.kind not in _GIVEN and i not in changed])
        self._stretches.append(_Stretch(compiled, number, kept))
        self.nbytes += _size(kept)

    def note(self, number: int, chosen: np.ndarray, rates: Mapping[str, float]) -> tuple[int, ...]:
        """Iteration `number` is about to run on these samples; returns the seeds that it is to run with."""
        now = self._stretches[-1]
        if (number - now.first) % self._every == 0:
            now.frames[number] = frame = _copied(now.compiled, now.compiled.next.values())
            self.nbytes += _size(frame)
        now.given[number] = given = _Given(chosen, rates, now.compiled.draw())
        self.nbytes += chosen.nbytes + _STEP_BYTES
        while self.nbytes > self._budget and self._forget():
            pass
        return given.seeds

    def keep(self, number: int, program: Program) -> None:
        """Iteration `number` was recorded as it ran."""
        self._programs[number] = program
        self.nbytes += _program_size(program)
        while self.nbytes > self._budget and self._forget():
            pass

    @property
    def numbers(self) -> tuple[int, ...]:
        """The iterations that it remembers, in order."""
        noted = (number for stretch in self._stretches for number in stretch.given)
        return tuple(sorted({*self._programs, *noted}))

    def __contains__(self, number: object) -> bool:
        return number in self._programs or any(number in stretch.given for stretch in self._stretches)

    def program_at(self, number: int) -> Program:
        """The iteration as a program with all its values. Errors: KeyError if it is not remembered."""
        known = self._programs.get(number)
        if known is not None:
            return known
        stretch = self._stretch(number)
        program = stretch.compiled.program
        values = dict(stretch.leaves) | dict(self.state_at(number))
        given = stretch.given[number]
        for name, value in self._by_name(given).items():
            values[stretch.compiled.slot(name)] = value
        seeds = dict(zip(stretch.compiled.random, given.seeds, strict=True))
        instrs = tuple(
            replace(instr, attrs={**instr.attrs, "seed": seeds[i]}) if i in seeds else instr
            for i, instr in enumerate(program.instrs)
        )
        program = replace(program, instrs=instrs)
        return replace(program, values=tuple(_frozen(value) for value in run(program, values)))

    def state_at(self, number: int) -> State:
        """What the executor held when iteration `number` began, by slot: bit for bit."""
        stretch = self._stretch(number)
        start = max(frame for frame in stretch.frames if frame <= number)
        if start == number:
            return stretch.frames[start]
        again = self._executor(stretch.compiled)
        try:
            for slot, value in {**stretch.leaves, **stretch.frames[start]}.items():
                again.value(slot)[...] = value
            for step in range(start, number):
                given = stretch.given[step]
                again.step(self._by_name(given), given.seeds)
            return _copied(again, again.next.values())
        finally:
            again.close()

    def _executor(self, like: Compiled) -> Compiled:
        """One for the same program, besides that which training goes on with."""
        if self._again is None or self._again[0] is not like.program:
            self._again = (like.program, compile_program(like.program, threads=like.threads))
        return self._again[1]

    def _by_name(self, given: _Given) -> dict[str, np.ndarray]:
        rates = {name: np.array(rate) for name, rate in given.rates.items()}
        return {**self._inputs(given.chosen), **rates}

    def _stretch(self, number: int) -> _Stretch:
        for stretch in reversed(self._stretches):
            if number in stretch.given:
                return stretch
        raise KeyError(f"iteration {number} is not remembered")

    def _forget(self) -> bool:
        """Let go of the oldest iterations; False if nothing is left but what is needed now."""
        oldest = self._stretches[0] if self._stretches else None
        program = next(iter(self._programs), None)
        if program is not None and (oldest is None or not oldest.given or program < min(oldest.given)):
            self.nbytes -= _program_size(self._programs.pop(program))
            return True
        if oldest is None:
            return False
        if len(oldest.frames) < 2:
            if oldest is self._stretches[-1]:
                return False
            self._stretches.pop(0)
            frames, gone = list(oldest.frames.values()), list(oldest.given)
            frames.append(oldest.leaves)
        else:
            frames = [oldest.frames.popitem(last=False)[1]]
            left = next(iter(oldest.frames))
            gone = [number for number in oldest.given if number < left]
        self.nbytes -= sum(map(_size, frames))
        for number in gone:
            self.nbytes -= oldest.given.pop(number).chosen.nbytes + _STEP_BYTES
        return True


def _copied(compiled: Compiled, slots: Iterable[int]) -> State:
    found = {}
    for slot in slots:
        try:
            found[slot] = compiled.value(slot).copy()
        except KeyError:  # nothing depends on it
            continue
    return found


def _size(state: State) -> int:
    return sum(value.nbytes for value in state.values())


def _program_size(program: Program) -> int:
    return sum(value.nbytes for value in program.values)


def _frozen(value: np.ndarray) -> np.ndarray:
    if value.flags.writeable:
        value.flags.writeable = False
    return value
