"""Exponentials and logarithms to several bases, and sums of exponentials in logarithms."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..element import Call, Expr, Index, broadcast_ref
from ..op import Elementwise, Vjp, register
from ..operands import one_tensor, two_tensors
from ..tensor import Tensor, apply
from .choice import where


@register
class Exp(Elementwise):
    """y = eˣ."""

    name = "exp"
    formula = r"y = e^{x}"
    derivatives = (r"\dfrac{\partial y}{\partial x} = e^{x} = y",)
    says: ClassVar = {
        "en": "The exponential; its slope is its own value.",
        "zh": "指数函数；它的导数就是它自己的值。",
    }
    saves = ("output",)
    vjps = (lambda g, y, x: g * y,)
    array_vjps = vjps
    ufunc = np.exp
    scalar = "exp"
    floating = True


@register
class Exp2(Elementwise):
    """y = 2ˣ."""

    name = "exp2"
    formula = r"y = 2^{x}"
    derivatives = (r"\dfrac{\partial y}{\partial x} = y \log 2",)
    says: ClassVar = {"en": "Two to the power of x.", "zh": "2 的 x 次方。"}
    saves = ("output",)
    vjps = (lambda g, y, x: g * y * math.log(2),)
    ufunc = np.exp2
    floating = True

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """A power of two."""
        return Call("pow", (2.0, broadcast_ref(0, inputs[0].shape, index)))


@register
class Expm1(Elementwise):
    """y = eˣ − 1."""

    name = "expm1"
    formula = r"y = e^{x} - 1"
    derivatives = (r"\dfrac{\partial y}{\partial x} = y + 1",)
    says: ClassVar = {
        "en": "The exponential less 1, exact also where x is tiny.",
        "zh": "指数减一；x 很小时也保持精确。",
    }
    saves = ("output",)
    vjps = (lambda g, y, x: g * (y + 1),)
    ufunc = np.expm1
    scalar = "expm1"
    floating = True


@register
class Log(Elementwise):
    """y = ln x."""

    name = "log"
    formula = r"y = \log x"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \dfrac{1}{x}",)
    says: ClassVar = {
        "en": "The natural logarithm; the gradient is divided by the input.",
        "zh": "自然对数；梯度除以输入。",
    }
    saves = ("inputs",)
    vjps = (lambda g, y, x: g / x,)
    array_vjps = vjps
    ufunc = np.log
    scalar = "log"
    floating = True
    low = 0.2


@register
class Log2(Elementwise):
    """y = log₂ x."""

    name = "log2"
    formula = r"y = \log_2 x"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \dfrac{1}{x \log 2}",)
    says: ClassVar = {"en": "The logarithm to base 2.", "zh": "以 2 为底的对数。"}
    saves = ("inputs",)
    vjps = (lambda g, y, x: g / (x * math.log(2)),)
    ufunc = np.log2
    scalar = "log2"
    floating = True
    low = 0.2


@register
class Log10(Elementwise):
    """y = log₁₀ x."""

    name = "log10"
    formula = r"y = \log_{10} x"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \dfrac{1}{x \log 10}",)
    says: ClassVar = {"en": "The logarithm to base 10.", "zh": "以 10 为底的对数。"}
    saves = ("inputs",)
    vjps = (lambda g, y, x: g / (x * math.log(10)),)
    ufunc = np.log10
    scalar = "log10"
    floating = True
    low = 0.2


@register
class Log1p(Elementwise):
    """y = ln (1 + x)."""

    name = "log1p"
    formula = r"y = \log (1 + x)"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \dfrac{1}{1 + x}",)
    says: ClassVar = {
        "en": "The logarithm of 1 + x, exact also where x is tiny.",
        "zh": "1 + x 的对数；x 很小时也保持精确。",
    }
    saves = ("inputs",)
    vjps = (lambda g, y, x: g / (x + 1),)
    ufunc = np.log1p
    scalar = "log1p"
    floating = True
    low = -0.7


class _LogAdd(Elementwise):
    """Base of both sums of exponentials in logarithms; `base` is that of the exponential."""

    inputs = ("x", "y")
    saves = ("inputs",)
    refuses_integers = True
    base: ClassVar[float]

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The logarithm of the sum."""
        powers = tuple(
            Call("pow", (self.base, broadcast_ref(i, x.shape, index))) for i, x in enumerate(inputs)
        )
        return Call("log" if self.base == math.e else "log2", (Call("add", powers),))


@register
class LogAddExp(_LogAdd):
    """z = ln (eˣ + eʸ)."""

    name = "logaddexp"
    formula = r"z = \log (e^{x} + e^{y})"
    derivatives = (
        r"\dfrac{\partial z}{\partial x} = \dfrac{1}{1 + e^{y - x}}",
        r"\dfrac{\partial z}{\partial y} = \dfrac{1}{1 + e^{x - y}}",
    )
    says: ClassVar = {
        "en": "Adds two numbers that are given by their logarithms.",
        "zh": "把以对数形式给出的两个数相加。",
    }
    vjps: ClassVar[tuple[Vjp | None, ...]] = (
        lambda g, z, x, y: g / (1 + (y - x).exp()),
        lambda g, z, x, y: g / (1 + (x - y).exp()),
    )
    ufunc = np.logaddexp
    base = math.e


@register
class LogAddExp2(_LogAdd):
    """z = log₂ (2ˣ + 2ʸ)."""

    name = "logaddexp2"
    formula = r"z = \log_2 (2^{x} + 2^{y})"
    derivatives = (
        r"\dfrac{\partial z}{\partial x} = \dfrac{1}{1 + 2^{y - x}}",
        r"\dfrac{\partial z}{\partial y} = \dfrac{1}{1 + 2^{x - y}}",
    )
    says: ClassVar = {
        "en": "Adds two numbers that are given by their logarithms to base 2.",
        "zh": "把以 2 为底的对数形式给出的两个数相加。",
    }
    vjps: ClassVar[tuple[Vjp | None, ...]] = (
        lambda g, z, x, y: g / (1 + (y - x).exp2()),
        lambda g, z, x, y: g / (1 + (x - y).exp2()),
    )
    ufunc = np.logaddexp2
    base = 2.0


def _xlogy(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    product = np.where(x == 0, x.dtype.type(0), x * np.log(y))
    return np.where(np.isnan(y), y, product)


def _log_unless_0(x: Tensor, y: Tensor) -> Tensor | float:
    """ln y, and 0 where x = 0 and y has no logarithm."""
    if not y._node.spec.weak:
        return where((x == 0) & (y <= 0), 0.0, y.log())
    number = y.item()
    if number > 0:
        return math.log(number)
    return where(x == 0, 0.0, -math.inf if number == 0 else math.nan)


@register
class Xlogy(Elementwise):
    """z = x ln y, and 0 where x = 0."""

    name = "xlogy"
    inputs = ("x", "y")
    formula = r"z = x \log y"
    derivatives = (
        r"\dfrac{\partial z}{\partial x} = \log y",
        r"\dfrac{\partial z}{\partial y} = \dfrac{x}{y}",
    )
    says: ClassVar = {
        "en": "A number times the logarithm of another; 0 where the first is 0, also at log 0.",
        "zh": "一个数乘以另一个数的对数；前者为 0 时结果为 0，即使后者也为 0。",
    }
    saves = ("inputs",)
    vjps: ClassVar[tuple[Vjp | None, ...]] = (
        lambda g, z, x, y: g * _log_unless_0(x, y),
        lambda g, z, x, y: g * x / y,
    )
    ufunc = _xlogy
    floating = True
    low = 0.2

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """x times the logarithm of y, unless x is 0."""
        x, y = (broadcast_ref(i, v.shape, index) for i, v in enumerate(inputs))
        return Call("where", (Call("ne", (x, 0.0)), Call("mul", (x, Call("log", (y,)))), 0.0))


@public("torch", "method", "inplace")
def exp(input: Tensor) -> Tensor:
    """`e ^ input`."""
    return apply("exp", (input,))


@public("torch", "method", "inplace")
def exp2(input: Tensor) -> Tensor:
    """`2 ^ input`."""
    return apply("exp2", (input,))


@public("torch", "method", "inplace")
def expm1(input: Tensor) -> Tensor:
    """`e ^ input − 1`, exact also near 0."""
    return apply("expm1", (input,))


@public("torch", "method", "inplace")
def log(input: Tensor) -> Tensor:
    """The natural logarithm; −∞ at 0 and nan below."""
    return apply("log", (input,))


@public("torch", "method", "inplace")
def log2(input: Tensor) -> Tensor:
    """The logarithm to base 2; −∞ at 0 and nan below."""
    return apply("log2", (input,))


@public("torch", "method", "inplace")
def log10(input: Tensor) -> Tensor:
    """The logarithm to base 10; −∞ at 0 and nan below."""
    return apply("log10", (input,))


@public("torch", "method", "inplace")
def log1p(input: Tensor) -> Tensor:
    """`log(1 + input)`, exact also near 0."""
    return apply("log1p", (input,))


@public("torch", "method")
def logaddexp(input: Tensor, other: Tensor) -> Tensor:
    """`log(e ^ input + e ^ other)` without overflow."""
    return apply("logaddexp", two_tensors("logaddexp", input, other))


@public("torch", "method")
def logaddexp2(input: Tensor, other: Tensor) -> Tensor:
    """`log2(2 ^ input + 2 ^ other)` without overflow."""
    return apply("logaddexp2", two_tensors("logaddexp2", input, other))


@public("torch", "method", "inplace")
def xlogy(input: Any, other: Any) -> Tensor:
    """`input · log(other)`, and 0 where `input` is 0 and `other` is a number; one of them may be a number."""
    return apply("xlogy", one_tensor("xlogy", input, other))
