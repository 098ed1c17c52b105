"""Normalisation layers with one pair of parameters, and running averages, for each channel."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

from gradviz.engine.dtypes import DType, int64
from gradviz.engine.errors import ArgumentError
from gradviz.engine.ops.norm import batch_norm, instance_norm
from gradviz.engine.state import no_grad
from gradviz.engine.tensor import Tensor

from .. import init
from ..module import Module
from ..parameter import Parameter
from ..values import empty_parameter, filled


class _Norm(Module):
    """What batch and instance normalisation have in common."""

    weight: Parameter | None
    bias: Parameter | None
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None
    ranks: ClassVar[tuple[int, ...]]  # how many dimensions an input may have
    _version = 2  # since num_batches_tracked is a part of the state

    def __init__(
        self,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        dtype: DType | None,
        bias: bool,
    ) -> None:
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        for name, wanted in (("weight", affine), ("bias", affine and bias)):
            self.register_parameter(name, empty_parameter(num_features, dtype=dtype) if wanted else None)
        tracked = track_running_stats
        self.register_buffer("running_mean", filled(0.0, num_features, dtype=dtype) if tracked else None)
        self.register_buffer("running_var", filled(1.0, num_features, dtype=dtype) if tracked else None)
        self.register_buffer("num_batches_tracked", filled(0, dtype=int64) if tracked else None)
        self.reset_parameters()

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, local_metadata: dict[str, Any], *rest: Any
    ) -> None:
        """States that do not tell their version may lack the number of batches."""
        if local_metadata.get("version", 1) < 2 and self.num_batches_tracked is not None:
            state_dict.setdefault(f"{prefix}num_batches_tracked", self.num_batches_tracked)
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *rest)

    def reset_running_stats(self) -> None:
        """Set the running averages back to mean 0 and variance 1."""
        for buffer, value in (
            (self.running_mean, 0.0),
            (self.running_var, 1.0),
            (self.num_batches_tracked, 0.0),
        ):
            if buffer is not None:
                init.constant_(buffer, value)

    def reset_parameters(self) -> None:
        """Set γ to 1, β to 0 and the running averages back."""
        self.reset_running_stats()
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def _check_input_dim(self, input: Tensor) -> None:
        if input.ndim not in self.ranks:
            listed = " or ".join(f"{rank}D" for rank in self.ranks)
            raise ArgumentError(f"expected {listed} input (got {input.ndim}D input)")

    def extra_repr(self) -> str:
        """All settings."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class _BatchNorm(_Norm):
    """Base of the batch normalisations."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: DType | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, dtype, bias)

    def forward(self, input: Tensor) -> Tensor:
        """Normalise, scale and shift."""
        self._check_input_dim(input)
        momentum = self.momentum or 0.0
        if self.training and self.track_running_stats and self.num_batches_tracked is not None:
            with no_grad():
                self.num_batches_tracked.add_(1)
            if self.momentum is None:
                momentum = 1.0 / float(self.num_batches_tracked)
        by_batch = self.training or (self.running_mean is None and self.running_var is None)
        track = not self.training or self.track_running_stats
        return batch_norm(
            input,
            self.running_mean if track else None,
            self.running_var if track else None,
            self.weight,
            self.bias,
            by_batch,
            momentum,
            self.eps,
        )


class BatchNorm1d(_BatchNorm):
    """(x − μ) / √(σ² + ε) · γ + β for each feature of (N, C) or channel of lines (N, C, L).

    In training μ and σ² are the batch's and the running averages follow them by `momentum` (None: the plain
    average over all batches); in evaluation they are the running averages.
    """

    ranks = (2, 3)


class BatchNorm2d(_BatchNorm):
    """(x − μ) / √(σ² + ε) · γ + β for each channel of images (N, C, H, W).

    In training μ and σ² are the batch's and the running averages follow them by `momentum` (None: the plain
    average over all batches); in evaluation they are the running averages.
    """

    ranks = (4,)


class BatchNorm3d(_BatchNorm):
    """(x − μ) / √(σ² + ε) · γ + β for each channel of volumes (N, C, D, H, W); see BatchNorm2d."""

    ranks = (5,)


class _InstanceNorm(_Norm):
    """Base of the instance normalisations; without a batch dimension, too."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: DType | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, dtype, bias)

    def forward(self, input: Tensor) -> Tensor:
        """Normalise, scale and shift."""
        self._check_input_dim(input)
        single = input.ndim == min(self.ranks)
        at = 0 if single else 1
        if input.shape[at] != self.num_features:
            if self.affine:
                raise ArgumentError(
                    f"expected input's size at dim={at} to match num_features ({self.num_features}), but "
                    f"got: {input.shape[at]}."
                )
            warnings.warn(
                f"input's size at dim={at} does not match num_features. You can silence this warning by not "
                "passing in num_features, which is not used because affine=False",
                stacklevel=3,
            )
        result = instance_norm(
            input.unsqueeze(0) if single else input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            self.momentum or 0.0,
            self.eps,
        )
        return result.squeeze(0) if single else result


class InstanceNorm1d(_InstanceNorm):
    """(x − μ) / √(σ² + ε) · γ + β for each channel of each sample of lines (N, C, L) or (C, L)."""

    ranks = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """(x − μ) / √(σ² + ε) · γ + β for each channel of each sample of images (N, C, H, W) or (C, H, W)."""

    ranks = (3, 4)


class InstanceNorm3d(_InstanceNorm):
    """(x − μ) / √(σ² + ε) · γ + β for each channel of each sample of volumes (N, C, D, H, W)."""

    ranks = (4, 5)
