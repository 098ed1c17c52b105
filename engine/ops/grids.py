"""Every combination of the elements of vectors: grids, products, choices."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from ..api import public
from ..composite import composite
from ..errors import ShapeError
from ..node import leaf
from ..tensor import Tensor
from .join import stack
from .layout import expand


@public("torch")
@composite(
    "meshgrid",
    formula=r"Y^{(k)}_{i_1 i_2 \ldots} = x^{(k)}_{i_k}",
    derivative=r"\dfrac{\partial L}{\partial x^{(k)}_{i}} = "
    r"\sum_{i_k = i} \dfrac{\partial L}{\partial Y^{(k)}_{i_1 i_2 \ldots}}",
    en="Spreads vectors over a grid: one tensor of coordinates for each of them.",
    zh="把若干向量铺成网格：每个向量得到一个坐标张量。",
)
def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Tensor, ...]:
    """Coordinates of a grid whose axes are the given vectors; with "xy" the first two axes are swapped."""
    each = list(tensors[0]) if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else list(tensors)
    if not each:
        raise ShapeError("meshgrid expects a non-empty TensorList")
    for x in each:
        if x.ndim > 1:
            raise ShapeError(f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {x}")
        if x.dtype is not each[0].dtype:
            raise ShapeError("meshgrid expects all tensors to have the same dtype")
    if indexing not in ("ij", "xy"):
        raise ShapeError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    swap = indexing == "xy" and len(each) > 1
    if swap:
        each[:2] = each[1::-1]
    shape = [x.numel() for x in each]
    grids = [
        expand(x.view([-1 if d == k else 1 for d in range(len(each))]), shape) for k, x in enumerate(each)
    ]
    if swap:
        grids[:2] = grids[1::-1]
    return tuple(grids)


def _vector(x: Tensor) -> None:
    if x.ndim != 1:
        raise ShapeError(f"Expect a 1D vector, but got shape {list(x.shape)}")


@public("torch")
@composite(
    "cartesian_prod",
    formula=r"Y = x^{(1)} \times x^{(2)} \times \ldots",
    derivative=r"\dfrac{\partial L}{\partial x^{(k)}_{i}} = "
    r"\sum_{r:\, Y_{rk} = x^{(k)}_{i}} \dfrac{\partial L}{\partial Y_{rk}}",
    en="Every way to take one element of each vector, one row each.",
    zh="从每个向量各取一个元素的所有取法，每种一行。",
)
def cartesian_prod(*tensors: Any) -> Tensor:
    """Every way to take one element of each vector: a row each; of one vector, the vector."""
    each: tuple[Tensor, ...] = tensors
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        each = tuple(tensors[0])
    for x in each:
        _vector(x)
    if len(each) == 1:
        return each[0]
    return stack([grid.flatten() for grid in meshgrid(*each)], 1)


@public("torch")
@composite(
    "combinations",
    formula=r"Y_{r} = (x_{i_1},\, \ldots,\, x_{i_k}),\quad i_1 < \ldots < i_k",
    derivative=r"\dfrac{\partial L}{\partial x_{i}} = "
    r"\sum_{r,\,c:\, i_c = i} \dfrac{\partial L}{\partial Y_{rc}}",
    en="Every choice of r elements of a vector, one row each.",
    zh="从向量中取 r 个元素的所有组合，每种一行。",
)
def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """Every choice of `r` elements in their order, a row each; elements may repeat if asked for."""
    _vector(input)
    if r < 0:
        raise ShapeError(f"Expect a non-negative number, but got {r}")
    if r == 0:
        return input.new_empty((0,))
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    rows = list(choose(range(input.numel()), r))
    index = Tensor._from_node(leaf(np.array(rows, np.int64).reshape(-1, r)))
    return input[index]
