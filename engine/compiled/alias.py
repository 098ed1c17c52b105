"""Ops whose result is a view of their input."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..interpret import spec_of
from ..op import REGISTRY
from ..ops.slice import Item, key_of
from ..program import Instr, Program
from .values import View


def view_through(source: View, instr: Instr, program: Program) -> View | None:
    """What a view op shows of `source`, found by running its kernel on memory that is not looked at."""
    op, output = REGISTRY[instr.op], spec_of(program, instr.output)
    return _shown(source, lambda array: op.kernel(output, array, **instr.attrs))


def part_of(source: View, items: tuple[Item, ...]) -> View | None:
    """What indexing with positions and slices shows of `source`."""
    return _shown(source, lambda array: np.asarray(array[key_of(items)]))


def _shown(source: View, show: Callable[[np.ndarray], np.ndarray]) -> View | None:
    item = source.dtype.itemsize
    memory = np.empty(source.buffer.nbytes // item, source.dtype)
    steps = [step * item for step in source.strides]
    shown = show(np.ndarray(source.shape, source.dtype, memory, source.offset * item, steps))
    start = _address(shown) - _address(memory)
    if not 0 <= start < max(memory.nbytes, 1) or not np.may_share_memory(shown, memory):
        return None
    strides = tuple([step // item for step in shown.strides])
    return View(source.buffer, start // item, shown.shape, strides, source.dtype)


def _address(array: np.ndarray) -> int:
    found: int = array.__array_interface__["data"][0]
    return found
