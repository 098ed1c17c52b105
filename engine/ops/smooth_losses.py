"""Losses by the difference of two tensors: mse_loss, l1_loss, and between them smooth_l1_loss, huber_loss.

Source: P. J. Huber, "Robust Estimation of a Location Parameter", 1964.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..composite import composite
from ..dtypes import DType
from ..element import Call, Expr
from ..errors import ArgumentError, DTypeError, SettingError
from ..op import Spec, broadcast_shapes, register
from ..program import Phase
from ..tensor import Tensor, apply
from .choice import where
from .reduction import PairLoss, check_reduction, chosen, legacy, reduced, sloped, warn_of_sizes


def _away(pair: tuple[np.ndarray, ...], kink: float) -> tuple[np.ndarray, ...]:
    """Move x where the difference is near 0 or ±kink."""
    x, y = pair
    d = x - y
    near = (np.abs(np.abs(d) - kink) < 0.1) | (np.abs(d) < 0.1)
    return np.where(near, x + 0.25 * np.where(d < 0, -1, 1), x), y


@register
class MseLoss(PairLoss):
    """L = mean((x − y)²)."""

    name = "mse_loss"
    formula = r"L = \dfrac{1}{N}\sum_i (x_i - y_i)^2"
    derivatives = (
        r"\dfrac{\partial L}{\partial x_i} = \dfrac{2}{N}(x_i - y_i)",
        r"\dfrac{\partial L}{\partial y_i} = -\dfrac{2}{N}(x_i - y_i)",
    )
    says: ClassVar = {
        "en": "The mean of the squared differences; the gradient is proportional to the difference.",
        "zh": "差的平方的平均值；梯度与差成正比。",
    }
    vjps = (sloped(lambda x, y: (x - y) * 2), sloped(lambda x, y: (y - x) * 2))

    def terms(self, *inputs: np.ndarray, **attrs: Any) -> Any:
        """Squares."""
        difference = np.subtract(*inputs)
        return difference * difference

    def term(self, *inputs: Expr, **attrs: Any) -> Expr:
        """The square."""
        return Call("pow", (Call("sub", inputs), 2.0))


def _smooth_slope(x: Tensor, y: Tensor, beta: float) -> Tensor:
    d = x - y
    return where(d <= -beta, -1.0, where(d >= beta, 1.0, d / beta))


@register
class SmoothL1Loss(PairLoss):
    """L = mean of d² / 2β where |d| < β, else |d| − β/2, with d = x − y."""

    name = "smooth_l1_loss"
    torch_name = "SmoothL1LossBackward0"
    formula = (
        r"L = \dfrac{1}{N}\sum_i \dfrac{d_i^2}{2\beta}\;\mathrm{if}\; |d_i| < \beta,"
        r"\;\mathrm{else}\; |d_i| - \dfrac{\beta}{2},\quad d = x - y"
    )
    derivatives = (
        r"\dfrac{\partial L}{\partial x_i} = \dfrac{1}{N}\,\max(\min(d_i / \beta, 1), -1)",
        r"\dfrac{\partial L}{\partial y_i} = -\dfrac{1}{N}\,\max(\min(d_i / \beta, 1), -1)",
    )
    says: ClassVar = {
        "en": "Squares small differences and takes large ones as they are, so that no gradient exceeds 1/N.",
        "zh": "小的差取平方，大的差取绝对值，因此任何梯度都不超过 1/N。",
    }
    vjps = (sloped(_smooth_slope), sloped(lambda x, y, beta: -_smooth_slope(x, y, beta)))
    settings = ({"beta": 1.0}, {"beta": 0.5})

    def terms(self, *inputs: np.ndarray, **attrs: Any) -> Any:
        """A parabola between two lines."""
        size = np.abs(np.subtract(*inputs))
        beta = size.dtype.type(attrs["beta"])
        return np.where(size < beta, size * size / (2 * beta), size - beta / 2)

    def term(self, *inputs: Expr, **attrs: Any) -> Expr:
        """One of the two."""
        beta = float(attrs["beta"])
        size = Call("abs", (Call("sub", inputs),))
        square = Call("div", (Call("mul", (size, size)), 2 * beta))
        return Call("where", (Call("lt", (size, beta)), square, Call("sub", (size, beta / 2))))

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], **attrs: Any) -> tuple[np.ndarray, ...]:
        """Away from ±β."""
        return _away(super().draw(rng, shape), attrs["beta"])


def _huber_slope(x: Tensor, y: Tensor, delta: float) -> Tensor:
    d = x - y
    return where(d <= -delta, -delta, where(d >= delta, delta, d))


@register
class HuberLoss(PairLoss):
    """L = mean of d² / 2 where |d| ≤ δ, else δ (|d| − δ/2), with d = x − y."""

    name = "huber_loss"
    formula = (
        r"L = \dfrac{1}{N}\sum_i \dfrac{d_i^2}{2}\;\mathrm{if}\; |d_i| \leq \delta,"
        r"\;\mathrm{else}\; \delta\,\left(|d_i| - \dfrac{\delta}{2}\right),\quad d = x - y"
    )
    derivatives = (
        r"\dfrac{\partial L}{\partial x_i} = \dfrac{1}{N}\,\max(\min(d_i, \delta), -\delta)",
        r"\dfrac{\partial L}{\partial y_i} = -\dfrac{1}{N}\,\max(\min(d_i, \delta), -\delta)",
    )
    says: ClassVar = {
        "en": "Half the square of small differences; large ones count in proportion, so outliers pull less.",
        "zh": "小的差取平方的一半，大的差按比例计入，因此离群点的影响较小。",
    }
    vjps = (sloped(_huber_slope), sloped(lambda x, y, delta: -_huber_slope(x, y, delta)))
    settings = ({"delta": 1.0}, {"delta": 0.5})

    def dtype(self, *inputs: Spec) -> DType:
        """The prediction's."""
        super().dtype(inputs[0])
        return inputs[0].dtype

    def terms(self, *inputs: np.ndarray, **attrs: Any) -> Any:
        """A parabola between two lines."""
        size = np.abs(np.subtract(*inputs))
        delta = size.dtype.type(attrs["delta"])
        return np.where(size <= delta, size * size / 2, delta * (size - delta / 2))

    def term(self, *inputs: Expr, **attrs: Any) -> Expr:
        """One of the two."""
        delta = float(attrs["delta"])
        size = Call("abs", (Call("sub", inputs),))
        square = Call("div", (Call("mul", (size, size)), 2.0))
        line = Call("mul", (delta, Call("sub", (size, delta / 2))))
        return Call("where", (Call("le", (size, delta)), square, line))

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], **attrs: Any) -> tuple[np.ndarray, ...]:
        """Away from ±δ."""
        return _away(super().draw(rng, shape), attrs["delta"])


def broadcast(name: str, *tensors: Tensor) -> tuple[Tensor, ...]:
    """All tensors in the shape that they broadcast to."""
    shape = broadcast_shapes(name, *(tuple(tensor.shape) for tensor in tensors))
    return tuple(
        each if tuple(each.shape) == shape else apply("expand", (each,), {"shape": shape}) for each in tensors
    )


def _check_weight(weight: Tensor, input: Tensor) -> None:
    if weight.shape != input.shape:
        raise ArgumentError("Weights and input must have the same size.")


def _weighed(losses: Tensor, weight: Tensor, reduction: str, by_weight: bool) -> Tensor:
    """Weighed losses; their mean is over the sum of weights, or over their number."""
    if reduction not in ("none", "mean", "sum"):
        raise ArgumentError(f"Invalid reduction mode: {reduction}. Expected one of 'none', 'mean', 'sum'.")
    weighed = losses * weight
    if reduction == "mean" and by_weight:
        return weighed.sum() / weight.sum()
    return reduced(weighed, reduction)


@public("F")
@composite(
    "mse_loss",
    formula=r"L = \dfrac{1}{N}\sum_i (x_i - y_i)^2",
    derivative=r"\dfrac{\partial L}{\partial x_i} = \dfrac{2}{N}(x_i - y_i)",
    en="The mean of the squared differences between prediction and target.",
    zh="预测与目标之差的平方的平均值。",
    phase=Phase.LOSS,
)
def mse_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """The mean (or "sum", or "none") of the squared differences, weighed if weights are given."""
    warn_of_sizes(input, target)
    reduction = legacy(size_average, reduce, reduction)
    pair = broadcast("mse_loss", input, target)
    if weight is not None:
        _check_weight(weight, input)
        return _weighed((pair[0] - pair[1]) ** 2, weight, reduction, True)
    return apply("mse_loss", pair, {"reduction": check_reduction(reduction)})


@public("F")
@composite(
    "l1_loss",
    formula=r"L = \dfrac{1}{N}\sum_i |x_i - y_i|",
    derivative=r"\dfrac{\partial L}{\partial x_i} = \dfrac{1}{N}\,\mathrm{sign}(x_i - y_i)",
    en="The mean of the absolute differences: every difference pulls equally hard.",
    zh="绝对差的平均值：每个差的拉力相同。",
    phase=Phase.LOSS,
)
def l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """The mean (or "sum", or "none") of the absolute differences, weighed if weights are given."""
    warn_of_sizes(input, target)
    reduction = legacy(size_average, reduce, reduction)
    pair = broadcast("l1_loss", input, target)
    losses = (pair[0] - pair[1]).abs()
    if weight is not None:
        _check_weight(weight, input)
        return _weighed(losses, weight, reduction, True)
    return reduced(losses, check_reduction(reduction))


@public("F")
@composite(
    "smooth_l1_loss",
    formula=SmoothL1Loss.formula,
    derivative=SmoothL1Loss.derivatives[0],
    en="Squares small differences and takes large ones as they are.",
    zh="小的差取平方，大的差取绝对值。",
    phase=Phase.LOSS,
)
def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Tensor:
    """d² / 2β where |d| < β, else |d| − β/2; l1_loss if β is 0."""
    warn_of_sizes(input, target)
    reduction = chosen(size_average, reduce, reduction)
    pair = broadcast("smooth_l1_loss", input, target)
    if beta == 0:
        return reduced((pair[0] - pair[1]).abs(), reduction)
    if beta < 0:
        raise SettingError("smooth_l1_loss does not support negative values for beta.")
    return apply("smooth_l1_loss", pair, {"reduction": reduction, "beta": beta})


@public("F")
@composite(
    "huber_loss",
    formula=HuberLoss.formula,
    derivative=HuberLoss.derivatives[0],
    en="Half the square of small differences, and large ones in proportion.",
    zh="小的差取平方的一半，大的差按比例计入。",
    phase=Phase.LOSS,
)
def huber_loss(
    input: Tensor,
    target: Tensor,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: Tensor | None = None,
) -> Tensor:
    """d² / 2 where |d| ≤ δ, else δ (|d| − δ/2)."""
    warn_of_sizes(input, target)
    pair = broadcast("huber_loss", input, target)
    if delta <= 0:
        raise SettingError("huber_loss does not support non-positive values for delta.")
    if not input.dtype.is_floating_point:
        raise DTypeError(f"huber_loss takes floating point, not {input.dtype.name}")
    if weight is not None:
        _check_weight(weight, input)
        losses = apply("huber_loss", pair, {"reduction": "none", "delta": delta})
        return _weighed(losses, weight, reduction, False)
    return apply("huber_loss", pair, {"reduction": check_reduction(reduction), "delta": delta})
