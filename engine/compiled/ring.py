"""Keeping what the last iterations have computed: a ring of copies of activations and their gradients.

The program is fused as ever. What its rows leave in memory is laid side by side and copied in one piece. What
they do not leave (the gradients of the weights), and what is only chosen from what they leave (a relu), is
computed from that when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

import numpy as np

from ..dispatch import compute
from ..interpret import spec_of
from ..op import REGISTRY
from ..program import Phase, Program, SlotKind
from .compile import Compiled
from .lowering import Lowering
from .names import usual
from .values import Buffer

_CHOOSING = ("relu", "relu_backward", "max_pool2d", "max_pool2d_indices", "max_pool2d_backward")
"""What only chooses between numbers is chosen again when asked for, to the same bits: half of all bytes."""


def _needed(program: Program, there: Container[int]) -> list[int]:
    """Which of the slots that are there must be copied, so that all of them can be told to the same bits.

    A relu in one row with a layer has no input in memory. To find it again would be to add up again, in
    another order, so it is copied itself.
    """
    known = {slot for slot, row in enumerate(program.slots) if row.kind is not SlotKind.VALUE}
    copied = []
    for instr in program.instrs:
        follows = known.issuperset(instr.inputs) and (instr.op in _CHOOSING or REGISTRY[instr.op].view)
        if instr.output in there and not follows:
            copied.append(instr.output)
        if follows or instr.output in there:
            known.add(instr.output)
    return sorted(copied)


class _Scout(Compiled):
    """A program lowered as usual, to see which values are still there at its end."""

    def _planned(self, lowering: Lowering) -> None:
        program = self.program
        taken = {b.home for step in lowering.steps for b in step.buffers() if b.home is not None}
        ends = usual(program) - {program.loss}
        weights = {self._views[slot].buffer.root for slot in ends if slot in self._views}
        weights |= {view.buffer.root for view in lowering.leaves.values()}
        others: set[Buffer | None] = {*taken, *lowering.constants}
        there = {
            slot
            for slot, view in lowering.views.items()
            if program.slots[slot].kind is SlotKind.VALUE
            and slot not in lowering.absorbed
            and program.instrs[program.producers[slot]].site.phase is not Phase.UPDATE
            and view.buffer not in others
            and view.buffer.root not in weights
        }
        self.left = _needed(program, there)


class Remembering(Compiled):
    """A program whose activations and gradients are still there after a run, in one piece of memory.

    `left` are the slots that can be read there. Weights and their gradients are not among them: there is more
    of them than of all the rest, and they follow from it.
    """

    def __init__(self, program: Program, threads: int = 1) -> None:
        scout = _Scout(program, threads=threads)
        scout.close()
        self.left = frozenset(scout.left)
        first = sorted(usual(program) - self.left)
        super().__init__(program, [*first, *scout.left], threads=threads)
        starts = {self._views[slot].buffer.root for slot in self.left}
        begin = min((buffer.offset for buffer in starts), default=0)
        end = max((buffer.offset + buffer.nbytes for buffer in starts), default=0)
        self.stretch = slice(begin, end)
        """Where in the arena they lie, in bytes."""


class Ring:
    """The last iterations of a training run, as many as fit into `budget` bytes; the oldest makes room.

    `take`, between `run` and `advance`, copies what the executor has left. Errors: ValueError if not even one
    iteration fits.
    """

    def __init__(self, compiled: Remembering, budget: int) -> None:
        self._compiled = compiled
        size = compiled.stretch.stop - compiled.stretch.start
        rows = budget // max(1, size)
        if rows < 1:
            raise ValueError(f"an iteration takes {size} bytes, and there are only {budget}")
        self._rows = np.zeros((rows, size), np.uint8)
        self._rows.fill(1)  # so that the memory is there before training begins
        self._source = compiled.arena[compiled.stretch]
        self.count = 0
        """How many iterations were taken, those that are gone included."""

    @property
    def numbers(self) -> range:
        """The iterations that are still there, counted from 0."""
        return range(max(0, self.count - len(self._rows)), self.count)

    def take(self) -> None:
        """Keep what the executor has just computed."""
        self._rows[self.count % len(self._rows)] = self._source
        self.count += 1

    def values(
        self, number: int, slots: Iterable[int], start: Mapping[int, np.ndarray]
    ) -> dict[int, np.ndarray]:
        """The values of some slots in iteration `number`.

        `start` has the values that parameters, buffers, inputs and earlier gradients had when it began, as a
        keyframe and its recomputation give them; what is not in it is taken as it was recorded. What the ring
        has no copy of is computed by the interpreter: equal bit for bit where sums are taken in one order.
        Errors: KeyError if the iteration is gone.
        """
        if number not in self.numbers:
            raise KeyError(f"iteration {number} is not kept")
        wanted = list(slots)
        program = self._compiled.program
        known: dict[int, np.ndarray] = {}
        for index in self._way(wanted):
            instr = program.instrs[index]
            inputs = tuple(self._given(number, slot, start, known) for slot in instr.inputs)
            specs = tuple(spec_of(program, slot) for slot in instr.inputs)
            known[instr.output] = compute(REGISTRY[instr.op], specs, inputs, instr.attrs)[1]
        return {slot: self._given(number, slot, start, known) for slot in wanted}

    def _way(self, slots: list[int]) -> list[int]:
        """The instructions that must be run again, in order."""
        program, left = self._compiled.program, self._compiled.left
        found: set[int] = set()
        stack = [program.producers[slot] for slot in slots if slot not in left]
        while stack:
            index = stack.pop()
            if index >= 0 and index not in found:
                found.add(index)
                sources = program.instrs[index].inputs
                stack += [program.producers[slot] for slot in sources if slot not in left]
        return sorted(found)

    def _given(
        self, number: int, slot: int, start: Mapping[int, np.ndarray], known: Mapping[int, np.ndarray]
    ) -> np.ndarray:
        compiled = self._compiled
        if slot in known:
            return known[slot]
        if slot in compiled.left:
            return self._copy(number, slot)
        value: np.ndarray = start.get(slot, compiled.program.values[slot])
        return value

    def _copy(self, number: int, slot: int) -> np.ndarray:
        shown = self._compiled.value(slot)
        begin = shown.ctypes.data - self._source.ctypes.data
        flat = self._rows[number % len(self._rows)][begin:]
        there = np.frombuffer(flat.data, shown.dtype, count=_span(shown))
        return np.lib.stride_tricks.as_strided(there, shown.shape, shown.strides).copy()


def _span(array: np.ndarray) -> int:
    """How many elements lie between the first and the last one, both included."""
    if array.size == 0:
        return 0
    far = sum((size - 1) * step for size, step in zip(array.shape, array.strides, strict=True))
    return int(1 + far // array.itemsize)
