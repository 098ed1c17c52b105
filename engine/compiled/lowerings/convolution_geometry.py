"""The sizes of a convolution, and which way of computing it suits them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...program import Instr
from .. import cpu
from ..lowering import Lowering
from ..values import Address, Operand, Place, View

LARGE = 1 << 16
"""Bytes of weights beyond which columns, which are read in order, are quicker."""
KEPT = 1 << 21
"""Bytes of columns that are kept from forward to backward; more would not stay in the cache."""


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
        self.single = x[0] == self.groups == 1

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

    def way(self, dtype: np.dtype[Any]) -> str:
        """How the weights' gradient is soonest there: by products of rows and columns (`dots`), or with the
        `columns` turned, or the upstream gradient (`upstream`)."""
        if self.groups > 1 or self.pixels >= 256 or (self.channels < 8 and not self.small(dtype)):
            return "dots"
        turning_columns = self.taps * self.pixels * self.x[0]
        turning_upstream = self.pixels * self.channels * self.x[0] + 2 * self.taps * self.channels
        return "columns" if turning_columns < turning_upstream else "upstream"

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
