"""dtypes, and PyTorch's rule for the dtype of a mixed expression.

Source: PyTorch documentation, "Tensor Attributes", section on type promotion.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .op import Spec


class DType:
    """A tensor's element type; prints as PyTorch prints it, `torch.float32`."""

    __slots__ = ("is_floating_point", "itemsize", "name", "numpy", "rank")

    def __init__(self, name: str, rank: int) -> None:
        self.name = name
        self.numpy: np.dtype[Any] = np.dtype(name)
        self.rank = rank  # 0 bool, 1 integer, 2 floating point
        self.is_floating_point = rank == 2
        self.itemsize = self.numpy.itemsize

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> tuple[Any, ...]:
        return dtype_named, (self.name,)


bool_ = DType("bool", 0)
uint8 = DType("uint8", 1)
int8 = DType("int8", 1)
int16 = DType("int16", 1)
int32 = DType("int32", 1)
int64 = DType("int64", 1)
float16 = DType("float16", 2)
float32 = DType("float32", 2)
float64 = DType("float64", 2)

ALL: tuple[DType, ...] = (bool_, uint8, int8, int16, int32, int64, float16, float32, float64)
_BY_NAME = {dtype.name: dtype for dtype in ALL}
_BY_NUMPY = {dtype.numpy: dtype for dtype in ALL}


def dtype_named(name: str) -> DType:
    """The dtype that is called `name`, such as "float32"."""
    return _BY_NAME[name]


def from_numpy_dtype(dtype: np.dtype[Any]) -> DType:
    """The dtype for a numpy dtype; TypeError for those that tensors cannot hold."""
    found = _BY_NUMPY.get(dtype)
    if found is None:
        found = _BY_NUMPY.get(np.dtype(dtype.newbyteorder("=")))
    if found is None:
        names = ", ".join(d.name for d in ALL)
        raise TypeError(f"can't convert np.ndarray of type {dtype}. The only supported types are: {names}.")
    return found


def promote_types(a: DType, b: DType) -> DType:
    """The smallest dtype that holds both: a floating point dtype wins over integers, whatever their sizes."""
    if a is b:
        return a
    if a.rank != b.rank:
        return a if a.rank > b.rank else b
    return _BY_NUMPY[np.promote_types(a.numpy, b.numpy)]


class Default:
    """The dtype that Python floats become."""

    dtype = float32


def get_default_dtype() -> DType:
    """The dtype of tensors made from Python floats: float32 unless `set_default_dtype` changed it."""
    return Default.dtype


def set_default_dtype(dtype: DType) -> None:
    """Make `dtype` (floating point) the dtype of tensors made from Python floats."""
    if not dtype.is_floating_point:
        raise TypeError(f"only floating-point types are supported as the default type, not {dtype}")
    Default.dtype = dtype


def result_type(specs: Iterable[Spec]) -> DType:
    """The dtype of an expression over tensors and numbers.

    Tensors with dimensions decide; a zero-dimensional tensor, and after it a Python number, counts only when
    it is of a higher kind (bool < integer < floating point), and then with its own dtype or, for a number,
    the default dtype.
    """
    tensors: DType | None = None
    scalars: DType | None = None
    numbers: DType | None = None
    for spec in specs:
        if spec.weak:
            kind = spec.dtype if spec.dtype.rank < 2 else Default.dtype
            numbers = kind if numbers is None else promote_types(numbers, kind)
        elif spec.shape:
            tensors = spec.dtype if tensors is None else promote_types(tensors, spec.dtype)
        else:
            scalars = spec.dtype if scalars is None else promote_types(scalars, spec.dtype)
    result: DType | None = None
    for dtype in (tensors, scalars, numbers):
        if dtype is not None and (result is None or dtype.rank > result.rank):
            result = dtype
    assert result is not None
    return result
