"""Convolution and its gradients: columns, which are kept for the weight's gradient, and a matrix product."""

from __future__ import annotations

from ...program import Instr
from ..lowering import Lowering, rule
from ..rows import PRECISIONS
from ..values import Address, Operand
from . import convolution_single, convolution_straight
from .convolution_geometry import Geometry
from .matmul import dots_kernel, rows_kernel

ROOM = [0] * 27
"""For the rows of the kernels that are called."""


@rule("conv2d")
def conv2d(lowering: Lowering, instr: Instr) -> bool:
    """weight · columns + bias."""
    views = [lowering.dense(lowering.view(slot)) for slot in instr.inputs]
    x, w = views[:2]
    if x.dtype not in PRECISIONS or any(view.dtype != x.dtype for view in views):
        return False
    out = lowering.out(instr.output)
    it = Geometry(lowering, instr, x.shape, w.shape, out.shape)
    bias: list[Operand] = [1, views[2].place] if len(views) > 2 else [0, 0]
    how = it.straight(x.dtype)
    if how:
        convolution_straight.forward(it, how, x, w, views[2] if len(views) > 2 else None, out)
        return True
    if it.single:
        convolution_single.forward(it, x, w, views[2] if len(views) > 2 else None, out)
        return True
    beginning = it.beginning(x, *it.columns(x), it.kernel)
    if it.small(x.dtype):
        product, turned = Address(dots_kernel(it.channels, it.pixels, x.dtype)), it.turned(x)
        lowering.emit("conv2d_small", x.dtype, *beginning, w.place, *bias, out.place, product, turned, *ROOM)
        return True
    product = Address(rows_kernel(it.channels, it.pixels, x.dtype))
    lowering.emit("conv2d", x.dtype, *beginning, w.place, *bias, out.place, product, *ROOM)
    return True


@rule("conv2d_input_grad")
def input_grad(lowering: Lowering, instr: Instr) -> bool:
    """The columns weightᵀ · g, added up."""
    g, w = (lowering.dense(lowering.view(slot)) for slot in instr.inputs)
    if g.dtype not in PRECISIONS or w.dtype != g.dtype:
        return False
    out = lowering.out(instr.output)
    it = Geometry(lowering, instr, out.shape, w.shape, g.shape)
    if it.straight_back(g.dtype):
        convolution_straight.input_grad(it, w, g, out)
        return True
    if it.taps_back(g.dtype):
        convolution_straight.input_grad_taps(it, w, g, out)
        return True
    if it.single:
        convolution_single.input_grad(it, w, g, out)
        return True
    columns = lowering.new((2 * it.room,), g.dtype)  # half of it if the row is cut in two
    beginning = it.beginning(out, columns, 0, False, it.back)
    ends = w.place, g.place, int(it.direct)
    if it.small(g.dtype, 1):
        product, turned = Address(rows_kernel(it.pixels, it.taps, g.dtype, it.channels)), it.turned(g)
        lowering.emit("conv2d_input_grad_small", g.dtype, *beginning, *ends, product, turned, *ROOM)
        return True
    product = Address(rows_kernel(it.taps, it.pixels, g.dtype))
    lowering.emit("conv2d_input_grad", g.dtype, *beginning, *ends, product, *ROOM)
    return True


@rule("conv2d_weight_grad")
def weight_grad(lowering: Lowering, instr: Instr) -> bool:
    """g · columnsᵀ: by products along the pixels, or, for small images, with one of the two turned."""
    g, x = (lowering.dense(lowering.view(slot)) for slot in instr.inputs)
    if g.dtype not in PRECISIONS or x.dtype != g.dtype:
        return False
    out = lowering.out(instr.output)
    it = Geometry(lowering, instr, x.shape, out.shape, g.shape)
    add = int(lowering.adding and lowering.summed(instr.output))
    how = it.straight_weights(g.dtype)
    if how:
        convolution_straight.weight_grad(it, how, g, x, out, add)
        return True
    way = it.way(g.dtype)
    if it.single and not (add and way == "upstream"):
        convolution_single.weight_grad(it, g, x, out, bool(add))
        return True
    beginning = it.beginning(x, *it.columns(x), it.kernel)
    ends = g.place, g.size // g.shape[0], out.place, add
    if way == "dots":
        product = Address(dots_kernel(it.channels, it.taps, g.dtype))
        lowering.emit("conv2d_weight_grad", g.dtype, *beginning, *ends, product, *ROOM)
    elif way == "columns":
        product, turned = Address(rows_kernel(it.channels, it.taps, g.dtype, it.pixels)), it.turned(g)
        lowering.emit("conv2d_weight_grad_small", g.dtype, *beginning, *ends, product, turned, *ROOM)
    else:
        turned = lowering.new((it.pixels * it.channels,), g.dtype).place
        result = lowering.new((it.taps * it.channels,), g.dtype).place
        product = Address(rows_kernel(it.taps, it.channels, g.dtype))
        lowering.emit("conv2d_weight_grad_turned", g.dtype, *beginning, *ends, product, turned, result, *ROOM)
    return True
