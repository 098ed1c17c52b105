"""Normalisation layers."""

from __future__ import annotations

from typing import Any

from gradviz.engine.dtypes import DType, int64
from gradviz.engine.errors import ShapeError
from gradviz.engine.ops.norm import batch_norm
from gradviz.engine.state import no_grad
from gradviz.engine.tensor import Tensor

from .. import init
from ..module import Module
from ..parameter import Parameter
from ..values import empty_parameter, filled


class BatchNorm2d(Module):
    """(x − μ) / √(σ² + ε) · γ + β for each channel of images (N, C, H, W).

    In training μ and σ² are the batch's and the running averages follow them by `momentum` (None: the plain
    average over all batches); in evaluation they are the running averages.
    """

    weight: Parameter | None
    bias: Parameter | None
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

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
        if self.weight is not None:
            init.ones_(self.weight)

    def forward(self, input: Tensor) -> Tensor:
        """Normalise, scale and shift."""
        if input.ndim != 4:
            raise ShapeError(f"expected 4D input (got {input.ndim}D input)")
        momentum = self.momentum or 0.0
        if self.training and self.num_batches_tracked is not None:
            with no_grad():
                self.num_batches_tracked.add_(1)
            if self.momentum is None:
                momentum = 1.0 / float(self.num_batches_tracked)
        by_batch = self.training or self.running_mean is None
        track = not by_batch or self.training
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

    def extra_repr(self) -> str:
        """All settings."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )
