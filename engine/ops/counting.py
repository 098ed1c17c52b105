"""Distinct elements, counts, places in sorted sequences, and differences of neighbours.

What counts has no gradient: it is computed at once, from the values.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..api import public
from ..composite import composite
from ..dims import wrap_dim
from ..dtypes import bool_, int32, int64
from ..errors import DTypeError, ShapeError
from ..tensor import Tensor
from .create import wrap
from .join import cat


def _array(input: Any) -> np.ndarray:
    return input._node.array if isinstance(input, Tensor) else np.asarray(input)


def _found(first: np.ndarray, *others: tuple[bool, np.ndarray]) -> Any:
    results = [wrap(first)]
    results += [wrap(np.asarray(each).astype(np.int64)) for wanted, each in others if wanted]
    return results[0] if len(results) == 1 else tuple(results)


def _laid_along(slices: np.ndarray, dim: int) -> np.ndarray:
    """Slices, one after the other in memory, of which `dim` counts them."""
    return np.moveaxis(np.ascontiguousarray(slices), 0, dim)


@public("torch", "method")
def unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """The distinct elements (or slices along `dim`) in order; with what place each got, and how often."""
    x = _array(input)
    if dim is None:
        values, inverse, counts = np.unique(x, return_inverse=True, return_counts=True, equal_nan=False)
        return _found(values, (return_inverse, inverse.reshape(x.shape)), (return_counts, counts))
    at = wrap_dim(dim, input.ndim)
    values, inverse, counts = np.unique(
        x, return_inverse=True, return_counts=True, axis=at if x.ndim else None
    )
    values = _laid_along(np.moveaxis(values, at, 0), at) if x.ndim else values
    return _found(values, (return_inverse, inverse.reshape(-1)), (return_counts, counts))


@public("torch", "method")
def unique_consecutive(
    input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """The elements (or slices along `dim`) without those that equal the one before."""
    x = _array(input)
    at = 0 if dim is None else wrap_dim(dim, input.ndim)
    lines = x.reshape(-1) if dim is None else np.moveaxis(x, at, 0)
    size = lines.shape[0]
    differs = (lines[1:] != lines[:-1]).any(axis=tuple(range(1, lines.ndim)))
    new = np.concatenate([np.ones(min(size, 1), bool), differs])
    inverse = np.cumsum(new) - 1
    counts = np.diff(np.append(np.flatnonzero(new), size))
    values = lines[new] if dim is None else _laid_along(lines[new], at)
    if dim is None:
        inverse = inverse.reshape(x.shape)
    return _found(values, (return_inverse, inverse), (return_counts, counts))


@public("torch", "method")
def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each of 0, 1, … occurs in `input`, or the sum of its weights."""
    x = _array(input)
    if input.dtype.rank == 2 or input.ndim != 1 or (x.size and int(x.min()) < 0):
        raise ShapeError("bincount only supports 1-d non-negative integral inputs.")
    if minlength < 0:
        raise DTypeError("minlength should be >= 0")
    if weights is None or not x.size:
        return wrap(np.bincount(x.astype(np.int64), minlength=minlength).astype(np.int64))
    if weights.shape != input.shape:
        raise ShapeError("weights should be 1-d and have the same length as input")
    dtype = np.float32 if weights.dtype.numpy == np.float32 else np.float64
    return wrap(np.bincount(x.astype(np.int64), _array(weights), minlength).astype(dtype))


@public("torch", "method")
def histc(input: Tensor, bins: int = 100, min: float = 0, max: float = 0) -> Tensor:
    """How many elements fall into each of `bins` equal parts of [min, max], by default of their own range."""
    x = _array(input).reshape(-1)
    if not input.dtype.is_floating_point:
        raise DTypeError(f'"histc" not implemented for {input.dtype}')
    if bins <= 0:
        raise DTypeError("bins must be > 0")
    if max < min:
        raise DTypeError("max must be larger than min")
    low, high = float(min), float(max)
    if low == high and x.size:
        low, high = float(x.min()), float(x.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise DTypeError(f"range of [{low}, {high}] is not finite")
    if low == high:
        low, high = low - 1, high + 1
    kind = x.dtype.type  # PyTorch computes the places in the input's own precision
    inside = x[(x >= low) & (x <= high)]
    place = ((inside - kind(low)) * kind(bins) / (kind(high) - kind(low))).astype(np.int64)
    counts = np.bincount(np.minimum(place, bins - 1), minlength=bins)
    return wrap(counts.astype(x.dtype))


def _search(edges: np.ndarray, values: np.ndarray, right: bool) -> np.ndarray:
    """In each line of `edges` the places of the values in the same line."""
    side: Any = "right" if right else "left"
    if edges.ndim == 1:
        return np.asarray(np.searchsorted(edges, values, side))
    if not values.size:
        return np.zeros(values.shape, np.int64)
    flat, wanted = edges.reshape(-1, edges.shape[-1]), values.reshape(-1, values.shape[-1])
    lines = [np.searchsorted(line, each, side) for line, each in zip(flat, wanted, strict=True)]
    return np.array(lines, np.int64).reshape(values.shape)


@public("torch")
def searchsorted(
    sorted_sequence: Tensor,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Tensor | None = None,
) -> Tensor:
    """Where each value would go in a sorted sequence: before equal ones or, if `right`, after them."""
    edges, values = _array(sorted_sequence), _array(input)
    if side not in (None, "left", "right"):
        raise DTypeError(f"side can only be 'left' or 'right' but got {side}")
    if side == "left" and right:
        raise DTypeError("side and right can't be set to opposites, got side of left while right was True")
    if isinstance(input, Tensor) and input.dtype is not sorted_sequence.dtype:
        raise DTypeError(
            "torch.searchsorted(): input value tensor and boundaries should have same dtype, but got "
            f"{input.dtype} and {sorted_sequence.dtype}"
        )
    if edges.ndim != 1 and (values.ndim != edges.ndim or edges.shape[:-1] != values.shape[:-1]):
        raise ShapeError(
            "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of "
            f"boundaries tensor and input value tensor must match, but we got {edges.shape} and "
            f"{values.shape}"
        )
    if sorter is not None:
        if sorter.shape != sorted_sequence.shape or sorter.dtype is not int64:
            raise ShapeError("torch.searchsorted(): sorter must be int64 and of the shape of the sequence")
        edges = np.take_along_axis(edges, _array(sorter), -1)
    found = _search(edges, values, right or side == "right")
    return wrap(found.astype((int32 if out_int32 else int64).numpy))


@public("torch")
def bucketize(input: Any, boundaries: Tensor, *, out_int32: bool = False, right: bool = False) -> Tensor:
    """Between which boundaries each value lies: `searchsorted` the other way round."""
    if boundaries.ndim != 1:
        raise ShapeError(f"boundaries tensor must be 1 dimension, but got dim({boundaries.ndim})")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


@public("torch")
def isin(elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Which elements are among the test elements (or, if `invert`, are not)."""
    return wrap(np.asarray(np.isin(_array(elements), _array(test_elements), invert=invert)))


@public("torch", "method")
@composite(
    "diff",
    formula=r"y_i = x_{i+1} - x_i",
    derivative=r"\dfrac{\partial L}{\partial x_i} = g_{i-1} - g_i",
    en="The differences of neighbours.",
    zh="相邻元素之差。",
)
def diff(
    input: Tensor, n: int = 1, dim: int = -1, prepend: Tensor | None = None, append: Tensor | None = None
) -> Tensor:
    """The differences of neighbours along `dim`, taken `n` times; more may be put before and after first."""
    if not input.ndim:
        raise ShapeError("diff expects input to be at least one-dimensional")
    if n < 0:
        raise DTypeError(f"order must be non-negative but got {n}")
    if n == 0:
        return input.clone()
    at = wrap_dim(dim, input.ndim)
    parts = [each for each in (prepend, input, append) if each is not None]
    y = cat(parts, at) if len(parts) > 1 else input
    for _ in range(min(n, y.shape[at])):
        size = y.shape[at]
        late, early = y.narrow(at, 1, size - 1), y.narrow(at, 0, size - 1)
        y = late.logical_xor(early) if y.dtype is bool_ else late - early
    return y
