"""The past of a training run: weights now and then, and what each iteration was given, so that any iteration
can be computed again, exactly."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from gradviz.engine.compiled import Compiled
from gradviz.engine.interpret import run
from gradviz.engine.program import Program, SlotKind

from .copies import Copies, State, thin
from .eager_past import EVERY as EAGER_EVERY
from .eager_past import EagerCopy, EagerStretch
from .given import Chosen, Given, GivenRuns
from .intervals import Intervals
from .stretches import Stretch
from .training_program import compile_training

BUDGET = 500 * 10**6
"""Bytes; beyond, copies of the weights grow rarer the older they are."""

FEW = 16
"""Copies of the weights; with more of them, some go before iterations that nothing else remembers."""

_GIVEN = (SlotKind.VALUE, SlotKind.CONSTANT, SlotKind.INPUT)
"""Slots that are computed, or set for each iteration, or the same in all."""

Taken = TypeVar("Taken")
Inputs = Callable[[Any], Mapping[str, np.ndarray]]


class History:
    """Remembers iterations by their numbers, within `budget` bytes.

    `inputs` makes an iteration's inputs, by name, of the samples that were chosen for it. The executor's
    weights are copied every `every` iterations (None: as often as makes sense); the others are computed again
    from there by an executor of the same kind, which gives the same bits. Not to be used in two
    threads at once.
    """

    def __init__(
        self,
        inputs: Inputs,
        budget: int = BUDGET,
        every: int | None = None,
        past: tuple[History, int] | None = None,
    ) -> None:
        self._inputs, self._intervals = inputs, Intervals(every)
        self.budget = budget  # how many bytes it may hold
        self._past = past  # whose iterations before that number are remembered too, and count as bytes
        self.used: int = past[0].used if past is not None else 0  # about `nbytes`, for another thread
        self._stretches: list[Stretch | EagerStretch] = []
        self._programs: OrderedDict[int, Program] = OrderedDict()  # iterations that were recorded as they ran
        self._again: tuple[Program, Compiled] | None = None
        self._due = 0  # the iteration before which the weights are copied
        self._run = GivenRuns()  # of the present stretch

    @property
    def nbytes(self) -> int:
        """About how many bytes it holds."""
        programs = sum(map(_program_size, self._programs.values()))
        before = 0 if self._past is None else self._past[0].nbytes
        return before + programs + sum(stretch.nbytes for stretch in self._stretches)

    def begin(self, compiled: Compiled, number: int) -> None:
        """The executor starts, from iteration `number` on, with the values that it now holds."""
        changed = set(compiled.next.values())
        slots = enumerate(compiled.program.slots)
        kept = _copied(compiled, [i for i, slot in slots if slot.kind not in _GIVEN and i not in changed])
        now = Stretch(compiled, number, kept, bool(compiled.random))
        self._stretches.append(now)
        self._intervals.begin(number)
        self._due, self._run = number, now.given

    def note(self, number: int, chosen: Chosen, rates: Mapping[str, float]) -> tuple[int, ...]:
        """Iteration `number`, the one after the last, is about to run on these samples; returns the seeds
        that it is to run with."""
        run = self._run
        if type(chosen) is int and chosen == run.following and number != self._due and rates == run.rates:
            run.following = chosen + 1  # nearly always, and done 20,000 times a second
            return ()
        now = self._stretches[-1]
        assert isinstance(now, Stretch), "begin comes first"
        if number == self._due and self._intervals.due(number):
            now.frames[number] = _copied(now.compiled, now.compiled.next.values())
            self._shrink()
            self._due = self._intervals.next
        seeds = now.compiled.draw() if now.draws else ()
        now.given.append(chosen, rates, seeds)
        return seeds

    def note_eager(
        self, number: int, chosen: Chosen, rates: Mapping[str, float], copied: Callable[[], EagerCopy]
    ) -> EagerStretch:
        """Iteration `number` is about to run without an executor; the stretch wants its loss afterwards."""
        now = self._stretches[-1] if self._stretches else None
        if not isinstance(now, EagerStretch) or number != now.first + len(now.losses):
            now = EagerStretch(number)
            self._stretches.append(now)
        if (number - now.first) % EAGER_EVERY == 0:
            now.frames[number] = copied()
            self._shrink()
        now.given.append(chosen, rates)
        return now

    def keep(self, number: int, program: Program) -> None:
        """Iteration `number` was recorded as it ran."""
        self._programs[number] = program
        self._shrink()

    @property
    def numbers(self) -> tuple[int, ...]:
        """The iterations that it remembers, in order."""
        noted = (s.first + k for s in self._stretches for k in range(len(s)))
        before = () if self._past is None else (n for n in self._past[0].numbers if n < self._past[1])
        return tuple(sorted({*self._programs, *noted, *before}))

    @property
    def span(self) -> tuple[int, int] | None:
        """The first and the last iteration that it remembers, without naming those between; None if none."""
        stretches, kept = tuple(self._stretches), [*self._programs]
        ends = [n for s in stretches if len(s) for n in (s.first, s.first + len(s) - 1)] + kept
        if self._past is not None and (before := self._past[0].span) and before[0] < self._past[1]:
            ends += [before[0], min(before[1], self._past[1] - 1)]
        return (min(ends), max(ends)) if ends else None

    @property
    def recorded(self) -> dict[int, Program]:
        """The iterations that were recorded as they ran; it may be asked for while another thread trains."""
        if self._past is None:
            return self._programs.copy()
        before, end = self._past
        return {n: p for n, p in before.recorded.items() if n < end} | self._programs.copy()

    def __contains__(self, number: int) -> bool:
        own = number in self._programs or any(number in stretch for stretch in self._stretches)
        return own or self._before(number) is not None

    def _before(self, number: int) -> History | None:
        """The history that this one goes on from, if that remembers the iteration for it."""
        if self._past is not None and number < self._past[1] and number in self._past[0]:
            return self._past[0]
        return None

    def program_at(self, number: int, state: State | None = None) -> Program:
        """The iteration as a program with all its values; `state` saves time: what the executor held when it
        began. Errors: KeyError if it is not remembered."""
        known = self._programs.get(number)
        if known is not None:
            return known
        if (before := self._before(number)) is not None:
            return before.program_at(number, state)
        stretch = self._stretch(number)
        if isinstance(stretch, EagerStretch):
            return stretch.program_at(number, self._by_name)
        program = stretch.compiled.program
        values = dict(stretch.leaves) | dict(self.state_at(number) if state is None else state)
        given = stretch.given[number - stretch.first]
        for name, value in self._by_name(given).items():
            values[stretch.compiled.slot(name)] = value
        seeds = dict(zip(stretch.compiled.random, given[2], strict=True))
        instrs = tuple(
            replace(instr, attrs={**instr.attrs, "seed": seeds[i]}) if i in seeds else instr
            for i, instr in enumerate(program.instrs)
        )
        program = replace(program, instrs=instrs)
        return replace(program, values=tuple(_frozen(value) for value in run(program, values)))

    def state_at(self, number: int) -> State:
        """What the executor held when iteration `number` began, by slot: bit for bit."""
        if (before := self._before(number)) is not None:
            return before.state_at(number)
        stretch = self._compiled_stretch(number)
        if (frame := stretch.frames.get(number)) is not None:
            return frame
        return self._again_to(stretch, number, lambda made: _copied(made, made.next.values()))

    def trained_at(self, number: int) -> dict[str, np.ndarray]:
        """What training had at the end of iteration `number` by name, bit for bit: gradients, weights, state.

        `program_at` has the same numbers from the interpreter, which adds in another order: they may differ
        in the last digit. Errors: KeyError if it is not remembered, or was recorded as it ran.
        """
        if (before := self._before(number)) is not None:
            return before.trained_at(number)
        stretch = self._compiled_stretch(number)
        return self._again_to(stretch, number + 1, _at_the_end)

    def _again_to(self, stretch: Stretch, number: int, take: Callable[[Compiled], Taken]) -> Taken:
        """Train again up to before iteration `number`, and take what is wanted."""
        start = max(frame for frame in stretch.frames if frame < number)
        again = self._executor(stretch.compiled)
        try:
            for slot, value in {**stretch.leaves, **stretch.frames[start]}.items():
                again.value(slot)[...] = value
            for step in range(start, number):
                given = stretch.given[step - stretch.first]
                again.step(self._by_name(given), given[2])
            return take(again)
        finally:
            again.close()

    def _executor(self, like: Compiled) -> Compiled:
        """One for the same program, besides that which training goes on with."""
        if self._again is None or self._again[0] is not like.program:
            self._again = (like.program, compile_training(like.program, threads=like.threads))
        return self._again[1]

    def _by_name(self, given: Given) -> dict[str, np.ndarray]:
        chosen, rates, _ = given
        return {**self._inputs(chosen), **{name: np.array(rate) for name, rate in rates.items()}}

    def _compiled_stretch(self, number: int) -> Stretch:
        if isinstance(stretch := self._stretch(number), EagerStretch):
            raise KeyError(f"iteration {number} ran without an executor")
        return stretch

    def _stretch(self, number: int) -> Stretch | EagerStretch:
        for stretch in reversed(self._stretches):
            if number in stretch:
                return stretch
        raise KeyError(f"iteration {number} is not remembered")

    def _shrink(self) -> None:
        while (size := self.nbytes) > self.budget and self._forget():
            pass
        self.used = size

    def _forget(self) -> bool:
        """Let go of something; False if nothing is left but what is needed now."""
        before = None if self._past is None else self._past[0]
        if before is not None and before.nbytes > self.budget // 2 and before._forget():
            return True
        if sum(len(stretch.frames) for stretch in self._stretches) > FEW and _thin(
            self._stretches, self._intervals.length
        ):
            return True
        oldest = self._stretches[0] if self._stretches else None
        program = next(iter(self._programs), None)
        if program is not None and (oldest is None or program < oldest.first):
            del self._programs[program]
        elif _thin(self._stretches, self._intervals.length):
            pass
        elif len(self._stretches) > 1:
            del self._stretches[0]
        else:
            return False
        return True


def _thin(stretches: Iterable[Stretch | EagerStretch], every: int) -> bool:
    """Drop copies of the weights: a sixteenth at a time, as finding them takes as long as for one."""
    copies: list[Copies[Any]] = [stretch.frames for stretch in stretches]
    return thin(copies, every, 1 + sum(map(len, copies)) // 16)


def _copied(compiled: Compiled, slots: Iterable[int]) -> State:
    found = {}
    for slot in slots:
        try:
            found[slot] = compiled.value(slot).copy()
        except KeyError:  # nothing depends on it
            continue
    return found


def _at_the_end(compiled: Compiled) -> dict[str, np.ndarray]:
    return {name: compiled.value(slot).copy() for name, slot in compiled.ends.items()}


def _program_size(program: Program) -> int:
    return sum(value.nbytes for value in program.values)


def _frozen(value: np.ndarray) -> np.ndarray:
    if value.flags.writeable:
        value.flags.writeable = False
    return value
