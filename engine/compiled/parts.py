"""Lowering a program part by part of its batch, see `split`; in two halves for two threads, see `halves`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..program import SlotKind
from .halves import hoisted
from .lowering import Lowering
from .relocate import Relocation, relocated
from .split import Split
from .values import Buffer, Loop, View

Known = Mapping[tuple[Any, ...], View]


class PartwiseLowering(Lowering):
    """The rows of a program whose batch is split."""

    def run_parts(self, split: Split, chunk: int, both: bool) -> None:
        """Lower every instruction that is needed: what is batched by chunks of samples and, if `both`, in two
        halves that two threads run at once."""
        split = self.split = split.deferred(chunk)
        early = self._feeding(split)
        self.lower(index for index, mark in enumerate(early) if mark)
        half = split.size // 2 if both else split.size
        before = dict(self._known)
        first = len(self.steps)
        self._samples(split, 0, half, chunk)
        if both:
            sums = {
                slot: self.views[slot] for slot in split.dims if split.summed(slot) and slot in self.views
            }
            middle = len(self.steps)
            second = self._relocated if 2 * half == split.size else self._anew
            second(split, chunk, first, before)
            self.sides = (first, middle, len(self.steps))
            self._known = before
            self._join(sums)
        self.program, self.adding = split.program, False
        self.views.update({slot: self.rows(slot, 0, split.size) for slot in split.whole})
        later = [a or not (i or e) for a, i, e in zip(split.after, split.inside, early, strict=True)]
        self.lower(index for index, mark in enumerate(later) if mark)
        if self.sides is not None:
            self.steps, count = hoisted(self.steps, first, self.sides[2])
            begin, middle, end = self.sides
            self.sides = (begin + count, middle + count, end + count)
            self.loops = [
                replace(loop, start=loop.start + count, stop=loop.stop + count) for loop in self.loops
            ]

    def _anew(self, split: Split, chunk: int, first: int, before: Known) -> None:
        """Lower the second half of the samples; the first one began at the step `first`, when no more was
        known than what there was `before`."""
        self._known = {**before, **{k: v for k, v in self._known.items() if v.buffer in self.constants}}
        self.made.clear()
        for slot in split.dims:
            if split.summed(slot):
                self.views.pop(slot, None)
        self._samples(split, split.size // 2, split.size, chunk)

    def _relocated(self, split: Split, chunk: int, first: int, before: Known) -> None:
        """The same for halves of one size, sooner: the first one's steps once more, for the other samples."""
        same = {buffer for step in self.steps[:first] for buffer in step.buffers()}
        same.update(view.buffer for view in (*self.leaves.values(), *self._everyone.values()))
        same.update(self.constants, () if self.doubt is None else (self.doubt.buffer,))
        moves = self._moves(split.size // 2)
        to = Relocation(same - moves.keys(), moves)
        steps, loops = relocated(self.steps[first:], self.loops, len(self.steps) - first, to)
        self.steps += steps
        self.loops += loops
        self.views.update({s: to.view(v) for s, v in self.views.items() if split.summed(s)})

    def _moves(self, count: int) -> dict[Buffer, int]:
        """How many bytes further on the rows of so many later samples lie."""
        return {v.buffer: count * v.strides[0] * v.dtype.itemsize for v in self._whole.values()}

    def _feeding(self, split: Split) -> list[bool]:
        """The instructions that what is batched depends on; the others can come afterwards."""
        early = [False] * len(self.program)
        producers = self.program.producers
        for index in range(len(early) - 1, -1, -1):
            if early[index] or split.inside[index]:
                for slot in self.program.instrs[index].inputs:
                    before = producers[slot]
                    if before >= 0 and not split.inside[before]:
                        early[before] = True
        return early

    def _join(self, sums: dict[int, View]) -> None:
        """Add the second half's sums to the first half's, always in this order."""
        for slot, view in sums.items():
            if self.views[slot].buffer is not view.buffer:
                self.views[slot].buffer.fixed = True  # memory of its own, while both halves run
                self.each("add", view, [view, self.views[slot]])
            self.views[slot] = view

    def _samples(self, split: Split, begin: int, end: int, chunk: int) -> None:
        """Lower what is batched for some samples, a chunk at a time: the first, a loop, the rest."""
        inside = [index for index, mark in enumerate(split.inside) if mark]
        chunk = min(chunk, end - begin)
        self.adding = False
        self._part(split, inside, begin, begin + chunk)
        self.adding = True
        turns, rest = divmod(end - begin - chunk, chunk)
        if turns:
            start = len(self.steps)
            self._part(split, inside, begin + chunk, begin + 2 * chunk)
            self.loops.append(Loop(start, len(self.steps), turns, self._moves(chunk)))
        if rest:
            self._part(split, inside, end - rest, end)

    def _part(self, split: Split, inside: Sequence[int], start: int, stop: int) -> None:
        """Lower what is batched for the samples from `start` to `stop`."""
        self.program = split.part(stop - start)
        self.range = (start, stop)
        for slot in split.dims:
            if split.batched(slot):
                self.views.pop(slot, None)
                if split.program.slots[slot].kind is not SlotKind.VALUE:
                    self.views[slot] = self.rows(slot, start, stop)
        self.lower(inside)
