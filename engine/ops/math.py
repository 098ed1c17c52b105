"""Functions of one number, applied to each element."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..op import Elementwise, Spec, register
from ..tensor import Tensor, apply


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
    ufunc = np.exp
    scalar = "exp"
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
    ufunc = np.log
    scalar = "log"
    floating = True
    low = 0.2


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
    ufunc = np.sqrt
    scalar = "sqrt"
    floating = True
    low = 0.2


@register
class Tanh(Elementwise):
    """y = tanh x."""

    name = "tanh"
    formula = r"y = \tanh x = \dfrac{e^{x} - e^{-x}}{e^{x} + e^{-x}}"
    derivatives = (r"\dfrac{\partial y}{\partial x} = 1 - y^2",)
    says: ClassVar = {
        "en": "Squashes every number into −1 … 1; where it is flat, hardly any gradient gets through.",
        "zh": "把每个数压缩到 −1 到 1 之间；曲线平坦处几乎没有梯度通过。",
    }
    saves = ("output",)
    vjps = (lambda g, y, x: g * (1 - y * y),)
    ufunc = np.tanh
    scalar = "tanh"
    floating = True


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
    ufunc = _sigmoid
    scalar = "sigmoid"
    floating = True


@register
class Sin(Elementwise):
    """y = sin x."""

    name = "sin"
    formula = r"y = \sin x"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \cos x",)
    says: ClassVar = {"en": "The sine of an angle in radians.", "zh": "弧度角的正弦。"}
    saves = ("inputs",)
    vjps = (lambda g, y, x: g * x.cos(),)
    ufunc = np.sin
    scalar = "sin"
    floating = True


@register
class Cos(Elementwise):
    """y = cos x."""

    name = "cos"
    formula = r"y = \cos x"
    derivatives = (r"\dfrac{\partial y}{\partial x} = -\sin x",)
    says: ClassVar = {"en": "The cosine of an angle in radians.", "zh": "弧度角的余弦。"}
    saves = ("inputs",)
    vjps = (lambda g, y, x: -(g * x.sin()),)
    ufunc = np.cos
    scalar = "cos"
    floating = True


@register
class Abs(Elementwise):
    """y = |x|, with slope 0 at 0."""

    name = "abs"
    formula = r"y = |x|"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \mathrm{sign}(x)",)
    says: ClassVar = {
        "en": "Drops the sign; the gradient gets the sign of the input.",
        "zh": "取绝对值；梯度乘以输入的符号。",
    }
    saves = ("inputs",)
    vjps = (lambda g, y, x: g * x.sign(),)
    ufunc = np.abs
    scalar = "abs"


@register
class Sign(Elementwise):
    """y = −1, 0 or 1."""

    name = "sign"
    formula = r"y = \mathrm{sign}(x)"
    derivatives = (r"\dfrac{\partial y}{\partial x} = 0",)
    says: ClassVar = {
        "en": "−1 for negative numbers, 1 for positive ones, 0 for zero; no gradient gets through.",
        "zh": "负数得 −1，正数得 1，零得 0；没有梯度通过。",
    }
    vjps = (lambda g, y, x: apply("zeros_like", (x,)),)
    scalar = "sign"

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """The sign, and 0 for NaN as in PyTorch."""
        x = inputs[0]
        if out.dtype.rank == 0:
            return x.copy()
        return ((x > 0).astype(np.int8) - (x < 0).astype(np.int8)).astype(x.dtype)


@public("torch", "method", "inplace")
def exp(input: Tensor) -> Tensor:
    """`e ^ input`."""
    return apply("exp", (input,))


@public("torch", "method")
def log(input: Tensor) -> Tensor:
    """The natural logarithm; −∞ at 0 and nan below."""
    return apply("log", (input,))


@public("torch", "method", "inplace")
def sqrt(input: Tensor) -> Tensor:
    """The square root; nan below 0."""
    return apply("sqrt", (input,))


@public("torch", "method", "inplace", "F")
def tanh(input: Tensor) -> Tensor:
    """The hyperbolic tangent."""
    return apply("tanh", (input,))


@public("torch", "method", "inplace", "F")
def sigmoid(input: Tensor) -> Tensor:
    """`1 / (1 + e ^ −input)`."""
    return apply("sigmoid", (input,))


@public("torch", "method")
def sin(input: Tensor) -> Tensor:
    """The sine of angles in radians."""
    return apply("sin", (input,))


@public("torch", "method")
def cos(input: Tensor) -> Tensor:
    """The cosine of angles in radians."""
    return apply("cos", (input,))


@public("torch", "method", "inplace", aliases=("absolute",))
def abs(input: Tensor) -> Tensor:
    """The absolute value; its gradient at 0 is 0."""
    return apply("abs", (input,))


@public("torch", "method", aliases=("sgn",))
def sign(input: Tensor) -> Tensor:
    """−1, 0 or 1."""
    return apply("sign", (input,))
