"""Matrix products."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...program import Instr
from .. import cpu
from ..lowering import Lowering, rule
from ..rows import PRECISIONS
from ..values import View

TILES = {"rows8": (8, 1), "rows6": (6, 2), "rows4": (4, 3)}
"""Kernels by how many rows and vectors they compute at a time."""


def rows_kernel(m: int, n: int, dtype: np.dtype[Any]) -> str:
    """The kernel that wastes least on an (m, n) result."""
    if m == 1:
        return "rows1"
    width = cpu.vector_bytes() // dtype.itemsize

    def work(tile: str) -> int:
        rows, vectors = TILES[tile]
        return -(-m // rows) * rows * -(-n // (vectors * width)) * vectors

    return min(TILES, key=work)


def dots_kernel(m: int, n: int, dtype: np.dtype[Any]) -> str:
    """The same for products of rows and columns."""
    if m == 1:
        return "columns1x4"
    return "columns4x4" if cpu.vector_bytes() == 64 else "columns3x3"


@rule("mm")
def mm(lowering: Lowering, instr: Instr) -> bool:
    """Operands may be transposed; other layouts are copied first."""
    a, b = (lowering.view(slot) for slot in instr.inputs)
    if a.dtype not in PRECISIONS:
        return False
    add = lowering.adding and lowering.summed(instr.output)
    product(lowering, lowering.out(instr.output), a, b, add)
    return True


def product(lowering: Lowering, out: View, a: View, b: View, add: bool = False) -> None:
    """out = a b, or out += a b."""
    m, k = a.shape
    n = b.shape[1]
    by_rows = n == 1 or b.strides[1] == 1
    if not by_rows and k > 1 and b.strides[0] != 1:
        b, by_rows = lowering.dense(b), True
    if not by_rows and a.strides[1] != 1 and k > 1:
        a = lowering.dense(a)
    ends = int(add), out.place, out.strides[0]
    if k == 1 and by_rows and not add:
        lowering.emit("outer", out.dtype, m, n, a.place, a.strides[0], b.place, *ends[1:])
    elif by_rows:
        kernel = rows_kernel(m, n, out.dtype)
        lowering.emit(kernel, out.dtype, m, n, k, a.place, *a.strides, b.place, b.strides[0], *ends)
    else:
        kernel = dots_kernel(m, n, out.dtype)
        lowering.emit(kernel, out.dtype, m, n, k, a.place, a.strides[0], b.place, b.strides[1], *ends)


@rule("linear")
def linear(lowering: Lowering, instr: Instr) -> bool:
    """The bias is put down first, and the product added to it."""
    views = [lowering.view(slot) for slot in instr.inputs]
    x, w = lowering.dense(views[0]), views[1]
    if x.dtype not in PRECISIONS:
        return False
    out = lowering.out(instr.output)
    if len(views) > 2:
        lowering.each("copy", out, [views[2]])
    rows = out.reshaped(out.size // w.shape[0], w.shape[0])
    transposed = View(w.buffer, w.offset, w.shape[::-1], w.strides[::-1], w.dtype)
    product(lowering, rows, x.reshaped(rows.shape[0], w.shape[1]), transposed, len(views) > 2)
    return True
