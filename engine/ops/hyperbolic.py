"""Hyperbolic functions and their inverses."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ..api import public
from ..op import Elementwise, register
from ..tensor import Tensor, apply


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
    array_vjps = vjps
    ufunc = np.tanh
    scalar = "tanh"
    floating = True


@register
class Sinh(Elementwise):
    """y = (eˣ − e⁻ˣ) / 2."""

    name = "sinh"
    formula = r"y = \sinh x = \dfrac{e^{x} - e^{-x}}{2}"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \cosh x",)
    says: ClassVar = {
        "en": "The hyperbolic sine; it grows like an exponential on both sides.",
        "zh": "双曲正弦；两侧都按指数增长。",
    }
    saves = ("inputs",)
    vjps = (lambda g, y, x: g * x.cosh(),)
    ufunc = np.sinh
    scalar = "sinh"
    floating = True


@register
class Cosh(Elementwise):
    """y = (eˣ + e⁻ˣ) / 2."""

    name = "cosh"
    formula = r"y = \cosh x = \dfrac{e^{x} + e^{-x}}{2}"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \sinh x",)
    says: ClassVar = {
        "en": "The hyperbolic cosine: the shape of a hanging chain.",
        "zh": "双曲余弦：悬链线的形状。",
    }
    saves = ("inputs",)
    vjps = (lambda g, y, x: g * x.sinh(),)
    ufunc = np.cosh
    scalar = "cosh"
    floating = True


@register
class Asinh(Elementwise):
    """y = arsinh x."""

    name = "asinh"
    formula = r"y = \mathrm{arsinh}\,x = \log\left(x + \sqrt{x^2 + 1}\right)"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \dfrac{1}{\sqrt{x^2 + 1}}",)
    says: ClassVar = {
        "en": "The inverse of sinh: linear near 0, a logarithm far from it, for both signs.",
        "zh": "sinh 的反函数：在 0 附近近似线性，远处像对数，正负都可以。",
    }
    saves = ("inputs",)
    vjps = (lambda g, y, x: g * (x * x + 1).rsqrt(),)
    ufunc = np.arcsinh
    scalar = "arsinh"
    floating = True


@register
class Acosh(Elementwise):
    """y = arcosh x."""

    name = "acosh"
    formula = r"y = \mathrm{arcosh}\,x = \log\left(x + \sqrt{x^2 - 1}\right)"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \dfrac{1}{\sqrt{x^2 - 1}}",)
    says: ClassVar = {
        "en": "The inverse of cosh, for numbers from 1 on.",
        "zh": "cosh 的反函数，定义域从 1 开始。",
    }
    saves = ("inputs",)
    vjps = (lambda g, y, x: g * (x * x - 1).rsqrt(),)
    ufunc = np.arccosh
    scalar = "arcosh"
    floating = True
    low = 1.3
    high = 4.0


@register
class Atanh(Elementwise):
    """y = artanh x."""

    name = "atanh"
    formula = r"y = \mathrm{artanh}\,x = \frac{1}{2} \log \dfrac{1 + x}{1 - x}"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \dfrac{1}{1 - x^2}",)
    says: ClassVar = {
        "en": "The inverse of tanh, for numbers between −1 and 1.",
        "zh": "tanh 的反函数，定义域为 −1 到 1。",
    }
    saves = ("inputs",)
    vjps = (lambda g, y, x: g * (1 / (1 - x * x)),)
    ufunc = np.arctanh
    scalar = "artanh"
    floating = True
    low = -0.9
    high = 0.9


@public("torch", "method", "inplace", "F")
def tanh(input: Tensor) -> Tensor:
    """The hyperbolic tangent."""
    return apply("tanh", (input,))


@public("torch", "method", "inplace")
def sinh(input: Tensor) -> Tensor:
    """`(e ^ input − e ^ −input) / 2`."""
    return apply("sinh", (input,))


@public("torch", "method", "inplace")
def cosh(input: Tensor) -> Tensor:
    """`(e ^ input + e ^ −input) / 2`."""
    return apply("cosh", (input,))


@public("torch", "method", "inplace", aliases=("arcsinh",))
def asinh(input: Tensor) -> Tensor:
    """The inverse hyperbolic sine."""
    return apply("asinh", (input,))


@public("torch", "method", "inplace", aliases=("arccosh",))
def acosh(input: Tensor) -> Tensor:
    """The inverse hyperbolic cosine; nan below 1."""
    return apply("acosh", (input,))


@public("torch", "method", "inplace", aliases=("arctanh",))
def atanh(input: Tensor) -> Tensor:
    """The inverse hyperbolic tangent; ±∞ at ±1 and nan beyond."""
    return apply("atanh", (input,))
