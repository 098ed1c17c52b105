"""Making tensors: from data, filled with a number, counting."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..api import public
from ..convert import data_array
from ..dims import shape_of
from ..dtypes import DType, from_numpy_dtype, get_default_dtype, int64
from ..errors import ArgumentError, DTypeError, ShapeError
from ..node import leaf
from ..tensor import Tensor


def wrap(array: np.ndarray, requires_grad: bool = False) -> Tensor:
    """A new leaf that holds `array`."""
    tensor = Tensor._from_node(leaf(array))
    return tensor.requires_grad_() if requires_grad else tensor


def checked_sizes(size: tuple[Any, ...]) -> tuple[int, ...]:
    shape = shape_of(size)
    if any(each < 0 for each in shape):
        raise ShapeError(f"Trying to create tensor with negative dimension: {list(shape)}")
    return shape


@public("torch")
def tensor(
    data: Any, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A leaf with a copy of `data`: numbers, nested sequences of them, numpy arrays."""
    return wrap(data_array(data, dtype), requires_grad)


@public("torch", aliases=("asarray",))
def as_tensor(data: Any, dtype: DType | None = None, device: Any = None) -> Tensor:
    """`data` as a tensor; a tensor stays itself and a numpy array shares its memory, if the dtype allows."""
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)
    if isinstance(data, np.ndarray) and (dtype is None or dtype.numpy == data.dtype):
        return from_numpy(data)
    return tensor(data, dtype=dtype)


@public("torch")
def from_numpy(ndarray: np.ndarray) -> Tensor:
    """A tensor that shares its memory with a numpy array: changing either changes both."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    from_numpy_dtype(ndarray.dtype)
    if any(step < 0 for step in ndarray.strides):
        raise ArgumentError(
            "At least one stride in the given numpy array is negative, and tensors with negative strides are "
            "not currently supported. (You can probably work around this by making a copy of your array with "
            "array.copy().)"
        )
    result = wrap(ndarray)
    result._join_storage().expose(ndarray)
    return result


@public("torch")
def zeros(*size: Any, dtype: DType | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor of zeros."""
    return wrap(np.zeros(checked_sizes(size), (dtype or get_default_dtype()).numpy), requires_grad)


@public("torch")
def ones(*size: Any, dtype: DType | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor of ones."""
    return wrap(np.ones(checked_sizes(size), (dtype or get_default_dtype()).numpy), requires_grad)


@public("torch")
def empty(*size: Any, dtype: DType | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor of whatever was in memory (zeros here, so that runs can be repeated)."""
    return zeros(*size, dtype=dtype, requires_grad=requires_grad)


@public("torch")
def full(
    size: Sequence[int],
    fill_value: float,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor filled with one value, whose kind decides the dtype unless it is given."""
    kind = dtype or data_dtype(fill_value)
    return wrap(np.full(checked_sizes((size,)), fill_value, kind.numpy), requires_grad)


def data_dtype(value: Any) -> DType:
    """The dtype of a tensor made of a Python number."""
    return from_numpy_dtype(data_array(value).dtype)


@public("torch")
def arange(
    start: Any,
    end: Any = None,
    step: Any = 1,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`start`, `start + step`, … below `end`; whole numbers make int64."""
    first, last = (0, start) if end is None else (start, end)
    first, last, step = (each.item() if isinstance(each, Tensor) else each for each in (first, last, step))
    if step == 0:
        raise DTypeError("step must be nonzero")
    if (last - first) * step < 0:
        raise DTypeError("upper bound and lower bound inconsistent with step sign")
    whole = all(isinstance(each, (int, np.integer)) for each in (first, last, step))
    kind = dtype or (int64 if whole else get_default_dtype())
    count = max(math.ceil((last - first) / step), 0)
    values = first + step * np.arange(count, dtype=np.int64 if whole else np.float64)
    return wrap(values.astype(kind.numpy), requires_grad)


@public("torch")
def linspace(
    start: float,
    end: float,
    steps: int,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`steps` numbers from `start` to `end`, both included, evenly spaced."""
    kind = (dtype or get_default_dtype()).numpy
    return wrap(np.linspace(start, end, int(steps)).astype(kind), requires_grad)


@public("torch")
def eye(
    n: int,
    m: int | None = None,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """The identity matrix, n × n or n × m."""
    return wrap(np.eye(n, m, dtype=(dtype or get_default_dtype()).numpy), requires_grad)
