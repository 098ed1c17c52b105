"""Activations of straight pieces: hardtanh, leaky_relu, threshold, the shrinks, hardsigmoid, hardswish."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dtypes import DType, bool_, float16, float32, uint8
from ..element import Call, Expr
from ..errors import ArgumentError, DTypeError, SettingError
from ..op import Spec, register
from ..tensor import Tensor, apply
from .choice import where
from .curve import Curve, finish, in_place, stopped


class _Counting(Curve):
    """Base of those that take integers, too."""

    def negative(self, limit: float) -> bool:
        """Whether an unsigned type cannot hold it, once its fraction is dropped."""
        return int(limit) < 0

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The input's shape and dtype."""
        dtype = inputs[0].dtype
        if dtype is bool_:
            raise DTypeError(f"Bool inputs not supported for {self.name}")
        if dtype is uint8 and any(self.negative(each) for each in attrs.values()):
            raise DTypeError(f"cannot do {self.name} on an unsigned type with negative limits")
        return Spec(inputs[0].shape, inputs[0].dtype)

    def compute_dtype(self, *inputs: Spec, **attrs: Any) -> DType:
        """The input's, but no half precision: a limit is not rounded to it."""
        return float32 if inputs[0].dtype is float16 else inputs[0].dtype


@register
class Hardtanh(_Counting):
    """y = min(max(x, a), b)."""

    name = "hardtanh"
    formula = r"y = \min(\max(x, a), b)"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \mathbf{1}[a < x < b]",)
    says: ClassVar = {
        "en": "Keeps numbers between two limits; at the limits and beyond no gradient gets through.",
        "zh": "把数限制在两个界限之间；在界限上及界限外没有梯度通过。",
    }
    saves = ("inputs",)
    vjps = (lambda g, y, x, low, high: stopped((x <= low).logical_or(x >= high), g),)
    settings = ({"low": -1.0, "high": 1.0}, {"low": 0.0, "high": 6.0})

    def curve(self, x: np.ndarray, **attrs: Any) -> Any:
        """Limit; NaN stays NaN."""
        low, high = (x.dtype.type(attrs[name]) for name in ("low", "high"))
        return np.minimum(np.maximum(x, low), high)

    def at(self, x: Expr, **attrs: Any) -> Expr:
        """The larger of x and a, then the smaller of that and b."""
        return Call("min", (Call("max", (x, attrs["low"])), attrs["high"]))

    def kinks(self, **attrs: Any) -> tuple[float, ...]:
        """The limits."""
        return attrs["low"], attrs["high"]


@register
class LeakyRelu(Curve):
    """y = x if x > 0, else a x."""

    name = "leaky_relu"
    formula = r"y = x\;\mathrm{if}\; x > 0,\;\mathrm{else}\; a\,x"
    derivatives = (r"\dfrac{\partial y}{\partial x} = 1\;\mathrm{if}\; x > 0,\;\mathrm{else}\; a",)
    says: ClassVar = {
        "en": "Like relu, but negative numbers become small instead of 0, so that some gradient comes back.",
        "zh": "与 relu 相似，但负数只是缩小而不变为 0，因此仍有少量梯度返回。",
    }
    saves = ("inputs",)
    vjps = (lambda g, y, x, slope: where(x > 0, g, g * slope),)
    settings = ({"slope": 0.01}, {"slope": 0.3}, {"slope": -0.5})

    def curve(self, x: np.ndarray, **attrs: Any) -> Any:
        """Two slopes."""
        return np.where(x > 0, x, x * x.dtype.type(attrs["slope"]))

    def at(self, x: Expr, **attrs: Any) -> Expr:
        """The number or its part."""
        return Call("where", (Call("gt", (x, 0.0)), x, Call("mul", (attrs["slope"], x))))

    def kinks(self, **attrs: Any) -> tuple[float, ...]:
        """0."""
        return (0.0,)


@register
class Threshold(_Counting):
    """y = x if x > t, else v."""

    name = "threshold"
    formula = r"y = x\;\mathrm{if}\; x > t,\;\mathrm{else}\; v"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \mathbf{1}[x > t]",)
    says: ClassVar = {
        "en": "Keeps numbers above a threshold and replaces all others by one value, which has no gradient.",
        "zh": "大于阈值的数保持不变，其余换成一个固定值；那里没有梯度。",
    }
    saves = ("inputs",)
    vjps = (lambda g, y, x, threshold, value: stopped(x <= threshold, g),)
    settings = ({"threshold": 0.5, "value": 2.0}, {"threshold": -1.0, "value": 0.0})

    def negative(self, limit: float) -> bool:
        """Whether an unsigned type cannot hold it."""
        return limit < 0

    def curve(self, x: np.ndarray, **attrs: Any) -> Any:
        """NaN is not below the threshold."""
        return np.where(x <= x.dtype.type(attrs["threshold"]), x.dtype.type(attrs["value"]), x)

    def at(self, x: Expr, **attrs: Any) -> Expr:
        """The number or the value."""
        return Call("where", (Call("le", (x, attrs["threshold"])), attrs["value"], x))

    def kinks(self, **attrs: Any) -> tuple[float, ...]:
        """The threshold."""
        return (attrs["threshold"],)


class _Shrink(Curve):
    """Base of the shrinks, which are 0 from −λ to λ."""

    derivatives = (r"\dfrac{\partial y}{\partial x} = \mathbf{1}[|x| > \lambda]",)
    saves = ("inputs",)
    widens = False
    vjps = (lambda g, y, x, lambd: stopped((x >= -lambd).logical_and(x <= lambd), g),)
    settings = ({"lambd": 0.5}, {"lambd": 1.5})

    def compute_dtype(self, *inputs: Spec, **attrs: Any) -> DType:
        """The input's: PyTorch rounds λ to half precision, too."""
        return inputs[0].dtype

    def kinks(self, **attrs: Any) -> tuple[float, ...]:
        """±λ."""
        return -attrs["lambd"], attrs["lambd"]


@register
class Hardshrink(_Shrink):
    """y = x if |x| > λ, else 0."""

    name = "hardshrink"
    formula = r"y = x\;\mathrm{if}\; |x| > \lambda,\;\mathrm{else}\; 0"
    says: ClassVar = {
        "en": "Replaces small numbers by 0 and keeps the others.",
        "zh": "把绝对值小的数变为 0，其余不变。",
    }

    def curve(self, x: np.ndarray, **attrs: Any) -> Any:
        """NaN stays."""
        lambd = x.dtype.type(attrs["lambd"])
        return np.where((x >= -lambd) & (x <= lambd), x.dtype.type(0), x)

    def at(self, x: Expr, **attrs: Any) -> Expr:
        """The number or 0."""
        return Call("where", (Call("le", (Call("abs", (x,)), attrs["lambd"])), 0.0, x))


@register
class Softshrink(_Shrink):
    """y = x − λ if x > λ, x + λ if x < −λ, else 0."""

    name = "softshrink"
    formula = r"y = \mathrm{sign}(x)\,\max(|x| - \lambda, 0)"
    says: ClassVar = {
        "en": "Moves every number towards 0 by λ; those that are nearer than that become 0.",
        "zh": "每个数向 0 移动 λ；距离 0 不足 λ 的数变为 0。",
    }

    def curve(self, x: np.ndarray, **attrs: Any) -> Any:
        """NaN stays."""
        lambd = x.dtype.type(attrs["lambd"])
        return np.where(x > lambd, x - lambd, np.where(x < -lambd, x + lambd, x * 0))

    def at(self, x: Expr, **attrs: Any) -> Expr:
        """The sign times what remains."""
        rest = Call("max", (Call("sub", (Call("abs", (x,)), attrs["lambd"])), 0.0))
        return Call("mul", (Call("sign", (x,)), rest))


@register
class Hardsigmoid(Curve):
    """y = min(max(x + 3, 0), 6) / 6."""

    name = "hardsigmoid"
    formula = r"y = \dfrac{\min(\max(x + 3, 0), 6)}{6}"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \frac{1}{6}\,\mathbf{1}[-3 < x < 3]",)
    says: ClassVar = {
        "en": "A sigmoid of three straight pieces: 0, a slope of 1/6, and 1.",
        "zh": "由三段直线组成的 sigmoid：0、斜率为 1/6 的一段、1。",
    }
    saves = ("inputs",)
    vjps = (lambda g, y, x: where((x > -3).logical_and(x < 3), g / 6, 0.0),)

    def curve(self, x: np.ndarray, **attrs: Any) -> Any:
        """Limit and scale."""
        kind = x.dtype.type
        return np.minimum(np.maximum(x + kind(3), kind(0)), kind(6)) / kind(6)

    def at(self, x: Expr, **attrs: Any) -> Expr:
        """The limited sum over 6."""
        return Call("div", (_limited(x), 6.0))

    def kinks(self, **attrs: Any) -> tuple[float, ...]:
        """±3."""
        return -3.0, 3.0


def _limited(x: Expr) -> Expr:
    return Call("min", (Call("max", (Call("add", (x, 3.0)), 0.0)), 6.0))


def _hardswish_gradient(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    inside = where((x > -3).logical_and(x < 3), x, 0.0)
    return where(x <= -3, 0.0, where(x < 3, g * (inside / 3 + 0.5), g))


@register
class Hardswish(Curve):
    """y = x min(max(x + 3, 0), 6) / 6."""

    name = "hardswish"
    formula = r"y = \dfrac{x}{6}\,\min(\max(x + 3, 0), 6)"
    derivatives = (
        r"\dfrac{\partial y}{\partial x} = 0\;\mathrm{if}\; x \leq -3,\; 1\;\mathrm{if}\; x \geq 3,"
        r"\;\mathrm{else}\; \dfrac{x}{3} + \dfrac{1}{2}",
    )
    says: ClassVar = {
        "en": "Like silu, but made of a parabola between two straight lines.",
        "zh": "与 silu 相似，由两条直线之间的一段抛物线组成。",
    }
    saves = ("inputs",)
    vjps = (_hardswish_gradient,)

    def curve(self, x: np.ndarray, **attrs: Any) -> Any:
        """The number times hardsigmoid."""
        kind = x.dtype.type
        return x * np.minimum(np.maximum(x + kind(3), kind(0)), kind(6)) / kind(6)

    def at(self, x: Expr, **attrs: Any) -> Expr:
        """The product over 6."""
        return Call("div", (Call("mul", (x, _limited(x))), 6.0))

    def kinks(self, **attrs: Any) -> tuple[float, ...]:
        """±3."""
        return -3.0, 3.0


@public("F")
def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """The number, but at least `min_val` and at most `max_val`."""
    if min_val > max_val:
        raise ArgumentError("min_val cannot be greater than max_val")
    result = apply("hardtanh", (input,), {"low": min_val, "high": max_val})
    return finish(input, result, inplace, "hardtanh")


@public("F")
def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """min(max(x, 0), 6)."""
    result = apply("hardtanh", (input,), {"low": 0.0, "high": 6.0})
    return finish(input, result, inplace, "relu6")


@public("F")
def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """x where it is positive, else `negative_slope` · x."""
    result = apply("leaky_relu", (input,), {"slope": negative_slope})
    return finish(input, result, inplace, "leaky_relu")


@public("torch", "F")
def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """x where it is above `threshold`, else `value`."""
    result = apply("threshold", (input,), {"threshold": threshold, "value": value})
    return finish(input, result, inplace, "threshold")


@public("torch", "method", "F")
def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """x where |x| > `lambd`, else 0."""
    return apply("hardshrink", (input,), {"lambd": lambd})


@public("F")
def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """x moved towards 0 by `lambd`, and 0 where it is nearer."""
    if lambd < 0:
        raise SettingError(f"lambda must be greater or equal to 0, but found to be {lambd}.")
    return apply("softshrink", (input,), {"lambd": lambd})


@public("F")
def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """min(max(x + 3, 0), 6) / 6."""
    return finish(input, apply("hardsigmoid", (input,)), inplace, "hardsigmoid")


@public("F")
def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """x · hardsigmoid(x)."""
    return finish(input, apply("hardswish", (input,)), inplace, "hardswish")


hardtanh_ = public("F")(in_place(hardtanh, "hardtanh_"))
leaky_relu_ = public("F")(in_place(leaky_relu, "leaky_relu_"))
threshold_ = public("torch", "F")(in_place(threshold, "threshold_"))
