"""Convolution and its gradients: columns, which are kept for the weight's gradient, and a matrix product."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...program import Instr
from .. import cpu
from ..lowering import Lowering, rule
from ..rows import PRECISIONS
from ..values import Address, Operand, Place, View
from .matmul import dots_kernel, rows_kernel

LARGE = 1 << 16
"""Bytes of weights beyond which columns, which are read in order, are quicker."""
KEPT = 1 << 21
"""Bytes of columns that are kept from forward to backward; more would not stay in the cache."""


class _Geometry:
    """The sizes of one convolution, and the common beginning of its rows."""

    def __init__(
        self, lowering: Lowering, instr: Instr, x: tuple[int, ...], w: tuple[int, ...], out: tuple[int, ...]
    ) -> None:
        attrs = instr.attrs
        self.lowering = lowering
        self.pairs = [tuple(attrs[name]) for name in ("stride", "padding", "dilation")]
        self.x, self.w, self.out = x, w, out
        self.groups = attrs["groups"]
        self.taps = w[1] * w[2] * w[3]
        self.pixels = out[2] * out[3]
        self.channels = w[0] // self.groups
        plain = self.pairs[:2] == [(1, 1), (0, 0)]
        self.direct = plain and w[2:] == (1, 1)
        self.kernel = "columns_dense" if plain else "columns"
        self.size = self.groups * self.taps * self.pixels  # of one sample's columns

    def columns(self, x: View) -> tuple[View, int, bool]:
        """Where the columns of x lie, how far apart the samples' are, and whether they are there already."""
        if self.direct:
            return x, self.x[1] * self.pixels, True
        slot_key = ("columns", x, self.w[2:], *self.pairs)
        bytes_ = self.x[0] * self._room() * x.dtype.itemsize
        if bytes_ > KEPT:
            return self.lowering.new((self._room(),), x.dtype), 0, False
        made = slot_key in self.lowering.made
        columns = self.lowering.shared(
            slot_key, lambda: self.lowering.new((self.x[0] * self._room(),), x.dtype)
        )
        self.lowering.made.add(slot_key)
        return columns, self._room(), made

    def _room(self) -> int:
        size: int = -(-self.size // 16) * 16 + 16
        return size  # the last line may be written too far

    def small(self, dtype: np.dtype[Any], part: int = 2) -> bool:
        """Whether an image's pixels fill no more than a part of a vector."""
        used: int = self.pixels * dtype.itemsize
        return self.groups == 1 and part * used <= cpu.vector_bytes()

    def turned(self, like: View) -> Place:
        """Room for one sample's columns, turned."""
        return self.lowering.new((self.size,), like.dtype).place

    def straight(self, dtype: np.dtype[Any]) -> str:
        """Which kernels work straight from the image: `lines`, `channels`, or none."""
        plain = self.pairs == [(1, 1), (0, 0), (1, 1)] and self.groups == 1 and not self.direct
        if not plain or self.taps * self.w[0] * dtype.itemsize > LARGE or self.small(dtype):
            return ""
        width = cpu.vector_bytes() // dtype.itemsize

        def used(size: int, step: int) -> float:
            return size / (-(-size // step) * step)

        along_lines = used(self.out[3], 2 * width) * used(self.w[0], 6)
        along_channels = used(self.w[0], width) * used(self.out[3], 10)
        if along_lines >= along_channels:
            return "lines"
        return "channels" if self.x[0] > 1 else ""  # turning the weights takes as long as a sample

    def sizes(self, image: View) -> list[Operand]:
        """See `kernels.convolution_direct`."""
        return [self.x[0], image.place, *self.x[1:], *self.w[2:], *self.out[2:], self.w[0]]

    def turning(self, count: int, dtype: np.dtype[Any]) -> list[Operand]:
        """Room for `count` turned lines, for a turned result, and the length of their lines."""
        width = cpu.vector_bytes() // dtype.itemsize
        apart = -(-self.w[0] // width) * width
        lines = max(self.taps, self.pixels)
        new = self.lowering.new
        return [new((count * apart,), dtype).place, new((lines * apart,), dtype).place, apart]

    def beginning(self, image: View, columns: View, apart: int, made: bool, kernel: str) -> list[Operand]:
        """See `kernels.convolution`."""
        n, c, h, wide = self.x
        operands: list[Operand] = [n, image.place, c * h * wide, c, h, wide, *self.w[2:]]
        for pair in self.pairs:
            operands += pair
        operands += [*self.out[2:], self.w[0], self.taps, self.groups]
        return [*operands, columns.place, apart, int(made), Address(kernel)]


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
    it = _Geometry(lowering, instr, x.shape, w.shape, out.shape)
    bias: list[Operand] = [1, views[2].place] if len(views) > 2 else [0, 0]
    how = it.straight(x.dtype)
    if how:
        room = it.turning(it.taps, x.dtype) if how == "channels" else []
        lowering.emit(f"conv2d_{how}", x.dtype, *it.sizes(x), w.place, *bias, out.place, *room)
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
    it = _Geometry(lowering, instr, out.shape, w.shape, g.shape)
    columns = lowering.new((it.size,), g.dtype)
    dense = it.pairs[0] == it.pairs[2] == (1, 1)
    beginning = it.beginning(out, columns, 0, False, "columns_back_dense" if dense else "columns_back")
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
    it = _Geometry(lowering, instr, x.shape, out.shape, g.shape)
    add = int(lowering.adding and lowering.summed(instr.output))
    how = it.straight(g.dtype)
    if how:
        room = it.turning(it.x[0] * it.pixels, g.dtype) if how == "channels" else []
        kernel = f"conv2d_weight_grad_{how}"
        lowering.emit(kernel, g.dtype, *it.sizes(x), g.place, out.place, add, *room)
        return True
    beginning = it.beginning(x, *it.columns(x), it.kernel)
    ends = g.place, out.place, add
    turning_g = it.pixels * it.channels * g.shape[0] + 2 * it.taps * it.channels
    turning_columns = it.taps * it.pixels * g.shape[0]
    if it.groups > 1 or it.pixels >= 256 or (it.channels < 8 and not it.small(g.dtype)):
        product = Address(dots_kernel(it.channels, it.taps, g.dtype))
        lowering.emit("conv2d_weight_grad", g.dtype, *beginning, *ends, product, *ROOM)
    elif turning_columns < turning_g:
        product, turned = Address(rows_kernel(it.channels, it.taps, g.dtype, it.pixels)), it.turned(g)
        lowering.emit("conv2d_weight_grad_small", g.dtype, *beginning, *ends, product, turned, *ROOM)
    else:
        turned = lowering.new((it.pixels * it.channels,), g.dtype).place
        result = lowering.new((it.taps * it.channels,), g.dtype).place
        product = Address(rows_kernel(it.taps, it.channels, g.dtype))
        lowering.emit("conv2d_weight_grad_turned", g.dtype, *beginning, *ends, product, turned, result, *ROOM)
    return True
