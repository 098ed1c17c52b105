"""Padding layers: borders around lines, images and volumes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from gradviz.engine.errors import ArgumentError
from gradviz.engine.ops.pad import pad
from gradviz.engine.tensor import Tensor

from ..module import Module

Amounts = int | Sequence[int]


class _Pad(Module):
    """Base of all; `padding` holds (before, behind) for the last dimension, then the one before."""

    count: ClassVar[int]  # of dimensions that get borders
    mode: ClassVar[str]

    def __init__(self, padding: Amounts) -> None:
        super().__init__()
        self.padding = (padding,) * (2 * self.count) if isinstance(padding, int) else tuple(padding)

    def forward(self, input: Tensor) -> Tensor:
        """The input with its borders."""
        return pad(input, self.padding, self.mode)

    def extra_repr(self) -> str:
        """The amounts."""
        return f"{self.padding}"


class _ConstantPad(_Pad):
    """Base of those with borders of one number."""

    mode = "constant"

    def __init__(self, padding: Amounts, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        """The input with its borders."""
        return pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        """The amounts and the number."""
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPad):
    """Puts borders of one number around lines (N, C, L) or (C, L)."""

    count = 1


class ZeroPad1d(ConstantPad1d):
    """Puts borders of zeros around lines (N, C, L) or (C, L)."""

    def __init__(self, padding: Amounts) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        """The amounts."""
        return f"{self.padding}"


class ConstantPad2d(_ConstantPad):
    """Puts borders of one number around images (N, C, H, W) or (C, H, W)."""

    count = 2


class ZeroPad2d(ConstantPad2d):
    """Puts borders of zeros around images (N, C, H, W) or (C, H, W)."""

    def __init__(self, padding: Amounts) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        """The amounts."""
        return f"{self.padding}"


class ConstantPad3d(_ConstantPad):
    """Puts borders of one number around volumes (N, C, D, H, W) or (C, D, H, W)."""

    count = 3


class ZeroPad3d(ConstantPad3d):
    """Puts borders of zeros around volumes (N, C, D, H, W) or (C, D, H, W)."""

    def __init__(self, padding: Amounts) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        """The amounts."""
        return f"{self.padding}"


class ReflectionPad1d(_Pad):
    """Mirrors lines (N, C, L) or (C, L) at their borders."""

    count, mode = 1, "reflect"


class ReflectionPad2d(_Pad):
    """Mirrors images (N, C, H, W) or (C, H, W) at their borders."""

    count, mode = 2, "reflect"


class ReflectionPad3d(_Pad):
    """Mirrors volumes (N, C, D, H, W) or (C, D, H, W) at their borders."""

    count, mode = 3, "reflect"


class ReplicationPad1d(_Pad):
    """Repeats the outermost numbers of lines (N, C, L) or (C, L)."""

    count, mode = 1, "replicate"


class ReplicationPad2d(_Pad):
    """Repeats the outermost numbers of images (N, C, H, W) or (C, H, W)."""

    count, mode = 2, "replicate"


class ReplicationPad3d(_Pad):
    """Repeats the outermost numbers of volumes (N, C, D, H, W) or (C, D, H, W)."""

    count, mode = 3, "replicate"


class _CircularPad(_Pad):
    """Base of those that go on with the other end."""

    mode = "circular"

    def forward(self, input: Tensor) -> Tensor:
        """The input with its borders."""
        if input.ndim not in (self.count + 1, self.count + 2):
            raise ArgumentError(
                f"expected {self.count + 1}D or {self.count + 2}D input (got {input.ndim}D input)"
            )
        return super().forward(input)


class CircularPad1d(_CircularPad):
    """Goes on with the other end of lines (N, C, L) or (C, L)."""

    count = 1


class CircularPad2d(_CircularPad):
    """Goes on with the other end of images (N, C, H, W) or (C, H, W)."""

    count = 2


class CircularPad3d(_CircularPad):
    """Goes on with the other end of volumes (N, C, D, H, W) or (C, D, H, W)."""

    count = 3
