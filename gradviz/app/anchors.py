"""Names for places of recorded iterations, as lessons and the tour use them: "backward:conv1/conv2d", "w",
"loss".

A place (for the cursor) is one of
    "start", "end"                  of the iteration
    "forward", "backward", …        after the last instruction of a phase; "before forward" before its first
    "forward:conv1", "backward:conv1/conv2d", "forward:/relu#1"
                                    after the last instruction of a module, or of an op in it or outside of
                                    all modules (#1: the second one, counted from 0)
    "write z", "grad w"             after the instruction that writes the named value, or that completes its
    gradient
each with "before " in front for the moment before it ("before grad w": before ∂loss/∂w is known, not only
before it is kept in w.grad). A value is the user's name for it ("conv1.weight",
"z", "loss") or, with a slash or a phase, the output of such an op.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from gradviz.engine.program import Phase, Program

from .graph.folding import Owners
from .i18n import tr

_PHASES = frozenset(phase.value for phase in Phase)
_NUMBERED = re.compile(r"(?P<path>.+)#(?P<nth>\d+)")


class AnchorError(ValueError):
    """A name that the recording does not have."""


def _missing(problem: str, name: str, iteration: int) -> AnchorError:
    return AnchorError(problem.format(name=name, iteration=iteration))


class Anchors:
    """Finds places and values in the iterations of one recording; iterations count from 0."""

    def __init__(self, programs: Sequence[Program]) -> None:
        self._programs = tuple(programs)
        self._owners = [Owners(program).paths for program in self._programs]

    @property
    def count_iterations(self) -> int:
        """How many iterations there are."""
        return len(self._programs)

    def program(self, iteration: int = 0) -> Program:
        """The program of an iteration."""
        if not 0 <= iteration < len(self._programs):
            raise AnchorError(
                tr("there is no iteration {iteration}; {count} are recorded").format(
                    iteration=iteration, count=len(self._programs)
                )
            )
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
            later = place.removeprefix("before ").strip()
            if later.startswith("grad "):
                return min(self.gradient_writers(later.removeprefix("grad ").strip(), iteration))
            return self.instructions(later, iteration)[0]
        if place == "start":
            return 0
        if place == "end":
            return len(program)
        return self.instructions(place, iteration)[-1] + 1

    def count(self, place: str, iteration: int = 0) -> int:
        """How many instructions a place stands for; 0 if there are none of that name."""
        return len(self._found(place.strip(), iteration))

    def instructions(self, place: str, iteration: int = 0) -> list[int]:
        """The instructions that a place stands for, in order; never empty."""
        found = self._found(place, iteration)
        if not found:
            raise _missing(tr("nothing in iteration {iteration} is called {name!r}"), place, iteration)
        return found

    def _found(self, place: str, iteration: int) -> list[int]:
        program = self.program(iteration)
        if place.startswith("write "):
            return [self._producer(place.removeprefix("write ").strip(), iteration)]
        if place.startswith("grad "):
            name = place.removeprefix("grad ").strip()
            producer = program.producers[self._gradient_slot(name, iteration)]
            if producer < 0:
                raise _missing(
                    tr("the gradient of {name!r} is not computed in iteration {iteration}"), name, iteration
                )
            return [producer]
        if place in _PHASES:
            return [i for i, instr in enumerate(program.instrs) if instr.site.phase == place]
        return self._matching(place, iteration)

    def gradient_writers(self, name: str, iteration: int = 0) -> list[int]:
        """The instructions after which the gradient of a name can be seen: as ∂loss/∂name, and in .grad."""
        program = self.program(iteration)
        found = self.instructions(f"grad {name}", iteration)
        flowing = program.gradient_slot(self.slot(name, iteration, "start"))
        if flowing is not None and program.producers[flowing] >= 0:
            found.append(program.producers[flowing])
        return found

    def _matching(self, place: str, iteration: int) -> list[int]:
        before, colon, path = place.rpartition(":")
        if not path or (colon and before not in _PHASES):
            raise AnchorError(tr("{name!r} is not a place").format(name=place))
        program = self.program(iteration)
        wanted = [i for i, instr in enumerate(program.instrs) if not colon or instr.site.phase == before]
        found = self._inside(path, wanted, iteration)
        numbered = _NUMBERED.fullmatch(path)
        if not found and numbered is not None:  # unless it is a module's own name: a second call is "relu#2"
            nth = int(numbered["nth"])
            found = self._inside(numbered["path"], wanted, iteration)[nth : nth + 1]
        return found

    def _inside(self, path: str, wanted: list[int], iteration: int) -> list[int]:
        """Those of the instructions that lie in a module, or that are such an op ("conv1/conv2d") of it."""
        owners, instrs = self._owners[iteration], self.program(iteration).instrs
        found = [i for i in wanted if owners[i] == path or owners[i].startswith(f"{path}.")]
        if found:
            return found
        module, _, op = path.rpartition("/")
        return [i for i in wanted if instrs[i].op == op and owners[i] == module]

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
                raise AnchorError(
                    tr("{name}.grad is empty at {when!r} of iteration {iteration}").format(
                        name=name, when=when, iteration=iteration
                    )
                )
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
            raise _missing(tr("{name!r} comes from outside of iteration {iteration}"), name, iteration)
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
            raise _missing(tr("{name!r} has no gradient in iteration {iteration}"), name, iteration)
        return found
