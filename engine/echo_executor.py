"""The compiled executor of a round: where its inputs and results lie in its memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .compiled.names import usual
from .echo_memory import Arena
from .echo_rehearsal import Rehearsed, check
from .echo_sides import TwoSided
from .echo_trace import Trace, UnfitError
from .errors import EngineError
from .node import Node


class Executor:
    """Runs rounds. `outputs` are numbers of results, those `wanted` and the loss, and where their values are.

    `rates` are the names of the learning rates. `residents` are what it changes: the parameters and what the
    optimizer keeps, by the names `kept`; and `gradients` those of the parameters. Errors: UnfitError if it
    cannot be used.
    """

    def __init__(
        self,
        trace: Trace,
        rehearsed: Rehearsed,
        kept: Sequence[str],
        rates: Sequence[str],
        wanted: set[int],
        close: float,
    ) -> None:
        program, self._first = rehearsed.program, trace.first
        loss = trace.loss - trace.results
        outputs = [loss, *sorted(wanted - {loss})]
        self._compiled = compiled = TwoSided(
            program, usual(program) | {rehearsed.slots[number] for number in outputs}
        )
        check(compiled, close)
        following = {old: new for new, old in compiled.next.items()}
        names = [f"p{number}" for number in range(trace.first)]
        here = [self._slot(name) for name in (*names, *kept)]
        sides = [here, [following.get(slot, slot) for slot in here]] if compiled.alternates else [here]
        rooms = [[compiled.value(slot) for slot in side] for side in sides]
        self.residents = Arena(compiled.arena, rooms)
        ends = [compiled.ends[f"{name}.grad"] for name in names]
        self.gradients = Arena(compiled.arena, [list(map(compiled.value, ends))], self.residents.lock)
        self.outputs = [(number, compiled.value(rehearsed.slots[number])) for number in outputs]
        self._rooms = [self._leaf_room(n, each.constant) for n, each in enumerate(trace.leaves)]
        self._seeds = self._random(rehearsed)
        self._rate_rooms = [compiled._given.get(name) for name in rates]
        self._rates: list[float] = []

    def _slot(self, name: str) -> int:
        try:
            slot = self._compiled.slot(name)
            self._compiled.value(slot)
        except KeyError:
            raise UnfitError(f"nothing depends on {name}") from None
        return slot

    def _leaf_room(self, number: int, constant: bool) -> np.ndarray | None:
        if constant:
            return None
        try:
            return self._compiled.value(self._compiled.slot(f"x{number}"))
        except KeyError:  # nothing depends on it
            return None

    def _random(self, rehearsed: Rehearsed) -> list[tuple[Any, int]]:
        """For each instruction that draws random numbers, the number of its entry."""
        numbers = {instr: entry for entry, instr in rehearsed.instrs.items()}
        found = []
        for step in self._compiled._random:
            if step.instr not in numbers:
                raise UnfitError("random numbers are drawn outside of the forward pass")
            found.append((step, numbers[step.instr]))
        return found

    def run(
        self,
        changed: Sequence[tuple[int, Node]],
        read: Sequence[tuple[int, Node]],
        rates: list[float],
        attrs: Mapping[int, Mapping[str, Any]],
    ) -> bool:
        """Take residents that were changed, the values that the round has read, rates and
        attributes of random ops, by number of the entry; run.

        False if it has found a fault in the values: then the residents are lost.
        """
        compiled, residents = self._compiled, self.residents.arrays
        for number, node in changed:
            residents[number][...] = node.array
        for place, node in read:
            room = self._rooms[place - self._first] if place >= self._first else None
            if room is not None:
                room[...] = node.array
        if rates != self._rates:
            for each, rate in zip(self._rate_rooms, rates, strict=True):
                if each is not None:
                    each[...] = rate
            self._rates = list(rates)
        for fallback, number in self._seeds:
            fallback.attrs = {**fallback.attrs, "seed": attrs[number]["seed"]}
        try:
            compiled.run_on(self.residents.now)
        except EngineError:
            return False
        if compiled.alternates:
            self.residents.now = self.residents.other
        else:
            compiled.advance()
        return True
