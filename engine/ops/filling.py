"""Making tensors that are filled with a number, count, or are the identity."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..api import public
from ..convert import check_number, data_array
from ..dtypes import DType, float16, from_numpy_dtype, get_default_dtype, int64
from ..errors import ArgumentError, DTypeError, ShapeError
from ..layouts import check_format
from ..tensor import Tensor
from .create import checked_sizes, wrap


@public("torch")
def zeros(
    *sizes: Any, size: Any = None, dtype: DType | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of zeros."""
    kind = (dtype or get_default_dtype()).numpy
    return wrap(np.zeros(checked_sizes(sizes, size), kind), requires_grad, device)


@public("torch")
def ones(
    *sizes: Any, size: Any = None, dtype: DType | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of ones."""
    kind = (dtype or get_default_dtype()).numpy
    return wrap(np.ones(checked_sizes(sizes, size), kind), requires_grad, device)


@public("torch")
def empty(
    *sizes: Any,
    size: Any = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """A tensor of whatever was in memory (zeros here, so that runs can be repeated)."""
    check_format(memory_format, len(checked_sizes(sizes, size)))
    return zeros(*sizes, size=size, dtype=dtype, device=device, requires_grad=requires_grad)


@public("torch")
def full(
    size: Sequence[int],
    fill_value: Any,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor filled with one value, whose kind decides the dtype unless it is given."""
    value = number_of(fill_value)
    kind = dtype or data_dtype(value)
    check_number(value, kind)
    return wrap(_filled(checked_sizes((size,)), value, kind), requires_grad, device)


def _filled(shape: tuple[int, ...], value: Any, dtype: DType) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.full(shape, np.asarray(value).astype(dtype.numpy))


def number_of(value: Any) -> Any:
    """A Python number, which may be given as a tensor without dimensions."""
    if isinstance(value, Tensor):
        if value.ndim:
            raise ShapeError("a fill value must be a number or a tensor without dimensions")
        return value.item()
    return value.item() if isinstance(value, np.generic) else value


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
    first, last, step = (number_of(each) for each in (first, last, step))
    if step == 0:
        raise DTypeError("step must be nonzero")
    if not (math.isfinite(first) and math.isfinite(last)):
        raise DTypeError(f"unsupported range: {first} -> {last}")
    if (last - first) * step < 0:
        raise DTypeError("upper bound and lower bound inconsistent with step sign")
    whole = all(isinstance(each, (int, np.integer)) for each in (first, last, step))
    kind = dtype or (int64 if whole else get_default_dtype())
    length = (last - first) / step
    if kind.rank == 1:  # PyTorch cuts fractions off, in int64 before it counts, elsewhere after it
        first, last, step = int(first), int(last), int(step)
        if kind is int64:
            if step == 0:
                raise ArgumentError("step must be nonzero")
            length = (last - first) / step
    count = max(math.ceil(length), 0)
    values = first + step * np.arange(count, dtype=np.int64 if kind.rank == 1 else np.float64)
    return wrap(values.astype(kind.numpy), requires_grad, device)


def _evenly(
    start: Any, end: Any, steps: Any, dtype: DType | None, change: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    first, last, count = number_of(start), number_of(end), operator.index(number_of(steps))
    if count < 0:
        raise DTypeError("number of steps must be non-negative")
    kind = dtype or get_default_dtype()
    if kind.rank == 1 and count > 1:
        first, last = int(first), int(last)
    with np.errstate(all="ignore"):
        return change(_line(first, last, count, kind)).astype(kind.numpy)


def _line(first: float, last: float, count: int, dtype: DType) -> np.ndarray:
    """From both ends to the middle, as PyTorch does, so that it is symmetric; half precision in its steps."""
    kind: Any = np.float16 if dtype is float16 else np.float64
    if count < 2:
        return np.full(count, first, np.float64)
    a, b = kind(first), kind(last)
    step = kind((b - a) / kind(count - 1))
    places = np.arange(count).astype(kind)
    return np.asarray(np.where(np.arange(count) < count // 2, a + step * places, b - step * places[::-1]))


@public("torch")
def linspace(
    start: Any,
    end: Any,
    steps: Any,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`steps` numbers from `start` to `end`, both included, evenly spaced."""
    return wrap(_evenly(start, end, steps, dtype, lambda x: x), requires_grad, device)


@public("torch")
def logspace(
    start: Any,
    end: Any,
    steps: Any,
    base: float = 10.0,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`steps` powers of `base`, with exponents from `start` to `end`, evenly spaced."""
    return wrap(_evenly(start, end, steps, dtype, lambda x: np.power(float(base), x)), requires_grad, device)


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
    for name, size in (("n", n), ("m", m)):
        if size is not None and size < 0:
            raise ShapeError(f"{name} must be greater or equal to 0, got {size}")
    return wrap(np.eye(n, m, dtype=(dtype or get_default_dtype()).numpy), requires_grad, device)
