"""Sums, differences, products and quotients, with broadcasting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dtypes import result_type
from ..errors import DTypeError, SettingError
from ..op import Elementwise, Sample, Spec, register
from ..operands import check_tensor
from ..saved import is_gone
from ..tensor import Tensor, apply, as_tensor_operand


@register
class Add(Elementwise):
    """z = x + y."""

    name = "add"
    inputs = ("x", "y")
    formula = r"z = x + y"
    derivatives = (r"\dfrac{\partial z}{\partial x} = 1", r"\dfrac{\partial z}{\partial y} = 1")
    says: ClassVar = {
        "en": "Adds two tensors, element by element; each gets the upstream gradient unchanged.",
        "zh": "逐元素相加；上游梯度原样传给每个输入。",
    }
    vjps = (lambda g, z, x, y: g, lambda g, z, x, y: g)
    array_vjps = vjps
    ufunc = np.add
    scalar = "add"


def _refuse_bools(specs: Iterable[Spec]) -> None:
    if any(spec.dtype.rank == 0 for spec in specs):
        raise DTypeError(
            "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert "
            "a mask, use the `~` or `logical_not()` operator instead."
        )


@register
class Sub(Elementwise):
    """z = x − y."""

    name = "sub"
    inputs = ("x", "y")
    formula = r"z = x - y"
    derivatives = (r"\dfrac{\partial z}{\partial x} = 1", r"\dfrac{\partial z}{\partial y} = -1")
    says: ClassVar = {
        "en": "Subtracts element by element; the second gets the upstream gradient with its sign turned.",
        "zh": "逐元素相减；第二个输入得到变号后的上游梯度。",
    }
    vjps = (lambda g, z, x, y: g, lambda g, z, x, y: -g)
    array_vjps = vjps
    ufunc = np.subtract
    scalar = "sub"

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The broadcast shape and the promoted dtype, which may not be bool."""
        _refuse_bools(inputs)
        return super().spec(*inputs, **attrs)

    def grad_name(self, *inputs: Spec, **attrs: Any) -> str:
        """PyTorch computes `1 - x` by rsub."""
        return "RsubBackward1" if inputs[0].weak else "SubBackward0"


@register
class Mul(Elementwise):
    """z = x · y."""

    name = "mul"
    inputs = ("x", "y")
    formula = r"z = x \cdot y"
    derivatives = (r"\dfrac{\partial z}{\partial x} = y", r"\dfrac{\partial z}{\partial y} = x")
    says: ClassVar = {
        "en": "Multiplies two tensors, element by element; each gets the upstream gradient times the other.",
        "zh": "逐元素相乘；每个输入得到上游梯度乘以另一个输入。",
    }
    saves = ("inputs",)
    vjps = (lambda g, z, x, y: g * y, lambda g, z, x, y: g * x)
    array_vjps = vjps
    ufunc = np.multiply
    scalar = "mul"


def _to_divisor(g: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Tensor:
    if is_gone(y) and x._node.spec.weak and x._node.array.item() != 0:
        return -g * z * (z / x)  # PyTorch takes 2 / y for 2 times a reciprocal
    if is_gone(z):
        z = x / y
    return -g * (z / y)


@register
class Div(Elementwise):
    """z = x / y; integers become floating point."""

    name = "div"
    inputs = ("x", "y")
    formula = r"z = \dfrac{x}{y}"
    derivatives = (
        r"\dfrac{\partial z}{\partial x} = \dfrac{1}{y}",
        r"\dfrac{\partial z}{\partial y} = -\dfrac{x}{y^2} = -\dfrac{z}{y}",
    )
    says: ClassVar = {
        "en": "Divides element by element; the divisor's slope is minus the quotient over the divisor.",
        "zh": "逐元素相除；对除数的导数是负的商除以除数。",
    }
    saves = ("inputs", "output")
    vjps = (lambda g, z, x, y: g / y, lambda g, z, x, y: _to_divisor(g, z, x, y))
    ufunc = np.true_divide
    scalar = "div"
    floating = True
    low = 0.3

    def grad_name(self, *inputs: Spec, **attrs: Any) -> str:
        """PyTorch computes `2 / x` as 2 times a reciprocal."""
        return "MulBackward0" if inputs[0].weak else "DivBackward0"

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Divisors away from zero, of both signs."""
        for sample in super().samples(rng):
            x, y = sample.inputs
            yield Sample((rng.choice([-1.0, 1.0]) * x, rng.choice([-1.0, 1.0]) * y))


@register
class Neg(Elementwise):
    """y = −x."""

    name = "neg"
    formula = r"y = -x"
    derivatives = (r"\dfrac{\partial y}{\partial x} = -1",)
    says: ClassVar = {
        "en": "Turns the sign of every element, and the sign of the gradient.",
        "zh": "把每个元素变号，梯度也随之变号。",
    }
    vjps = (lambda g, y, x: -g,)
    array_vjps = vjps
    ufunc = np.negative
    scalar = "neg"

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The input's shape and dtype, which may not be bool."""
        if inputs[0].dtype.rank == 0:
            raise DTypeError(
                "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert "
                "a mask, use the `~` or `logical_not()` operator instead."
            )
        return super().spec(*inputs, **attrs)


def _scaled(other: Any, alpha: float, inputs: tuple[Any, ...]) -> Any:
    """`alpha · other` for add and sub; alpha = 1 costs nothing."""
    if alpha == 1 and alpha is not True:
        return other
    dtype = result_type(as_tensor_operand(each)._node.spec for each in inputs)
    if isinstance(alpha, bool) and dtype.rank:
        raise DTypeError("Boolean alpha only supported for Boolean results.")
    if dtype.rank < 2 and not isinstance(alpha, int):
        raise DTypeError("For integral input tensors, argument alpha must not be a floating point number.")
    if dtype.rank == 0:
        alpha = bool(alpha)
    elif not isinstance(other, Tensor):
        return other * alpha
    return mul(as_tensor_operand(other).to(dtype), alpha)


@public("torch", "method", "inplace")
def add(input: Any, other: Any, *, alpha: float = 1) -> Tensor:
    """`input + alpha · other`, element by element with broadcasting."""
    other = _scaled(other, alpha, (input, other))
    return apply("add", (as_tensor_operand(input), as_tensor_operand(other)))


@public("torch", "method", "inplace", aliases=("subtract",))
def sub(input: Any, other: Any, *, alpha: float = 1) -> Tensor:
    """`input − alpha · other`, element by element with broadcasting."""
    if alpha != 1:
        _refuse_bools(as_tensor_operand(each)._node.spec for each in (input, other))
    other = _scaled(other, alpha, (input, other))
    return apply("sub", (as_tensor_operand(input), as_tensor_operand(other)))


@public("torch")
def rsub(input: Tensor, other: Any, *, alpha: float = 1) -> Tensor:
    """`other − alpha · input`, element by element with broadcasting."""
    check_tensor("rsub", "input", 1, input)
    return sub(other, input, alpha=alpha)


@public("torch", "method", "inplace", aliases=("multiply",))
def mul(input: Any, other: Any) -> Tensor:
    """`input · other`, element by element with broadcasting."""
    return apply("mul", (as_tensor_operand(input), as_tensor_operand(other)))


@public("torch", "method", "inplace", aliases=("divide", "true_divide"))
def div(input: Any, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    """`input / other`, element by element with broadcasting; `rounding_mode` is None, "floor" or "trunc"."""
    operands = (as_tensor_operand(input), as_tensor_operand(other))
    if rounding_mode is None:
        return apply("div", operands)
    if rounding_mode not in ("floor", "trunc"):
        raise SettingError(
            f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'"
        )
    return apply("floor_divide" if rounding_mode == "floor" else "trunc_divide", operands)


@public("torch", "method", "inplace", aliases=("negative",))
def neg(input: Tensor) -> Tensor:
    """`−input`."""
    return apply("neg", (input,))


@public("torch", "method")
def positive(input: Tensor) -> Tensor:
    """`+input`: the tensor itself."""
    if input.dtype.rank == 0:
        raise DTypeError("The `+` operator, on a bool tensor is not supported.")
    return input
