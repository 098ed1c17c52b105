"""Losses between distributions: kl_div, and the likelihoods of Poisson's and Gauss's distribution."""

from __future__ import annotations

import math

from ..api import public
from ..composite import composite
from ..errors import ArgumentError, DTypeError
from ..program import Phase
from ..state import no_grad
from ..tensor import Tensor
from ..warn import warn
from .like import ones_like
from .logarithms import xlogy
from .reduction import check_reduction, legacy, reduced


@public("F")
@composite(
    "kl_div",
    formula=r"L = \dfrac{1}{N}\sum_i y_i\,(\log y_i - x_i)",
    derivative=r"\dfrac{\partial L}{\partial x_i} = -\dfrac{y_i}{N}",
    en="How far the distribution with log-probabilities x is from the distribution y.",
    zh="对数概率为 x 的分布与分布 y 相差多远。",
    phase=Phase.LOSS,
)
def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:
    """y (log y − x) for log-probabilities x; with `log_target` the target, too, holds logarithms.

    `reduction` "batchmean" divides the sum by the first dimension, as the divergence is defined.
    """
    if size_average is not None or reduce is not None:
        kind = reduction = legacy(size_average, reduce, reduction)
    elif reduction == "batchmean":
        kind = "sum"
    else:
        if reduction == "mean":
            warn(
                "reduction: 'mean' divides the total loss by both the batch size and the support size."
                "'batchmean' divides only by the batch size, and aligns with the KL div math definition."
                "'mean' will be changed to behave the same as 'batchmean' in the next major release."
            )
        kind = check_reduction(reduction)
    if not (input.dtype.is_floating_point and target.dtype.is_floating_point):
        raise DTypeError("kl_div: Integral inputs not supported.")
    losses = target.exp() * (target - input) if log_target else xlogy(target, target) - target * input
    loss = reduced(losses, kind)
    return loss / input.shape[0] if reduction == "batchmean" and input.ndim else loss


@public("F")
@composite(
    "poisson_nll_loss",
    formula=r"L = \dfrac{1}{N}\sum_i e^{x_i} - y_i\, x_i",
    derivative=r"\dfrac{\partial L}{\partial x_i} = \dfrac{1}{N}\,(e^{x_i} - y_i)",
    en="For counts: how unlikely they are, if they are drawn from Poisson's distribution of mean eˣ.",
    zh="用于计数：若计数来自均值为 eˣ 的泊松分布，它们有多不可能。",
    phase=Phase.LOSS,
)
def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    size_average: bool | None = None,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """eˣ − y x, or x − y log(x + eps) if `input` is no logarithm; `full` adds Stirling's log y!"""
    reduction = legacy(size_average, reduce, reduction)
    if reduction not in ("none", "mean", "sum"):
        raise ArgumentError(f"{reduction} is not a valid value for reduction")
    losses = input.exp() - target * input if log_input else input - target * (input + eps).log()
    if full:
        stirling = target * target.log() - target + 0.5 * (2 * math.pi * target).log()
        losses = losses + stirling.masked_fill(target <= 1, 0)
    return reduced(losses, reduction)


@public("F")
@composite(
    "gaussian_nll_loss",
    formula=r"L = \dfrac{1}{2N}\sum_i \log v_i + \dfrac{(x_i - y_i)^2}{v_i}",
    derivative=r"\dfrac{\partial L}{\partial x_i} = \dfrac{x_i - y_i}{N\, v_i},\quad"
    r" \dfrac{\partial L}{\partial v_i} = \dfrac{1}{2N}\left(\dfrac{1}{v_i}"
    r" - \dfrac{(x_i - y_i)^2}{v_i^2}\right)",
    en="How unlikely the targets are, if they are drawn from Gauss's distributions of mean x and variance v.",
    zh="若目标来自均值 x、方差 v 的高斯分布，它们有多不可能。",
    phase=Phase.LOSS,
)
def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Tensor | float,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Tensor:
    """½ (log v + (x − y)² / v), with v of at least `eps`; `full` adds ½ log 2π."""
    if isinstance(var, float):
        if var < 0:
            raise ArgumentError("var has negative entry/entries")
        var = var * ones_like(input)
    elif not isinstance(var, Tensor):
        raise TypeError(f"var must be a tensor or a float, not {type(var).__name__}")
    elif bool((var._node.array < 0).any()):
        raise ArgumentError("var has negative entry/entries")
    var = _fitting(var, input)
    if reduction not in ("none", "mean", "sum"):
        raise ArgumentError(f"{reduction} is not valid")
    var = var.clone()
    with no_grad():  # the gradient is that of the unlimited variance, as in PyTorch
        var.clamp_(min=eps)
    losses = 0.5 * (var.log() + (input - target) ** 2 / var)
    if full:
        losses = losses + 0.5 * math.log(2 * math.pi)
    return reduced(losses, reduction)


def _fitting(var: Tensor, input: Tensor) -> Tensor:
    """The variance in a shape that broadcasts to the input's: the same, one per row, or 1 in one place."""
    if var.shape == input.shape:
        return var
    if tuple(input.shape[:-1]) == tuple(var.shape):
        return var.unsqueeze(-1)
    if input.ndim == var.ndim and sum(b for a, b in zip(input.shape, var.shape, strict=True) if a != b) == 1:
        return var
    raise ArgumentError("var is of incorrect size")
