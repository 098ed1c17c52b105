"""Sums, differences, products, quotients and powers, with broadcasting."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..op import Elementwise, register
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
    ufunc = np.add
    scalar = "add"


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
    ufunc = np.multiply
    scalar = "mul"


@public("torch", "method", "inplace")
def add(input: Any, other: Any, *, alpha: float = 1) -> Tensor:
    """`input + alpha · other`, element by element with broadcasting."""
    if alpha != 1:
        other = mul(other, alpha)
    return apply("add", (as_tensor_operand(input), as_tensor_operand(other)))


@public("torch", "method", "inplace", aliases=("multiply",))
def mul(input: Any, other: Any) -> Tensor:
    """`input · other`, element by element with broadcasting."""
    return apply("mul", (as_tensor_operand(input), as_tensor_operand(other)))
