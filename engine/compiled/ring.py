"""Keeping everything that the last iterations have computed: a ring of copies of the executor's memory."""

from __future__ import annotations

import numpy as np

from ..program import Program, SlotKind
from .compile import Compiled, compile_program


def compile_with_everything(program: Program, threads: int = 1) -> Compiled:
    """The executor for a program that keeps every activation and gradient until the next run."""
    every = [slot for slot, row in enumerate(program.slots) if row.kind is SlotKind.VALUE]
    return compile_program(program, keep=every, threads=threads)


class Ring:
    """The last iterations of a training run, as many as fit into `budget` bytes; the oldest makes room.

    An executor from `compile_with_everything` keeps all values; `take`, between `run` and `advance`, copies
    them in one piece. Errors: ValueError if not even one iteration fits.
    """

    def __init__(self, compiled: Compiled, budget: int) -> None:
        self._compiled = compiled
        self._size = compiled.nbytes
        rows = budget // max(1, self._size)
        if rows < 1:
            raise ValueError(f"an iteration takes {self._size} bytes, and there are only {budget}")
        self._rows = np.zeros((rows, self._size), np.uint8)
        self._rows.fill(1)  # so that the memory is there before training begins
        self.count = 0
        """How many iterations were taken, those that are gone included."""

    @property
    def numbers(self) -> range:
        """The iterations that are still there, counted from 0."""
        return range(max(0, self.count - len(self._rows)), self.count)

    def take(self) -> None:
        """Keep what the executor has just computed."""
        self._rows[self.count % len(self._rows)] = self._compiled.arena[: self._size]
        self.count += 1

    def value(self, number: int, slot: int) -> np.ndarray:
        """The value of a slot in iteration `number`. Errors: KeyError if it is gone."""
        if number not in self.numbers:
            raise KeyError(f"iteration {number} is not kept")
        shown = self._compiled.value(slot)
        start = shown.ctypes.data - self._compiled.arena.ctypes.data
        row = self._rows[number % len(self._rows)]
        flat = row[start:].view(np.uint8)
        room = np.lib.stride_tricks.as_strided(
            np.frombuffer(flat.data, shown.dtype, count=_span(shown)), shown.shape, shown.strides
        )
        return room.copy()


def _span(array: np.ndarray) -> int:
    """How many elements lie between the first and the last one, both included."""
    if array.size == 0:
        return 0
    far = sum((size - 1) * step for size, step in zip(array.shape, array.strides, strict=True))
    return int(1 + far // array.itemsize)
