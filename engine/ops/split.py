"""Taking tensors apart along a dimension: views of their parts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from ..api import public
from ..dims import shape_of, wrap_dim
from ..dtypes import int64
from ..errors import DimError, ShapeError
from ..tensor import Tensor
from .indexing import narrow, select


def _together(views: Iterable[Tensor]) -> tuple[Tensor, ...]:
    """Views that come in a tuple: none of them may be changed in place while gradients are recorded."""
    parts = tuple(views)
    for part in parts:
        if part._path is not None:
            part._path = part._path._replace(several=True)
    return parts


def _dim(name: str, tensor: Tensor, dim: int) -> int:
    if not tensor.ndim:
        raise ShapeError(f"{name} expects at least a 1-dimensional tensor")
    return wrap_dim(dim, tensor.ndim)


@public("torch", "method")
def split(tensor: Tensor, split_size: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Parts along `dim`: of `split_size` each (the last may be smaller), or of the sizes in a list."""
    at = _dim("split", tensor, dim)
    if not isinstance(split_size, int):
        if isinstance(split_size, float):
            raise TypeError("split takes a whole number or a list of them, not float")
        return split_with_sizes(tensor, shape_of((split_size,)), at)
    size = tensor.shape[at]
    if split_size < 0:
        raise ShapeError(f"split expects split_size be non-negative, but got split_size={split_size}")
    if split_size == 0 and size:
        raise ShapeError(f"split_size can only be 0 if dimension size is 0, but got dimension size of {size}")
    starts = range(0, size, split_size) if size else (0,)
    return _together(narrow(tensor, at, start, min(split_size, size - start)) for start in starts)


@public("torch", "method")
def split_with_sizes(input: Tensor, split_sizes: Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Parts along `dim` of the given sizes, which add up to the whole."""
    at = _dim("split_with_sizes", input, dim)
    size, sizes = input.shape[at], list(split_sizes)
    if any(length < 0 for length in sizes):
        raise ShapeError(
            "split_with_sizes expects split_sizes have only non-negative entries, but got "
            f"split_sizes={sizes}"
        )
    if sum(sizes) != size:
        raise ShapeError(
            f"split_with_sizes expects split_sizes to sum exactly to {size} (input tensor's size at "
            f"dimension {at}), but got split_sizes={sizes}"
        )
    starts = [sum(sizes[:k]) for k in range(len(sizes))]
    return _together(narrow(input, at, start, length) for start, length in zip(starts, sizes, strict=True))


@public("torch", "method")
def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most `chunks` parts along `dim`, all but the last of one size."""
    at = _dim("chunk", input, dim)
    if chunks <= 0:
        raise ShapeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    size = input.shape[at]
    if size == 0:
        return tuple(narrow(input, at, 0, 0) for _ in range(chunks))
    return split(input, math.ceil(size / chunks), at)


@public("torch", "method")
def tensor_split(
    input: Tensor, indices_or_sections: Any = None, dim: int = 0, *, indices: Any = None, sections: Any = None
) -> tuple[Tensor, ...]:
    """Parts along `dim`: so many, of sizes that differ by one at most, or cut before the given positions."""
    given = [each for each in (indices_or_sections, indices, sections) if each is not None]
    if len(given) != 1:
        raise TypeError("tensor_split takes either a number of sections or the positions of the cuts")
    if not input.ndim:
        raise ShapeError(
            "tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims"
        )
    at = wrap_dim(dim, input.ndim)
    size, parts = input.shape[at], given[0]
    if isinstance(parts, Tensor):
        if parts.ndim > 1 or parts.dtype is not int64:
            raise ShapeError(
                "tensor_split: a tensor of positions must be of int64 and have 0 or 1 dimensions"
            )
        parts = parts.tolist()
    if isinstance(parts, int):
        if parts <= 0:
            raise ShapeError(f"number of sections must be larger than 0, got {parts}")
        least, more = divmod(size, parts)
        cuts = [k * least + min(k, more) for k in range(1, parts)]
    else:
        cuts = list(parts)
    edges = [slice(a, b).indices(size) for a, b in zip([0, *cuts], [*cuts, size], strict=True)]
    return tuple(narrow(input, at, start, max(stop - start, 0)) for start, stop, _ in edges)


@public("torch", "method")
def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """The entries along `dim`, which is dropped."""
    if not input.ndim:
        raise DimError("Dimension specified as 0 but tensor has no dimensions")
    at = wrap_dim(dim, input.ndim)
    return _together(select(input, at, k) for k in range(input.shape[at]))
