"""Where a run through the timeline stops: at a node, at an op kind, where numbers stop being finite."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from gradviz.engine.program import Phase, Program

from .graph.folding import Owners


class Place(NamedTuple):
    """A node by name, the same in each iteration: the `nth` op of a kind in its module and phase.

    With `op == ""` it stands for the module, that is everything in `module` and below, in `phase`.
    """

    module: str
    phase: Phase
    op: str = ""
    nth: int = 0


@dataclass(frozen=True)
class Breakpoints:
    """The set breakpoints; `nonfinite` stops where an op makes a NaN or an infinity out of finite numbers."""

    instrs: frozenset[Place] = frozenset()
    ops: frozenset[str] = frozenset()
    nonfinite: bool = False

    def __bool__(self) -> bool:
        return bool(self.instrs or self.ops or self.nonfinite)

    def toggled(self, place: Place) -> Breakpoints:
        """The same with one more or one less place."""
        return replace(self, instrs=self.instrs ^ {place})

    def toggled_op(self, op: str) -> Breakpoints:
        """The same with one more or one less op kind."""
        return replace(self, ops=self.ops ^ {op})


class Stops:
    """The instructions of one program at which a run may stop; answers are remembered."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._places: tuple[Place, ...] | None = None
        self._finite: dict[int, bool] = {}  # by slot
        self._asked: Breakpoints | None = None
        self._hits: dict[int, frozenset[Place]] = {}

    @property
    def places(self) -> tuple[Place, ...]:
        """The name of each instruction as an op; an update's module is that of the parameter."""
        if self._places is None:
            counts: Counter[tuple[str, Phase, str]] = Counter()
            places = []
            for instr, module in zip(self._program.instrs, Owners(self._program).paths, strict=True):
                key = (module, instr.site.phase, instr.op)
                places.append(Place(*key, counts[key]))
                counts[key] += 1
            self._places = tuple(places)
        return self._places

    def has(self, place: Place) -> bool:
        """Whether the program has such a node."""
        if place.op:
            return place in self.places
        return any(within(other.module, place.module) and other.phase is place.phase for other in self.places)

    def hits(self, breakpoints: Breakpoints) -> Mapping[int, frozenset[Place]]:
        """The instructions with a breakpoint on a node or an op kind, each with the nodes that stop there."""
        if breakpoints != self._asked:
            self._asked, self._hits = breakpoints, dict(self._matches(breakpoints))
        return self._hits

    def stops_at(self, index: int, breakpoints: Breakpoints) -> bool:
        """Whether a run stops at instruction `index`."""
        return index in self.hits(breakpoints) or (breakpoints.nonfinite and self.makes_nonfinite(index))

    def makes_nonfinite(self, index: int) -> bool:
        """Whether instruction `index` has a NaN or an infinity in its result, but in no computed input."""
        instr = self._program.instrs[index]
        computed = (slot for slot in instr.inputs if self._program.producers[slot] >= 0)
        return not self._is_finite(instr.output) and all(self._is_finite(slot) for slot in computed)

    def _is_finite(self, slot: int) -> bool:
        known = self._finite.get(slot)
        if known is None:
            known = self._finite[slot] = bool(np.isfinite(self._program.values[slot]).all())
        return known

    def _matches(self, breakpoints: Breakpoints) -> Iterator[tuple[int, frozenset[Place]]]:
        modules = [place for place in breakpoints.instrs if not place.op]
        inside_before: frozenset[Place] = frozenset()
        for index, place in enumerate(self.places):
            inside = frozenset(
                m for m in modules if m.phase is place.phase and within(place.module, m.module)
            )
            nodes = (inside - inside_before) | (breakpoints.instrs & {place})
            if nodes or place.op in breakpoints.ops:
                yield index, nodes
            inside_before = inside


def within(module: str, ancestor: str) -> bool:
    """Whether the dotted path `module` is `ancestor` or lies below it."""
    return module == ancestor or module.startswith(f"{ancestor}.")
