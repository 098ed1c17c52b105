"""Putting arrays together: each is copied to its part of the result."""

from __future__ import annotations

import numpy as np

from ...program import Instr
from ..alias import part_of
from ..lowering import Lowering, rule
from ..rows import PRECISIONS, dtype_of
from ..values import View


@rule("cat", "stack")
def joined(lowering: Lowering, instr: Instr) -> bool:
    """Along a dimension, an old or a new one."""
    views = [lowering.view(slot) for slot in instr.inputs]
    dtype = dtype_of(lowering.program.slots[instr.output].dtype)
    if dtype not in PRECISIONS or any(view.dtype != dtype for view in views):
        return False
    out = lowering.out(instr.output)
    dim = instr.attrs["dim"] % len(out.shape)
    start = 0
    for view in views:
        count = view.shape[dim] if instr.op == "cat" else 1
        offset = out.offset + start * out.strides[dim]
        shape, strides = out.shape, out.strides
        if instr.op == "cat":
            shape = (*shape[:dim], count, *shape[dim + 1 :])
        else:
            shape, strides = (*shape[:dim], *shape[dim + 1 :]), (*strides[:dim], *strides[dim + 1 :])
        lowering.each("copy", View(out.buffer, offset, shape, strides, dtype), [view])
        start += count
    return True


@rule("slice_grad")
def slice_grad(lowering: Lowering, instr: Instr) -> bool:
    """Zeros, and the gradient in its place; nothing but the gradient if that is all."""
    g = lowering.view(instr.inputs[0])
    if g.dtype not in PRECISIONS:
        return False
    slot = lowering.program.slots[instr.output]
    whole = lowering.new(slot.shape, g.dtype)
    part = part_of(whole, instr.attrs["items"])
    if part is None or part.shape != g.shape:
        return False
    if part.size == whole.size and part.strides == whole.strides and part.shape == whole.shape:
        lowering.views[instr.output] = g
        return True
    out = lowering.out(instr.output)
    nothing = lowering.constant(np.array(0, g.dtype))
    lowering.each("copy", out, [View(nothing.buffer, 0, out.shape, (0,) * len(out.shape), g.dtype)])
    lowering.each("copy", View(out.buffer, out.offset + part.offset, part.shape, part.strides, g.dtype), [g])
    return True
