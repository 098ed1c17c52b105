"""Tensors of random numbers. They are drawn by numpy, so that a seed gives other numbers than in PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..api import public
from ..dtypes import DType, get_default_dtype, int64
from ..errors import ArgumentError, DTypeError
from ..random import Generator, default_generator
from ..tensor import Tensor
from .create import checked_sizes, wrap


def uniform(
    shape: tuple[int, ...], dtype: DType | None = None, source: Generator | None = None
) -> np.ndarray:
    """Numbers in [0, 1), drawn in the precision asked for, so that none rounds to 1."""
    kind = dtype or get_default_dtype()
    if not kind.is_floating_point:
        raise DTypeError(f"random numbers in [0, 1) need a floating point dtype, not {kind}")
    rng = (source or default_generator).numpy
    if kind.itemsize == 2:
        return (rng.integers(0, 2**11, shape) / 2**11).astype(kind.numpy)
    return np.asarray(rng.random(shape, dtype=kind.numpy.type))


def gauss(shape: tuple[int, ...], dtype: DType | None = None, source: Generator | None = None) -> np.ndarray:
    """Numbers from the normal distribution of mean 0 and variance 1."""
    kind = dtype or get_default_dtype()
    if not kind.is_floating_point:
        raise DTypeError(f"normal numbers need a floating point dtype, not {kind}")
    rng = (source or default_generator).numpy
    exact = kind.numpy if kind.itemsize > 2 else np.dtype(np.float32)
    return np.asarray(rng.standard_normal(shape, dtype=exact.type)).astype(kind.numpy, copy=False)


@public("torch")
def rand(
    *size: Any,
    generator: Generator | None = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random numbers, uniform in [0, 1)."""
    return wrap(uniform(checked_sizes(size), dtype, generator), requires_grad)


@public("torch")
def randn(
    *size: Any,
    generator: Generator | None = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random numbers from the normal distribution of mean 0 and variance 1."""
    return wrap(gauss(checked_sizes(size), dtype, generator), requires_grad)


@public("torch")
def randint(
    low: int,
    high: Any = None,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random whole numbers from `low` (0 if left out) to `high − 1`: `randint(10, (2, 3))`."""
    if size is None:  # randint(high, size)
        low, high, size = 0, low, high
    if low >= high:
        raise ArgumentError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    rng = (generator or default_generator).numpy
    array = rng.integers(low, high, checked_sizes((size,)))
    return wrap(array.astype((dtype or int64).numpy), requires_grad)


@public("torch")
def randperm(
    n: int, *, generator: Generator | None = None, dtype: DType | None = None, device: Any = None
) -> Tensor:
    """The numbers 0 … n − 1 in random order."""
    rng = (generator or default_generator).numpy
    return wrap(rng.permutation(int(n)).astype((dtype or int64).numpy))


@public("torch")
def normal(mean: Any, std: Any = 1.0, size: Any = None, *, generator: Generator | None = None) -> Tensor:
    """Random numbers from the normal distribution of the given mean and standard deviation."""
    if size is None:
        size = np.broadcast_shapes(*(each.shape for each in (mean, std) if isinstance(each, Tensor)))
    noise = wrap(gauss(checked_sizes((tuple(size),)), None, generator))
    result: Tensor = (noise * std + mean).detach()
    return result


@public("torch", "method")
def bernoulli(input: Tensor, *, generator: Generator | None = None) -> Tensor:
    """1 with the probability that `input` gives for each element, otherwise 0."""
    draws = uniform(tuple(input.shape), input.dtype, generator)
    return wrap((draws < input._node.array).astype(input.dtype.numpy))


@public("torch", "method")
def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Generator | None = None
) -> Tensor:
    """Positions drawn with the probabilities (or weights) in the last dimension of `input`."""
    weights = np.atleast_2d(input._node.array.astype(np.float64))
    if input.ndim not in (1, 2):
        raise ArgumentError("prob_dist must be 1 or 2 dim")
    if not (np.isfinite(weights).all() and (weights >= 0).all() and (weights.sum(1) > 0).all()):
        raise DTypeError("probability tensor contains either `inf`, `nan` or element < 0, or sums to 0")
    if not replacement and (np.count_nonzero(weights, axis=1) < num_samples).any():
        raise DTypeError("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
    rng = (generator or default_generator).numpy
    count = weights.shape[1]
    drawn = [rng.choice(count, num_samples, replacement, row / row.sum()) for row in weights]
    return wrap(np.array(drawn, np.int64).reshape((*input.shape[:-1], num_samples)))


@public("torch")
def rand_like(
    input: Tensor, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Random numbers, uniform in [0, 1), in the shape of `input`."""
    return wrap(uniform(tuple(input.shape), dtype or input.dtype), requires_grad)


@public("torch")
def randn_like(
    input: Tensor, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Normal random numbers in the shape of `input`."""
    return wrap(gauss(tuple(input.shape), dtype or input.dtype), requires_grad)


@public("torch")
def randint_like(
    input: Tensor,
    low: int,
    high: int | None = None,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random whole numbers in the shape of `input`."""
    first, last = (0, low) if high is None else (low, high)
    return randint(first, last, tuple(input.shape), dtype=dtype or input.dtype, requires_grad=requires_grad)
