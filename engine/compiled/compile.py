"""Compiling a recorded program, and running it: the whole of an iteration in one call, or a part of it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import DimError
from ..jit import jit_disabled
from ..program import Program, SlotKind
from ..random import next_seed
from ..uncollected import uncollected
from . import lowerings, routine  # noqa: F401  (lowerings enters the rules)
from .crew import POSIX, Crew
from .fallback import interpreted
from .halves import halved
from .lowering import RULES, Lowering
from .names import carried, ends, reached, usual
from .parts import PartwiseLowering
from .plan import ALIGN, plan
from .split import find
from .table import write
from .team import cut
from .values import Buffer, Fallback, Loop, Row, Share, View

OVERRUN = 1024
"""Bytes after the arena that kernels may read, though not use."""

SMALLEST = 4
"""Samples that are worth two threads."""

_TROUBLES = {1: "Target is out of bounds: there is no such class", 2: "An index is out of bounds"}
"""By the number that kernels leave behind: what an op would have said."""

log = logging.getLogger(__name__)


class Compiled:
    """A program lowered to a table over one arena.

    Inputs, parameters, buffers and gradients from before keep their values until they are set; the values
    that `keep` named, by default the loss and all that the program's names mean at the end, can be read after
    a run. `advance` makes them the next iteration's.
    """

    def __init__(
        self,
        program: Program,
        keep: Iterable[int] | None = None,
        samples: int | None = None,
        threads: int = 1,
    ) -> None:
        self.program = program
        with uncollected():
            self._lower(keep, samples, threads)

    def _lower(self, keep: Iterable[int] | None, samples: int | None, threads: int) -> None:
        """From the program to a table in memory."""
        program = self.program
        following = carried(program)
        wanted = dict.fromkeys(usual(program) if keep is None else keep)
        kept = frozenset(wanted) | frozenset(following)
        needed = reached(program, kept)
        lowering = _lowered(program, needed, kept, samples, threads)
        self.split = lowering.split is not None
        self.next = {new: old for new, old in following.items() if old in lowering.readers}
        self.fallbacks: Mapping[str, int] = dict(lowering.fallbacks)
        order = dict.fromkeys((*following, *self.next.values(), *wanted))
        self._views = {slot: lowering.whole(slot) for slot in order}
        self._views |= lowering.leaves
        becomes = self._in_place()
        leaves = dict.fromkeys(view.buffer for view in lowering.leaves.values())
        held = {self._views[slot].buffer for slot in kept if slot not in lowering.leaves} & leaves.keys()
        fixed = [*leaves, *lowering.constants]
        self.nbytes, shared = plan(
            lowering.steps,
            [*fixed, *(v.buffer for v in self._views.values())],
            becomes,
            held,
            lowering.loops,
            lowering.sides,
        )
        self._planned(lowering)
        self._memory = np.zeros(self.nbytes + 2 * ALIGN + OVERRUN, np.uint8)
        start = -self._memory.ctypes.data % ALIGN
        self.arena = self._memory[start : start + self.nbytes + OVERRUN]
        self._address = self.arena.ctypes.data  # asking for it takes a microsecond
        self._arrays = {slot: self._array(view) for slot, view in self._views.items()}
        for buffer, value in lowering.constants.items():
            room = self.arena[buffer.offset : buffer.offset + buffer.nbytes]
            room.view(value.dtype).reshape(value.shape)[...] = value
        for slot in lowering.leaves:
            self._arrays[slot][...] = program.values[slot]
        self._copies = [
            (self._arrays[old], self._arrays[new])
            for new, old in self.next.items()
            if self._views[new].buffer.root is not self._views[old].buffer.root
        ]
        self._trouble = None if lowering.doubt is None else self._array(lowering.doubt)
        self._starts: dict[str, int] = {}
        for binding in program.bindings:
            if binding.slot is not None:
                self._starts.setdefault(binding.name, binding.slot)
        given = {n: s for n, s in self._starts.items() if program.slots[s].kind is SlotKind.INPUT}
        self._given = {name: self._arrays[slot] for name, slot in given.items() if slot in self._arrays}
        self.ends = ends(program, kept)
        steps, self.shares = _shared(lowering, shared, threads)
        self._crew = Crew() if self.shares and POSIX else None
        self._build(steps, lowering.loops)
        self._random = [
            step for step in lowering.steps if isinstance(step, Fallback) and "seed" in step.attrs
        ]
        if self.fallbacks and not jit_disabled():
            names = ", ".join(f"{name} ({count}×)" for name, count in sorted(self.fallbacks.items()))
            log.info("left to the interpreter: %s", names)

    def _planned(self, lowering: Lowering) -> None:
        """For those who want to know where everything lies; see `ring`."""

    def _in_place(self) -> dict[Buffer, Buffer]:
        """The buffers whose values at the end could lie where the next iteration reads them."""
        return {
            self._views[new].buffer: self._views[old].buffer
            for new, old in self.next.items()
            if self._views[new].whole and self._views[old].whole
        }

    def _array(self, view: View) -> np.ndarray:
        item = view.dtype.itemsize
        start = view.buffer.offset + view.offset * item
        strides = [step * item for step in view.strides]
        return np.ndarray(view.shape, view.dtype, self.arena, start, strides)

    def _build(self, steps: list[Row | Fallback], loops: list[Loop]) -> None:
        """Write the table, cut where the interpreter runs, and note where each instruction's rows begin."""
        words, shares = (0, []) if self._crew is None else (self._crew.address, self.shares)
        self.table, places = write(steps, loops, shares, words)
        self._parts: list[tuple[int, int, Fallback | None, int]] = []  # first, last word; instruction
        for (start, stop), step in zip(places, steps, strict=True):
            fallback = step if isinstance(step, Fallback) else None
            if fallback is not None:
                inputs = tuple(self._array(view) for view in fallback.inputs)
                fallback.run = interpreted(fallback, inputs, self._array(fallback.output))
            self._parts.append((start, stop, fallback, step.instr))
        begin = self.table.ctypes.data
        self._all: list[tuple[int, int, Any]] = [(begin, begin + 8 * stop, None) for _, stop in places[-1:]]
        if any(fallback is not None for _, _, fallback, _ in self._parts):
            self._all = self._runs(0, len(self.program))

    def _runs(self, start: int, stop: int) -> list[tuple[int, int, Any]]:
        """The stretches of the table (by address), and what the interpreter does between them."""
        runs: list[tuple[int, int, Any]] = []
        base = self.table.ctypes.data
        for first, last, fallback, instr in self._parts:
            if not start <= instr < stop:
                continue
            if fallback is not None:
                runs.append((0, 0, fallback.run))
            elif runs and runs[-1][2] is None and runs[-1][1] == base + 8 * first:
                runs[-1] = (runs[-1][0], base + 8 * last, None)
            else:
                runs.append((base + 8 * first, base + 8 * last, None))
        return runs

    # What it is for.

    def set_input(self, slot: int, value: np.ndarray) -> None:
        """Give a slot that no instruction writes another value, from the next run on."""
        row = self.program.slots[slot]
        if row.kind in (SlotKind.VALUE, SlotKind.CONSTANT):
            raise ValueError(f"slot {slot} is no input of the program; only inputs can be replaced")
        if tuple(np.shape(value)) != row.shape:
            raise ValueError(f"slot {slot} has shape {row.shape}, but the value {tuple(np.shape(value))}")
        if slot in self._arrays:  # else nothing depends on it
            np.copyto(self._arrays[slot], value, casting="same_kind")

    def run(self, start: int = 0, stop: int | None = None) -> None:
        """Run the instructions from `start` on, up to `stop` (default: all)."""
        whole = start == 0 and stop is None
        if self.split and not whole:
            raise ValueError("a program whose batch is split runs as a whole; compile it with samples=0")
        runs = self._all if whole else self._runs(start, len(self.program) if stop is None else stop)
        if self._crew is None:
            _execute(runs, self._address)
        else:
            self._crew.run(self._address, lambda: _execute(runs, self._address))
        complain(self._trouble)

    @property
    def threads(self) -> int:
        """How many threads run it."""
        return 2 if self.shares else 1

    def close(self) -> None:
        """End the second thread, if there is one; the next run starts it again."""
        if self._crew is not None:
            self._crew.close()

    def value(self, slot: int) -> np.ndarray:
        """The value of a slot that was kept, as it is now: a view of the arena that the next run changes."""
        found = self._arrays.get(slot)
        if found is None:
            raise KeyError(f"slot {slot} is not kept; name it in `keep`")
        return found

    def advance(self) -> None:
        """Make the parameters, buffers and gradients at the end those at the start."""
        for old, new in self._copies:
            old[...] = new

    @property
    def random(self) -> tuple[int, ...]:
        """The instructions that draw random numbers."""
        return tuple(fallback.instr for fallback in self._random)

    def draw(self) -> tuple[int, ...]:
        """New seeds for them."""
        return tuple([next_seed() for _ in self._random])

    def step(self, inputs: Mapping[str, np.ndarray], seeds: tuple[int, ...] | None = None) -> None:
        """One iteration of training: set inputs by name, take (or draw) seeds, run, go on to the next."""
        for name, value in inputs.items():
            room = self._given.get(name)
            if room is not None and (value.shape, value.dtype) == (room.shape, room.dtype):
                room[...] = value  # the usual case, soon done
            else:
                self.set_input(self.slot(name), value)
        if self._random:
            for fallback, seed in zip(self._random, seeds or self.draw(), strict=True):
                fallback.attrs = {**fallback.attrs, "seed": seed}
        self.run()
        self.advance()

    def restore(self, name: str, value: np.ndarray) -> None:
        """Set what a name means at the start and, between two iterations, at the end; unknown ones are
        ignored."""
        for slot in (self._starts.get(name), self.ends.get(name)):
            if slot is not None and slot in self._arrays:
                self._arrays[slot][...] = value

    def current(self, name: str) -> np.ndarray | None:
        """What a name means between two iterations; None if it is not kept."""
        return self._arrays.get(self.ends.get(name, self._starts.get(name, -1)))

    def resume(self) -> None:
        """Go on where the recording ended: its last values are the first ones."""
        for new, old in self.next.items():
            self._arrays[old][...] = self.program.values[new]

    def slot(self, name: str) -> int:
        """The slot that a name means at the start, or where it first means one."""
        found = self._starts.get(name)
        if found is None:
            raise KeyError(f"the program has no {name!r}")
        return found


def complain(trouble: np.ndarray | None) -> None:
    """Raise DimError if a kernel has left the number of a fault in the values."""
    if trouble is not None and trouble[0]:
        found, trouble[0] = int(trouble[0]), 0
        raise DimError(_TROUBLES[found])


def _execute(runs: Sequence[tuple[int, int, Any]], arena: int) -> None:
    """Run stretches of a table, and what the interpreter does between them."""
    walk = routine.walk()
    for first, last, interpret in runs:
        if interpret is None:
            walk(arena, first, last)
        else:
            interpret()


def _shared(lowering: Lowering, shared: int, threads: int) -> tuple[list[Row | Fallback], list[Share]]:
    """The steps, and which of them two threads run at once."""
    if lowering.sides is not None:
        return halved(lowering.steps, lowering.sides, shared)
    return cut(lowering.steps) if threads > 1 else (lowering.steps, [])


def _lowered(
    program: Program, needed: list[bool], kept: frozenset[int], samples: int | None, threads: int
) -> Lowering:
    """The program's rows; with the batch split unless `samples` is 0, or that is not possible."""
    rules = {} if jit_disabled() else RULES
    split = None if samples == 0 or not rules else find(program, needed)
    chunk = 0 if split is None else samples or split.chunk()
    both = threads > 1 and split is not None and split.size >= SMALLEST
    if split is not None and (both or chunk < split.size) and split.can_keep(kept):
        parts = PartwiseLowering(program, needed, kept, rules)
        parts.run_parts(split, chunk, both)
        if not parts.fallbacks:
            return parts
    lowering = Lowering(program, needed, kept, rules)
    lowering.in_parts = samples == 0
    lowering.run()
    return lowering


def compile_program(
    program: Program, keep: Iterable[int] | None = None, samples: int | None = None, threads: int = 1
) -> Compiled:
    """Lower a recorded program.

    `keep` are the slots whose values are wanted, instead of the usual ones, in the order in which they shall
    lie in memory; `samples` how many samples of the batch go through the network at a time, where each works
    for itself: 0 for all at once, with no gradient left to the row that reads it, so that parts of the
    program can be run; None for as many as fit into the cache. With two `threads` each takes half of the
    samples, if there are enough and the program allows it; else they share what takes long, with the same
    numbers as one thread. Then `close` ends the second one.
    """
    return Compiled(program, keep, samples, threads)
