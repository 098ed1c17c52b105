"""Convolution straight from the image, with a border where it is padded; see `kernels.convolution_direct`."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from .. import cpu
from ..values import Operand, View
from .convolution_geometry import Geometry


def forward(it: Geometry, how: str, x: View, w: View, bias: View | None, out: View) -> None:
    """Weights times pixels, and the bias."""
    begun = _beginning(it, x)
    biased: list[Operand] = [0, 0] if bias is None else [1, bias.place]
    if how == "lines":
        sizes = it.taps, *biased, out.place, it.channels * it.pixels
        it.lowering.emit("conv2d_lines", x.dtype, *begun, w.place, *sizes)
        return
    kernel = "conv2d_channel_pairs" if it.channels > it.width(x.dtype) else "conv2d_channels"
    it.lowering.emit(kernel, x.dtype, *begun, w.place, *biased, out.place, *_turning(it, x, it.taps))


def weight_grad(it: Geometry, how: str, g: View, x: View, out: View, add: int) -> None:
    """Upstream gradient times pixels."""
    begun = _beginning(it, x)
    if how == "lines":
        sizes = g.place, it.channels * it.pixels, out.place, add
        six = cpu.vector_bytes() == 64 and -it.channels % 6 < 3  # else many in vain
        kernel = "conv2d_weight_grad_six_lines" if six else "conv2d_weight_grad_lines"
        it.lowering.emit(kernel, g.dtype, *begun, *sizes)
        return
    room = _turning(it, x, it.x[0] * it.pixels)
    it.lowering.emit("conv2d_weight_grad_channels", g.dtype, *begun, g.place, out.place, add, *room)


def input_grad(it: Geometry, w: View, g: View, out: View) -> None:
    """A convolution of the upstream gradient, with a border wide enough, and the weights turned by half a
    circle: dx[c] = Σ g[o] ∗ w[o, c]."""
    samples, planes, rows, cols = it.x
    border = it.border()
    image = _bordered(it, g, border)
    height, line = (size + 2 * pad for size, pad in zip(it.out[2:], border, strict=True))
    window_y, window_x = it.w[2:]
    begun = [samples, image.place, it.channels * height * line, line, rows, cols, planes]
    table = _turned_taps(it.channels, it.w[2:], it.pairs[2], height * line, line, it.taps)
    begun += [it.channels * window_y * window_x, it.lowering.constant(table).place]
    sizes = window_y * window_x, 0, 0, out.place, planes * rows * cols
    it.lowering.emit("conv2d_lines", g.dtype, *begun, w.place, *sizes)


def input_grad_taps(it: Geometry, w: View, g: View, out: View) -> None:
    """Sums along the channels and taps of a line, shifted to where they belong."""
    samples, channels, height, wide = it.x
    filters, rows, cols = it.out[1:]
    window_y, window_x = it.w[2:]
    (pad_y, pad_x), (gap_y, gap_x) = it.pairs[1:]
    width = it.width(g.dtype)
    apart = -(-channels * window_x // width) * width
    border = -(-max(0, (window_x - 1) * gap_x - pad_x) // width) * width
    long = max(-(-cols // width), -(-(wide + pad_x) // width) + 1) * width
    line = border + long
    sizes = window_y * filters * apart, long * apart, line * apart
    rooms = [it.lowering.new((2 * size,), g.dtype).place for size in sizes]  # twice, as a row may be cut
    sample = filters * rows * cols
    begun: list[Operand] = [samples, g.place, sample, rows, cols, filters, w.place, channels]
    begun += [window_y, window_x, gap_y, gap_x, pad_y, pad_x, out.place, height, wide]
    table = it.lowering.constant(_lines(window_y, filters, gap_y * cols, rows * cols)).place
    it.lowering.emit("conv2d_input_grad_taps", g.dtype, *begun, *rooms, apart, line, border, table)


def _beginning(it: Geometry, x: View) -> list[Operand]:
    """What the rows of all kernels begin with."""
    samples, planes, height, wide = it.x
    pad_y, pad_x = it.pairs[1]
    image = _bordered(it, x, (pad_y, pad_x))
    height, line = height + 2 * pad_y, wide + 2 * pad_x
    table = _taps(planes, it.w[2:], it.pairs[2], height * line, line)
    sizes = line, *it.out[2:], it.channels, it.taps
    return [samples, image.place, planes * height * line, *sizes, it.lowering.constant(table).place]


Pair = tuple[int, ...]


@lru_cache(256)
def _taps(planes: int, window: Pair, gaps: Pair, plane: int, line: int) -> np.ndarray:
    """For each tap where its pixel and its weight lie, (taps, 2)."""
    c, i, j = np.ogrid[:planes, : window[0], : window[1]]
    shifts = c * plane + i * gaps[0] * line + j * gaps[1]
    return _pairs(shifts, np.arange(shifts.size))


@lru_cache(256)
def _turned_taps(channels: int, window: Pair, gaps: Pair, plane: int, line: int, apart: int) -> np.ndarray:
    """The same for the weights turned by half a circle, `apart` from one filter to the next."""
    o, i, j = np.ogrid[:channels, : window[0], : window[1]]
    shifts = o * plane + i * gaps[0] * line + j * gaps[1]
    return _pairs(shifts, o * apart + (window[0] - 1 - i) * window[1] + (window[1] - 1 - j))


@lru_cache(256)
def _lines(window: int, filters: int, gap: int, plane: int) -> np.ndarray:
    """For each line of the window and each filter where its line of the upstream gradient lies."""
    i, o = np.ogrid[:window, :filters]
    made: np.ndarray = (o * plane - i * gap).ravel().astype(np.int64)
    made.setflags(write=False)
    return made


def _pairs(shifts: np.ndarray, weights: np.ndarray) -> np.ndarray:
    made = np.stack([shifts.ravel(), weights.ravel()], axis=1).astype(np.int64)
    made.setflags(write=False)
    return made


def _bordered(it: Geometry, image: View, border: tuple[int, int]) -> View:
    """The image with zeros around it, made once for all that need it."""
    if border == (0, 0):
        return image
    lowering = it.lowering
    samples, planes, height, wide = image.shape
    shape = samples, planes, height + 2 * border[0], wide + 2 * border[1]
    key = "bordered", image, border
    found = lowering.shared(key, lambda: lowering.new(shape, image.dtype))
    if key not in lowering.made:
        lowering.made.add(key)
        sizes = height, wide, *border
        lowering.emit("bordered", image.dtype, samples * planes, image.place, found.place, *sizes)
    return found


def _turning(it: Geometry, like: View, count: int) -> list[Operand]:
    """Room for `count` turned lines, for a turned result, both twice, as a row may be cut in two; and the
    length of their lines."""
    width = cpu.vector_bytes() // like.dtype.itemsize
    apart = -(-it.channels // width) * width
    lines = max(it.taps, it.pixels)
    new = it.lowering.new
    rooms = (new((2 * size * apart,), like.dtype).place for size in (count, lines))
    return [*rooms, apart]
