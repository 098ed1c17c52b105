"""Batch and instance normalisation, composed of means, squares and roots: every path of the gradient is
visible.

Sources: S. Ioffe, C. Szegedy, "Batch Normalization", ICML 2015, algorithm 1; D. Ulyanov, A. Vedaldi,
V. Lempitsky, "Instance Normalization", 2016.
"""

from __future__ import annotations

import math

from ..api import public
from ..composite import composite
from ..dtypes import float16, float32
from ..errors import ArgumentError, DTypeError, ShapeError
from ..state import no_grad
from ..tensor import Tensor


@public("F")
@composite(
    "batch_norm",
    formula=r"y = \dfrac{x - \mu}{\sqrt{\sigma^2 + \epsilon}}\,\gamma + \beta",
    derivative=r"\dfrac{\partial L}{\partial x} = \dfrac{\gamma}{\sqrt{\sigma^2 + \epsilon}}"
    r"\left(g - \bar{g} - \hat{x}\,\overline{g\,\hat{x}}\right)",
    en="Brings each channel to mean 0 and variance 1 over the batch, then scales it by γ and shifts it by β.",
    zh="把每个通道在整个批次上变为均值 0、方差 1，再乘以 γ 并加上 β。",
)
def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """(x − μ) / √(σ² + ε) · γ + β for each channel of (N, C, …).

    In training μ and σ² are the batch's, and the running averages move towards them by `momentum`; else they
    are the running averages.
    """
    if training and math.prod((*input.shape[:1], *input.shape[2:])) == 1:
        raise ArgumentError(
            f"Expected more than 1 value per channel when training, got input size {input.shape}"
        )
    if training and eps <= 0:
        raise ArgumentError(f"batch_norm eps must be positive during training, but got {eps}")
    if input.ndim == 1 and not input.numel():
        return _nothing(input, weight, bias)
    if input.ndim < 2:
        raise ShapeError(f"batch_norm: input must have shape (N, C, …), not {tuple(input.shape)}")
    if not training and (running_mean is None or running_var is None):
        if not input.numel():
            return _nothing(input, weight, bias)
        raise ShapeError("Expected running_mean and running_var to be defined when training=False")
    _check_parameters("batch_norm", input, running_mean, running_var, weight, bias)
    dims = (0, *range(2, input.ndim))
    return _normalise(input, dims, running_mean, running_var, weight, bias, training, float(momentum), eps)


def _nothing(input: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    """What PyTorch makes of an empty input that has no channels, or no averages to be brought to."""
    result = input.clone()
    if weight is not None:
        result = result * weight[0]
    return result if bias is None else result + bias[0]


@public("F")
@composite(
    "instance_norm",
    formula=r"y = \dfrac{x - \mu_{n,c}}{\sqrt{\sigma_{n,c}^2 + \epsilon}}\,\gamma_c + \beta_c",
    derivative=r"\dfrac{\partial L}{\partial x} = \dfrac{\gamma_c}{\sqrt{\sigma_{n,c}^2 + \epsilon}}"
    r"\left(g - \bar{g} - \hat{x}\,\overline{g\,\hat{x}}\right)",
    en="Brings each channel of each sample to mean 0 and variance 1, then scales it by γ and shifts it by β.",
    zh="把每个样本的每个通道变为均值 0、方差 1，再乘以 γ 并加上 β。",
)
def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """(x − μ) / √(σ² + ε) · γ + β for each channel of each sample of (N, C, …).

    With `use_input_stats` μ and σ² are the sample's, and the running averages move towards their means over
    the batch by `momentum`; else they are the running averages.
    """
    if use_input_stats and math.prod(input.shape[2:]) == 1:
        raise ArgumentError(
            f"Expected more than 1 spatial element when training, got input size {input.shape}"
        )
    _check_parameters("instance_norm", input, running_mean, running_var, weight, bias)
    if not use_input_stats and (running_mean is None or running_var is None):
        raise ShapeError("Expected running_mean and running_var to be defined when use_input_stats is false")
    dims = tuple(range(2, input.ndim))
    return _normalise(
        input, dims, running_mean, running_var, weight, bias, use_input_stats, float(momentum), eps
    )


def _check_parameters(
    name: str,
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None,
    bias: Tensor | None,
) -> None:
    """One number for each channel in all of them, and the input's dtype (float32, if that is float16)."""
    check_floating(name, input)
    channels = input.shape[1]
    given = (("running_mean", running_mean), ("running_var", running_var), ("weight", weight), ("bias", bias))
    for what, each in given:
        if each is None:
            continue
        if tuple(each.shape) != (channels,):
            raise ShapeError(
                f"{name}: {what} must have shape ({channels},) for input {tuple(input.shape)}, "
                f"not {tuple(each.shape)}"
            )
        check_floating(name, input, each)
    if (running_mean is None) != (running_var is None):
        raise ArgumentError("running_mean and running_var must either both be None or neither be None")


def check_floating(name: str, input: Tensor, parameter: Tensor | None = None) -> None:
    """DTypeError unless both have one floating point dtype; float16 may be mixed with float32."""
    if not input.dtype.is_floating_point:
        raise DTypeError(f"{name} takes floating point, not {input.dtype.name}")
    if parameter is None or parameter.dtype is input.dtype:
        return
    if input.dtype is not float16 or parameter.dtype is not float32:
        raise DTypeError(
            f"{name}: input and parameters must have one dtype, but are {input.dtype.name} and "
            f"{parameter.dtype.name}"
        )


def _normalise(
    input: Tensor,
    dims: tuple[int, ...],
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None,
    bias: Tensor | None,
    own: bool,
    momentum: float,
    eps: float,
) -> Tensor:
    """By the mean and variance over `dims` if `own`, else by the running ones."""
    shape = (1, input.shape[1], *(1,) * (input.ndim - 2))
    x = input.float() if input.dtype is float16 else input
    if not input.numel():
        result = x
    elif own:
        mean = x.mean(dims, keepdim=True)
        centred = x - mean
        var = (centred * centred).mean(dims, keepdim=True)
        count = input.numel() // mean.numel()
        _track(running_mean, mean, momentum)
        _track(running_var, var, momentum, count / (count - 1))
        result = centred / (var + eps).sqrt()
    else:
        assert running_mean is not None
        assert running_var is not None
        result = (x - running_mean.reshape(shape)) / (running_var.reshape(shape) + eps).sqrt()
    if weight is not None:
        result = result * weight.reshape(shape)
    if bias is not None:
        result = result + bias.reshape(shape)
    if result is input:
        result = input.clone()
    return result if result.dtype is input.dtype else result.to(input.dtype)


def _track(running: Tensor | None, found: Tensor, momentum: float, correction: float = 1.0) -> None:
    """running ← (1 − m) · running + m · (the batch's mean of what was found), in place."""
    if running is None:
        return
    with no_grad():
        channels = running.shape[0]
        news = found.reshape(channels) if found.numel() == channels else found.reshape(-1, channels).mean(0)
        value = running * (1 - momentum) + news * (momentum * correction)
        running._assign(value.to(running.dtype), "batch_norm")


@public("torch", name="batch_norm")
def _batch_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool = False,
) -> Tensor:
    """`nn.functional.batch_norm` with the arguments in another order; `cudnn_enabled` means nothing here."""
    return batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)


@public("torch", name="instance_norm")
def _instance_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    use_input_stats: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool = False,
) -> Tensor:
    """`nn.functional.instance_norm`, its arguments in another order; `cudnn_enabled` means nothing here."""
    return instance_norm(input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps)
