"""Bits of integers, and logic of truth values; no gradient gets through."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..element import Call, Expr, Index, Ref, broadcast_ref
from ..errors import DTypeError
from ..op import Elementwise, Sample, Spec, Vjp, random_broadcast_shapes, register
from ..operands import one_tensor
from ..tensor import Tensor, apply


class _Bitwise(Elementwise):
    """Base of the functions of bits; `bools` says whether truth values have it."""

    inputs: ClassVar[tuple[str, ...]] = ("x", "y")
    derivatives: ClassVar[tuple[str, ...]] = ("", "")
    vjps: ClassVar[tuple[Vjp | None, ...]] = (None, None)
    bools: ClassVar[bool] = True
    most: ClassVar[int] = 30  # in samples

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The broadcast shape and the promoted dtype, which must be whole numbers or truth values."""
        out = super().spec(*inputs, **attrs)
        if out.dtype.rank == 2 or (out.dtype.rank == 0 and not self.bools):
            raise DTypeError(f'"{self.name}_cpu" not implemented for {out.dtype}')
        return out

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The same of the two numbers."""
        refs = tuple(broadcast_ref(i, x.shape, index) for i, x in enumerate(inputs))
        return Call(self.scalar, refs)

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Small whole numbers."""
        for shapes in random_broadcast_shapes(rng, len(self.inputs)):
            first = rng.integers(-30, 30, shapes[0])
            others = (rng.integers(0, self.most, shape) for shape in shapes[1:])
            yield Sample((first, *others))


@register
class BitwiseNot(_Bitwise):
    """y = x with all bits turned: −x − 1."""

    name = "bitwise_not"
    inputs = ("x",)
    derivatives = ("",)
    vjps = (None,)
    formula = r"y = \sim x = -x - 1"
    says: ClassVar = {"en": "Turns every bit, or a truth value.", "zh": "按位取反；对布尔值即取非。"}
    ufunc = np.invert

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The bits turned, or the opposite of a truth value."""
        return Call("not" if inputs[0].dtype.kind == "b" else "bitnot", (Ref(0, index),))


@register
class BitwiseAnd(_Bitwise):
    """z = the bits that both have."""

    name = "bitwise_and"
    formula = r"z = x \wedge y"
    says: ClassVar = {"en": "The bits that are set in both.", "zh": "按位与：两者都为 1 的位。"}
    ufunc = np.bitwise_and
    scalar = "bitand"


@register
class BitwiseOr(_Bitwise):
    """z = the bits that at least one has."""

    name = "bitwise_or"
    formula = r"z = x \vee y"
    says: ClassVar = {"en": "The bits that are set in at least one.", "zh": "按位或：至少一个为 1 的位。"}
    ufunc = np.bitwise_or
    scalar = "bitor"


@register
class BitwiseXor(_Bitwise):
    """z = the bits that exactly one has."""

    name = "bitwise_xor"
    formula = r"z = x \oplus y"
    says: ClassVar = {"en": "The bits that are set in exactly one.", "zh": "按位异或：恰有一个为 1 的位。"}
    ufunc = np.bitwise_xor
    scalar = "bitxor"


@register
class LeftShift(_Bitwise):
    """z = x 2^y."""

    name = "bitwise_left_shift"
    formula = r"z = x \cdot 2^{y}"
    says: ClassVar = {"en": "Moves the bits up: doubles y times.", "zh": "左移各位：翻倍 y 次。"}
    ufunc = np.left_shift
    bools = False
    most = 5

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """x times a power of two."""
        x, y = (broadcast_ref(i, v.shape, index) for i, v in enumerate(inputs))
        return Call("mul", (x, Call("pow", (2.0, y))))


@register
class RightShift(_Bitwise):
    """z = ⌊x / 2^y⌋."""

    name = "bitwise_right_shift"
    formula = r"z = \lfloor x / 2^{y} \rfloor"
    says: ClassVar = {
        "en": "Moves the bits down: halves y times, rounding down.",
        "zh": "右移各位：减半 y 次并向下取整。",
    }
    ufunc = np.right_shift
    bools = False
    most = 5

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """x over a power of two, rounded down."""
        x, y = (broadcast_ref(i, v.shape, index) for i, v in enumerate(inputs))
        return Call("floor", (Call("div", (x, Call("pow", (2.0, y)))),))


def _two(name: str, input: Any, other: Any) -> Tensor:
    return apply(name, one_tensor(name, input, other))


@public("torch", "method", "inplace")
def bitwise_not(input: Tensor) -> Tensor:
    """`~input` for whole numbers and truth values."""
    return apply("bitwise_not", (input,))


@public("torch", "method", "inplace")
def bitwise_and(input: Any, other: Any) -> Tensor:
    """`input & other` for whole numbers and truth values."""
    return _two("bitwise_and", input, other)


@public("torch", "method", "inplace")
def bitwise_or(input: Any, other: Any) -> Tensor:
    """`input | other` for whole numbers and truth values."""
    return _two("bitwise_or", input, other)


@public("torch", "method", "inplace")
def bitwise_xor(input: Any, other: Any) -> Tensor:
    """`input ^ other` for whole numbers and truth values."""
    return _two("bitwise_xor", input, other)


@public("torch", "method", "inplace")
def bitwise_left_shift(input: Any, other: Any) -> Tensor:
    """`input << other` for whole numbers."""
    return _two("bitwise_left_shift", input, other)


@public("torch", "method", "inplace")
def bitwise_right_shift(input: Any, other: Any) -> Tensor:
    """`input >> other` for whole numbers."""
    return _two("bitwise_right_shift", input, other)
