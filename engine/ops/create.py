"""Making tensors: from data, filled with a number, counting."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..api import public
from ..convert import check_number, data_array
from ..dims import shape_of
from ..dtypes import DType, from_numpy_dtype, get_default_dtype
from ..errors import ArgumentError, ShapeError
from ..node import leaf
from ..size import Device
from ..tensor import Tensor


def wrap(array: np.ndarray, requires_grad: bool = False, device: Any = None) -> Tensor:
    """A new leaf that holds `array`; RuntimeError for a device other than the CPU."""
    if device is not None:
        Device(device)
    tensor = Tensor._from_node(leaf(array))
    return tensor.requires_grad_() if requires_grad else tensor


def checked_sizes(sizes: tuple[Any, ...], size: Any = None) -> tuple[int, ...]:
    """Sizes given one by one, as one sequence, or by the name `size`; ShapeError if one is negative."""
    if size is not None:
        if sizes:
            raise TypeError("got multiple values for argument 'size'")
        sizes = (size,)
    shape = shape_of(sizes)
    if any(each < 0 for each in shape):
        raise ShapeError(f"Trying to create tensor with negative dimension: {list(shape)}")
    return shape


@public("torch")
def tensor(
    data: Any, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A leaf with a copy of `data`: numbers, nested sequences of them, numpy arrays."""
    return wrap(data_array(data, dtype), requires_grad, device)


@public("torch")
def scalar_tensor(
    s: Any, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A tensor without dimensions, of the default dtype unless it is given."""
    kind = dtype or get_default_dtype()
    value = s.item() if isinstance(s, Tensor) else s
    check_number(value, kind)
    return wrap(np.asarray(value).astype(kind.numpy), requires_grad, device)


@public("torch")
def asarray(
    obj: Any,
    *,
    dtype: DType | None = None,
    device: Any = None,
    copy: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """`obj` as a tensor that shares its memory where that can be, or never with `copy=True`."""
    shared = isinstance(obj, Tensor) and dtype in (None, obj.dtype)
    shared = shared or (isinstance(obj, np.ndarray) and (dtype is None or dtype.numpy == obj.dtype))
    if copy is False and not shared:
        raise ArgumentError("asarray: this cannot be done without a copy")
    if copy:
        obj = obj.clone() if isinstance(obj, Tensor) else np.array(obj) if shared else obj
    result = as_tensor(obj, dtype, device)
    if isinstance(obj, Tensor) and not requires_grad:
        return result.detach() if result.requires_grad else result
    return result.requires_grad_(requires_grad)


@public("torch")
def as_tensor(data: Any, dtype: DType | None = None, device: Any = None) -> Tensor:
    """`data` as a tensor; a tensor stays itself and a numpy array shares its memory, if the dtype allows."""
    if device is not None:
        Device(device)
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
