"""Results that a script reads before the step, such as a loss that it prints: the forward pass by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from .echo_rehearsal import ReadyMade, Rehearsed
from .echo_trace import Trace
from .errors import EngineError
from .node import Node
from .program import SlotKind


class Glance:
    """Computes some results of a round, by their `numbers`, and changes nothing.

    Errors: UnfitError if a kernel is missing.
    """

    def __init__(self, trace: Trace, rehearsed: Rehearsed, numbers: set[int]) -> None:
        self.numbers = frozenset(numbers)
        program, slots = rehearsed.program, rehearsed.slots
        given = [b for b in program.bindings if b.slot is not None]
        part = replace(
            program,
            instrs=program.instrs[: 1 + max(rehearsed.instrs.values())],
            bindings=tuple(b for b in given if program.slots[b.slot or 0].kind is not SlotKind.VALUE),
            contributions=(),
            loss=None,
        )
        self._compiled = compiled = ReadyMade(part, {slots[number] for number in numbers})
        self._outputs = {number: compiled.value(slots[number]) for number in sorted(numbers)}
        names = [f"p{n}" for n in range(trace.first)]
        names += ["" if leaf.constant else f"x{n}" for n, leaf in enumerate(trace.leaves)]
        self._rooms = [self._room(name) for name in names]
        made_by = {instr: number for number, instr in rehearsed.instrs.items()}
        self._random = [(step, made_by[step.instr]) for step in compiled._random]
        self._first_use: dict[int, int] = {}
        for number, entry in enumerate(trace.entries):
            for each in entry.inputs:
                self._first_use.setdefault(each.place, number)

    def _room(self, name: str) -> np.ndarray | None:
        try:
            return self._compiled.value(self._compiled.slot(name))
        except KeyError:  # nothing depends on it
            return None

    def look(
        self,
        number: int,
        values: Sequence[Node | None],
        known: Sequence[tuple[Node | None, np.ndarray]],
        attrs: Mapping[int, Mapping[str, Any]],
    ) -> dict[int, np.ndarray]:
        """The wanted results up to a number, by number; none if that is not among them, or a fault is found.

        `values` are the nodes of parameters and leaves that the round has read so far, `known` the
        parameters whose values the executor has, and these values.
        """
        if number not in self.numbers:
            return {}
        for place, room in enumerate(self._rooms):
            node = values[place]
            if room is None or (node is None and self._first_use[place] > number):
                continue
            if node is None:
                return {}
            room[...] = known[place][1] if place < len(known) and node is known[place][0] else node.array
        for fallback, entry in self._random:
            if entry in attrs:
                fallback.attrs = {**fallback.attrs, "seed": attrs[entry]["seed"]}
        try:
            self._compiled.run()
        except EngineError:
            return {}
        return {each: value.copy() for each, value in self._outputs.items() if each <= number}
