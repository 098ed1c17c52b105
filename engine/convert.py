"""From Python data to arrays with PyTorch's dtypes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .dtypes import DType, from_numpy_dtype, get_default_dtype
from .errors import DTypeError


def data_array(data: Any, dtype: DType | None = None) -> np.ndarray:
    """A new array for `torch.tensor(data)`: numbers, nested sequences of numbers or tensors, or numpy arrays.

    Python floats become the default dtype, ints int64; numpy arrays keep theirs. Ragged sequences raise
    ValueError.
    """
    if hasattr(data, "_node"):
        array = data._node.array
    elif isinstance(data, (np.ndarray, np.generic)):
        array = np.asarray(data)
    else:
        plain = _plain(data)
        try:
            array = np.array(plain)
        except ValueError as error:
            raise ValueError(f"expected sequences of equal length at each dimension: {error}") from None
        if array.dtype == object:
            if not isinstance(plain, (tuple, list)):
                raise RuntimeError(f"Could not infer dtype of {type(plain).__name__}")
            raise ValueError("expected numbers or sequences of numbers of equal length")
        if dtype is None and array.dtype == np.float64 and (array.size == 0 or not _holds_arrays(data)):
            array = array.astype(get_default_dtype().numpy)
    if array.dtype.kind in "USO":
        raise TypeError(f"can't convert {array.dtype} to a tensor")
    target = dtype.numpy if dtype is not None else from_numpy_dtype(array.dtype).numpy
    return np.array(array, dtype=target, order="K")


def check_number(value: Any, dtype: DType) -> None:
    """DTypeError where PyTorch does not convert a Python number to whole numbers of `dtype`."""
    if dtype.rank != 1 or isinstance(value, bool):
        return
    limits = np.iinfo(dtype.numpy)
    low = -limits.max if limits.min == 0 and isinstance(value, int) else limits.min
    if not low <= value <= limits.max:
        raise DTypeError(f"value cannot be converted to type {dtype.name} without overflow")


def _plain(data: Any) -> Any:
    if isinstance(data, (list, tuple)):
        return [_plain(item) for item in data]
    if hasattr(data, "_node"):
        return data._node.array
    return data


def _holds_arrays(data: Any) -> bool:
    """Whether a nested sequence holds arrays or tensors, whose dtype counts."""
    while isinstance(data, (list, tuple)) and data:
        data = data[0]
    return isinstance(data, (np.ndarray, np.generic)) or hasattr(data, "_node")


def legacy_array(data: tuple[Any, ...]) -> np.ndarray:
    """The array for `torch.Tensor(*data)`: sizes make zeros, one sequence makes float32 values."""
    if len(data) == 1 and not isinstance(data[0], (int, np.integer)):
        return data_array(data[0], get_default_dtype())
    return np.zeros(tuple(int(size) for size in data) or (0,), dtype=get_default_dtype().numpy)
