"""The sizes of a convolution, and which way of computing it suits them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...program import Instr
from .. import cpu
from ..lowering import Lowering
from ..values import Address, Operand, Place, View

LARGE = 1 << 16
"""Bytes of weights beyond which turning them does not pay."""
COLUMNS = 0.65
"""How close to the processor's limit one comes with columns, if everything fits."""
LONG = 24
"""Vectors that are summed up before it pays to add up their lanes."""
KEPT = 1 << 21
"""Bytes of columns that are kept from forward to backward; more would not stay in the cache."""


def room_of(size: int) -> int:
    """Room for one sample's columns, whose last line may be written too far."""
    return -(-size // 16) * 16 + 16


def _used(size: int, step: int) -> float:
    """The share of steps that is not wasted."""
    return size / (-(-size // step) * step)


class Geometry:
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
        self.back = "columns_back_dense" if self.pairs[0] == self.pairs[2] == (1, 1) else "columns_back"
        self.size = self.groups * self.taps * self.pixels  # of one sample's columns
        self.room = room_of(self.size)
        self.single = x[0] == self.groups == 1

    def columns(self, x: View) -> tuple[View, int, bool]:
        """Where the columns of x lie, how far apart the samples' are, and whether they are there already."""
        if self.direct:
            return x, self.x[1] * self.pixels, True
        slot_key = ("columns", x, self.w[2:], *self.pairs)
        bytes_ = self.x[0] * self.room * x.dtype.itemsize
        if bytes_ > KEPT:
            return self.lowering.new((2 * self.room,), x.dtype), 0, False
        made = slot_key in self.lowering.made
        columns = self.lowering.shared(slot_key, lambda: self.lowering.new((self.x[0] * self.room,), x.dtype))
        self.lowering.made.add(slot_key)
        return columns, self.room, made

    def small(self, dtype: np.dtype[Any], part: int = 2) -> bool:
        """Whether an image's pixels fill no more than a part of a vector."""
        used: int = self.pixels * dtype.itemsize
        return self.groups == 1 and part * used <= cpu.vector_bytes()

    def turned(self, like: View) -> Place:
        """Room for one sample's columns, turned, twice, as a row may be cut in two."""
        return self.lowering.new((2 * self.room,), like.dtype).place

    def width(self, dtype: np.dtype[Any]) -> int:
        """Numbers in a vector."""
        return cpu.vector_bytes() // dtype.itemsize

    def straight(self, dtype: np.dtype[Any]) -> str:
        """Which kernels work straight from the image, if that is soonest: `lines`, `channels`, or none."""
        plain = self.pairs[0] == (1, 1) and self.groups == 1 and not self.direct
        if not plain or self.small(dtype):
            return ""
        width = self.width(dtype)
        filters = self.w[0]
        lines = 0.85 * _used(self.out[3], width) * _used(filters, 6)
        wide = filters > width
        channels = 0.8 * _used(filters, 2 * width if wide else width) * _used(self.out[3], 5 if wide else 10)
        if self.taps * filters * dtype.itemsize > LARGE:
            channels = 0.0  # turning the weights takes as long as a sample
        columns = COLUMNS * _used(self.pixels, 2 * width) * _used(filters, 6)
        if max(lines, channels) < columns:
            return ""
        return "lines" if lines >= channels else "channels"

    def straight_weights(self, dtype: np.dtype[Any]) -> str:
        """The same for the weights' gradient, for which sums along lines must be long enough."""
        how = self.straight(dtype)
        vectors = self.x[0] * self.out[2] * -(-self.out[3] // self.width(dtype))
        return how if how != "lines" or vectors >= LONG else ""

    def border(self) -> tuple[int, int]:
        """Zeros around an upstream gradient from which that of the image is a convolution."""
        window = zip(self.w[2:], self.pairs[2], self.pairs[1], strict=True)
        above, left = ((size - 1) * gap - pad for size, gap, pad in window)
        return above, left

    def straight_back(self, dtype: np.dtype[Any]) -> bool:
        """Whether the image's gradient is soonest by lines."""
        if self.pairs[0] != (1, 1) or self.groups > 1 or self.direct or min(self.border()) < 0:
            return False
        if self.small(dtype, 1):
            return False
        pixels = self.x[2] * self.x[3]
        width = self.width(dtype)
        lines = 0.85 * _used(self.x[3], width) * _used(self.x[1], 6) * self.pixels / pixels
        return lines > COLUMNS * _used(self.pixels, 2 * width) * _used(self.taps, 6)

    def taps_back(self, dtype: np.dtype[Any]) -> bool:
        """Whether the image's gradient is soonest with vectors along the channels and taps of a line."""
        if self.pairs[0] != (1, 1) or self.groups > 1 or self.direct or self.small(dtype, 1):
            return False
        if self.taps * self.channels * dtype.itemsize > LARGE:
            return False
        width = self.width(dtype)
        taps = 0.8 * _used(self.x[1] * self.w[3], 2 * width) * _used(self.out[3], 5)
        return taps > COLUMNS * _used(self.pixels, 2 * width) * _used(self.taps, 6)

    def way(self, dtype: np.dtype[Any]) -> str:
        """How the weights' gradient is soonest there: by products of rows and columns (`dots`), or with the
        `columns` turned, or the upstream gradient (`upstream`)."""
        if self.groups > 1 or self.pixels >= 256 or (self.channels < 8 and not self.small(dtype)):
            return "dots"
        turning_columns = self.taps * self.pixels * self.x[0]
        turning_upstream = self.pixels * self.channels * self.x[0] + 2 * self.taps * self.channels
        return "columns" if turning_columns < turning_upstream else "upstream"

    def scan(self, image: View, columns: View) -> list[Operand]:
        """See `kernels.columns`."""
        operands: list[Operand] = [image.place, columns.place, *self.x[1:], *self.w[2:]]
        for pair in self.pairs:
            operands += pair
        return [*operands, *self.out[2:]]

    def beginning(self, image: View, columns: View, apart: int, made: bool, kernel: str) -> list[Operand]:
        """See `kernels.convolution`."""
        n, c, h, wide = self.x
        operands: list[Operand] = [n, image.place, c * h * wide, c, h, wide, *self.w[2:]]
        for pair in self.pairs:
            operands += pair
        operands += [*self.out[2:], self.w[0], self.taps, self.groups]
        return [*operands, columns.place, apart, int(made), Address(kernel)]
