"""Matrix products."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ...program import Instr
from .. import cpu
from ..lowering import Lowering, rule
from ..rows import PRECISIONS
from ..values import Address, Operand, View, collapse
from .optimizers import with_descent

# How many rows and vectors (or columns) a kernel computes at a time, how close it comes to the limit of the
# processor on sizes that fit, as measured, and how many products it could do while it writes one result: tall
# tiles write to many lines, which shows in sums of few products. Those with many accumulators need AVX-512's
# 32 registers.
_TILES = {
    "rows8x2": (8, 2, 0.95, 4),
    "rows3x7": (3, 7, 0.95, 2),
    "rows6x2": (6, 2, 0.85, 3),
    "rows4x3": (4, 3, 0.85, 2),
    "rows8x1": (8, 1, 0.75, 4),
}
_DOTS = {"columns4x4": (4, 4, 1.0, 0), "columns3x4": (3, 4, 0.9, 0)}
_LONG = 1000  # products of a sum whose length is not told
_MANY = ("rows8x2", "rows3x7", "columns4x4")


_WIDE = 1 << 18
"""Bytes of one factor or result beyond which a kernel that goes along the rows is quicker."""


@lru_cache(4096)
def rows_kernel(m: int, n: int, dtype: np.dtype[Any], k: int = 0) -> str:
    """The kernel that does an (m, n) result of sums of k products soonest."""
    if (1 < k * n * dtype.itemsize > _WIDE and m <= 16) or (m * n * dtype.itemsize > _WIDE and 1 < k <= 16):
        return "rows4_wide"
    if m == 1:
        return "rows1x6"
    width = cpu.vector_bytes() // dtype.itemsize
    return _soonest(_TILES, m, -(-n // width), k or _LONG)


@lru_cache(4096)
def dots_kernel(m: int, n: int, dtype: np.dtype[Any]) -> str:
    """The same for products of rows and columns."""
    return "columns1x4" if m == 1 else _soonest(_DOTS, m, n, _LONG)


def _soonest(tiles: dict[str, tuple[int, int, float, int]], m: int, n: int, k: int) -> str:
    wide = cpu.vector_bytes() == 64

    def time(name: str) -> float:
        rows, columns, speed, writing = tiles[name]
        return -(-m // rows) * rows * -(-n // columns) * columns * (k + writing) / speed

    return min((name for name in tiles if wide or name not in _MANY), key=time)


MANY, SHORT = 8, 256
"""Rows of the first factor from which, and bytes of the sums' length up to which, turning the second pays."""


@rule("mm")
def mm(lowering: Lowering, instr: Instr) -> bool:
    """Operands may be transposed; other layouts are copied first."""
    a, b = (lowering.view(slot) for slot in instr.inputs)
    if a.dtype not in PRECISIONS:
        return False
    add = lowering.adding and lowering.summed(instr.output)
    out = lowering.out(instr.output)
    if a.shape[1] == 1 and b.strides[1] == 1 and not add and with_descent(lowering, instr.output, out, a, b):
        return True
    product(lowering, out, a, b, add)
    return True


@rule("mv", "dot")
def vectors(lowering: Lowering, instr: Instr) -> bool:
    """Of a matrix, or a vector as one row, and a vector as a column."""
    a, b = (lowering.view(slot) for slot in instr.inputs)
    if a.dtype not in PRECISIONS or b.dtype != a.dtype:
        return False
    row = a._replace(shape=(1, *a.shape), strides=(0, *a.strides)) if instr.op == "dot" else a
    out = lowering.out(instr.output).reshaped(row.shape[0], 1)
    product(lowering, out, row, b._replace(shape=(*b.shape, 1), strides=(*b.strides, 1)))
    return True


def product(lowering: Lowering, out: View, a: View, b: View, add: bool = False) -> None:
    """out = a b, or out += a b."""
    a, b = _readable(lowering, a, b)
    kernel, operands, _ = _product(out, a, b, add)
    lowering.emit(kernel, out.dtype, *operands)


def _readable(lowering: Lowering, a: View, b: View) -> tuple[View, View]:
    """The factors in layouts that a kernel reads; the last two dimensions are the matrices'."""
    k, n = b.shape[-2:]
    by_rows = n == 1 or b.strides[-1] == 1
    if not by_rows and k > 1 and b.strides[-2] != 1:
        b, by_rows = lowering.dense(b), True
    if not by_rows and a.strides[-1] != 1 and k > 1:
        a = lowering.dense(a)
    return a, b


def _product(out: View, a: View, b: View, add: bool) -> tuple[str, list[Operand], tuple[int, int, int]]:
    """The kernel for one product, its operands, and where a, b and out stand among them."""
    m, k = a.shape
    n = b.shape[1]
    by_rows = n == 1 or b.strides[1] == 1
    ends = int(add), out.place, out.strides[0]
    if k == 1 and by_rows and not add:
        return "outer", [m, n, a.place, a.strides[0], b.place, *ends[1:]], (2, 4, 5)
    if by_rows:
        kernel = rows_kernel(m, n, out.dtype, k)
        return kernel, [m, n, k, a.place, *a.strides, b.place, b.strides[0], *ends], (3, 6, 9)
    kernel = dots_kernel(m, n, out.dtype)
    return kernel, [m, n, k, a.place, a.strides[0], b.place, b.strides[1], *ends], (3, 5, 8)


@rule("matmul")
def matmul(lowering: Lowering, instr: Instr) -> bool:
    """Many products, one after the other."""
    a, b = (lowering.view(slot) for slot in instr.inputs)
    if a.dtype not in PRECISIONS or b.dtype != a.dtype:
        return False
    a, b = _readable(lowering, a, b)
    out = lowering.out(instr.output)
    batch = out.shape[:-2]
    all_strides = [view.broadcast((*batch, *view.shape[-2:])) for view in (a, b, out)]
    sizes, steps = collapse(batch, [strides[:-2] for strides in all_strides])
    one = [View(v.buffer, v.offset, v.shape[-2:], v.strides[-2:], v.dtype) for v in (a, b, out)]
    kernel, operands, places = _product(one[2], one[0], one[1], False)
    if sizes == [1]:
        lowering.emit(kernel, out.dtype, *operands)
        return True
    room = [0] * len(sizes)
    every = [step for each in steps for step in each]
    lowering.emit(
        "batches", out.dtype, Address(kernel), len(sizes), *places, *sizes, *every, *room, *operands
    )
    return True


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
    if rows.shape[0] >= MANY and w.shape[1] * w.dtype.itemsize <= SHORT:
        transposed = lowering.dense(transposed)  # once for all that read it
    product(lowering, rows, x.reshaped(rows.shape[0], w.shape[1]), transposed, len(views) > 2)
    return True
