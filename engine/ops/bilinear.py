"""A form that is linear in each of two inputs."""

from __future__ import annotations

from ..api import public
from ..composite import composite
from ..errors import DTypeError, ShapeError
from ..tensor import Tensor
from .matmul import bmm


@public("torch", "F")
@composite(
    "bilinear",
    formula=r"y_o = \sum_{ij} x_i\, w_{oij}\, z_j + b_o",
    derivative=r"\dfrac{\partial y_o}{\partial x_i} = \sum_j w_{oij}\, z_j,\quad"
    r"\dfrac{\partial y_o}{\partial w_{oij}} = x_i\, z_j",
    en="Weighs every product of an element of the first input with one of the second.",
    zh="对第一个输入与第二个输入的元素的每个乘积加权求和。",
)
def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x₁ᵀ W x₂ + b: (*, in₁) and (*, in₂) give (*, out), with a `weight` of (out, in₁, in₂)."""
    _check(input1, input2, weight, bias)
    out, first, second = weight.shape
    x, z = input1.reshape(-1, first), input2.reshape(-1, second)
    half = x @ weight.permute(1, 0, 2).reshape(first, out * second)
    y = bmm(half.reshape(x.shape[0], out, second), z.unsqueeze(2)).reshape(*input1.shape[:-1], out)
    return y if bias is None else y + bias


def _check(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None) -> None:
    if any(each.dtype is not weight.dtype for each in (input1, input2)):
        names = f"input1: {input1.dtype.name}, input2: {input2.dtype.name}, weight: {weight.dtype.name}"
        raise DTypeError(f"All tensors must have the same dtype, got {names}")
    if weight.ndim != 3:
        raise ShapeError(f"bilinear(): weight must be (out, in1, in2), not {tuple(weight.shape)}")
    if input1.ndim != input2.ndim:
        raise ShapeError(f"bilinear(): input dimensions do not match: got {input1.ndim} and {input2.ndim}")
    for dim, (one, two) in enumerate(zip(input1.shape[:-1], input2.shape[:-1], strict=True)):
        if one != two:
            raise ShapeError(
                f"bilinear(): input batch dimensions do not match at dim {dim}: got {one} and {two}"
            )
    for number, each in ((1, input1), (2, input2)):
        if not each.ndim or each.shape[-1] != weight.shape[number]:
            raise ShapeError(
                f"bilinear(): input{number} size does not match weight size: got "
                f"{each.shape[-1] if each.ndim else 0} but expected {weight.shape[number]}"
            )
    if bias is not None and tuple(bias.shape) != (weight.shape[0],):
        raise ShapeError(
            f"bilinear(): bias size does not match weight size: got {bias.numel()} but expected "
            f"{weight.shape[0]}"
        )
