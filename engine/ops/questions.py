"""Questions about tensors and dtypes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..api import public
from ..dtypes import DType, get_default_dtype
from ..dtypes import result_type as common_dtype
from ..errors import ShapeError
from ..tensor import Tensor, as_tensor_operand


class _Limits:
    """What both kinds of limits have."""

    def __init__(self, dtype: DType) -> None:
        self.dtype = dtype.name
        self.bits = 8 * dtype.itemsize


class finfo(_Limits):  # noqa: N801  (PyTorch's name)
    """Limits of a floating point dtype: `eps`, `max`, `min`, `tiny`, `smallest_normal`, `resolution`."""

    def __init__(self, type: Any = None) -> None:
        dtype = type or get_default_dtype()
        if not isinstance(dtype, DType) or not dtype.is_floating_point:
            raise TypeError("torch.finfo() requires a floating point input type; use torch.iinfo for others")
        super().__init__(dtype)
        found = np.finfo(dtype.numpy)
        self.eps, self.max, self.min = float(found.eps), float(found.max), float(found.min)
        self.tiny = self.smallest_normal = float(found.tiny)
        self.resolution = float(str(found.resolution))

    def __repr__(self) -> str:
        names = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")
        listed = ", ".join(f"{name}={getattr(self, name):g}" for name in names)
        return f"finfo({listed}, dtype={self.dtype})"


class iinfo(_Limits):  # noqa: N801  (PyTorch's name)
    """Limits of a dtype of whole numbers: `min` and `max`."""

    def __init__(self, type: Any) -> None:
        if not isinstance(type, DType) or type.rank != 1:
            raise TypeError(
                "torch.iinfo() requires an integer input type; use torch.finfo for floating point"
            )
        super().__init__(type)
        found = np.iinfo(type.numpy)
        self.max, self.min = int(found.max), int(found.min)

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"


@public("torch")
def result_type(tensor1: Any, tensor2: Any) -> DType:
    """The dtype of an expression of both, which may be tensors or numbers."""
    return common_dtype([as_tensor_operand(each)._node.spec for each in (tensor1, tensor2)])


@public("torch")
def can_cast(from_: DType, to: DType) -> bool:
    """Whether a conversion keeps the kind: floating point stays so, and only truth values become truth
    values."""
    return from_.rank <= to.rank


@public("method", "torch")
def is_floating_point(input: Tensor) -> bool:
    """Whether its dtype is floating point."""
    return input.dtype.is_floating_point


@public("method", "torch")
def is_complex(input: Tensor) -> bool:
    """Whether its numbers are complex: never here."""
    return False


@public("method", "torch")
def is_signed(input: Tensor) -> bool:
    """Whether its dtype has negative numbers."""
    return input.dtype.numpy.kind in "if"


@public("method", "torch")
def is_nonzero(input: Tensor) -> bool:
    """Whether its one element is not 0."""
    if input.numel() != 1:
        many = input.numel() > 1
        raise ShapeError(
            f"Boolean value of Tensor with {'more than one' if many else 'no'} values is ambiguous"
        )
    return bool(input.item())


@public("method")
def is_same_size(self: Tensor, other: Tensor) -> bool:
    """Whether both have the same shape."""
    return bool(self.shape == other.shape)


@public("torch")
def is_tensor(obj: Any) -> bool:
    """Whether an object is a tensor."""
    return isinstance(obj, Tensor)


@public("torch")
def numel(input: Tensor) -> int:
    """How many elements it has."""
    return input.numel()


@public("method")
def ndimension(self: Tensor) -> int:
    """How many dimensions it has."""
    return self.ndim


@public("method")
def element_size(self: Tensor) -> int:
    """Bytes for each element."""
    return self.dtype.itemsize


@public("property")
def itemsize(self: Tensor) -> int:
    """Bytes for each element."""
    return self.dtype.itemsize


@public("property")
def nbytes(self: Tensor) -> int:
    """Bytes for all elements."""
    return self.numel() * self.dtype.itemsize


@public("property")
def is_cuda(self: Tensor) -> bool:
    """Whether it lives on a GPU: never here."""
    return False


@public("method")
def get_device(self: Tensor) -> int:
    """The number of the GPU it lives on: −1 for the CPU."""
    return -1
