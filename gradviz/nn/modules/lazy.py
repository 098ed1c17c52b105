"""Layers that learn the size of their input from the first one they get."""

from __future__ import annotations

from typing import Any

from gradviz.engine.dtypes import DType
from gradviz.engine.tensor import Tensor

from ..parameter import UninitializedParameter
from ..values import filled
from .linear import Linear


class LazyLinear(Linear):
    """A Linear layer that takes `in_features` from its first input, and is an ordinary one from then on."""

    def __init__(
        self, out_features: int, bias: bool = True, device: Any = None, dtype: DType | None = None
    ) -> None:
        super().__init__(0, 0, False, device, dtype)
        self.out_features = out_features
        self.weight = UninitializedParameter(filled(0.0, 0, dtype=dtype))
        if bias:
            self.bias = UninitializedParameter(filled(0.0, 0, dtype=dtype))

    def reset_parameters(self) -> None:
        """Draw new initial values, once the size is known."""
        if self.in_features:
            super().reset_parameters()

    def forward(self, input: Tensor) -> Tensor:
        """x wᵀ + b, and from now on it is a Linear layer."""
        weight = self.weight
        if unknown := isinstance(weight, UninitializedParameter):
            weight.materialize((self.out_features, input.shape[-1]))
            if isinstance(self.bias, UninitializedParameter):
                self.bias.materialize((self.out_features,))
        self.in_features = weight.shape[1]
        if unknown:
            self.reset_parameters()
        self.__class__ = Linear  # type: ignore[assignment]
        return Linear.forward(self, input)
