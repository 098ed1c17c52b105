"""Batch normalisation, composed of means, squares and roots, so that every path of its gradient is visible.

Source: S. Ioffe, C. Szegedy, "Batch Normalization", ICML 2015, algorithm 1.
"""

from __future__ import annotations

from ..api import public
from ..composite import composite
from ..errors import ArgumentError, ShapeError
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
    channels = _channels(input, training)
    for name, each in (("running_mean", running_mean), ("weight", weight), ("bias", bias)):
        if each is not None and tuple(each.shape) != (channels,):
            raise ShapeError(
                f"batch_norm: {name} must have shape ({channels},) for input {tuple(input.shape)}, "
                f"not {tuple(each.shape)}"
            )
    shape = (1, channels, *(1,) * (input.ndim - 2))
    if training:
        dims = (0, *range(2, input.ndim))
        mean = input.mean(dims, keepdim=True)
        centred = input - mean
        var = (centred * centred).mean(dims, keepdim=True)
        _track(running_mean, mean, momentum)
        count = input.numel() // channels
        _track(running_var, var, momentum, count / (count - 1))
    elif running_mean is None or running_var is None:
        raise ArgumentError("Expected running_mean and running_var to be defined when training=False")
    else:
        centred = input - running_mean.reshape(shape)
        var = running_var.reshape(shape)
    result = centred / (var + eps).sqrt()
    if weight is not None:
        result = result * weight.reshape(shape)
    return result if bias is None else result + bias.reshape(shape)


def _channels(input: Tensor, training: bool) -> int:
    if input.ndim < 2:
        raise ShapeError(f"batch_norm: input must have shape (N, C, …), not {tuple(input.shape)}")
    channels = input.shape[1]
    if training and input.numel() <= channels:
        raise ArgumentError(
            f"Expected more than 1 value per channel when training, got input size {input.shape}"
        )
    return channels


def _track(running: Tensor | None, batch: Tensor, momentum: float, correction: float = 1.0) -> None:
    """running ← (1 − m) · running + m · batch, as an in-place change of the buffer."""
    if running is None:
        return
    with no_grad():
        news = batch.reshape(running.shape[0]) * (momentum * correction)
        running._assign(running * (1 - momentum) + news, "batch_norm")
