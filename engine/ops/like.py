"""Tensors in the shape or dtype of another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..api import public
from ..convert import check_number, data_array
from ..dtypes import DType
from ..layouts import check_format, contiguous_format
from ..tensor import Tensor
from .create import checked_sizes, wrap
from .filling import full, number_of


def _filled(
    like: Tensor, value: Any, dtype: DType | None, requires_grad: bool, device: Any, memory_format: Any
) -> Tensor:
    check_format(memory_format, like.ndim)
    kind = dtype or like.dtype
    check_number(value, kind)
    array = np.empty_like(
        like._node.layout, kind.numpy, order="C" if memory_format is contiguous_format else "K"
    )
    array[...] = np.asarray(value).astype(kind.numpy)
    return wrap(array, requires_grad, device)


@public("torch")
def zeros_like(
    input: Tensor,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Zeros in the shape of `input`."""
    return _filled(input, 0, dtype, requires_grad, device, memory_format)


@public("torch")
def ones_like(
    input: Tensor,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Ones in the shape of `input`."""
    return _filled(input, 1, dtype, requires_grad, device, memory_format)


@public("torch")
def empty_like(
    input: Tensor,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """A tensor to be filled, in the shape of `input` (zeros here, so that runs can be repeated)."""
    return _filled(input, 0, dtype, requires_grad, device, memory_format)


@public("torch")
def full_like(
    input: Tensor,
    fill_value: Any,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """One value in the shape of `input`."""
    return _filled(input, number_of(fill_value), dtype, requires_grad, device, memory_format)


@public("method")
def new_zeros(
    self: Tensor,
    *sizes: Any,
    size: Any = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Zeros of this tensor's dtype."""
    shape = checked_sizes(sizes, size)
    return full(shape, 0, dtype=dtype or self.dtype, device=device, requires_grad=requires_grad)


@public("method")
def new_ones(
    self: Tensor,
    *sizes: Any,
    size: Any = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Ones of this tensor's dtype."""
    shape = checked_sizes(sizes, size)
    return full(shape, 1, dtype=dtype or self.dtype, device=device, requires_grad=requires_grad)


@public("method")
def new_empty(
    self: Tensor,
    *sizes: Any,
    size: Any = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of this one's dtype, to be filled (zeros here, so that runs can be repeated)."""
    shape = checked_sizes(sizes, size)
    return full(shape, 0, dtype=dtype or self.dtype, device=device, requires_grad=requires_grad)


@public("method")
def new_full(
    self: Tensor,
    size: Sequence[int],
    fill_value: Any,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """One value, in this tensor's dtype."""
    return full(size, fill_value, dtype=dtype or self.dtype, device=device, requires_grad=requires_grad)


@public("method")
def new_tensor(
    self: Tensor, data: Any, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of `data` in this tensor's dtype."""
    return wrap(data_array(data, dtype or self.dtype), requires_grad, device)


@public("method", name="new")
def _new(self: Tensor, *data: Any) -> Tensor:
    """A tensor of this dtype: of the given sizes, or of the given data."""
    if len(data) == 1 and not isinstance(data[0], (int, np.integer)):
        return new_tensor(self, data[0])
    return new_empty(self, *(data or (0,)))
