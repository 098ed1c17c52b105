"""Exponential linear units: x where it is positive, an exponential that levels off where it is negative.

Sources: D.-A. Clevert, T. Unterthiner, S. Hochreiter, "Fast and Accurate Deep Network Learning by Exponential
Linear Units", ICLR 2016 (elu); G. Klambauer et al., "Self-Normalizing Neural Networks", NeurIPS 2017 (selu);
J. T. Barron, "Continuously Differentiable Exponential Linear Units", 2017 (celu).
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..element import Call, Expr
from ..errors import SettingError
from ..op import register
from ..tensor import Tensor, apply
from .choice import where
from .curve import Curve, finish, in_place

SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


def _slope(g: Tensor, x: Tensor, right: float, left: float, rate: float) -> Tensor:
    """g · right for positive x, else g · left · exp(rate · x); the exponential never sees positive x."""
    below = where(x < 0, x, 0.0)
    return g * where(x <= 0, (below * rate).exp() * left, right)


class _Exponential(Curve):
    """Base of the three: right · x, or left · (exp(rate · x) − 1)."""

    saves = ("inputs",)

    def parts(self, **attrs: Any) -> tuple[float, float, float]:
        """The factors on the right and the left, and the rate."""
        raise NotImplementedError

    def curve(self, x: np.ndarray, **attrs: Any) -> Any:
        """expm1, of negative numbers only."""
        right, left, rate = (x.dtype.type(each) for each in self.parts(**attrs))
        return np.where(x <= 0, np.expm1(np.minimum(x, 0) * rate) * left, x * right)

    def at(self, x: Expr, **attrs: Any) -> Expr:
        """One of two."""
        right, left, rate = self.parts(**attrs)
        power = Call("exp", (Call("mul", (rate, x)),))
        low = Call("mul", (left, Call("sub", (power, 1.0))))
        return Call("where", (Call("gt", (x, 0.0)), Call("mul", (right, x)), low))

    def kinks(self, **attrs: Any) -> tuple[float, ...]:
        """0."""
        return (0.0,)


@register
class Elu(_Exponential):
    """y = x if x > 0, else α (eˣ − 1)."""

    name = "elu"
    formula = r"y = x\;\mathrm{if}\; x > 0,\;\mathrm{else}\; \alpha\,(e^{x} - 1)"
    derivatives = (
        r"\dfrac{\partial y}{\partial x} = 1\;\mathrm{if}\; x > 0,\;\mathrm{else}\; \alpha\,e^{x}",
    )
    says: ClassVar = {
        "en": "Keeps positive numbers; negative ones level off at −α, with a slope that fades away.",
        "zh": "正数不变；负数逐渐趋于 −α，斜率随之减小。",
    }
    vjps = (lambda g, y, x, alpha: _slope(g, x, 1.0, alpha, 1.0),)
    settings = ({"alpha": 1.0}, {"alpha": 0.5})

    def parts(self, **attrs: Any) -> tuple[float, float, float]:
        """1, α, 1."""
        return 1.0, attrs["alpha"], 1.0


@register
class Selu(_Exponential):
    """y = λ x if x > 0, else λ α (eˣ − 1), with fixed λ and α."""

    name = "selu"
    torch_name = "EluBackward0"
    formula = (
        r"y = \lambda\,x\;\mathrm{if}\; x > 0,\;\mathrm{else}\; \lambda\,\alpha\,(e^{x} - 1),"
        r"\quad \lambda \approx 1.0507,\; \alpha \approx 1.6733"
    )
    derivatives = (
        r"\dfrac{\partial y}{\partial x} = \lambda\;\mathrm{if}\; x > 0,\;\mathrm{else}\;"
        r" \lambda\,\alpha\,e^{x}",
    )
    says: ClassVar = {
        "en": "An elu whose two numbers are chosen so that mean 0 and variance 1 last from layer to layer.",
        "zh": "一种 elu，其两个常数使均值 0、方差 1 在各层之间得以保持。",
    }
    vjps = (lambda g, y, x: _slope(g, x, SELU_SCALE, SELU_ALPHA * SELU_SCALE, 1.0),)

    def parts(self, **attrs: Any) -> tuple[float, float, float]:
        """λ, λ α, 1."""
        return SELU_SCALE, SELU_ALPHA * SELU_SCALE, 1.0


@register
class Celu(_Exponential):
    """y = x if x > 0, else α (exp(x / α) − 1)."""

    name = "celu"
    formula = r"y = x\;\mathrm{if}\; x > 0,\;\mathrm{else}\; \alpha\,(e^{x / \alpha} - 1)"
    derivatives = (
        r"\dfrac{\partial y}{\partial x} = 1\;\mathrm{if}\; x > 0,\;\mathrm{else}\; e^{x / \alpha}",
    )
    says: ClassVar = {
        "en": "An elu that has no kink at 0, whatever α is.",
        "zh": "一种 elu，无论 α 取何值，在 0 处都没有折点。",
    }
    vjps = (lambda g, y, x, alpha: _slope(g, x, 1.0, 1.0, 1.0 / alpha),)
    settings = ({"alpha": 1.0}, {"alpha": 0.5}, {"alpha": 2.0})

    def parts(self, **attrs: Any) -> tuple[float, float, float]:
        """1, α, 1 / α."""
        return 1.0, attrs["alpha"], 1.0 / attrs["alpha"]


@public("F")
def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x where it is positive, else α (eˣ − 1)."""
    return finish(input, apply("elu", (input,), {"alpha": alpha}), inplace, "elu")


@public("torch", "F")
def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """λ · elu(x, α), with the λ and α of self-normalising networks."""
    return finish(input, apply("selu", (input,)), inplace, "selu")


@public("torch", "F")
def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x where it is positive, else α (exp(x / α) − 1)."""
    if alpha == 0:
        raise SettingError("ZeroDivisionError: alpha cannot be 0 for CELU")
    return finish(input, apply("celu", (input,), {"alpha": alpha}), inplace, "celu")


elu_ = public("F")(in_place(elu, "elu_"))
selu_ = public("torch", "F")(in_place(selu, "selu_"))
celu_ = public("torch", "F")(in_place(celu, "celu_"))
