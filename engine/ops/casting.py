"""Tensors in another dtype."""

from __future__ import annotations

from typing import Any

from ..api import public
from ..dtypes import DType, bool_, dtype_named, float16, float32, float64, int8, int16, int32, int64, uint8
from ..layouts import check_format
from ..size import Device
from ..tensor import Tensor, apply


@public("method")
def to(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """The tensor in another dtype, or on another device, of which there is one: `x.to(torch.float64)`,
    `x.to("cpu")`, `x.to(other)`; itself if nothing changes, unless `copy=True`."""
    unknown = set(kwargs) - {"dtype", "device", "non_blocking", "copy", "memory_format", "other"}
    if unknown:
        raise TypeError(f"to() got an unexpected keyword argument '{unknown.pop()}'")
    check_format(kwargs.get("memory_format"), self.ndim)
    dtype, device, flags = kwargs.get("dtype"), kwargs.get("device"), []
    for arg in args:
        if isinstance(arg, DType):
            dtype = arg
        elif isinstance(arg, Tensor):
            dtype = arg.dtype
        elif isinstance(arg, bool):
            flags.append(arg)
        elif arg is not None:
            device = arg
    if device is not None:
        Device(device)
    copy = kwargs.get("copy", len(flags) > 1 and flags[1])  # after non_blocking
    if dtype is None or dtype is self.dtype:
        return apply("clone", (self,)) if copy else self
    return apply("to", (self,), {"dtype": dtype.name})


@public("method")
def half(self: Tensor, memory_format: Any = None) -> Tensor:
    """In float16."""
    return self.to(float16, memory_format=memory_format)


@public("method", name="float")
def float_(self: Tensor, memory_format: Any = None) -> Tensor:
    """In float32."""
    return self.to(float32, memory_format=memory_format)


@public("method")
def double(self: Tensor, memory_format: Any = None) -> Tensor:
    """In float64."""
    return self.to(float64, memory_format=memory_format)


@public("method")
def byte(self: Tensor, memory_format: Any = None) -> Tensor:
    """In uint8."""
    return self.to(uint8, memory_format=memory_format)


@public("method")
def char(self: Tensor, memory_format: Any = None) -> Tensor:
    """In int8."""
    return self.to(int8, memory_format=memory_format)


@public("method")
def short(self: Tensor, memory_format: Any = None) -> Tensor:
    """In int16."""
    return self.to(int16, memory_format=memory_format)


@public("method", name="int")
def int_(self: Tensor, memory_format: Any = None) -> Tensor:
    """In int32; fractions are cut off."""
    return self.to(int32, memory_format=memory_format)


@public("method")
def long(self: Tensor, memory_format: Any = None) -> Tensor:
    """In int64; fractions are cut off."""
    return self.to(int64, memory_format=memory_format)


@public("method", name="bool")
def to_bool(self: Tensor, memory_format: Any = None) -> Tensor:
    """True where it is not 0."""
    return self.to(bool_, memory_format=memory_format)


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
    if isinstance(dtype, str) and dtype not in TYPES:
        raise ValueError(f"invalid type: {dtype!r}")
    return self.to(dtype_named(TYPES[dtype]) if isinstance(dtype, str) else dtype)


@public("method")
def type_as(self: Tensor, other: Tensor) -> Tensor:
    """In the dtype of `other`."""
    return self.to(other.dtype)


@public("method")
def cpu(self: Tensor, memory_format: Any = None) -> Tensor:
    """The tensor itself: it is on the CPU."""
    check_format(memory_format, self.ndim)
    return self
