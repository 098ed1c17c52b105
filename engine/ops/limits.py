"""Limits that are tensors, and the larger or smaller of two numbers where NaN gives way."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..element import Call, Expr, Index, broadcast_ref
from ..errors import SettingError
from ..op import Elementwise, Vjp, register
from ..operands import two_tensors
from ..tensor import Tensor, apply


def _only(g: Tensor, condition: Tensor) -> Tensor:
    """The gradient where a condition holds, else 0."""
    return g.masked_fill(~condition, 0.0)


@register
class ClampMin(Elementwise):
    """z = max(x, low)."""

    name = "clamp_min"
    torch_name = "ClampMinBackward1"
    inputs = ("x", "low")
    formula = r"z = \max(x, l)"
    derivatives = (
        r"\dfrac{\partial z}{\partial x} = \mathbf{1}[x \geq l]",
        r"\dfrac{\partial z}{\partial l} = \mathbf{1}[x < l]",
    )
    says: ClassVar = {
        "en": "Raises numbers that are below a limit to the limit, which then gets the gradient.",
        "zh": "把低于下限的数提高到下限；此时梯度流向下限。",
    }
    saves = ("inputs",)
    vjps: ClassVar[tuple[Vjp | None, ...]] = (
        lambda g, z, x, low: _only(g, x >= low),
        lambda g, z, x, low: _only(g, x < low),
    )
    ufunc = np.maximum
    scalar = "max"


@register
class ClampMax(Elementwise):
    """z = min(x, high)."""

    name = "clamp_max"
    torch_name = "ClampMaxBackward1"
    inputs = ("x", "high")
    formula = r"z = \min(x, h)"
    derivatives = (
        r"\dfrac{\partial z}{\partial x} = \mathbf{1}[x \leq h]",
        r"\dfrac{\partial z}{\partial h} = \mathbf{1}[x > h]",
    )
    says: ClassVar = {
        "en": "Lowers numbers that are above a limit to the limit, which then gets the gradient.",
        "zh": "把高于上限的数降低到上限；此时梯度流向上限。",
    }
    saves = ("inputs",)
    vjps: ClassVar[tuple[Vjp | None, ...]] = (
        lambda g, z, x, high: _only(g, x <= high),
        lambda g, z, x, high: _only(g, x > high),
    )
    ufunc = np.minimum
    scalar = "min"


@register
class ClampBetween(Elementwise):
    """y = min(max(x, low), high)."""

    name = "clamp_between"
    torch_name = "ClampBackward0"
    inputs = ("x", "low", "high")
    formula = r"y = \min(\max(x, l), h)"
    derivatives = (
        r"\dfrac{\partial y}{\partial x} = \mathbf{1}[l \leq x \leq h]",
        r"\dfrac{\partial y}{\partial l} = \mathbf{1}[x < l < h]",
        r"\dfrac{\partial y}{\partial h} = \mathbf{1}[x > h \vee l > h]",
    )
    says: ClassVar = {
        "en": "Limits every number to a range of its own; a limit that holds gets the gradient.",
        "zh": "把每个数限制在各自的范围内；起作用的界限得到梯度。",
    }
    saves = ("inputs",)
    vjps: ClassVar[tuple[Vjp | None, ...]] = (
        lambda g, y, x, low, high: _only(g, (x >= low) & (x <= high)),
        lambda g, y, x, low, high: _only(g, (low < high) & (x < low)),
        lambda g, y, x, low, high: _only(g, (x > high) | (high < low)),
    )
    ufunc = staticmethod(lambda x, low, high: np.minimum(np.maximum(x, low), high))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The larger of x and the lower limit, then the smaller of that and the upper one."""
        x, low, high = (broadcast_ref(i, v.shape, index) for i, v in enumerate(inputs))
        return Call("min", (Call("max", (x, low)), high))


def _first_wins(x: Tensor, y: Tensor, relation: str) -> Tensor:
    return apply("logical_or", (apply(relation, (x, y)), y.isnan()))


class _Skipping(Elementwise):
    """Base of fmax and fmin."""

    inputs = ("x", "y")
    saves = ("inputs",)
    relation: ClassVar[str]

    def vjp(self, position: int, g: Tensor, out: Tensor, *inputs: Tensor, **attrs: Any) -> Tensor:
        """To the one that was chosen; at a tie to the first."""
        first = _first_wins(inputs[0], inputs[1], self.relation)
        return g.masked_fill(first if position else ~first, 0.0)

    vjps: ClassVar[tuple[Vjp | None, ...]] = (lambda g, *_: g, lambda g, *_: g)  # see `vjp`


@register
class Fmax(_Skipping):
    """z = max(x, y); NaN gives way."""

    name = "fmax"
    formula = r"z = \max(x, y)"
    derivatives = (
        r"\dfrac{\partial z}{\partial x} = \mathbf{1}[x \geq y]",
        r"\dfrac{\partial z}{\partial y} = \mathbf{1}[x < y]",
    )
    says: ClassVar = {
        "en": "The larger of two numbers, or the one that is not NaN.",
        "zh": "两数中较大者；若其中一个是 NaN 则取另一个。",
    }
    ufunc = np.fmax
    scalar = "max"
    relation = "ge"


@register
class Fmin(_Skipping):
    """z = min(x, y); NaN gives way."""

    name = "fmin"
    formula = r"z = \min(x, y)"
    derivatives = (
        r"\dfrac{\partial z}{\partial x} = \mathbf{1}[x \leq y]",
        r"\dfrac{\partial z}{\partial y} = \mathbf{1}[x > y]",
    )
    says: ClassVar = {
        "en": "The smaller of two numbers, or the one that is not NaN.",
        "zh": "两数中较小者；若其中一个是 NaN 则取另一个。",
    }
    ufunc = np.fmin
    scalar = "min"
    relation = "le"


def _numbers(low: Any, high: Any) -> bool:
    return not isinstance(low, Tensor) and not isinstance(high, Tensor)


@public("torch", "method", "inplace", aliases=("clip",))
def clamp(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Every element limited to `min` … `max`: numbers, tensors, or None for no limit on that side."""
    if min is None and max is None:
        raise SettingError("clamp: At least one of 'min' or 'max' must not be None")
    if _numbers(min, max):
        return apply("clamp", (input,), {"min": min, "max": max})
    for limit in (min, max):
        if limit is not None and not isinstance(limit, Tensor):
            raise TypeError("clamp(): min and max must be either both numbers or both tensors")
    if max is None:
        return apply("clamp_min", (input, min))
    if min is None:
        return apply("clamp_max", (input, max))
    return apply("clamp_between", (input, min, max))


@public("torch", "method", "inplace")
def clamp_min(input: Tensor, min: Any) -> Tensor:
    """At least `min`, a number or a tensor."""
    return clamp(input, min=min)


@public("torch", "method", "inplace")
def clamp_max(input: Tensor, max: Any) -> Tensor:
    """At most `max`, a number or a tensor."""
    return clamp(input, max=max)


@public("torch", "method")
def fmax(input: Tensor, other: Tensor) -> Tensor:
    """The larger of two, element by element; NaN only where both are."""
    return apply("fmax", two_tensors("fmax", input, other))


@public("torch", "method")
def fmin(input: Tensor, other: Tensor) -> Tensor:
    """The smaller of two, element by element; NaN only where both are."""
    return apply("fmin", two_tensors("fmin", input, other))
