"""Ops whose result is a view of their input."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..interpret import spec_of
from ..op import REGISTRY
from ..ops.slice import Item, key_of
from ..program import Instr, Program
from .values import View, dense_strides


def view_through(source: View, instr: Instr, program: Program) -> View | None:
    """What a view op shows of `source`, found by running its kernel on memory that is not looked at; for the
    usual ones that takes longer than to say it."""
    quick = _QUICK.get(instr.op)
    found = None if quick is None else quick(source, program.slots[instr.output].shape)
    if found is not None:
        return found
    op, output = REGISTRY[instr.op], spec_of(program, instr.output)
    return shown(source, lambda array: op.kernel(output, array, **instr.attrs))


def _reshaped(source: View, shape: tuple[int, ...]) -> View | None:
    return (
        View(source.buffer, source.offset, shape, dense_strides(shape), source.dtype)
        if source.dense
        else None
    )


def _turned(source: View, shape: tuple[int, ...]) -> View:
    return View(source.buffer, source.offset, shape, source.strides[::-1], source.dtype)


_QUICK: dict[str, Callable[[View, tuple[int, ...]], View | None]] = {
    **dict.fromkeys(("flatten", "reshape", "squeeze", "unsqueeze"), _reshaped),
    "t": _turned,
}


def part_of(source: View, items: tuple[Item, ...]) -> View | None:
    """What indexing with positions and slices shows of `source`."""
    return shown(source, lambda array: np.asarray(array[key_of(items)]))


def shown(source: View, show: Callable[[np.ndarray], np.ndarray]) -> View | None:
    """What a function shows of `source`; None if that is no view."""
    item = source.dtype.itemsize
    memory = np.empty(source.buffer.nbytes // item, source.dtype)
    steps = [step * item for step in source.strides]
    part = show(np.ndarray(source.shape, source.dtype, memory, source.offset * item, steps))
    start = _address(part) - _address(memory)
    if not 0 <= start < max(memory.nbytes, 1) or not np.may_share_memory(part, memory):
        return None
    strides = tuple([step // item for step in part.strides])
    return View(source.buffer, start // item, part.shape, strides, source.dtype)


def _address(array: np.ndarray) -> int:
    found: int = array.__array_interface__["data"][0]
    return found
