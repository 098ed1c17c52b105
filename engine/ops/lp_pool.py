"""Power-average pooling: the p-norm of the numbers under each window."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence

from ..api import public
from ..composite import composite
from ..tensor import Tensor
from .activation import relu
from .pool_call import avg_pool1d, avg_pool2d
from .windows import sizes

Sizes = int | Sequence[int]


def _norm(mean: Tensor, norm_type: float, area: int) -> Tensor:
    total = mean.sign() * relu(mean.abs()) * area
    return total.pow(1.0 / norm_type)


@public("F")
@composite(
    "lp_pool1d",
    formula=r"y_{n,c,r} = \left(\sum_i x_{n,c,\,s r+i}^{\,p}\right)^{1/p}",
    derivative=r"\dfrac{\partial y}{\partial x} = \left(\dfrac{x}{y}\right)^{p-1}",
    en="Takes the p-norm of the numbers under each window of the line.",
    zh="取线上每个窗口内各数的 p 范数。",
)
def lp_pool1d(
    input: Tensor,
    norm_type: float,
    kernel_size: int,
    stride: Sizes | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    """(Σ xᵖ)^(1/p) under each window of (N, C, L) or (C, L); windows do not overlap by default."""
    mean = avg_pool1d(input.pow(norm_type), kernel_size, stride, 0, ceil_mode)
    return _norm(mean, norm_type, operator.index(kernel_size))


@public("F")
@composite(
    "lp_pool2d",
    formula=r"y_{n,c,r,q} = \left(\sum_{i,j} x_{n,c,\,s r+i,\,s q+j}^{\,p}\right)^{1/p}",
    derivative=r"\dfrac{\partial y}{\partial x} = \left(\dfrac{x}{y}\right)^{p-1}",
    en="Takes the p-norm of the numbers under each window.",
    zh="取每个窗口内各数的 p 范数。",
)
def lp_pool2d(
    input: Tensor,
    norm_type: float,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    ceil_mode: bool = False,
) -> Tensor:
    """(Σ xᵖ)^(1/p) under each window of (N, C, H, W) or (C, H, W); windows do not overlap by default."""
    mean = avg_pool2d(input.pow(norm_type), kernel_size, stride, 0, ceil_mode)
    return _norm(mean, norm_type, math.prod(sizes(kernel_size, 2, "lp_pool2d: kernel_size", 1)))
