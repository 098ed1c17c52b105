"""Matrix products."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...program import Instr
from .. import cpu
from ..lowering import Lowering, rule
from ..rows import PRECISIONS
from ..values import View

# How many rows and vectors (or columns) a kernel computes at a time, and how close it comes to the limit of
# the processor on sizes that fit, as measured; those with many accumulators need AVX-512's 32 registers.
_TILES = {"rows8x2": (8, 2, 0.95), "rows6x2": (6, 2, 0.85), "rows4x3": (4, 3, 0.85), "rows8x1": (8, 1, 0.75)}
_DOTS = {"columns4x4": (4, 4, 1.0), "columns3x3": (3, 3, 0.9)}
_MANY = ("rows8x2", "columns4x4")


_WIDE = 1 << 18
"""Bytes of one factor or result beyond which a kernel that goes along the rows is quicker."""


def rows_kernel(m: int, n: int, dtype: np.dtype[Any], k: int = 0) -> str:
    """The kernel that does an (m, n) result of sums of k products soonest."""
    if (1 < k * n * dtype.itemsize > _WIDE and m <= 16) or (m * n * dtype.itemsize > _WIDE and 1 < k <= 16):
        return "rows4_wide"
    if m == 1:
        return "rows1x6"
    width = cpu.vector_bytes() // dtype.itemsize
    return _soonest(_TILES, m, -(-n // width))


def dots_kernel(m: int, n: int, dtype: np.dtype[Any]) -> str:
    """The same for products of rows and columns."""
    return "columns1x4" if m == 1 else _soonest(_DOTS, m, n)


def _soonest(tiles: dict[str, tuple[int, int, float]], m: int, n: int) -> str:
    wide = cpu.vector_bytes() == 64

    def time(name: str) -> float:
        rows, columns, speed = tiles[name]
        return -(-m // rows) * rows * -(-n // columns) * columns / speed

    return min((name for name in tiles if wide or name not in _MANY), key=time)


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
        kernel = rows_kernel(m, n, out.dtype, k)
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
