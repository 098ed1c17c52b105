"""Choosing between numbers: by a condition, the larger or smaller of two, and limits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dtypes import DType, result_type
from ..element import Call, Expr, Index, Ref, broadcast_ref
from ..errors import DTypeError
from ..op import (
    Elementwise,
    Op,
    Sample,
    Spec,
    broadcast_shapes,
    random_broadcast_shapes,
    random_shape,
    register,
)
from ..operands import two_tensors
from ..tensor import Tensor, apply, as_tensor_operand


def _pick(condition: Tensor, a: Any, b: Any) -> Tensor:
    return apply("where", (condition, as_tensor_operand(a), as_tensor_operand(b)))


@register
class Where(Elementwise):
    """y = a where the condition holds, else b."""

    name = "where"
    inputs = ("condition", "a", "b")
    formula = r"y = a\;\mathrm{if}\;c\;\mathrm{else}\;b"
    derivatives = (
        "",
        r"\dfrac{\partial y}{\partial a} = \mathbf{1}[c]",
        r"\dfrac{\partial y}{\partial b} = \mathbf{1}[\neg c]",
    )
    says: ClassVar = {
        "en": "Takes each element from the first where the condition holds, otherwise from the second.",
        "zh": "条件成立处取第一个张量的元素，否则取第二个的；梯度也走同样的路。",
    }
    saves = ("inputs",)
    vjps = (None, lambda g, y, c, a, b: _pick(c, g, 0.0), lambda g, y, c, a, b: _pick(c, 0.0, g))

    def compute_dtype(self, *inputs: Spec, **attrs: Any) -> DType | None:  # type: ignore[override]
        """The condition stays as it is."""
        return None

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The broadcast shape of all three; the promoted dtype of the two."""
        if inputs[0].dtype.rank:
            raise DTypeError(
                f"where expected condition to be a boolean tensor, but got one of {inputs[0].dtype}"
            )
        return Spec(broadcast_shapes(self.name, *(spec.shape for spec in inputs)), result_type(inputs[1:]))

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """numpy's where, in the result's dtype."""
        condition, a, b = inputs
        target = out.dtype.numpy
        return np.where(condition, a.astype(target, copy=False), b.astype(target, copy=False))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The chosen one of the two."""
        return Call("where", tuple(broadcast_ref(i, x.shape, index) for i, x in enumerate(inputs)))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Random conditions and shapes that broadcast."""
        for c, a, b in random_broadcast_shapes(rng, 3):
            yield Sample((rng.random(c) < 0.5, rng.normal(size=a), rng.normal(size=b)))


@register
class Maximum(Elementwise):
    """z = max(x, y); NaN wins."""

    name = "maximum"
    inputs = ("x", "y")
    formula = r"z = \max(x, y)"
    derivatives = (
        r"\dfrac{\partial z}{\partial x} = \mathbf{1}[x > y] + \frac{1}{2}\,\mathbf{1}[x = y]",
        r"\dfrac{\partial z}{\partial y} = \mathbf{1}[y > x] + \frac{1}{2}\,\mathbf{1}[x = y]",
    )
    says: ClassVar = {
        "en": "The larger of two numbers; the gradient goes to the winner, half each at a tie.",
        "zh": "取两数中较大者；梯度流向较大者，相等时各得一半。",
    }
    saves = ("inputs",)
    vjps = (
        lambda g, z, x, y: apply("winner_grad", (g, x, y)),
        lambda g, z, x, y: apply("winner_grad", (g, y, x)),
    )
    ufunc = np.maximum
    scalar = "max"


@register
class Minimum(Elementwise):
    """z = min(x, y); NaN wins."""

    name = "minimum"
    inputs = ("x", "y")
    formula = r"z = \min(x, y)"
    derivatives = (
        r"\dfrac{\partial z}{\partial x} = \mathbf{1}[x < y] + \frac{1}{2}\,\mathbf{1}[x = y]",
        r"\dfrac{\partial z}{\partial y} = \mathbf{1}[y < x] + \frac{1}{2}\,\mathbf{1}[x = y]",
    )
    says: ClassVar = {
        "en": "The smaller of two numbers; the gradient goes to the winner, half each at a tie.",
        "zh": "取两数中较小者；梯度流向较小者，相等时各得一半。",
    }
    saves = ("inputs",)
    vjps = (
        lambda g, z, x, y: apply("winner_grad", (g, y, x)),
        lambda g, z, x, y: apply("winner_grad", (g, x, y)),
    )
    ufunc = np.minimum
    scalar = "min"


def _winner_grad(g: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.where(x < y, g.dtype.type(0), np.where(x == y, g / 2, g)).astype(g.dtype, copy=False)


@register
class WinnerGrad(Elementwise):
    """d = g where x > y, g / 2 where x = y, 0 where x < y."""

    name = "winner_grad"
    inputs = ("g", "x", "y")
    formula = r"d = g\,\left(\mathbf{1}[x > y] + \frac{1}{2}\,\mathbf{1}[x = y]\right)"
    derivatives = (
        r"\dfrac{\partial d}{\partial g} = \mathbf{1}[x > y] + \frac{1}{2}\,\mathbf{1}[x = y]",
        "",
        "",
    )
    says: ClassVar = {
        "en": "Lets the gradient through to the one of two numbers that was chosen, and half of it at a tie.",
        "zh": "让梯度流向两数中被选中的那个；相等时给一半。",
    }
    saves = ("inputs",)
    vjps = (lambda u, d, g, x, y: apply("winner_grad", (u, x, y)), None, None)
    ufunc = _winner_grad

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """g times the share that the comparison gives."""
        g, x, y = (broadcast_ref(i, array.shape, index) for i, array in enumerate(inputs))
        share = Call("add", (Call("gt", (x, y)), Call("mul", (0.5, Call("eq", (x, y))))))
        return Call("mul", (g, share))


class _Limited(Op):
    """What clamp and its gradient have in common: limits `min` and `max`, either of which may be None."""

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The last input's shape; limits promote its dtype as numbers do."""
        x = inputs[-1]
        numbers = [
            Spec((), result_type([_number(limit)]), True) for limit in _limits(attrs) if limit is not None
        ]
        return Spec(broadcast_shapes(self.name, *(i.shape for i in inputs)), result_type([x, *numbers]))

    def compute_dtype(self, *inputs: Spec, **attrs: Any) -> DType:
        """The result's."""
        return self.spec(*inputs, **attrs).dtype

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Both limits, and each alone."""
        for attrs in ({"min": -0.5, "max": 0.7}, {"min": None, "max": 0.1}, {"min": 0.2, "max": None}):
            shape = random_shape(rng)
            yield Sample(tuple(rng.normal(size=shape) for _ in self.inputs), attrs)


def _limits(attrs: Any) -> tuple[float | None, float | None]:
    return attrs["min"], attrs["max"]


def _number(value: float) -> Spec:
    return as_tensor_operand(value)._node.spec


@register
class Clamp(_Limited):
    """y = min(max(x, low), high)."""

    name = "clamp"
    torch_name = "ClampBackward1"
    formula = r"y = \min(\max(x,\, \mathrm{min}),\, \mathrm{max})"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \mathbf{1}[\mathrm{min} \leq x \leq \mathrm{max}]",)
    says: ClassVar = {
        "en": "Limits every number to a range; outside of it no gradient gets through.",
        "zh": "把每个数限制在一个范围内；范围之外没有梯度通过。",
    }
    saves = ("inputs",)
    vjps = (lambda g, y, x, **limits: apply("clamp_grad", (g, x), limits),)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """NaN stays NaN; if the limits cross, the upper one holds."""
        low, high = _limits(attrs)
        x = inputs[0] if low is None else np.maximum(inputs[0], np.array(low).astype(out.dtype.numpy))
        return x if high is None else np.minimum(x, np.array(high).astype(out.dtype.numpy))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The larger of x and the lower limit, then the smaller of that and the upper one."""
        low, high = _limits(attrs)
        y: Expr = Ref(0, index)
        y = y if low is None else Call("max", (y, float(low)))
        return y if high is None else Call("min", (y, float(high)))


@register
class ClampGrad(_Limited):
    """d = g where x lies within the limits, else 0."""

    name = "clamp_grad"
    inputs = ("g", "x")
    formula = r"d = g\,\mathbf{1}[\mathrm{min} \leq x \leq \mathrm{max}]"
    derivatives = (r"\dfrac{\partial d}{\partial g} = \mathbf{1}[\mathrm{min} \leq x \leq \mathrm{max}]", "")
    says: ClassVar = {
        "en": "Lets the gradient through where the number lay within the limits.",
        "zh": "数值在范围之内的位置让梯度通过。",
    }
    saves = ("inputs",)
    vjps = (lambda u, d, g, x, **limits: apply("clamp_grad", (u, x), limits), None)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Both limits belong to the range."""
        g, x = inputs
        low, high = _limits(attrs)
        inside = np.ones(x.shape, bool) if low is None else x >= low
        return np.where(inside if high is None else inside & (x <= high), g, g.dtype.type(0))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The gradient times the conditions."""
        g, x = (broadcast_ref(i, array.shape, index) for i, array in enumerate(inputs))
        low, high = _limits(attrs)
        above = () if low is None else (Call("ge", (x, float(low))),)
        below = () if high is None else (Call("le", (x, float(high))),)
        return Call("mul", (g, *above, *below))


@public("torch", "method")
def maximum(input: Tensor, other: Tensor) -> Tensor:
    """The larger of two, element by element."""
    return apply("maximum", two_tensors("maximum", input, other))


@public("torch", "method")
def minimum(input: Tensor, other: Tensor) -> Tensor:
    """The smaller of two, element by element."""
    return apply("minimum", two_tensors("minimum", input, other))


def where(condition: Tensor, input: Any, other: Any) -> Tensor:
    """`input` where `condition` holds, otherwise `other`; all three broadcast."""
    return _pick(condition, input, other)
