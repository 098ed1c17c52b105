"""Choosing elements by masks and positions: where, masked_fill, masked_select, index_select, nonzero."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..api import public
from ..convert import check_number
from ..dims import wrap_dim
from ..dtypes import bool_, uint8
from ..errors import DimError, DTypeError, ShapeError
from ..node import leaf
from ..op import broadcast_shapes
from ..tensor import Tensor, apply, as_tensor_operand
from .choice import where
from .index import put_index
from .indexing import getitem
from .layout import contiguous


@public("torch", name="where")
def _where(condition: Tensor, input: Any = None, other: Any = None) -> Any:
    """`input` where `condition` holds, otherwise `other`; all three broadcast.

    With the condition alone, the positions where it holds, as `nonzero(as_tuple=True)`.
    """
    if input is None and other is None:
        return nonzero(condition, as_tuple=True)
    if input is None or other is None:
        raise TypeError("where takes a condition alone, or one and two values")
    return where(_condition(condition), input, other)


def _condition(condition: Tensor) -> Tensor:
    return condition.to(bool_) if condition.dtype is uint8 else condition  # as PyTorch's masks of old


@public("method", name="where")
def _where_method(self: Tensor, condition: Tensor, other: Any) -> Tensor:
    """This tensor where `condition` holds, otherwise `other`."""
    return where(_condition(condition), self, other)


@public("torch", "method", "inplace")
def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """`value` where `mask` is True, otherwise `input`."""
    if mask.dtype is not bool_:
        raise DTypeError(f"masked_fill_ only supports boolean masks, but got mask with dtype {mask.dtype}")
    filled = as_tensor_operand(value)
    if filled.ndim:
        raise ShapeError(
            "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with "
            f"{filled.ndim} dimension(s)."
        )
    check_number(filled.item(), input.dtype)
    return contiguous(where(mask, filled.to(input.dtype), input))


@public("torch", "method")
def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """The entries along `dim` that a one-dimensional index names."""
    at = wrap_dim(dim, input.ndim)
    if index.dtype.name not in ("int64", "int32"):
        raise DTypeError("index_select(): Expected dtype int32 or int64 for index")
    if index.ndim > 1:
        raise DimError("index_select(): Index is supposed to be a vector")
    if not input.ndim and index.numel() != 1:
        raise ShapeError(
            f"index_select(): Index to scalar can have only 1 value, got {index.numel()} value(s)"
        )
    places = index._node.array
    if places.size and not 0 <= places.min() <= places.max() < (input.shape[at] if input.ndim else 1):
        raise DimError("index out of range in self")
    if not input.ndim:
        return apply("clone", (input,))
    where = index if index.ndim else apply("reshape", (index,), {"shape": (1,)})
    return apply("index", (input, where), {"at": (at,), "counts": (-1,)})


@public("torch", "method")
def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The elements for which `mask` is True, in one dimension."""
    if mask.dtype is not bool_:
        raise DTypeError("masked_select: expected BoolTensor for mask")
    shape = broadcast_shapes("masked_select", input._node.spec.shape, mask._node.spec.shape)
    whole, chosen = (
        each if each._node.spec.shape == shape else apply("expand", (each,), {"shape": shape})
        for each in (input, mask)
    )
    return getitem(whole, chosen) if shape else getitem(whole[None], chosen[None])


@public("torch", "method", "inplace")
def masked_scatter(input: Tensor, mask: Tensor, source: Tensor) -> Tensor:
    """`input` with the elements for which `mask` is True replaced by those of `source`, in their order."""
    if mask.dtype is not bool_:
        raise DTypeError(f"masked_scatter_ only supports boolean masks, but got mask with dtype {mask.dtype}")
    if source.dtype is not input.dtype:
        raise DTypeError(
            f"masked_scatter: expected self and source to have same dtypes but got {input.dtype} and "
            f"{source.dtype}"
        )
    shape = broadcast_shapes("masked_scatter", input._node.spec.shape, mask._node.spec.shape)
    whole, chosen = (
        each if each._node.spec.shape == shape else apply("expand", (each,), {"shape": shape})
        for each in (input, mask)
    )
    count = int(np.count_nonzero(chosen._node.array))
    if source.numel() < count:
        raise ShapeError("masked_scatter: the source has fewer elements than the mask lets through")
    flat = source.reshape(-1)[:count]
    if not shape:
        return put_index(whole[None], flat, (chosen[None],), (0,), (count,)).reshape(())
    return contiguous(put_index(whole, flat, (chosen,), (0,), (count,)))


@public("torch", "method")
def argwhere(input: Tensor) -> Tensor:
    """The positions of the elements that are not 0, one row each."""
    found: Tensor = nonzero(input)
    return found


@public("torch", "method")
def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """The positions of the elements that are not 0: one row each, or one tensor for each dimension."""
    places = np.nonzero(np.atleast_1d(input._node.array))
    found = [Tensor._from_node(leaf(np.ascontiguousarray(each))) for each in places]
    if as_tuple:
        return tuple(found)
    array = np.argwhere(input._node.array)
    return Tensor._from_node(leaf(np.ascontiguousarray(array)))
