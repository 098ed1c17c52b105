"""Normalisations that know nothing of the batch: over a layer, over groups of channels, over neighbours.

Sources: J. L. Ba, J. R. Kiros, G. Hinton, "Layer Normalization", 2016; Y. Wu, K. He, "Group Normalization",
ECCV 2018; B. Zhang, R. Sennrich, "Root Mean Square Layer Normalization", NeurIPS 2019; A. Krizhevsky,
I. Sutskever, G. Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", NIPS 2012 (local
response normalisation).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..api import public
from ..composite import composite
from ..dtypes import float16
from ..errors import ArgumentError, ShapeError
from ..tensor import Tensor, apply
from .norm import check_floating
from .pad import pad


@public("torch", "F")
@composite(
    "layer_norm",
    formula=r"y = \dfrac{x - \mu}{\sqrt{\sigma^2 + \epsilon}}\,\gamma + \beta",
    derivative=r"\dfrac{\partial L}{\partial x} = \dfrac{1}{\sqrt{\sigma^2 + \epsilon}}"
    r"\left(\gamma g - \overline{\gamma g} - \hat{x}\,\overline{\gamma g\,\hat{x}}\right)",
    en="Brings each sample's numbers to mean 0 and variance 1, then scales them by γ and shifts them by β.",
    zh="把每个样本的各数变为均值 0、方差 1，再乘以 γ 并加上 β。",
)
def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """(x − μ) / √(σ² + ε) · γ + β with μ and σ² over the last dimensions, which have `normalized_shape`."""
    dims = _last(input, "layer_norm", normalized_shape, weight, bias)
    for each in (None, weight, bias):
        check_floating("layer_norm", input, each)
    x = input.float() if input.dtype is float16 else input
    if input.numel():
        centred = x - x.mean(dims, keepdim=True)
        x = centred / ((centred * centred).mean(dims, keepdim=True) + eps).sqrt()
    return _scaled(input, x, weight, bias)


@public("torch", "F")
@composite(
    "rms_norm",
    formula=r"y = \dfrac{x}{\sqrt{\overline{x^2} + \epsilon}}\,\gamma",
    derivative=r"\dfrac{\partial L}{\partial x} = \dfrac{1}{\sqrt{\overline{x^2} + \epsilon}}"
    r"\left(\gamma g - \hat{x}\,\overline{\gamma g\,\hat{x}}\right)",
    en="Divides the numbers of each sample by the root of their mean square, then scales them by γ.",
    zh="把每个样本的各数除以其均方根，再乘以 γ。",
)
def rms_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    eps: float | None = None,
) -> Tensor:
    """x / √(mean(x²) + ε) · γ with the mean over the last dimensions, which have `normalized_shape`.

    ε is the distance from 1 to the next number of the dtype by default (float16 is computed in float32).
    """
    dims = _last(input, "rms_norm", normalized_shape, weight, None)
    check_floating("rms_norm", input)
    x = input.float() if input.dtype is float16 else input
    least = float(np.finfo(x.dtype.numpy).eps) if eps is None else eps
    if input.numel():
        x = x / ((x * x).mean(dims, keepdim=True) + least).sqrt()
    return _scaled(input, x, weight, None)


@public("torch", "F")
@composite(
    "group_norm",
    formula=r"y = \dfrac{x - \mu_{n,k}}{\sqrt{\sigma_{n,k}^2 + \epsilon}}\,\gamma_c + \beta_c",
    derivative=r"\dfrac{\partial L}{\partial x} = \dfrac{1}{\sqrt{\sigma_{n,k}^2 + \epsilon}}"
    r"\left(\gamma g - \overline{\gamma g} - \hat{x}\,\overline{\gamma g\,\hat{x}}\right)",
    en="Brings each group of channels of a sample to mean 0 and variance 1, then scales and shifts channels.",
    zh="把每个样本的每组通道变为均值 0、方差 1，再对各通道缩放和平移。",
)
def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """(x − μ) / √(σ² + ε) · γ + β with μ and σ² over each of `num_groups` groups of channels of (N, C, …)."""
    shape = tuple(input.shape)
    if len(shape) < 2:
        raise ShapeError(f"group_norm: input must have shape (N, C, …), not {shape}")
    samples, channels, *rest = shape
    if samples * channels // num_groups * math.prod(rest) == 1:
        raise ArgumentError(
            f"Expected more than 1 value per channel when training, got input size {list(shape)}"
        )
    if num_groups < 1 or channels % num_groups:
        raise ShapeError(
            f"Expected number of channels in input to be divisible by num_groups, but got input of shape "
            f"{list(shape)} and num_groups={num_groups}"
        )
    for what, each in (("weight", weight), ("bias", bias)):
        if each is not None and tuple(each.shape) != (channels,):
            raise ShapeError(
                f"group_norm: {what} must have shape ({channels},) for input {shape}, not {tuple(each.shape)}"
            )
        check_floating("group_norm", input, each)
    x = input.float() if input.dtype is float16 else input
    if input.numel():
        groups = x.reshape(samples, num_groups, -1)
        centred = groups - groups.mean(2, keepdim=True)
        normal = centred / ((centred * centred).mean(2, keepdim=True) + eps).sqrt()
        x = normal.reshape(shape)
    each_channel = (channels, *(1,) * len(rest))
    return _scaled(
        input,
        x,
        None if weight is None else weight.reshape(each_channel),
        None if bias is None else bias.reshape(each_channel),
    )


@public("F")
@composite(
    "local_response_norm",
    formula=r"y_{n,c} = x_{n,c}\left(k + \dfrac{\alpha}{s}\sum_{c'\;\mathrm{near}\;c}"
    r" x_{n,c'}^2\right)^{-\beta}",
    derivative=r"\dfrac{\partial y_{n,c}}{\partial x_{n,c'}} = \delta_{c,c'}\, d_{n,c}^{-\beta}"
    r" - \dfrac{2\alpha\beta}{s}\, x_{n,c}\, x_{n,c'}\, d_{n,c}^{-\beta-1}",
    en="Divides each number by a power of the squares of its neighbours in the channels around it.",
    zh="把每个数除以相邻通道中各数平方和的幂。",
)
def local_response_norm(
    input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Tensor:
    """x / (k + α · mean of x² over `size` channels around)^β for (N, C, L, …)."""
    if input.ndim < 3:
        raise ArgumentError(f"Expected 3D or higher dimensionality input (got {input.ndim} dimensions)")
    if not input.numel():
        return input
    if size < 1:
        raise ShapeError(f"local_response_norm: size must be at least 1, not {size}")
    shape = tuple(input.shape)
    squares = (input * input).reshape(shape[0], 1, shape[1], math.prod(shape[2:]))
    attrs = {
        "kernel_size": (size, 1),
        "stride": (1, 1),
        "padding": (0, 0),
        "ceil_mode": False,
        "count_include_pad": True,
        "divisor_override": None,
    }
    near = apply("avg_pool2d", (pad(squares, (0, 0, size // 2, (size - 1) // 2)),), attrs).reshape(shape)
    return input / (near * alpha + k).pow(beta)


def _last(
    input: Tensor, name: str, normalized_shape: Sequence[int], weight: Tensor | None, bias: Tensor | None
) -> tuple[int, ...]:
    """The last dimensions, once they have the shape that is asked for, and the parameters too."""
    if isinstance(normalized_shape, int):
        raise TypeError(f"{name}: normalized_shape must be a tuple of ints, not int")
    wanted, shape = tuple(normalized_shape), tuple(input.shape)
    if not wanted:
        raise ShapeError(f"{name}: normalized_shape must have at least one dimension")
    for what, each in (("weight", weight), ("bias", bias)):
        if each is not None and tuple(each.shape) != wanted:
            raise ShapeError(
                f"Expected {what} to be of same shape as normalized_shape, but got {what} of shape "
                f"{list(each.shape)} and normalized_shape = {list(wanted)}"
            )
    if name == "rms_norm" and len(shape) < len(wanted):
        raise ArgumentError(f"Input tensor must have at least {len(wanted)} dimensions, but got {len(shape)}")
    if shape[-len(wanted) :] != wanted:
        raise ShapeError(
            f"Given normalized_shape={list(wanted)}, expected input with shape "
            f"[*, {', '.join(map(str, wanted))}], but got input of size{list(shape)}"
        )
    return tuple(range(-len(wanted), 0))


def _scaled(input: Tensor, normal: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    """normal · γ + β in the dtype of the input."""
    result = normal if weight is None else normal * weight
    result = result if bias is None else result + bias
    if result is input:
        return input.clone()
    return result if result.dtype is input.dtype else result.to(input.dtype)
