"""Pooling layers for volumes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradviz.engine.ops.pool_volumes import adaptive_avg_pool3d, adaptive_max_pool3d, avg_pool3d, max_pool3d
from gradviz.engine.tensor import Tensor

from ..module import Module
from .pooling import AvgPool2d, MaxPool2d

Size3 = int | Sequence[int | None]


class MaxPool3d(MaxPool2d):
    """The largest number under each window of a volume; `stride` is the window's size by default."""

    def forward(self, input: Tensor) -> Any:
        """The winners, or a pair of them and their places."""
        return max_pool3d(input, *self._settings())


class AvgPool3d(AvgPool2d):
    """The mean under each window of a volume; `stride` is the window's size by default."""

    def forward(self, input: Tensor) -> Tensor:
        """The means."""
        return avg_pool3d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )


class AdaptiveAvgPool3d(Module):
    """Means over boxes of each volume, so that the output has a given size whatever the input's."""

    def __init__(self, output_size: Size3) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Tensor) -> Tensor:
        """The means."""
        return adaptive_avg_pool3d(input, self.output_size)

    def extra_repr(self) -> str:
        """The output's size."""
        return f"output_size={self.output_size}"


class AdaptiveMaxPool3d(Module):
    """The largest numbers of boxes of each volume, so that the output has a given size."""

    def __init__(self, output_size: Size3, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices

    def forward(self, input: Tensor) -> Any:
        """The winners, or a pair of them and their places."""
        return adaptive_max_pool3d(input, self.output_size, self.return_indices)

    def extra_repr(self) -> str:
        """The output's size."""
        return f"output_size={self.output_size}"
