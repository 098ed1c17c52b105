"""Pooling layers whose output's size is given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradviz.engine.ops.adaptive_call import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
)
from gradviz.engine.tensor import Tensor

from ..module import Module

Size2 = int | Sequence[int | None]


class AdaptiveAvgPool1d(Module):
    """Means over parts of each line, so that the output has a given size whatever the input's."""

    def __init__(self, output_size: int | Sequence[int]) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Tensor) -> Tensor:
        """The means."""
        return adaptive_avg_pool1d(input, self.output_size)

    def extra_repr(self) -> str:
        """The output's size."""
        return f"output_size={self.output_size}"


class AdaptiveAvgPool2d(Module):
    """Means over parts of each plane, so that the output has a given size whatever the input's."""

    def __init__(self, output_size: Size2) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Tensor) -> Tensor:
        """The means."""
        return adaptive_avg_pool2d(input, self.output_size)

    def extra_repr(self) -> str:
        """The output's size."""
        return f"output_size={self.output_size}"


class AdaptiveMaxPool1d(Module):
    """The largest numbers of parts of each line, so that the output has a given size."""

    def __init__(self, output_size: int | Sequence[int], return_indices: bool = False) -> None:
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices

    def forward(self, input: Tensor) -> Any:
        """The winners, or a pair of them and their places."""
        return adaptive_max_pool1d(input, self.output_size, self.return_indices)

    def extra_repr(self) -> str:
        """The output's size."""
        return f"output_size={self.output_size}"


class AdaptiveMaxPool2d(Module):
    """The largest numbers of parts of each plane, so that the output has a given size."""

    def __init__(self, output_size: Size2, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices

    def forward(self, input: Tensor) -> Any:
        """The winners, or a pair of them and their places."""
        return adaptive_max_pool2d(input, self.output_size, self.return_indices)

    def extra_repr(self) -> str:
        """The output's size."""
        return f"output_size={self.output_size}"
