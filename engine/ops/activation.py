"""relu, the activation that most networks use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dtypes import bool_
from ..element import Call, Expr, Index, Ref
from ..errors import DTypeError
from ..op import Elementwise, Sample, Spec, random_shape, register
from ..tensor import Tensor, apply
from .curve import in_place


def _relu(x: np.ndarray) -> np.ndarray:
    zero: np.ndarray = np.maximum(x, x.dtype.type(0))  # keeps NaN, unlike where(x > 0, x, 0)
    return zero


def _relu_backward(g: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.where(y <= 0, g.dtype.type(0), g)


@register
class Relu(Elementwise):
    """y = max(x, 0)."""

    name = "relu"
    formula = r"y = \max(x, 0)"
    derivatives = (r"\dfrac{\partial y}{\partial x} = 1\;\mathrm{if}\; x > 0,\;\mathrm{else}\; 0",)
    says: ClassVar = {
        "en": (
            "Lets positive numbers through and replaces negative ones by 0; the gradient passes where "
            "the input was positive."
        ),
        "zh": "正数原样通过，负数变为 0；只有输入为正的位置才有梯度通过。",
    }
    saves = ("output",)
    vjps = (lambda g, y, x: apply("relu_backward", (g, y)),)
    array_vjps = (lambda g, y, x: _relu_backward(g, y),)
    ufunc = _relu
    scalar = "relu"

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The input's shape and dtype; truth values are no numbers."""
        if inputs[0].dtype is bool_:
            raise DTypeError("Boolean inputs not supported for relu")
        return super().spec(*inputs, **attrs)

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Away from the kink at 0."""
        for sample in super().samples(rng):
            x = sample.inputs[0]
            yield Sample((x + np.where(x < 0, -0.1, 0.1),))


@register
class ReluBackward(Elementwise):
    """dL/dx = dL/dy where y > 0, and 0 elsewhere."""

    name = "relu_backward"
    torch_name = "ThresholdBackwardBackward0"
    inputs = ("g", "y")
    formula = r"\dfrac{\partial L}{\partial x} = g\;\mathrm{if}\; y > 0,\;\mathrm{else}\; 0"
    derivatives = (r"1\;\mathrm{if}\; y > 0,\;\mathrm{else}\; 0", "")
    says: ClassVar = {
        "en": "Lets the upstream gradient through where relu let its input through, and stops it elsewhere.",
        "zh": "relu 放行输入的位置放行上游梯度，其余位置截断为 0。",
    }
    saves = ("inputs",)
    vjps = (lambda u, dx, g, y: apply("relu_backward", (u, y)), None)
    ufunc = _relu_backward

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The upstream gradient, or 0 where the unit was off."""
        g, y = (Ref(i, index) for i in (0, 1))
        return Call("where", (Call("le", (y, 0.0)), 0.0, g))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Outputs of a relu: many exact zeros."""
        for _ in range(3):
            shape = random_shape(rng)
            yield Sample((rng.normal(size=shape), np.maximum(rng.normal(size=shape), 0)))


@public("torch", "F", "method", "inplace")
def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """max(x, 0); with `inplace` the input itself is changed."""
    result = apply("relu", (input,))
    return input._assign(result, "relu_") if inplace else result


relu_ = public("torch", "F")(in_place(relu, "relu_"))
