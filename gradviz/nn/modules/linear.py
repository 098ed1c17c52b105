"""Layers of weighted sums: Linear, and Identity, which leaves all as it is."""

from __future__ import annotations

import math
from typing import Any

from gradviz.engine.dtypes import DType
from gradviz.engine.ops.matmul import linear
from gradviz.engine.tensor import Tensor

from .. import init
from ..module import Module
from ..parameter import Parameter
from ..values import empty_parameter


class Linear(Module):
    """y = x wᵀ + b, from (*, in_features) to (*, out_features).

    Weights and bias start from U(−k, k) with k = 1 / √in_features.
    """

    _pure = True
    bias: Parameter | None

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        self.weight = empty_parameter(out_features, in_features, dtype=dtype)
        if bias:
            self.bias = empty_parameter(out_features, dtype=dtype)
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new initial values."""
        reset_weighted_sum(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """x wᵀ + b."""
        return linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes."""
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"
        )


def reset_weighted_sum(weight: Tensor, bias: Tensor | None) -> None:
    """The default initial values of Linear and Conv2d: uniform within 1 / √(fan in)."""
    if weight.numel():
        init.kaiming_uniform_(weight, a=math.sqrt(5))
    if bias is not None and bias.numel():
        fan_in, _ = init.fans(weight)
        bound = 1 / math.sqrt(fan_in) if fan_in > 0 else 0.0
        init.uniform_(bias, -bound, bound)


class Identity(Module):
    """Returns its input; takes any arguments, so that it can stand in for any layer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Tensor) -> Tensor:
        """The input itself."""
        return input
