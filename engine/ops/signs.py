"""Signs: dropping, asking for, and lending them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dtypes import bool_
from ..element import Call, Expr, Index, Ref, broadcast_ref
from ..errors import DTypeError
from ..op import Elementwise, Sample, Spec, Vjp, register
from ..operands import tensor_first, two_tensors
from ..tensor import Tensor, apply


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

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The input's shape and dtype, which may not be bool."""
        if inputs[0].dtype.rank == 0:
            raise DTypeError("The `abs` operator on a bool tensor is not supported.")
        return super().spec(*inputs, **attrs)


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
            return x.copy(order="K")
        return ((x > 0).astype(np.int8) - (x < 0).astype(np.int8)).astype(x.dtype)


@register
class Sgn(Sign):
    """y = −1, 0 or 1: what sign is for complex numbers, and the same for real ones."""

    name = "sgn"
    formula = r"y = \mathrm{sgn}(x)"


@register
class Signbit(Elementwise):
    """y = [x has a minus sign], also for −0."""

    name = "signbit"
    formula = r"y = \mathbf{1}[x\ \mathrm{has\ a\ minus\ sign}]"
    derivatives = ("",)
    vjps = (None,)
    says: ClassVar = {
        "en": "Whether a number has a minus sign, also −0.",
        "zh": "数字是否带负号，包括 −0。",
    }
    output = bool_

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """The sign bit of floating point; otherwise whether it is negative."""
        x = inputs[0]
        if x.dtype.kind == "b":
            return np.zeros_like(x, bool)
        return np.asarray(np.signbit(x)) if x.dtype.kind == "f" else np.asarray(x < 0)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """Whether 1 with this sign is negative."""
        return Call("lt", (Call("copysign", (1.0, Ref(0, index))), 0.0))


def _copysign_gradient(g: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """The sign that changed, and 0 where x = 0."""
    return g * (z / x).masked_fill(x == 0, 0.0)


@register
class Copysign(Elementwise):
    """z = |x| with the sign of y."""

    name = "copysign"
    inputs = ("x", "y")
    formula = r"z = |x|\,\mathrm{sign}(y)"
    derivatives = (
        r"\dfrac{\partial z}{\partial x} = \dfrac{z}{x}",
        r"\dfrac{\partial z}{\partial y} = 0",
    )
    says: ClassVar = {
        "en": "The size of the first number with the sign of the second.",
        "zh": "第一个数的大小配上第二个数的符号。",
    }
    saves = ("inputs", "output")
    vjps: ClassVar[tuple[Vjp | None, ...]] = (
        _copysign_gradient,
        lambda g, z, x, y: apply("zeros_like", (y,)),
    )
    ufunc = np.copysign
    scalar = "copysign"
    floating = True

    def grad_name(self, *inputs: Spec, **attrs: Any) -> str:
        """PyTorch tells a number as the sign from a tensor."""
        return "CopysignBackward1" if inputs[1].weak else "CopysignBackward0"

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Both signs, away from 0."""
        for sample in super().samples(rng):
            yield Sample(tuple(np.where(v < 0, v - 0.3, v + 0.3) for v in sample.inputs))


@register
class Heaviside(Elementwise):
    """z = 0 where x < 0, y where x = 0, 1 where x > 0."""

    name = "heaviside"
    inputs = ("x", "y")
    formula = r"z = \mathbf{1}[x > 0] + y\,\mathbf{1}[x = 0]"
    derivatives = ("", "")
    vjps = (None, None)
    says: ClassVar = {
        "en": "A step from 0 to 1; the second input says what it is at 0.",
        "zh": "从 0 到 1 的阶跃；第二个输入给出 0 处的值。",
    }

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The broadcast shape; both must have one dtype."""
        if inputs[0].dtype is not inputs[1].dtype:
            raise DTypeError("heaviside is not yet implemented for tensors with different dtypes.")
        return super().spec(*inputs, **attrs)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """NaN counts as not positive."""
        x, y = inputs
        return np.where(x == 0, y, (x > 0).astype(x.dtype))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The value at 0, or the step."""
        x, y = (broadcast_ref(i, v.shape, index) for i, v in enumerate(inputs))
        return Call("where", (Call("eq", (x, 0.0)), y, Call("gt", (x, 0.0))))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Whole numbers, so that some are 0."""
        for sample in super().samples(rng):
            yield Sample((np.round(sample.inputs[0]), sample.inputs[1]))


@public("torch", "method", "inplace", aliases=("absolute",))
def abs(input: Tensor) -> Tensor:
    """The absolute value; its gradient at 0 is 0."""
    return apply("abs", (input,))


@public("torch", "method", "inplace")
def sign(input: Tensor) -> Tensor:
    """−1, 0 or 1."""
    return apply("sign", (input,))


@public("torch", "method", "inplace")
def sgn(input: Tensor) -> Tensor:
    """−1, 0 or 1."""
    return apply("sgn", (input,))


@public("torch", "method")
def signbit(input: Tensor) -> Tensor:
    """Whether there is a minus sign, also before 0."""
    return apply("signbit", (input,))


@public("torch", "method", "inplace")
def copysign(input: Tensor, other: Any) -> Tensor:
    """The size of `input` with the sign of `other`, a number or a tensor."""
    return apply("copysign", tensor_first("copysign", input, other))


@public("torch", "method", "inplace")
def heaviside(input: Tensor, values: Tensor) -> Tensor:
    """0 below 0, `values` at 0 and 1 above."""
    return apply("heaviside", two_tensors("heaviside", input, values, "values"))
