"""Divisions that leave a remainder."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..element import Call, Expr, Index, broadcast_ref
from ..errors import DTypeError
from ..op import Elementwise, Sample, Spec, register
from ..operands import one_tensor, tensor_first
from ..tensor import Tensor, apply, as_tensor_operand


class _Division(Elementwise):
    """Base of the divisions that leave a remainder."""

    inputs = ("x", "y")
    low = 0.3
    high = 5.0

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Apply the ufunc; integers cannot be divided by 0."""
        if out.dtype.rank < 2 and 0 not in out.shape and not inputs[1].all():
            raise DTypeError("ZeroDivisionError")
        return super().kernel(out, *inputs, **attrs)

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Dividends of both signs."""
        for sample in super().samples(rng):
            x, y = sample.inputs
            yield Sample((rng.choice([-1.0, 1.0]) * x, y))


def _flat(position: int) -> Callable[..., Tensor]:
    return lambda g, z, *inputs: apply("zeros_like", (inputs[position],))


def _floor_divide(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """As PyTorch and C++ define it: numpy gives nan for 1 // 0."""
    quotient: np.ndarray = np.floor_divide(x, y)
    return np.where(y == 0, x / y, quotient).astype(x.dtype) if x.dtype.kind == "f" else quotient


@register
class FloorDivide(_Division):
    """z = ⌊x / y⌋."""

    name = "floor_divide"
    torch_name = "DivBackward2"
    formula = r"z = \lfloor x / y \rfloor"
    derivatives = (r"\dfrac{\partial z}{\partial x} = 0", r"\dfrac{\partial z}{\partial y} = 0")
    says: ClassVar = {"en": "How many times y fits into x, rounded down.", "zh": "x 除以 y 并向下取整。"}
    vjps = (_flat(0), _flat(1))
    ufunc = _floor_divide

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The floor of the quotient."""
        return Call("floor", (_quotient(index, inputs),))


def _trunc_divide(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    if x.dtype.kind == "f":
        return np.asarray(np.trunc(x / y))
    return np.asarray(np.sign(x) * np.sign(y) * (np.abs(x) // np.abs(y)))


@register
class TruncDivide(_Division):
    """z = x / y without its fraction."""

    name = "trunc_divide"
    torch_name = "DivBackward2"
    formula = r"z = \mathrm{trunc}(x / y)"
    derivatives = (r"\dfrac{\partial z}{\partial x} = 0", r"\dfrac{\partial z}{\partial y} = 0")
    says: ClassVar = {"en": "The quotient with its fraction cut off.", "zh": "相除并去掉小数部分。"}
    vjps = (_flat(0), _flat(1))
    ufunc = _trunc_divide

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The quotient without its fraction."""
        return Call("trunc", (_quotient(index, inputs),))


@register
class Remainder(_Division):
    """z = x − y ⌊x / y⌋; it has the sign of y."""

    name = "remainder"
    formula = r"z = x - y\,\lfloor x / y \rfloor"
    derivatives = (
        r"\dfrac{\partial z}{\partial x} = 1",
        r"\dfrac{\partial z}{\partial y} = -\lfloor x / y \rfloor",
    )
    says: ClassVar = {"en": "What is left of x after division by y.", "zh": "x 除以 y 的余数。"}
    saves = ("inputs",)
    vjps = (lambda g, z, x, y: g, lambda g, z, x, y: -g * (x // y))
    ufunc = np.remainder

    def grad_name(self, *inputs: Spec, **attrs: Any) -> str:
        """PyTorch tells a number as the divisor from a tensor."""
        return "RemainderBackward0" if inputs[1].weak else "RemainderBackward1"

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """x less y times the floor of the quotient."""
        x, y = (broadcast_ref(i, array.shape, index) for i, array in enumerate(inputs))
        return Call("sub", (x, Call("mul", (y, Call("floor", (_quotient(index, inputs),))))))


def _quotient(index: Index, inputs: tuple[np.ndarray, ...]) -> Expr:
    return Call("div", tuple(broadcast_ref(i, array.shape, index) for i, array in enumerate(inputs)))


@register
class Fmod(_Division):
    """z = x − y trunc(x / y); it has the sign of x."""

    name = "fmod"
    formula = r"z = x - y\,\mathrm{trunc}(x / y)"
    derivatives = (
        r"\dfrac{\partial z}{\partial x} = 1",
        r"\dfrac{\partial z}{\partial y} = -\mathrm{trunc}(x / y)",
    )
    says: ClassVar = {
        "en": "What is left of x after division by y, with the sign of x.",
        "zh": "x 除以 y 的余数，符号与 x 相同。",
    }
    saves = ("inputs",)
    vjps = (lambda g, z, x, y: g, lambda g, z, x, y: -g * apply("trunc_divide", (x, y)))
    ufunc = np.fmod

    def grad_name(self, *inputs: Spec, **attrs: Any) -> str:
        """PyTorch tells a number as the divisor from a tensor."""
        return "FmodBackward0" if inputs[1].weak else "FmodBackward1"

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """x less y times the quotient without its fraction."""
        x, y = (broadcast_ref(i, array.shape, index) for i, array in enumerate(inputs))
        return Call("sub", (x, Call("mul", (y, Call("trunc", (_quotient(index, inputs),))))))


@public("torch", "method", "inplace")
def floor_divide(input: Any, other: Any) -> Tensor:
    """`input // other`, rounded down; it has no gradient."""
    return apply("floor_divide", (as_tensor_operand(input), as_tensor_operand(other)))


@public("torch", "method", "inplace")
def remainder(input: Any, other: Any) -> Tensor:
    """`input % other`, with the sign of `other`."""
    return apply("remainder", one_tensor("remainder", input, other))


@public("torch", "method", "inplace")
def fmod(input: Any, other: Any) -> Tensor:
    """What `input / other` leaves, with the sign of `input`."""
    return apply("fmod", tensor_first("fmod", input, other))
