"""Functions of three tensors: weighted means, and products and quotients added to something."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dtypes import DType
from ..element import Call, Expr, Index, broadcast_ref
from ..errors import DTypeError
from ..op import Elementwise, Sample, Spec, Vjp, broadcast_shapes, register
from ..tensor import Tensor, apply, as_tensor_operand


def _lerp(x: np.ndarray, end: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """From the nearer of both ends, so that weights 0 and 1 give them exactly."""
    way = end - x
    return np.asarray(np.where(np.abs(weight) < 0.5, x + weight * way, end - way * (1 - weight)))


def _plain(weight: Tensor) -> Tensor | float:
    """A number as it is: 1 less it is to be exact, too."""
    return float(weight.item()) if weight._node.spec.weak else weight


@register
class Lerp(Elementwise):
    """y = x + w (e − x)."""

    name = "lerp"
    inputs = ("x", "e", "w")
    formula = r"y = x + w\,(e - x)"
    derivatives = (
        r"\dfrac{\partial y}{\partial x} = 1 - w",
        r"\dfrac{\partial y}{\partial e} = w",
        r"\dfrac{\partial y}{\partial w} = e - x",
    )
    says: ClassVar = {
        "en": "Goes a part of the way from the first to the second: w = 0 stays, w = 1 arrives.",
        "zh": "从第一个数向第二个数走一段：w = 0 不动，w = 1 到达。",
    }
    saves = ("inputs",)
    vjps: ClassVar[tuple[Vjp | None, ...]] = (
        lambda g, y, x, e, w: g * (1 - _plain(w)),
        lambda g, y, x, e, w: g * w,
        lambda g, y, x, e, w: g * (e - x),
    )
    ufunc = _lerp

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The broadcast shape; all tensors must have one floating point dtype."""
        x, end, weight = inputs
        for name, other in (("end", end), ("weight", weight)):
            if other.dtype is not x.dtype and not (name == "weight" and not other.shape):
                raise DTypeError(f"expected dtype {x.dtype} for `{name}` but got dtype {other.dtype}")
        shape = broadcast_shapes(self.name, *(spec.shape for spec in inputs))
        if x.dtype.rank < 2 and 0 not in shape:
            raise DTypeError(f'"lerp_kernel" not implemented for {x.dtype}')
        return Spec(shape, x.dtype)

    def compute_dtype(self, *inputs: Spec, **attrs: Any) -> DType:
        """That of both ends."""
        return inputs[0].dtype

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The first, and a part of the way to the second."""
        x, end, weight = (broadcast_ref(i, v.shape, index) for i, v in enumerate(inputs))
        return Call("add", (x, Call("mul", (weight, Call("sub", (end, x))))))


class _Scaled(Elementwise):
    """Base of both; `value` scales the second part."""

    inputs = ("x", "a", "b")
    saves = ("inputs",)

    def widened(self, out: Spec, inputs: tuple[np.ndarray, ...], value: float) -> tuple[Any, ...]:
        """The inputs and `value` in the dtype to compute in: half precision is rounded once, at the end."""
        half = out.dtype.rank == 2 and out.dtype.itemsize == 2
        dtype = np.dtype(np.float32) if half else out.dtype.numpy
        return (*(each.astype(dtype, copy=False) for each in inputs), dtype.type(value))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Divisors away from zero."""
        for sample in super().samples(rng):
            x, a, b = sample.inputs
            yield Sample((x, a, np.where(b < 0, b - 0.3, b + 0.3)), {"value": float(rng.normal())})


@register
class Addcmul(_Scaled):
    """y = x + v a b."""

    name = "addcmul"
    formula = r"y = x + v\,a\,b"
    derivatives = (
        r"\dfrac{\partial y}{\partial x} = 1",
        r"\dfrac{\partial y}{\partial a} = v\,b",
        r"\dfrac{\partial y}{\partial b} = v\,a",
    )
    says: ClassVar = {
        "en": "Adds a scaled product of two tensors.",
        "zh": "加上两个张量之积的若干倍。",
    }
    vjps: ClassVar[tuple[Vjp | None, ...]] = (
        lambda g, y, x, a, b, value: g,
        lambda g, y, x, a, b, value: g * (b * value),
        lambda g, y, x, a, b, value: g * (a * value),
    )

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """In the common dtype."""
        x, a, b, value = self.widened(out, inputs, attrs["value"])
        return np.asarray(x + value * a * b).astype(out.dtype.numpy, copy=False)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The number and the scaled product."""
        x, a, b = (broadcast_ref(i, v.shape, index) for i, v in enumerate(inputs))
        return Call("add", (x, Call("mul", (float(attrs["value"]), a, b))))


@register
class Addcdiv(_Scaled):
    """y = x + v a / b."""

    name = "addcdiv"
    formula = r"y = x + v\,\dfrac{a}{b}"
    derivatives = (
        r"\dfrac{\partial y}{\partial x} = 1",
        r"\dfrac{\partial y}{\partial a} = \dfrac{v}{b}",
        r"\dfrac{\partial y}{\partial b} = -v\,\dfrac{a}{b^2}",
    )
    says: ClassVar = {
        "en": "Adds a scaled quotient of two tensors.",
        "zh": "加上两个张量之商的若干倍。",
    }
    vjps: ClassVar[tuple[Vjp | None, ...]] = (
        lambda g, y, x, a, b, value: g,
        lambda g, y, x, a, b, value: g * (value / b),
        lambda g, y, x, a, b, value: -g * value * (a / (b * b)),
    )

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The broadcast shape and the promoted dtype; whole numbers are not divided."""
        if inputs[1].dtype.rank < 2 and inputs[2].dtype.rank < 2:
            raise DTypeError(
                "Integer division with addcdiv is no longer supported, and in a future release addcdiv will "
                "perform a true division of tensor1 and tensor2."
            )
        return super().spec(*inputs, **attrs)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """In the common dtype."""
        x, a, b, value = self.widened(out, inputs, attrs["value"])
        return np.asarray(x + value * a / b).astype(out.dtype.numpy, copy=False)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The number and the scaled quotient."""
        x, a, b = (broadcast_ref(i, v.shape, index) for i, v in enumerate(inputs))
        return Call("add", (x, Call("mul", (float(attrs["value"]), Call("div", (a, b))))))


@public("torch", "method", "inplace")
def lerp(input: Tensor, end: Tensor, weight: Any) -> Tensor:
    """`input + weight · (end − input)`; the weight is a number or a tensor."""
    return apply("lerp", (input, end, as_tensor_operand(weight)))


@public("torch", "method", "inplace")
def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """`input + value · tensor1 · tensor2`, element by element with broadcasting."""
    return apply("addcmul", (input, tensor1, tensor2), {"value": value})


@public("torch", "method", "inplace")
def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """`input + value · tensor1 / tensor2`, element by element with broadcasting."""
    return apply("addcdiv", (input, tensor1, tensor2), {"value": value})
