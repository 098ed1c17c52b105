"""Dropout layers for whole channels and for self-normalising networks."""

from __future__ import annotations

from gradviz.engine.ops.feature_dropout import (
    alpha_dropout,
    dropout1d,
    dropout2d,
    dropout3d,
    feature_alpha_dropout,
)
from gradviz.engine.tensor import Tensor

from ..module import Module


class _Dropout(Module):
    """Base of all."""

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p = p
        self.inplace = inplace

    def extra_repr(self) -> str:
        """The probability."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout1d(_Dropout):
    """In training, drops each channel of lines with probability p and scales the others by 1 / (1 − p)."""

    def forward(self, input: Tensor) -> Tensor:
        """The input without some channels, or in evaluation the input itself."""
        return dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(_Dropout):
    """In training, drops each channel of images with probability p and scales the others by 1 / (1 − p)."""

    def forward(self, input: Tensor) -> Tensor:
        """The input without some channels, or in evaluation the input itself."""
        return dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(_Dropout):
    """In training, drops each channel of volumes with probability p and scales the others by 1 / (1 − p)."""

    def forward(self, input: Tensor) -> Tensor:
        """The input without some channels, or in evaluation the input itself."""
        return dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(_Dropout):
    """Dropout for networks with SELU: mean 0 and variance 1 stay."""

    def forward(self, input: Tensor) -> Tensor:
        """The input with some numbers at SELU's lowest value, or in evaluation the input itself."""
        return alpha_dropout(input, self.p, self.training)


class FeatureAlphaDropout(_Dropout):
    """AlphaDropout of whole channels."""

    def forward(self, input: Tensor) -> Tensor:
        """The input with some channels at SELU's lowest value, or in evaluation the input itself."""
        return feature_alpha_dropout(input, self.p, self.training)
