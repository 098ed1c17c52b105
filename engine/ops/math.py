"""Roots, reciprocals, the logistic function and its inverse."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..element import Call, Expr, Index, Ref
from ..op import Elementwise, Sample, Spec, Vjp, random_shape, register
from ..operands import two_tensors
from ..tensor import Tensor, apply
from .choice import where


@register
class Sqrt(Elementwise):
    """y = √x."""

    name = "sqrt"
    formula = r"y = \sqrt{x}"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \dfrac{1}{2 \sqrt{x}} = \dfrac{1}{2 y}",)
    says: ClassVar = {
        "en": "The square root; the gradient is divided by twice the root.",
        "zh": "平方根；梯度除以平方根的两倍。",
    }
    saves = ("output",)
    vjps = (lambda g, y, x: g / (2 * y),)
    array_vjps = vjps
    ufunc = np.sqrt
    scalar = "sqrt"
    floating = True
    low = 0.2


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.reciprocal(1 + np.exp(-x)))


@register
class Sigmoid(Elementwise):
    """y = 1 / (1 + e⁻ˣ)."""

    name = "sigmoid"
    formula = r"y = \sigma(x) = \dfrac{1}{1 + e^{-x}}"
    derivatives = (r"\dfrac{\partial y}{\partial x} = y\,(1 - y)",)
    says: ClassVar = {
        "en": "Squashes every number into 0 … 1; its slope is at most ¼.",
        "zh": "把每个数压缩到 0 到 1 之间；斜率最大为 ¼。",
    }
    saves = ("output",)
    vjps = (lambda g, y, x: g * (1 - y) * y,)
    array_vjps = vjps
    ufunc = _sigmoid
    scalar = "sigmoid"
    floating = True


@register
class Rsqrt(Elementwise):
    """y = 1 / √x."""

    name = "rsqrt"
    formula = r"y = \dfrac{1}{\sqrt{x}}"
    derivatives = (r"\dfrac{\partial y}{\partial x} = -\frac{1}{2}\,y^3",)
    says: ClassVar = {"en": "One over the square root.", "zh": "平方根的倒数。"}
    saves = ("output",)
    vjps = (lambda g, y, x: -0.5 * g * y**3,)
    ufunc = staticmethod(lambda x: 1 / np.sqrt(x))
    floating = True
    low = 0.3

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """1 over the root."""
        return Call("div", (1.0, Call("sqrt", (Ref(0, index),))))


@register
class Reciprocal(Elementwise):
    """y = 1 / x."""

    name = "reciprocal"
    formula = r"y = \dfrac{1}{x}"
    derivatives = (r"\dfrac{\partial y}{\partial x} = -y^2 = -\dfrac{1}{x^2}",)
    says: ClassVar = {
        "en": "One over x; its slope is minus its own square.",
        "zh": "倒数；导数是它自身平方的相反数。",
    }
    saves = ("output",)
    vjps = (lambda g, y, x: -g * (y * y),)
    array_vjps = vjps
    ufunc = staticmethod(lambda x: x.dtype.type(1) / x)
    floating = True
    low = 0.3

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """1 over x."""
        return Call("div", (1.0, Ref(0, index)))


@register
class Hypot(Elementwise):
    """z = √(x² + y²)."""

    name = "hypot"
    inputs = ("x", "y")
    formula = r"z = \sqrt{x^2 + y^2}"
    derivatives = (
        r"\dfrac{\partial z}{\partial x} = \dfrac{x}{z}",
        r"\dfrac{\partial z}{\partial y} = \dfrac{y}{z}",
    )
    says: ClassVar = {
        "en": "The longest side of a right triangle with the sides x and y.",
        "zh": "以 x、y 为直角边的斜边长。",
    }
    saves = ("inputs", "output")
    vjps: ClassVar[tuple[Vjp | None, ...]] = (
        lambda g, z, x, y: g * (x / z),
        lambda g, z, x, y: g * (y / z),
    )
    ufunc = np.hypot
    scalar = "hypot"
    refuses_integers = True
    low = 0.3


def _logit_grad(g: Tensor, y: Tensor, x: Tensor, eps: float | None) -> Tensor:
    """Outside of [ε, 1 − ε] the slope is 0; without ε there is none outside of [0, 1]."""
    slope = g / ((x + 0.0) * (1.0 - x))  # −0 counts as 0
    low = 0.0 if eps is None else eps
    outside = (x < low) | (x > 1.0 - low)
    return where(outside, float("nan") if eps is None else 0.0, slope)


@register
class Logit(Elementwise):
    """y = ln (x / (1 − x)), with x limited to [ε, 1 − ε] if ε is given."""

    name = "logit"
    formula = r"y = \log \dfrac{x}{1 - x}"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \dfrac{1}{x\,(1 - x)}",)
    says: ClassVar = {
        "en": "The inverse of the sigmoid: the logarithm of the odds of a probability.",
        "zh": "sigmoid 的反函数：概率的对数几率。",
    }
    saves = ("inputs",)
    vjps: ClassVar[tuple[Vjp | None, ...]] = (_logit_grad,)
    floating = True

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """The logarithm of the odds."""
        x, eps = inputs[0], attrs["eps"]
        if eps is not None:
            low = x.dtype.type(eps)
            above, below = x > 1 - low, x < low
            x = x.copy(order="K")
            x[above], x[below] = 1 - low, low
        return np.asarray(np.log(x / (1 - x)))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The logarithm of x over 1 − x."""
        x: Expr = Ref(0, index)
        if attrs["eps"] is not None:
            x = Call("min", (Call("max", (x, attrs["eps"])), 1 - attrs["eps"]))
        return Call("log", (Call("div", (x, Call("sub", (1.0, x)))),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Probabilities; with a limit also numbers beyond it."""
        yield Sample((rng.uniform(0.1, 0.9, random_shape(rng)),), {"eps": None})
        yield Sample((rng.uniform(-0.5, 1.5, random_shape(rng)),), {"eps": 0.1})


@public("torch", "method", "inplace")
def sqrt(input: Tensor) -> Tensor:
    """The square root; nan below 0."""
    return apply("sqrt", (input,))


@public("torch", "method", "inplace")
def rsqrt(input: Tensor) -> Tensor:
    """`1 / √input`; ∞ at 0 and nan below."""
    return apply("rsqrt", (input,))


@public("torch", "method", "inplace")
def reciprocal(input: Tensor) -> Tensor:
    """`1 / input`."""
    return apply("reciprocal", (input,))


@public("torch", "method", "inplace", "F")
def sigmoid(input: Tensor) -> Tensor:
    """`1 / (1 + e ^ −input)`."""
    return apply("sigmoid", (input,))


@public("torch", "method", "inplace")
def hypot(input: Tensor, other: Tensor) -> Tensor:
    """`√(input² + other²)`, element by element."""
    return apply("hypot", two_tensors("hypot", input, other))


@public("torch", "method", "inplace")
def logit(input: Tensor, eps: float | None = None) -> Tensor:
    """`log(input / (1 − input))`; with `eps` the input is limited to [eps, 1 − eps] first."""
    return apply("logit", (input,), {"eps": None if eps is None else float(eps)})
