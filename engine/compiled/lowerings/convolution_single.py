"""Convolution of one sample: its steps are rows of their own, which two threads can share."""

from __future__ import annotations

from ..values import View
from .convolution_geometry import Geometry
from .matmul import product


def forward(it: Geometry, x: View, w: View, bias: View | None, out: View) -> None:
    """weight · columns + bias."""
    lowering = it.lowering
    result = out.reshaped(it.channels, it.pixels)
    if bias is not None:
        lowering.each("copy", result, [bias.reshaped(it.channels, 1)])
    columns = _columns(it, x)
    if it.small(x.dtype):
        columns = _relaid(it, columns)
    product(lowering, result, w.reshaped(it.channels, it.taps), columns, bias is not None)


def input_grad(it: Geometry, w: View, g: View, out: View) -> None:
    """The columns weightᵀ · g, added up."""
    lowering = it.lowering
    direct = out.reshaped(it.taps, it.pixels) if it.direct else None
    columns = lowering.new((it.taps, it.pixels), g.dtype) if direct is None else direct
    weight, upstream = w.reshaped(it.channels, it.taps), g.reshaped(it.channels, it.pixels)
    if it.small(g.dtype, 1):
        made = lowering.new((it.pixels, it.taps), g.dtype)
        product(lowering, made, _flipped(upstream), weight)
        _copy(it, _flipped(made), columns)
    else:
        product(lowering, columns, _flipped(weight), upstream)
    if direct is None:
        lowering.emit(it.back, g.dtype, *it.scan(out, columns))


def weight_grad(it: Geometry, g: View, x: View, out: View, add: bool) -> None:
    """g · columnsᵀ."""
    lowering = it.lowering
    upstream, result = g.reshaped(it.channels, it.pixels), out.reshaped(it.channels, it.taps)
    columns = _columns(it, x)
    way = it.way(g.dtype)
    if way == "columns":
        columns = _relaid(it, columns)
    if way != "upstream":
        product(lowering, result, upstream, _flipped(columns), add)
        return
    made = lowering.new((it.taps, it.channels), g.dtype)
    product(lowering, made, columns, _flipped(_relaid(it, upstream)))
    _copy(it, _flipped(made), result)


def _columns(it: Geometry, x: View) -> View:
    """The image's columns, (taps, pixels)."""
    columns, _, made = it.columns(x)
    if not made:
        it.lowering.emit(it.kernel, x.dtype, *it.scan(x, columns))
    return View(columns.buffer, columns.offset, (it.taps, it.pixels), (it.pixels, 1), x.dtype)


def _flipped(view: View) -> View:
    """The transposed matrix, in the same memory."""
    return View(view.buffer, view.offset, view.shape[::-1], view.strides[::-1], view.dtype)


def _relaid(it: Geometry, view: View) -> View:
    """The same matrix, with columns that lie side by side."""
    made = it.lowering.new(view.shape[::-1], view.dtype)
    _copy(it, _flipped(view), made)
    return _flipped(made)


def _copy(it: Geometry, view: View, target: View) -> None:
    """target = view, whose columns lie side by side; those of the target are rows."""
    cols, rows = view.shape
    strides = view.strides[1], target.strides[0]
    it.lowering.emit("turned", view.dtype, rows, cols, view.place, strides[0], target.place, strides[1])
