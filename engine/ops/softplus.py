"""Smooth forms of relu: softplus and logsigmoid, silu and mish.

Sources: S. Elfwing, E. Uchibe, K. Doya, "Sigmoid-Weighted Linear Units for Neural Network Function
Approximation in Reinforcement Learning", 2017 (silu); D. Misra, "Mish: A Self Regularized Non-Monotonic
Activation Function", BMVC 2020.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..element import Call, Expr
from ..jit import dense
from ..op import register
from ..tensor import Tensor, apply
from .choice import where
from .curve import Curve, finish


@register
class Softplus(Curve):
    """y = log(1 + exp(β x)) / β."""

    name = "softplus"
    formula = r"y = \dfrac{1}{\beta} \log(1 + e^{\beta x})"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \sigma(\beta x)",)
    says: ClassVar = {
        "en": "A relu without a kink; its slope is the sigmoid. Above the threshold it is the number itself.",
        "zh": "没有折点的 relu；其斜率就是 sigmoid。超过阈值后就是输入本身。",
    }
    saves = ("inputs",)
    vjps = (lambda g, y, x, beta, threshold: where(x * beta > threshold, g, g * (x * beta).sigmoid()),)
    settings = (
        {"beta": 1.0, "threshold": 20.0},
        {"beta": 2.0, "threshold": 20.0},
        {"beta": 0.5, "threshold": 1.0},
    )

    def curve(self, x: np.ndarray, **attrs: Any) -> Any:
        """log1p, where the exponential is not too large."""
        beta = x.dtype.type(attrs["beta"])
        scaled = x * beta
        return np.where(scaled > attrs["threshold"], x, np.log1p(np.exp(scaled)) / beta)

    def at(self, x: Expr, **attrs: Any) -> Expr:
        """The number itself or the logarithm."""
        scaled = Call("mul", (attrs["beta"], x))
        smooth = Call("div", (Call("log", (Call("add", (1.0, Call("exp", (scaled,)))),)), attrs["beta"]))
        return Call("where", (Call("gt", (scaled, attrs["threshold"])), x, smooth))

    def kinks(self, **attrs: Any) -> tuple[float, ...]:
        """Where it goes over to the number itself."""
        return (attrs["threshold"] / attrs["beta"],)


@register
class LogSigmoid(Curve):
    """y = log σ(x)."""

    name = "log_sigmoid"
    formula = r"y = \log \sigma(x) = -\log(1 + e^{-x})"
    derivatives = (r"\dfrac{\partial y}{\partial x} = 1 - \sigma(x) = \sigma(-x)",)
    says: ClassVar = {
        "en": "The logarithm of a sigmoid, computed so that nothing overflows or rounds to log 0.",
        "zh": "sigmoid 的对数，计算方式避免了溢出和 log 0。",
    }
    saves = ("inputs",)
    vjps = (lambda g, y, x: g * (-x).sigmoid(),)

    def curve(self, x: np.ndarray, **attrs: Any) -> Any:
        """The exponential is of −|x|."""
        return dense(np.minimum(x, x.dtype.type(0)) - np.log1p(np.exp(-np.abs(x))))

    def at(self, x: Expr, **attrs: Any) -> Expr:
        """As the kernel does it."""
        rest = Call("log", (Call("add", (1.0, Call("exp", (Call("neg", (Call("abs", (x,)),)),)))),))
        return Call("sub", (Call("min", (x, 0.0)), rest))


def _silu_gradient(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    s = x.sigmoid()
    return g * (s * (1 + x * (1 - s)))


@register
class Silu(Curve):
    """y = x σ(x)."""

    name = "silu"
    formula = r"y = x\,\sigma(x) = \dfrac{x}{1 + e^{-x}}"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \sigma(x)\,\left(1 + x\,(1 - \sigma(x))\right)",)
    says: ClassVar = {
        "en": "Each number times its sigmoid: it opens its own gate. Also called swish.",
        "zh": "每个数乘以自己的 sigmoid，即自己控制自己的门；也叫 swish。",
    }
    saves = ("inputs",)
    vjps = (_silu_gradient,)

    def curve(self, x: np.ndarray, **attrs: Any) -> Any:
        """A quotient."""
        return x / (1 + np.exp(-x))

    def at(self, x: Expr, **attrs: Any) -> Expr:
        """The number times its sigmoid."""
        return Call("mul", (x, Call("sigmoid", (x,))))


def _mish_gradient(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    t = softplus(x).tanh()
    return g * (t + x * x.sigmoid() * (1 - t * t))


@register
class Mish(Curve):
    """y = x tanh(softplus(x))."""

    name = "mish"
    formula = r"y = x\,\tanh(\log(1 + e^{x}))"
    derivatives = (
        r"\dfrac{\partial y}{\partial x} = t + x\,\sigma(x)\,(1 - t^2),\quad t = \tanh(\log(1 + e^{x}))",
    )
    says: ClassVar = {
        "en": "Each number times the tanh of its softplus: smooth, slightly below 0 for negative numbers.",
        "zh": "每个数乘以其 softplus 的 tanh：处处光滑，负数处略低于 0。",
    }
    saves = ("inputs",)
    vjps = (_mish_gradient,)

    def curve(self, x: np.ndarray, **attrs: Any) -> Any:
        """The number times a tanh."""
        return x * np.tanh(np.log1p(np.exp(x)))

    def at(self, x: Expr, **attrs: Any) -> Expr:
        """The number times a tanh."""
        return Call("mul", (x, Call("tanh", (Call("log", (Call("add", (1.0, Call("exp", (x,)))),)),))))


@public("F")
def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """log(1 + exp(β x)) / β; x itself where β x is above `threshold`."""
    return apply("softplus", (input,), {"beta": beta, "threshold": threshold})


@public("F")
def logsigmoid(input: Tensor) -> Tensor:
    """log σ(x), without overflow or underflow."""
    return apply("log_sigmoid", (input,))


@public("F")
def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """x · σ(x)."""
    return finish(input, apply("silu", (input,)), inplace, "silu")


@public("F")
def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """x · tanh(softplus(x))."""
    return finish(input, apply("mish", (input,)), inplace, "mish")
