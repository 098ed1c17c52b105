"""Layers that make probabilities of scores."""

from __future__ import annotations

from gradviz.engine.ops.gates import softmin
from gradviz.engine.ops.softmax import log_softmax_implied, softmax, softmax_implied
from gradviz.engine.tensor import Tensor

from ..module import Module


class _AlongDim(Module):
    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def extra_repr(self) -> str:
        """The dimension."""
        return f"dim={self.dim}"


class Softmax(_AlongDim):
    """exp(xᵢ) / Σⱼ exp(xⱼ) along a dimension."""

    def forward(self, input: Tensor) -> Tensor:
        """Probabilities."""
        return softmax_implied(input, self.dim)


class LogSoftmax(_AlongDim):
    """xᵢ − log Σⱼ exp(xⱼ) along a dimension."""

    def forward(self, input: Tensor) -> Tensor:
        """Logarithms of probabilities."""
        return log_softmax_implied(input, self.dim)


class Softmin(_AlongDim):
    """The softmax of −x along a dimension."""

    def forward(self, input: Tensor) -> Tensor:
        """Probabilities, the largest for the smallest number."""
        return softmin(input, self.dim)


class Softmax2d(Module):
    """The softmax over the channels of each place, for (N, C, H, W) or (C, H, W)."""

    def forward(self, input: Tensor) -> Tensor:
        """Probabilities of the channels."""
        if input.ndim not in (3, 4):
            raise ValueError(f"Softmax2d: expected input to be 3D or 4D, got {input.ndim}D instead")
        return softmax(input, -3)
