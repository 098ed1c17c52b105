"""Matrix products."""

from __future__ import annotations

from ...program import Instr
from ..lowering import PRECISIONS, Lowering, rule
from ..values import View


@rule("mm")
def mm(lowering: Lowering, instr: Instr) -> bool:
    """Operands may be transposed; otherwise strange layouts are copied first."""
    a, b = (lowering.view(slot) for slot in instr.inputs)
    if a.dtype not in PRECISIONS:
        return False
    product(lowering, lowering.out(instr.output), a, b)
    return True


def product(lowering: Lowering, out: View, a: View, b: View, add: bool = False) -> None:
    """out = a b, or out += a b."""
    m, k = a.shape
    n = b.shape[1]
    if 1 not in (b.strides[1], n) and 1 not in (b.strides[0], k):
        b = lowering.dense(b)
    if n == 1 or b.strides[1] == 1:
        lowering.emit(
            "matmul_rows", out.dtype,
            m, n, k, a.place, *a.strides, b.place, b.strides[0], int(add), out.place, out.strides[0],
        )  # fmt: skip
    else:
        if a.strides[1] != 1 and k > 1:
            a = lowering.dense(a)
        lowering.emit(
            "matmul_columns", out.dtype,
            m, n, k, a.place, a.strides[0], b.place, b.strides[1], int(add), out.place, out.strides[0],
        )  # fmt: skip


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
