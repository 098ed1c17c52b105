"""Dimensions as users write them: negative ones counted from the end, one or several, all."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from .errors import DimError, ShapeError

Dims = tuple[int, ...]

Dim = int | Sequence[int] | None
"""A `dim` argument: one dimension, several, or all."""


def wrap_dim(dim: int, ndim: int) -> int:
    """`dim` counted from the front; a tensor without dimensions takes 0 and −1 as if it had one."""
    size = max(ndim, 1)
    if not -size <= dim < size:
        raise DimError(
            f"Dimension out of range (expected to be in range of [{-size}, {size - 1}], but got {dim})"
        )
    return int(dim) % size


def wrap_dims(dim: int | Sequence[int], ndim: int) -> Dims:
    """One or several dimensions, counted from the front; none may be named twice."""
    dims = tuple(wrap_dim(d, ndim) for d in ((dim,) if isinstance(dim, int) else dim))
    if len(set(dims)) != len(dims):
        twice = next(d for d in dims if dims.count(d) > 1)
        raise ShapeError(f"dim {twice} appears multiple times in the list of dims")
    return dims


def reduced_shape(shape: Dims, dim: Sequence[int] | None, keepdim: bool) -> Dims:
    """The shape after reducing the dimensions `dim` (None: all) to one element each."""
    dims = set(range(len(shape)) if dim is None else dim)
    if keepdim:
        return tuple(1 if i in dims else size for i, size in enumerate(shape))
    return tuple(size for i, size in enumerate(shape) if i not in dims)


def reduced_count(shape: Dims, dim: Sequence[int] | None) -> int:
    """How many elements become one."""
    count = 1
    for i in range(len(shape)) if dim is None else dim:
        if shape:
            count *= shape[i]
    return count


def axes(dim: Sequence[int] | None, ndim: int) -> Dims | None:
    """The `axis` argument of numpy's reductions."""
    return None if dim is None else tuple(dim) if ndim else ()


def shape_of(sizes: tuple[Any, ...]) -> Dims:
    """Sizes given as `f(2, 3)`, `f((2, 3))`, `f([2, 3])` or `f(x.shape)`."""
    if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)):
        sizes = tuple(sizes[0])
    try:
        return tuple(map(operator.index, sizes))
    except TypeError:
        kinds = ", ".join(type(size).__name__ for size in sizes)
        raise TypeError(f"sizes must be ints, not {kinds}") from None
