"""What a table's rows are made of before it is known where anything lies: buffers, views of them, rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np


@dataclass(eq=False, slots=True)
class Buffer:
    """A piece of the arena. `fixed` ones keep their place from step to step: inputs, parameters, constants,
    and what is asked for afterwards."""

    nbytes: int
    fixed: bool = False
    offset: int = -1  # in bytes, once planned
    home: Buffer | None = None  # the buffer whose memory it takes over

    @property
    def root(self) -> Buffer:
        """The buffer whose memory this one uses: itself, or the one that it takes over."""
        found = self
        while found.home is not None:
            found = found.home
        return found


class View(NamedTuple):
    """An array in a buffer; offset and strides count elements."""

    buffer: Buffer
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def size(self) -> int:
        """How many elements it shows."""
        return math.prod(self.shape)

    @property
    def dense(self) -> bool:
        """Whether its elements lie side by side, in order."""
        return self.strides == dense_strides(self.shape) or _in_order(self.shape, self.strides)

    @property
    def whole(self) -> bool:
        """Whether it is dense and all that its buffer holds."""
        filled = self.offset == 0 and self.size * self.dtype.itemsize == self.buffer.nbytes
        return filled and self.dense

    @property
    def place(self) -> Place:
        """Where it begins."""
        return Place(self.buffer, self.offset, self.dtype.itemsize)

    def reshaped(self, *shape: int) -> View:
        """A dense view in another shape."""
        assert self.dense
        assert math.prod(shape) == self.size
        return View(self.buffer, self.offset, shape, dense_strides(shape), self.dtype)

    def rows(self, start: int, stop: int) -> View:
        """A part of it along the first dimension."""
        offset = self.offset + start * self.strides[0]
        return View(self.buffer, offset, (stop - start, *self.shape[1:]), self.strides, self.dtype)

    def broadcast(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Its strides as a part of an expression of a larger shape; 0 where it is repeated."""
        missing = len(shape) - len(self.shape)
        own = zip(self.shape, self.strides, strict=True)
        return (0,) * missing + tuple(
            0 if size == 1 != shape[missing + i] else stride for i, (size, stride) in enumerate(own)
        )


@lru_cache(4096)
def dense_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Strides of an array whose elements lie side by side."""
    strides = []
    step = 1
    for size in reversed(shape):
        strides.append(step)
        step *= size
    return tuple(reversed(strides))


def _in_order(shape: tuple[int, ...], strides: tuple[int, ...]) -> bool:
    """Whether strides are those of a dense array, where there is more than one element along them."""
    expected = 1
    for size, stride in zip(reversed(shape), reversed(strides), strict=True):
        if size != 1 and stride != expected:
            return False
        expected *= size
    return True


@dataclass(eq=False, slots=True)
class Place:
    """An operand: an offset in a buffer, in elements of `itemsize` bytes."""

    buffer: Buffer
    offset: int
    itemsize: int

    def moved(self, count: int) -> Place:
        """The place `count` elements on."""
        return Place(self.buffer, self.offset + count, self.itemsize)


class Address(NamedTuple):
    """An operand: where the machine code of a kernel lies, which the row's own kernel will call."""

    kernel: str


Operand = int | Place | Address


@dataclass(slots=True)
class Row:
    """One call of a kernel. `instr` is the instruction whose result is there once it has run; `over` the
    pairs (new buffer, old buffer) of which the new may take the memory of the old."""

    kernel: str
    precision: str
    operands: tuple[Operand, ...]
    instr: int
    over: tuple[tuple[Buffer, Buffer], ...] = ()
    _touched: list[Buffer] | None = field(default=None, init=False)

    def buffers(self) -> list[Buffer]:
        """The buffers that it touches; found once, as this is asked again and again."""
        found = self._touched
        if found is None:
            found = self._touched = [operand.buffer for operand in self.operands if type(operand) is Place]
        return found


@dataclass(slots=True)
class Loop:
    """Steps that are run `count` times, each time so many bytes further on in the buffers in `moves`."""

    start: int
    stop: int
    count: int
    moves: Mapping[Buffer, int]


class Share(NamedTuple):
    """Steps that two threads run at once: the first those from `start`, the second those from `middle`."""

    start: int
    middle: int
    stop: int


@dataclass(slots=True)
class Fallback:
    """One instruction that the interpreter runs, on views of the arena."""

    op: str
    inputs: tuple[View, ...]
    output: View
    attrs: Mapping[str, Any]
    weak: tuple[bool, ...]  # by input: whether it is a Python number
    instr: int
    run: Callable[[], None] | None = field(default=None)

    def buffers(self) -> list[Buffer]:
        """The buffers that it touches."""
        return [view.buffer for view in (*self.inputs, self.output)]


def collapse(shape: Sequence[int], strides: Sequence[Sequence[int]]) -> tuple[list[int], list[list[int]]]:
    """The same elements with as few dimensions as possible; the longest stretch that is dense comes last."""
    sizes: list[int] = []
    steps: list[list[int]] = [[] for _ in strides]
    for size, *here in zip(shape, *strides, strict=True):
        if size == 1:
            continue
        if sizes and [each[-1] for each in steps] == [step * size for step in here]:
            sizes[-1] *= size
            for each, step in zip(steps, here, strict=True):
                each[-1] = step
        else:
            sizes.append(size)
            for each, step in zip(steps, here, strict=True):
                each.append(step)
    if not sizes:
        return [1], [[1] for _ in strides]
    return sizes, steps
