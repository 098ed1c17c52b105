"""Functions that put, add or take along a dimension: scatter, index_add, index_fill, take, and so on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..api import public
from ..convert import check_number
from ..dims import wrap_dim
from ..dtypes import int64
from ..errors import DimError, DTypeError, ShapeError
from ..node import leaf
from ..op import broadcast_shapes
from ..tensor import Tensor, apply, as_tensor_operand
from .gather import gather
from .index import put_index
from .indexing import narrow, parse
from .layout import contiguous, expand


def _one_line(input: Tensor) -> Tensor:
    """A tensor without dimensions counts as a vector of one element."""
    return input if input.ndim else apply("reshape", (input,), {"shape": (1,)})


def _shaped_as(result: Tensor, input: Tensor) -> Tensor:
    return result if input.ndim else apply("reshape", (result,), {"shape": ()})


def _cut(src: Tensor, index: Tensor) -> Tensor:
    """The part of `src` for which there are positions."""
    for dim, (have, want) in enumerate(zip(src._node.spec.shape, index._node.spec.shape, strict=False)):
        if want < have:
            src = narrow(src, dim, 0, want)
    return src


def _scatter(name: str, input: Tensor, dim: int, index: Tensor, src: Tensor, **attrs: Any) -> Tensor:
    at = wrap_dim(dim, input.ndim)
    if src.dtype is not input.dtype and not src._node.spec.weak:
        raise DTypeError("scatter(): Expected self.dtype to be equal to src.dtype")
    if not index.numel():
        if not src.requires_grad:
            return apply("clone", (input,), {"contiguous": True})
        nothing = index.long().reshape(0)  # the result still depends on src
        added = apply("scatter_add", (input.reshape(-1), nothing, src.reshape(-1)[:0]), {"dim": 0})
        return added.reshape(input._node.spec.shape)
    index = _one_line(index)
    if not src._node.spec.weak:
        src = _one_line(src)
        if src.ndim == index.ndim:
            src = _cut(src, index)
    return _shaped_as(apply(name, (_one_line(input), index, src), {"dim": at, **attrs}), input)


@public("torch", "method", "inplace")
def scatter(
    input: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None, reduce: str | None = None
) -> Tensor:
    """`y[index[i, j], j] = src[i, j]` for dim 0, and so on; `src` may be a number.

    With `reduce` "add" or "multiply" what stands there counts too.
    """
    given = as_tensor_operand(src if value is None else value)
    if given._node.spec.weak:
        check_number(given.item(), input.dtype)
    if reduce is None:
        return _scatter("scatter", input, dim, index, given)
    if reduce not in ("add", "multiply"):
        raise ShapeError("reduce argument must be either add or multiply.")
    if given._node.spec.weak:
        given = expand(given.to(input.dtype), index.shape)
    return scatter_reduce(input, dim, index, given, "sum" if reduce == "add" else "prod")


@public("torch", "method", "inplace")
def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """`y[index[i, j], j] += src[i, j]` for dim 0, and so on."""
    return _scatter("scatter_add", input, dim, index, src)


@public("torch", "method", "inplace")
def scatter_reduce(
    input: Tensor, dim: int, index: Tensor, src: Tensor, reduce: str, *, include_self: bool = True
) -> Tensor:
    """The "sum", "prod", "mean", "amax" or "amin" of all `src[i, j]` that `index` sends to one place.

    What stands there in `input` counts with them unless `include_self` is False.
    """
    if reduce not in ("sum", "prod", "mean", "amax", "amin"):
        raise ShapeError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    at = wrap_dim(dim, input.ndim)
    if not index.numel():
        return _scatter("scatter", input, at, index, src)
    if reduce not in ("sum", "mean"):
        attrs = {"reduce": reduce, "include_self": bool(include_self)}
        return _scatter("scatter_reduce", input, at, index, src, **attrs)
    start = input if include_self else scatter(input, at, index, 0)
    total = scatter_add(start, at, index, src)
    if reduce == "sum":
        return total
    ones = src.detach().new_ones(src.shape)
    count = (
        input.new_ones(input.shape) if include_self else scatter(input.new_ones(input.shape), at, index, 0)
    )
    count = scatter_add(count, at, index, ones)
    count = count.masked_fill(count == 0, 1)
    result: Tensor = total / count if input.dtype.is_floating_point else total // count
    return result


def _positions(name: str, index: Tensor) -> Tensor:
    if index.dtype.name not in ("int64", "int32"):
        raise DTypeError(f"{name}(): Expected dtype int32 or int64 for index")
    if index.ndim > 1:
        raise DimError(f"{name}(): Index is supposed to be a vector")
    return _one_line(index)


@public("torch", "method", "inplace")
def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: float = 1) -> Tensor:
    """`y[index[i]] += alpha · source[i]` along `dim`, as often as a position is named."""
    at = wrap_dim(dim, input.ndim)
    where = _positions("index_add", index)
    if source.dtype is not input.dtype:
        raise DTypeError(
            f"index_add_(): self ({input.dtype}) and source ({source.dtype}) must have the same scalar type"
        )
    if not index.ndim and source.ndim == input.ndim - 1:
        source = source.unsqueeze(at)
    length = source.shape[at] if at < source.ndim else 1
    if where.numel() != length and not source.ndim:
        raise DimError(f"Dimension specified as {dim} but tensor has no dimensions")
    if where.numel() != length:
        raise ShapeError(
            f"index_add_(): Number of indices ({where.numel()}) should be equal to source.size(dim): "
            f"({length}), for dim: {dim}"
        )
    if not input.ndim:
        if source.ndim:
            raise ShapeError(
                "source tensor shape must match self tensor shape, excluding the specified dimension. Got "
                f"self.shape = [] source.shape = {list(source.shape)}"
            )
        source = _one_line(source)
    if input.numel():
        check_number(alpha, input.dtype)
    if input.ndim < 2:  # PyTorch's error differs for vectors
        _in_range("index_add_()", where, input.numel(), False)
    attrs = {"dim": at, "alpha": alpha}
    return _shaped_as(apply("index_add", (_one_line(input), where, source), attrs), input)


def _in_range(name: str, where: Tensor, size: int, negative: bool) -> None:
    array = where._node.array
    low = -size if negative else 0
    if array.size and not low <= array.min() <= array.max() < size:
        bad = int(array.max() if array.max() >= size else array.min())
        raise DimError(f"{name}: index {bad} is out of bounds for dimension with size {size}")


@public("torch", "method", "inplace")
def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """`y[index[i]] = source[i]` along `dim`."""
    at = wrap_dim(dim, input.ndim)
    where = _positions("index_copy_", index)
    if where.dtype is not int64:
        raise DTypeError("index_copy_(): Expected a long tensor for index")
    if source.dtype is not input.dtype:
        raise DTypeError("index_copy_(): self and source expected to have the same dtype")
    whole = _one_line(input)
    source = source.unsqueeze(at) if not source.ndim else source
    want = (*whole.shape[:at], where.numel(), *whole.shape[at + 1 :])
    if tuple(source.shape) != want:
        raise ShapeError(
            "index_copy_(): Source/destination tensor must have same slice shapes: "
            f"wants {list(want)}, got {list(source.shape)}"
        )
    _in_range("index_copy_()", where, whole.shape[at], False)
    return _shaped_as(contiguous(put_index(whole, source, (where,), (at,), (-1,))), input)


@public("torch", "method", "inplace")
def index_fill(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """One value at the positions of `index` along `dim`."""
    at = wrap_dim(dim, input.ndim)
    if index.dtype is not int64:
        raise DimError("index_fill_(): Expected dtype int64 for index.")
    if index.ndim > 1:
        raise ShapeError("Index has to be a vector/scalar")
    filled = as_tensor_operand(value)
    if filled.ndim:
        raise ShapeError(
            "index_fill_ only supports a 0-dimensional value tensor, but got tensor with "
            f"{filled.ndim} dimension(s)."
        )
    check_number(filled.item(), input.dtype)
    whole, where = _one_line(input), _one_line(index)
    _in_range("index_fill_()", where, whole.shape[at], True)
    places = np.unique(where._node.array % max(whole.shape[at], 1))  # the value's gradient counts none twice
    where = Tensor._from_node(leaf(places))
    return _shaped_as(put_index(whole, filled, (where,), (at,), (-1,)), input)


@public("torch", "method")
def take(input: Tensor, index: Tensor) -> Tensor:
    """The elements at positions in the flattened tensor, in the shape of `index`."""
    if index.dtype is not int64:
        raise DTypeError(f"take(): Expected a long tensor for index, but got {index.dtype}")
    count, places = input.numel(), index._node.array
    if places.size and not count:
        raise DimError("take(): tried to take from an empty tensor")
    if places.size and not -count <= places.min() <= places.max() < count:
        bad = int(places.max() if places.max() >= count else places.min())
        raise DimError(f"out of range: tried to access index {bad} on a tensor of {count} elements.")
    return apply("index", (input.reshape(-1), index), {"at": (0,), "counts": (-1,)})


@public("torch", "method")
def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """The elements at positions along `dim`, the other dimensions broadcast; without `dim`, see `take`."""
    if indices.dtype is not int64:
        raise DTypeError(f"torch.take_along_dim(): dtype of indices should be Long but got {indices.dtype}")
    if dim is None:
        return gather(input.reshape(-1), 0, indices.reshape(-1))
    if not input.ndim:
        raise DimError(f"Dimension specified as {dim} but tensor has no dimensions")
    at = wrap_dim(dim, input.ndim)
    if input.ndim != indices.ndim:
        raise ShapeError(
            "torch.take_along_dim(): input and indices should have the same number of dimensions, but got "
            f"{input.ndim} dimensions for input, and {indices.ndim} dimensions for indices"
        )
    a, b = list(input.shape), list(indices.shape)
    a[at] = b[at] = 1
    common = list(broadcast_shapes("take_along_dim", tuple(a), tuple(b)))
    a, b = common.copy(), common.copy()
    a[at], b[at] = input.shape[at], indices.shape[at]
    size = input.shape[at]
    return gather(expand(input, a), at, _counted(expand(indices, b), size))


def _counted(indices: Tensor, size: int) -> Tensor:
    """Positions counted from the front, whatever they are."""
    places = indices._node.array
    if places.size and size and not 0 <= places.min() <= places.max() < size:
        return indices.remainder(size)
    return indices


@public("torch", "method", "inplace")
def index_put(
    input: Tensor, indices: Sequence[Tensor | None], values: Tensor, accumulate: bool = False
) -> Tensor:
    """`input` with `input[indices]` replaced by `values`, or increased by them with `accumulate`."""
    if not isinstance(indices, (tuple, list)):
        raise TypeError("index_put: indices must be a tuple of tensors")
    if values.dtype is not input.dtype:
        raise DTypeError(
            "Index put requires the source and destination dtypes match, got "
            f"{input.dtype} for the destination and {values.dtype} for the source."
        )
    key = tuple(slice(None) if each is None else _one_line(each) for each in indices)
    parsed = parse(input._node.spec.shape, key)
    if not parsed.indices:
        raise DimError("index_put: there must be at least one index tensor")
    if accumulate:
        values = expand(values, parsed.shape(input._node.spec.shape))
        attrs = {"shape": input._node.spec.shape, "at": parsed.at, "counts": parsed.counts}
        added: Tensor = input + apply("index_grad", (values, *parsed.indices), attrs)
        return added
    return put_index(input, values, parsed.indices, parsed.at, parsed.counts)
