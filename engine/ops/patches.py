"""Copies with a part replaced, and other forms of what exists by another name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..api import public
from ..dims import shape_of, wrap_dim
from ..dtypes import int64
from ..errors import DTypeError, ShapeError
from ..node import leaf
from ..tensor import Tensor, apply
from .indexing import select
from .placing import index_put
from .slice import put_slice
from .split import chunk, split, split_with_sizes


def _replaced(input: Tensor, src: Tensor, part: Tensor, items: tuple[Any, ...]) -> Tensor:
    if src.shape != part.shape:
        raise ShapeError(
            "expected src to have a size equal to the slice of self. src size = "
            f"{list(src.shape)}, slice size = {list(part.shape)}"
        )
    return put_slice(input, src, items)


def _whole(input: Tensor, dim: int) -> tuple[Any, ...]:
    return tuple((0, size, 1) for size in input._node.spec.shape[:dim])


@public("torch", "method")
def select_scatter(input: Tensor, src: Tensor, dim: int, index: int) -> Tensor:
    """A copy of `input` with entry `index` along `dim` replaced by `src`."""
    part = select(input.detach(), dim, index)
    at = wrap_dim(dim, input.ndim)
    return _replaced(input, src, part, (*_whole(input, at), index % input.shape[at]))


@public("torch", "method")
def slice_scatter(
    input: Tensor, src: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Tensor:
    """A copy of `input` with the slice start:end:step along `dim` replaced by `src`."""
    at = wrap_dim(dim, input.ndim)
    if step <= 0:
        raise ShapeError("slice step must be positive")
    first, last, step = slice(start, end, step).indices(input.shape[at])
    item = (first, max(first, last), step)
    part = apply("slice", (input.detach(),), {"items": (*_whole(input, at), item)})
    return _replaced(input, src, part, (*_whole(input, at), item))


@public("torch", "method")
def narrow_copy(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """A copy of `length` entries along `dim` from `start`."""
    return apply("clone", (input.narrow(dim, start, length),), {"contiguous": True})


@public("method")
def sum_to_size(self: Tensor, *size: Any) -> Tensor:
    """Summed over dimensions, as the gradient of broadcasting is, down to the given shape."""
    shape = shape_of(size)
    if not shape:
        return self.sum()
    if shape == self._node.spec.shape:
        return self
    return apply("sum_to", (self if self.dtype.is_floating_point else self.long(),), {"shape": shape})


@public("torch", "method", "inplace")
def put(input: Tensor, index: Tensor, source: Tensor, accumulate: bool = False) -> Tensor:
    """`input` with elements at positions of the flattened tensor replaced, or added to with `accumulate`."""
    if index.dtype is not int64:
        raise DTypeError(f"put_(): Expected a long tensor for index, but got {index.dtype}")
    if index.numel() != source.numel():
        raise ShapeError("put_(): Expected source and index to have the same number of elements")
    flat = index_put(input.reshape(-1), (index.reshape(-1),), source.reshape(-1), accumulate)
    return flat.reshape(input._node.spec.shape)


@public("torch")
def unravel_index(indices: Tensor, shape: int | Sequence[int]) -> tuple[Tensor, ...]:
    """Positions in a flattened tensor of `shape` as positions along each of its dimensions."""
    sizes = shape_of((shape,))
    if indices.dtype.rank != 1:
        raise ValueError(f"expected 'indices' to be integer dtype, but got {indices.dtype}")
    flat = indices._node.array
    places = []
    for size in reversed(sizes):
        places.append(Tensor._from_node(leaf(np.asarray(flat % size))))
        flat = flat // size
    return tuple(reversed(places))


@public("torch", "method")
def unsafe_chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """As `chunk`."""
    return chunk(input, chunks, dim)


@public("torch", "method")
def unsafe_split(tensor: Tensor, split_size: int, dim: int = 0) -> tuple[Tensor, ...]:
    """As `split`."""
    return split(tensor, split_size, dim)


@public("torch", "method")
def unsafe_split_with_sizes(input: Tensor, split_sizes: Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """As `split_with_sizes`."""
    return split_with_sizes(input, split_sizes, dim)


@public("property", name="real")
def _real(self: Tensor) -> Tensor:
    """The tensor itself: its numbers are real."""
    return self


@public("property")
def is_cpu(self: Tensor) -> bool:
    """Whether it lives on the CPU: always here."""
    return True
