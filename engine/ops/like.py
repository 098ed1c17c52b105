"""Tensors in the shape or dtype of another one, casts by name, and questions about tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..api import public
from ..convert import data_array
from ..dims import shape_of
from ..dtypes import DType, bool_, dtype_named, float16, float32, float64, int8, int16, int32, int64, uint8
from ..tensor import Tensor
from .create import full, wrap


def _filled(like: Tensor, value: float, dtype: DType | None, requires_grad: bool) -> Tensor:
    return wrap(np.full(like._node.spec.shape, value, (dtype or like.dtype).numpy), requires_grad)


@public("torch")
def zeros_like(
    input: Tensor, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Zeros in the shape of `input`."""
    return _filled(input, 0, dtype, requires_grad)


@public("torch")
def ones_like(
    input: Tensor, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Ones in the shape of `input`."""
    return _filled(input, 1, dtype, requires_grad)


@public("torch")
def empty_like(
    input: Tensor, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A tensor to be filled, in the shape of `input` (zeros here, so that runs can be repeated)."""
    return _filled(input, 0, dtype, requires_grad)


@public("torch")
def full_like(
    input: Tensor,
    fill_value: float,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """One value in the shape of `input`."""
    return _filled(input, fill_value, dtype, requires_grad)


@public("method")
def new_zeros(self: Tensor, *size: Any, dtype: DType | None = None, requires_grad: bool = False) -> Tensor:
    """Zeros of this tensor's dtype."""
    return full(shape_of(size), 0, dtype=dtype or self.dtype, requires_grad=requires_grad)


@public("method")
def new_ones(self: Tensor, *size: Any, dtype: DType | None = None, requires_grad: bool = False) -> Tensor:
    """Ones of this tensor's dtype."""
    return full(shape_of(size), 1, dtype=dtype or self.dtype, requires_grad=requires_grad)


@public("method")
def new_empty(self: Tensor, *size: Any, dtype: DType | None = None, requires_grad: bool = False) -> Tensor:
    """A tensor of this one's dtype, to be filled (zeros here, so that runs can be repeated)."""
    return full(shape_of(size), 0, dtype=dtype or self.dtype, requires_grad=requires_grad)


@public("method")
def new_full(
    self: Tensor,
    size: Sequence[int],
    fill_value: float,
    *,
    dtype: DType | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """One value, in this tensor's dtype."""
    return full(size, fill_value, dtype=dtype or self.dtype, requires_grad=requires_grad)


@public("method")
def new_tensor(self: Tensor, data: Any, *, dtype: DType | None = None, requires_grad: bool = False) -> Tensor:
    """A tensor of `data` in this tensor's dtype."""
    return wrap(data_array(data, dtype or self.dtype), requires_grad)


@public("method")
def half(self: Tensor) -> Tensor:
    """In float16."""
    return self.to(float16)


@public("method", name="float")
def float_(self: Tensor) -> Tensor:
    """In float32."""
    return self.to(float32)


@public("method")
def double(self: Tensor) -> Tensor:
    """In float64."""
    return self.to(float64)


@public("method")
def byte(self: Tensor) -> Tensor:
    """In uint8."""
    return self.to(uint8)


@public("method")
def char(self: Tensor) -> Tensor:
    """In int8."""
    return self.to(int8)


@public("method")
def short(self: Tensor) -> Tensor:
    """In int16."""
    return self.to(int16)


@public("method", name="int")
def int_(self: Tensor) -> Tensor:
    """In int32; fractions are cut off."""
    return self.to(int32)


@public("method")
def long(self: Tensor) -> Tensor:
    """In int64; fractions are cut off."""
    return self.to(int64)


@public("method", name="bool")
def to_bool(self: Tensor) -> Tensor:
    """True where it is not 0."""
    return self.to(bool_)


TYPES = {
    "torch.HalfTensor": "float16",
    "torch.FloatTensor": "float32",
    "torch.DoubleTensor": "float64",
    "torch.ByteTensor": "uint8",
    "torch.CharTensor": "int8",
    "torch.ShortTensor": "int16",
    "torch.IntTensor": "int32",
    "torch.LongTensor": "int64",
    "torch.BoolTensor": "bool",
}


@public("method", name="type")
def type_(self: Tensor, dtype: DType | str | None = None) -> Any:
    """In another dtype, also by a name such as "torch.LongTensor"; without one, this dtype's name."""
    if dtype is None:
        return next(name for name, each in TYPES.items() if each == self.dtype.name)
    return self.to(dtype_named(TYPES[dtype]) if isinstance(dtype, str) else dtype)


@public("method")
def type_as(self: Tensor, other: Tensor) -> Tensor:
    """In the dtype of `other`."""
    return self.to(other.dtype)


@public("method")
def cpu(self: Tensor) -> Tensor:
    """The tensor itself: it is on the CPU."""
    return self


@public("method")
def element_size(self: Tensor) -> int:
    """Bytes for each element."""
    return self.dtype.itemsize


@public("method", "torch")
def is_floating_point(input: Tensor) -> bool:
    """Whether its dtype is floating point."""
    return input.dtype.is_floating_point


@public("torch")
def is_tensor(obj: Any) -> bool:
    """Whether an object is a tensor."""
    return isinstance(obj, Tensor)


@public("torch")
def numel(input: Tensor) -> int:
    """How many elements it has."""
    return input.numel()
