"""Names for places of recorded iterations, as lessons and the tour use them: "backward:conv1/conv2d", "w",
"loss".

A place (for the cursor) is one of
    "start", "end"                  of the iteration
    "forward", "backward", …        after the last instruction of a phase; "before forward" before its first
    "forward:conv1", "backward:conv1/conv2d", "forward:relu#1"
                                    after the last instruction of a module, or of an op in it (#1: the second
                                    one)
    "write z", "grad w"             after the instruction that writes the named value, or that completes its
    gradient
each with "before " in front for the moment before it. A value is the user's name for it ("conv1.weight",
"z", "loss") or, with a slash or a phase, the output of such an op.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from gradviz.engine.program import Phase, Program

from .graph.folding import Owners

_PHASES = frozenset(phase.value for phase in Phase)
_PLACE = re.compile(r"^(?:(?P<phase>\w+):)?(?P<path>[^#]*?)(?:#(?P<nth>\d+))?$")


class AnchorError(ValueError):
    """A name that the recording does not have."""


class Anchors:
    """Finds places and values in the iterations of one recording; iterations count from 0."""

    def __init__(self, programs: Sequence[Program]) -> None:
        self._programs = tuple(programs)
        self._owners = [Owners(program).paths for program in self._programs]

    def program(self, iteration: int = 0) -> Program:
        """The program of an iteration."""
        if not 0 <= iteration < len(self._programs):
            raise AnchorError(f"there is no iteration {iteration}; {len(self._programs)} are recorded")
        return self._programs[iteration]

    def moment(self, place: str, iteration: int = 0) -> int:
        """The global moment (over all iterations) that a place names."""
        return self.start_of(iteration) + self._local(place.strip(), iteration)

    def start_of(self, iteration: int) -> int:
        """The global moment before the first instruction of an iteration."""
        return sum(len(program) for program in self._programs[:iteration])

    def _local(self, place: str, iteration: int) -> int:
        program = self.program(iteration)
        if place.startswith("before "):
            indices = self.instructions(place.removeprefix("before ").strip(), iteration)
            return indices[0]
        if place == "start":
            return 0
        if place == "end":
            return len(program)
        return self.instructions(place, iteration)[-1] + 1

    def instructions(self, place: str, iteration: int = 0) -> list[int]:
        """The instructions that a place stands for, in order; never empty."""
        program = self.program(iteration)
        if place.startswith("write "):
            return [self._producer(place.removeprefix("write ").strip(), iteration)]
        if place.startswith("grad "):
            name = place.removeprefix("grad ").strip()
            producer = program.producers[self._gradient_slot(name, iteration)]
            if producer < 0:
                raise AnchorError(f"the gradient of {name!r} is not computed in iteration {iteration}")
            return [producer]
        if place in _PHASES:
            found = [i for i, instr in enumerate(program.instrs) if instr.site.phase == place]
        else:
            found = self._matching(place, iteration)
        if not found:
            raise AnchorError(f"nothing in iteration {iteration} is called {place!r}")
        return found

    def _matching(self, place: str, iteration: int) -> list[int]:
        match = _PLACE.match(place)
        if (
            match is None
            or not match["path"]
            or (match["phase"] is not None and match["phase"] not in _PHASES)
        ):
            raise AnchorError(f"{place!r} is not a place")
        phase = match["phase"]
        program, owners = self.program(iteration), self._owners[iteration]
        wanted = [i for i, instr in enumerate(program.instrs) if phase is None or instr.site.phase == phase]
        path = match["path"]
        inside = [i for i in wanted if owners[i] == path or owners[i].startswith(f"{path}.")]
        if not inside:
            module, _, op = path.rpartition("/")
            inside = [i for i in wanted if program.instrs[i].op == op and owners[i] == module]
        if match["nth"] is not None:
            nth = int(match["nth"])
            return inside[nth : nth + 1]
        return inside

    # Values.

    def value(self, name: str, iteration: int = 0, when: str = "end") -> np.ndarray:
        """The value of a name at a place of the iteration (default: at its end)."""
        program = self.program(iteration)
        return program.values[self.slot(name, iteration, when)]

    def grad(self, name: str, iteration: int = 0, when: str = "end") -> np.ndarray:
        """The gradient of a name: what .grad holds at that place, or ∂loss/∂value where there is no .grad."""
        program = self.program(iteration)
        if any(binding.name == f"{name}.grad" for binding in program.bindings):
            slot = program.bound(f"{name}.grad", self._local(when, iteration))
            if slot is None:
                raise AnchorError(f"{name}.grad is empty at {when!r} of iteration {iteration}")
            return program.values[slot]
        return program.values[self._gradient_slot(name, iteration)]

    def shape(self, name: str, iteration: int = 0) -> tuple[int, ...]:
        """The shape of a value."""
        return self.program(iteration).slots[self.slot(name, iteration)].shape

    def slot(self, name: str, iteration: int = 0, when: str = "end") -> int:
        """The slot that a name means at a place of the iteration."""
        program = self.program(iteration)
        local = self._local(when, iteration)
        if name == "loss" and program.loss is not None:
            return program.loss
        bound = program.bound(name, local)
        if bound is not None:
            return bound
        for number, slot in enumerate(program.slots):
            if slot.name == name:
                return number
        return program.instrs[self.instructions(name, iteration)[-1]].output

    def _producer(self, name: str, iteration: int) -> int:
        program = self.program(iteration)
        slot = self.slot(name, iteration)
        if program.producers[slot] < 0:
            raise AnchorError(f"{name!r} comes from outside of the program: nothing writes it")
        return program.producers[slot]

    def _gradient_slot(self, name: str, iteration: int) -> int:
        program = self.program(iteration)
        for binding in reversed(program.bindings):
            if binding.name == f"{name}.grad" and binding.slot is not None:
                return binding.slot
        slot = self.slot(name, iteration, "start")
        found = program.gradient_slot(slot)
        if found is None and slot == program.loss:  # backward starts there: it gets its 1 from nobody
            found = next(i.output for i in program.instrs if i.site.phase is Phase.BACKWARD)
        if found is None:
            raise AnchorError(f"{name!r} has no gradient in iteration {iteration}")
        return found
