"""Normalisation layers that know nothing of the batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradviz.engine.dtypes import DType
from gradviz.engine.ops.layer_norm import group_norm, layer_norm, local_response_norm, rms_norm
from gradviz.engine.tensor import Tensor

from .. import init
from ..module import Module
from ..parameter import Parameter
from ..values import empty_parameter


class _Scaled(Module):
    """Base of those with γ and perhaps β of a given shape."""

    weight: Parameter | None
    bias: Parameter | None

    def _add(self, shape: tuple[int, ...], dtype: DType | None, **wanted: bool) -> None:
        for name, wants in wanted.items():
            self.register_parameter(name, empty_parameter(*shape, dtype=dtype) if wants else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set γ to 1 and β to 0."""
        for name, parameter in self._parameters.items():
            if parameter is not None:
                (init.ones_ if name == "weight" else init.zeros_)(parameter)


class LayerNorm(_Scaled):
    """(x − μ) / √(σ² + ε) · γ + β with μ and σ² over the last dimensions, which have `normalized_shape`."""

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = _shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self._add(self.normalized_shape, dtype, weight=elementwise_affine, bias=elementwise_affine and bias)

    def forward(self, input: Tensor) -> Tensor:
        """Normalise, scale and shift."""
        return layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """All settings."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


class RMSNorm(_Scaled):
    """x / √(mean(x²) + ε) · γ with the mean over the last dimensions, which have `normalized_shape`."""

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = _shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self._add(self.normalized_shape, dtype, weight=elementwise_affine)

    def forward(self, x: Tensor) -> Tensor:
        """Divide by the root of the mean square, and scale."""
        return rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """All settings."""
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class GroupNorm(_Scaled):
    """(x − μ) / √(σ² + ε) · γ + β with μ and σ² over groups of channels of each sample of (N, C, …)."""

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: DType | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if num_channels % num_groups:
            raise ValueError(f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})")
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        self._add((num_channels,), dtype, weight=affine, bias=affine and bias)

    def forward(self, input: Tensor) -> Tensor:
        """Normalise, scale and shift."""
        return group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """All settings."""
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


class LocalResponseNorm(Module):
    """x / (k + α · mean of x² over `size` channels around)^β for (N, C, L, …)."""

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, input: Tensor) -> Tensor:
        """Divide by what is around."""
        return local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        """All settings."""
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


def _shape(value: int | Sequence[int]) -> tuple[int, ...]:
    return (value,) if isinstance(value, int) else tuple(value)
