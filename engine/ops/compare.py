"""Comparisons and logic: results are bool, and no gradient gets through."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dtypes import DType, bool_
from ..op import Elementwise, Sample, Spec, Vjp, random_broadcast_shapes, register
from ..operands import tensor_first, two_tensors
from ..tensor import Tensor, apply


class _Comparison(Elementwise):
    """Base of the comparisons of two tensors."""

    inputs: ClassVar[tuple[str, ...]] = ("x", "y")
    derivatives: ClassVar[tuple[str, ...]] = ("", "")
    vjps: ClassVar[tuple[Vjp | None, ...]] = (None, None)
    output = bool_

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Small whole numbers, so that some are equal."""
        for shapes in random_broadcast_shapes(rng, 2):
            yield Sample(tuple(rng.integers(-1, 2, shape).astype(np.float64) for shape in shapes))


@register
class Eq(_Comparison):
    """z = [x = y]."""

    name = "eq"
    formula = r"z = \mathbf{1}[x = y]"
    says: ClassVar = {"en": "Whether two elements are equal.", "zh": "两个元素是否相等。"}
    ufunc = np.equal
    scalar = "eq"


@register
class Ne(_Comparison):
    """z = [x ≠ y]."""

    name = "ne"
    formula = r"z = \mathbf{1}[x \neq y]"
    says: ClassVar = {"en": "Whether two elements differ.", "zh": "两个元素是否不等。"}
    ufunc = np.not_equal
    scalar = "ne"


@register
class Lt(_Comparison):
    """z = [x < y]."""

    name = "lt"
    formula = r"z = \mathbf{1}[x < y]"
    says: ClassVar = {"en": "Whether the first is less than the second.", "zh": "第一个是否小于第二个。"}
    ufunc = np.less
    scalar = "lt"


@register
class Le(_Comparison):
    """z = [x ≤ y]."""

    name = "le"
    formula = r"z = \mathbf{1}[x \leq y]"
    says: ClassVar = {"en": "Whether the first is at most the second.", "zh": "第一个是否小于或等于第二个。"}
    ufunc = np.less_equal
    scalar = "le"


@register
class Gt(_Comparison):
    """z = [x > y]."""

    name = "gt"
    formula = r"z = \mathbf{1}[x > y]"
    says: ClassVar = {"en": "Whether the first is greater than the second.", "zh": "第一个是否大于第二个。"}
    ufunc = np.greater
    scalar = "gt"


@register
class Ge(_Comparison):
    """z = [x ≥ y]."""

    name = "ge"
    formula = r"z = \mathbf{1}[x \geq y]"
    says: ClassVar = {"en": "Whether the first is at least the second.", "zh": "第一个是否大于或等于第二个。"}
    ufunc = np.greater_equal
    scalar = "ge"


class _Logic(_Comparison):
    """Base of the logical functions: numbers count as True unless they are 0."""

    def compute_dtype(self, *inputs: Spec, **attrs: Any) -> DType:
        """bool."""
        return bool_

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Random truth values."""
        for shapes in random_broadcast_shapes(rng, len(self.inputs)):
            yield Sample(tuple(rng.random(shape) < 0.5 for shape in shapes))


@register
class LogicalNot(_Logic):
    """y = ¬x."""

    name = "logical_not"
    inputs = ("x",)
    derivatives = ("",)
    vjps = (None,)
    formula = r"y = \neg x"
    says: ClassVar = {"en": "True where the input is False or zero.", "zh": "输入为假或零处为真。"}
    ufunc = np.logical_not
    scalar = "not"


@register
class LogicalAnd(_Logic):
    """z = x ∧ y."""

    name = "logical_and"
    formula = r"z = x \wedge y"
    says: ClassVar = {"en": "True where both are.", "zh": "两者都为真处为真。"}
    ufunc = np.logical_and
    scalar = "and"


@register
class LogicalOr(_Logic):
    """z = x ∨ y."""

    name = "logical_or"
    formula = r"z = x \vee y"
    says: ClassVar = {"en": "True where at least one is.", "zh": "至少一个为真处为真。"}
    ufunc = np.logical_or
    scalar = "or"


@register
class LogicalXor(_Logic):
    """z = x ⊕ y."""

    name = "logical_xor"
    formula = r"z = x \oplus y"
    says: ClassVar = {"en": "True where exactly one is.", "zh": "恰有一个为真处为真。"}
    ufunc = np.logical_xor
    scalar = "ne"


def _two(name: str, input: Any, other: Any) -> Tensor:
    return apply(name, (two_tensors if name.startswith("logical") else tensor_first)(name, input, other))


@public("torch", "method", "inplace")
def eq(input: Tensor, other: Any) -> Tensor:
    """`input == other`, element by element."""
    return _two("eq", input, other)


@public("torch", "method", "inplace", aliases=("not_equal",))
def ne(input: Tensor, other: Any) -> Tensor:
    """`input != other`, element by element."""
    return _two("ne", input, other)


@public("torch", "method", "inplace", aliases=("less",))
def lt(input: Tensor, other: Any) -> Tensor:
    """`input < other`, element by element."""
    return _two("lt", input, other)


@public("torch", "method", "inplace", aliases=("less_equal",))
def le(input: Tensor, other: Any) -> Tensor:
    """`input <= other`, element by element."""
    return _two("le", input, other)


@public("torch", "method", "inplace", aliases=("greater",))
def gt(input: Tensor, other: Any) -> Tensor:
    """`input > other`, element by element."""
    return _two("gt", input, other)


@public("torch", "method", "inplace", aliases=("greater_equal",))
def ge(input: Tensor, other: Any) -> Tensor:
    """`input >= other`, element by element."""
    return _two("ge", input, other)


@public("torch", "method", "inplace")
def logical_not(input: Tensor) -> Tensor:
    """True where `input` is 0 or False."""
    return apply("logical_not", (input,))


@public("torch", "method", "inplace")
def logical_and(input: Tensor, other: Tensor) -> Tensor:
    """True where both are not 0."""
    return _two("logical_and", input, other)


@public("torch", "method", "inplace")
def logical_or(input: Tensor, other: Tensor) -> Tensor:
    """True where one is not 0."""
    return _two("logical_or", input, other)


@public("torch", "method", "inplace")
def logical_xor(input: Tensor, other: Tensor) -> Tensor:
    """True where exactly one is not 0."""
    return _two("logical_xor", input, other)
