"""Sums over dimensions."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import numpy as np

from ...dims import axes
from ...program import Instr
from ..lowering import Lowering, rule
from ..rows import PRECISIONS, dtype_of
from ..values import Operand, View, collapse


@rule("sum", "mean")
def reduction(lowering: Lowering, instr: Instr) -> bool:
    """Over the dimensions of the attribute."""
    view = lowering.view(instr.inputs[0])
    dims = axes(instr.attrs["dim"], len(view.shape))
    return reduce(lowering, instr, view, range(len(view.shape)) if dims is None else dims)


@rule("sum_to")
def sum_to(lowering: Lowering, instr: Instr) -> bool:
    """Over the dimensions that had been broadcast."""
    view = lowering.view(instr.inputs[0])
    shape = lowering.program.slots[instr.output].shape
    extra = len(view.shape) - len(shape)
    dims = [*range(extra), *(extra + i for i, size in enumerate(shape) if size != view.shape[extra + i])]
    if not dims and view.shape == shape:
        lowering.views[instr.output] = view
        return True
    return reduce(lowering, instr, view, dims)


def reduce(lowering: Lowering, instr: Instr, view: View, dims: Sequence[int]) -> bool:
    """Sum over some dimensions; for the mean, divide by their size."""
    whole = view.size if instr.op not in ("sum", "sum_to") else 1
    shape = lowering.program.slots[instr.output].shape
    return summed(lowering, instr, view, dims, max(whole // max(math.prod(shape), 1), 1))


def summed(lowering: Lowering, instr: Instr, view: View, dims: Sequence[int], divisor: int) -> bool:
    """Sum over some dimensions, and divide."""
    dtype = dtype_of(lowering.program.slots[instr.output].dtype)
    if dtype not in PRECISIONS or view.dtype != dtype:
        return False
    over = {dim % len(view.shape) for dim in dims} if view.shape else set()
    if divisor == 1 and all(view.shape[dim] == 1 for dim in over) and not lowering.summed(instr.output):
        shape = lowering.program.slots[instr.output].shape
        lowering.views[instr.output] = lowering.dense(view).reshaped(*shape)
        return True
    add = int(lowering.adding and lowering.summed(instr.output))
    fold(lowering, view, over, lowering.out(instr.output), divisor, add)
    return True


def fold(
    lowering: Lowering, view: View, over: Collection[int], out: View, third: int, add: int, kernel: str = ""
) -> None:
    """Emit a reduction over some dimensions: a sum, or what the kernel says."""
    kept = [i for i in range(len(view.shape)) if i not in over]
    gone = sorted(over)
    sizes, (steps,) = collapse([view.shape[i] for i in kept], [[view.strides[i] for i in kept]])
    counts, (strides,) = collapse([view.shape[i] for i in gone], [[view.strides[i] for i in gone]])
    columns = steps[-1] == 1 and sizes[-1] > 1 and strides[-1] != 1
    operands: list[Operand] = [view.place, out.place, third, add, len(sizes), len(counts)]
    operands += [*sizes, *steps, *counts, *strides]
    room = [0] * (len(sizes) + len(counts))
    lowering.emit(kernel or ("sum_columns" if columns else "sum_rows"), view.dtype, *operands, *room)


@rule("adaptive_avg_pool2d")
def mean_of_planes(lowering: Lowering, instr: Instr) -> bool:
    """Global average pooling: one window, the whole plane."""
    view = lowering.view(instr.inputs[0])
    if tuple(instr.attrs["output_size"]) != (1, 1) or len(view.shape) != 4:
        return False
    return reduce(lowering, instr, view, (2, 3))


@rule("adaptive_avg_pool2d_backward")
def spread_over_planes(lowering: Lowering, instr: Instr) -> bool:
    """Its way back: each pixel gets the same share."""
    g = lowering.view(instr.inputs[0])
    shape = lowering.program.slots[instr.output].shape
    if g.dtype not in PRECISIONS or len(shape) != 4 or g.shape[2:] != (1, 1):
        return False
    count = lowering.constant(np.array(shape[2] * shape[3], g.dtype))
    lowering.each("div", lowering.out(instr.output), [g, count])
    return True
