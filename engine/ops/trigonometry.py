"""Sines, cosines, tangents and their inverses; angles in radians."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..element import Call, Expr, Index, broadcast_ref
from ..op import Elementwise, Sample, Vjp, register
from ..operands import two_tensors
from ..tensor import Tensor, apply


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
class Tan(Elementwise):
    """y = tan x."""

    name = "tan"
    formula = r"y = \tan x"
    derivatives = (r"\dfrac{\partial y}{\partial x} = 1 + y^2",)
    says: ClassVar = {
        "en": "The tangent of an angle in radians; it rises without bound towards ±π/2.",
        "zh": "弧度角的正切；接近 ±π/2 时无限增大。",
    }
    saves = ("output",)
    vjps = (lambda g, y, x: g * (1 + y * y),)
    ufunc = np.tan
    scalar = "tan"
    floating = True
    low = -1.2
    high = 1.2


@register
class Asin(Elementwise):
    """y = arcsin x."""

    name = "asin"
    formula = r"y = \arcsin x"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \dfrac{1}{\sqrt{1 - x^2}}",)
    says: ClassVar = {"en": "The angle whose sine is x.", "zh": "正弦为 x 的角。"}
    saves = ("inputs",)
    vjps = (lambda g, y, x: g * (1 - x * x).rsqrt(),)
    ufunc = np.arcsin
    scalar = "arcsin"
    floating = True
    low = -0.9
    high = 0.9


@register
class Acos(Elementwise):
    """y = arccos x."""

    name = "acos"
    formula = r"y = \arccos x"
    derivatives = (r"\dfrac{\partial y}{\partial x} = -\dfrac{1}{\sqrt{1 - x^2}}",)
    says: ClassVar = {"en": "The angle whose cosine is x.", "zh": "余弦为 x 的角。"}
    saves = ("inputs",)
    vjps = (lambda g, y, x: g * -(1 - x * x).rsqrt(),)
    ufunc = np.arccos
    scalar = "arccos"
    floating = True
    low = -0.9
    high = 0.9


@register
class Atan(Elementwise):
    """y = arctan x."""

    name = "atan"
    formula = r"y = \arctan x"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \dfrac{1}{1 + x^2}",)
    says: ClassVar = {
        "en": "The angle whose tangent is x; it flattens out towards ±π/2.",
        "zh": "正切为 x 的角；两端趋于 ±π/2。",
    }
    saves = ("inputs",)
    vjps = (lambda g, y, x: g / (x * x + 1),)
    ufunc = np.arctan
    scalar = "arctan"
    floating = True


def _inverse_square(y: Tensor, x: Tensor) -> Tensor:
    """1 / (x² + y²), and 0 at the origin."""
    square = y * y + x * x
    return square.reciprocal().masked_fill(square == 0, 0.0)


@register
class Atan2(Elementwise):
    """z = the angle of the point (x, y)."""

    name = "atan2"
    inputs = ("y", "x")
    formula = r"z = \arctan \dfrac{y}{x}"
    derivatives = (
        r"\dfrac{\partial z}{\partial y} = \dfrac{x}{x^2 + y^2}",
        r"\dfrac{\partial z}{\partial x} = \dfrac{-y}{x^2 + y^2}",
    )
    says: ClassVar = {
        "en": "The angle of a point in the plane, seen from the origin, in all four quadrants.",
        "zh": "平面上一点相对原点的角度，四个象限都适用。",
    }
    saves = ("inputs",)
    vjps: ClassVar[tuple[Vjp | None, ...]] = (
        lambda g, z, y, x: g * x * _inverse_square(y, x),
        lambda g, z, y, x: g * -y * _inverse_square(y, x),
    )
    ufunc = np.arctan2
    scalar = "arctan2"
    floating = True

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Points of all quadrants, away from the origin."""
        for sample in super().samples(rng):
            yield Sample(tuple(np.where(v < 0, v - 0.3, v + 0.3) for v in sample.inputs))


def _sinc(x: np.ndarray) -> np.ndarray:
    wide = x.astype(np.float32) if x.dtype.itemsize == 2 else x
    angle = wide * wide.dtype.type(math.pi)
    y = np.asarray(np.sin(angle) / angle)
    np.copyto(y, 1, where=angle == 0)
    return y


def _sinc_gradient(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    angle = x * math.pi
    slope = (angle * angle.cos() - angle.sin()) / (angle * x)
    return (g * slope).masked_fill(x == 0, 0.0)


@register
class Sinc(Elementwise):
    """y = sin πx / πx."""

    name = "sinc"
    formula = r"y = \dfrac{\sin \pi x}{\pi x}"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \dfrac{\pi x \cos \pi x - \sin \pi x}{\pi x^2}",)
    says: ClassVar = {
        "en": "A wave that dies away on both sides of 0, where it is 1.",
        "zh": "在 0 处为 1、向两侧衰减的波。",
    }
    saves = ("inputs",)
    vjps = (_sinc_gradient,)
    ufunc = _sinc
    floating = True
    low = 0.2

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The sine over the angle, and 1 at 0."""
        x = broadcast_ref(0, inputs[0].shape, index)
        angle = Call("mul", (math.pi, x))
        return Call("where", (Call("ne", (x, 0.0)), Call("div", (Call("sin", (angle,)), angle)), 1.0))


@register
class Deg2rad(Elementwise):
    """y = x π / 180."""

    name = "deg2rad"
    formula = r"y = \dfrac{\pi}{180}\,x"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \dfrac{\pi}{180}",)
    says: ClassVar = {"en": "Degrees become radians.", "zh": "角度转换为弧度。"}
    vjps = (lambda g, y, x: apply("deg2rad", (g,)),)
    ufunc = staticmethod(lambda x: x * x.dtype.type(math.pi / 180))
    floating = True

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """x times π / 180."""
        return Call("mul", (math.pi / 180, broadcast_ref(0, inputs[0].shape, index)))


@register
class Rad2deg(Elementwise):
    """y = x 180 / π."""

    name = "rad2deg"
    formula = r"y = \dfrac{180}{\pi}\,x"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \dfrac{180}{\pi}",)
    says: ClassVar = {"en": "Radians become degrees.", "zh": "弧度转换为角度。"}
    vjps = (lambda g, y, x: apply("rad2deg", (g,)),)
    ufunc = staticmethod(lambda x: x * x.dtype.type(180 / math.pi))
    floating = True

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """x times 180 / π."""
        return Call("mul", (180 / math.pi, broadcast_ref(0, inputs[0].shape, index)))


@public("torch", "method", "inplace")
def sin(input: Tensor) -> Tensor:
    """The sine of angles in radians."""
    return apply("sin", (input,))


@public("torch", "method", "inplace")
def cos(input: Tensor) -> Tensor:
    """The cosine of angles in radians."""
    return apply("cos", (input,))


@public("torch", "method", "inplace")
def tan(input: Tensor) -> Tensor:
    """The tangent of angles in radians."""
    return apply("tan", (input,))


@public("torch", "method", "inplace", aliases=("arcsin",))
def asin(input: Tensor) -> Tensor:
    """The angle whose sine is `input`, in [−π/2, π/2]; nan outside of [−1, 1]."""
    return apply("asin", (input,))


@public("torch", "method", "inplace", aliases=("arccos",))
def acos(input: Tensor) -> Tensor:
    """The angle whose cosine is `input`, in [0, π]; nan outside of [−1, 1]."""
    return apply("acos", (input,))


@public("torch", "method", "inplace", aliases=("arctan",))
def atan(input: Tensor) -> Tensor:
    """The angle whose tangent is `input`, in (−π/2, π/2)."""
    return apply("atan", (input,))


@public("torch", "method", "inplace", aliases=("arctan2",))
def atan2(input: Tensor, other: Tensor) -> Tensor:
    """The angle of the point (`other`, `input`), in (−π, π]."""
    return apply("atan2", two_tensors("atan2", input, other))


@public("torch", "method", "inplace")
def sinc(input: Tensor) -> Tensor:
    """`sin(π input) / (π input)`, and 1 at 0."""
    return apply("sinc", (input,))


@public("torch", "method", "inplace")
def deg2rad(input: Tensor) -> Tensor:
    """Degrees as radians."""
    return apply("deg2rad", (input,))


@public("torch", "method", "inplace")
def rad2deg(input: Tensor) -> Tensor:
    """Radians as degrees."""
    return apply("rad2deg", (input,))
