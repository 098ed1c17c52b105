"""Functions that others make up: distances between all pairs, limited norms, angles."""

from __future__ import annotations

import math
from typing import Any

from ..api import public
from ..composite import composite
from ..dims import wrap_dim
from ..errors import DTypeError, ShapeError
from ..tensor import Tensor, apply, as_tensor_operand
from .choice import where
from .vector_norm import vector_norm


@public("torch")
@composite(
    "cdist",
    formula=r"d_{ij} = \left(\sum_k |a_{ik} - b_{jk}|^p\right)^{1/p}",
    derivative=r"\dfrac{\partial d_{ij}}{\partial a_{ik}} = \mathrm{sign}(a_{ik} - b_{jk})"
    r"\left(\dfrac{|a_{ik} - b_{jk}|}{d_{ij}}\right)^{p-1}",
    en="The distances between each row of one matrix and each row of another.",
    zh="一个矩阵的每一行与另一个矩阵的每一行之间的距离。",
)
def cdist(
    x1: Tensor,
    x2: Tensor,
    p: float = 2.0,
    compute_mode: str = "use_mm_for_euclid_dist_if_necessary",
) -> Tensor:
    """The p-norms of all differences of rows of (…, P, M) and (…, R, M): (…, P, R).

    `compute_mode` changes nothing: distances are always computed from the differences.
    """
    for name, each in (("X1", x1), ("X2", x2)):
        if not each.dtype.is_floating_point:
            raise DTypeError(f"cdist only supports floating-point dtypes, {name} got: {each.dtype.name}")
        if each.ndim < 2:
            raise ShapeError(f"cdist only supports at least 2D tensors, {name} got: {each.ndim}D")
    if x1.shape[-1] != x2.shape[-1]:
        raise ShapeError(
            f"X1 and X2 must have the same number of columns. X1: {x1.shape[-1]} X2: {x2.shape[-1]}"
        )
    if p < 0:
        raise ShapeError("cdist only supports non-negative p values")
    difference = x1.unsqueeze(-2) - x2.unsqueeze(-3)
    if not difference.shape[-1]:  # no columns: all distances are 0
        return difference.sum(-1)
    distances: Tensor = vector_norm(difference, p, -1)
    return distances


@public("torch", "method", "inplace")
@composite(
    "renorm",
    formula=r"y_k = x_k\,\min\left(1,\; \dfrac{m}{\|x_k\|_p + 10^{-7}}\right)",
    derivative=r"\dfrac{\partial L}{\partial x_k} = \dfrac{m}{\|x_k\|}\,g_k - \ldots\;\mathrm{where}\;"
    r"\|x_k\| > m,\;\mathrm{else}\; g_k",
    en="Shrinks every slice whose norm is above a limit to that norm.",
    zh="把范数超过上限的每个切片缩小到该范数。",
)
def renorm(input: Tensor, p: float, dim: int, maxnorm: float) -> Tensor:
    """The slices along `dim` with p-norms of at most `maxnorm`."""
    if p <= 0:
        raise ShapeError("renorm: non-positive-norm not supported")
    if input.ndim < 2:
        raise ShapeError(f"renorm: input needs at least 2 dimensions, got {input.ndim} dimensions")
    if maxnorm < 0:
        raise ShapeError("renorm: expected maxnorm to be >= 0")
    at = wrap_dim(dim, input.ndim)
    norms = vector_norm(input, p, [d for d in range(input.ndim) if d != at], True)
    return input * where(norms > maxnorm, maxnorm / (norms + 1e-7), 1.0).to(input.dtype)


@public("torch", "method")
@composite(
    "angle",
    formula=r"y = \pi\;\mathrm{if}\; x < 0,\;\mathrm{else}\; 0",
    derivative=r"\dfrac{\partial y}{\partial x} = 0",
    en="The direction of a number on the plane: 0 for positive ones, π for negative ones.",
    zh="数在平面上的方向：正数为 0，负数为 π。",
)
def angle(input: Tensor) -> Tensor:
    """π where `input` is negative, NaN where it is NaN, otherwise 0."""
    x = input.detach()
    result = where(x.isnan(), x, where(x < 0, math.pi, 0.0)) if x.dtype.is_floating_point else None
    if result is None:
        return where(x < 0, math.pi, 0.0)
    result = result.to(x.dtype)
    return apply("copy", (input, result)) if input.requires_grad else result


@public("torch")
def fill(input: Tensor, value: Any) -> Tensor:
    """A tensor like `input` that holds one value, a number or a tensor without dimensions."""
    filled = as_tensor_operand(value)
    if filled.ndim:
        raise ShapeError(
            f"fill only supports 0-dimension value tensor but got tensor with {filled.ndim} dimensions."
        )
    return apply("fill", (input, filled))


@public("torch", "method")
def isreal(input: Tensor) -> Tensor:
    """True everywhere: no number here has an imaginary part."""
    return input.new_ones(input.shape).bool()


@public("torch")
def real(input: Tensor) -> Tensor:
    """The tensor itself: its numbers are real."""
    return input
