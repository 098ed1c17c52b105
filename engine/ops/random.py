"""Tensors of random numbers. They are drawn by numpy, so that a seed gives other numbers than in PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..api import public
from ..dtypes import DType, bool_, get_default_dtype, int64
from ..errors import DTypeError, ShapeError
from ..layouts import check_format
from ..op import broadcast_shapes
from ..random import Generator, default_generator
from ..state import state
from ..tensor import Tensor, apply
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
    *sizes: Any,
    size: Any = None,
    generator: Generator | None = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random numbers, uniform in [0, 1)."""
    return wrap(uniform(checked_sizes(sizes, size), dtype, generator), requires_grad, device)


@public("torch")
def randn(
    *sizes: Any,
    size: Any = None,
    generator: Generator | None = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random numbers from the normal distribution of mean 0 and variance 1."""
    return wrap(gauss(checked_sizes(sizes, size), dtype, generator), requires_grad, device)


def whole(
    low: int, high: int, shape: tuple[int, ...], dtype: DType, source: Generator | None = None
) -> np.ndarray:
    """Whole numbers from `low` to `high − 1`, as `dtype`, which must hold them all."""
    if low >= high:
        raise ShapeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    if dtype.rank < 2:
        first, last = (0, 1) if dtype is bool_ else (np.iinfo(dtype.numpy).min, np.iinfo(dtype.numpy).max)
        for name, number in (("from", low), ("to - 1", high - 1)):
            if not first <= number <= last:
                raise DTypeError(f"{name} is out of bounds for {dtype.name}")
    rng = (source or default_generator).numpy
    return np.asarray(rng.integers(low, high, shape)).astype(dtype.numpy)


@public("torch")
def randint(
    low: Any = None,
    high: Any = None,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random whole numbers from `low` (0 if left out) to `high − 1`: `randint(10, (2, 3))`."""
    if isinstance(high, (tuple, list)):  # randint(high, size)
        low, high, size = 0, low, high
    elif high is None:
        low, high = 0, low
    if size is None or high is None:
        raise TypeError("randint takes an upper limit and a size")
    array = whole(int(low or 0), int(high), checked_sizes((size,)), dtype or int64, generator)
    return wrap(array, requires_grad, device)


@public("torch")
def randperm(
    n: int,
    *,
    generator: Generator | None = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """The numbers 0 … n − 1 in random order."""
    rng = (generator or default_generator).numpy
    order = rng.permutation(checked_sizes((int(n),))[0])
    return wrap(order.astype((dtype or int64).numpy), requires_grad, device)


@public("torch")
def normal(
    mean: Any,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Random numbers from the normal distribution of the given mean and standard deviation.

    With a tensor among the two the result has its dtype; gradients of 0 flow to tensors.
    """
    given = [each for each in (mean, std) if isinstance(each, Tensor)]
    if size is None and not given:
        raise TypeError("normal() of two numbers takes a size")
    if given and (size is not None or dtype is not None or requires_grad):
        raise TypeError("normal() of tensors takes no size, dtype or requires_grad")
    shapes = [tuple(each.shape) for each in given] if size is None else [checked_sizes((size,))]
    shape = broadcast_shapes("normal", *shapes)
    if given:
        dtype = given[0].dtype
    spread = std._node.array if isinstance(std, Tensor) else np.asarray(float(std))
    if spread.size and (spread < 0).any():
        raise ShapeError(f"normal expects std >= 0.0, but found std {spread.min():g}")
    centre = mean._node.array if isinstance(mean, Tensor) else float(mean)
    draws = gauss(shape, dtype, generator)
    result = wrap(np.asarray(draws * spread + centre).astype(draws.dtype), requires_grad, device)
    for each in given:
        if each.requires_grad and state.grad_enabled:
            result = apply("copy", (each.expand(shape), result))
    return result


@public("torch", "method")
def bernoulli(input: Tensor, p: float | None = None, *, generator: Generator | None = None) -> Tensor:
    """1 with the probability that `input` gives for each element, or with `p`, otherwise 0."""
    if p is None and not input.dtype.is_floating_point:
        raise DTypeError(f"bernoulli takes probabilities, not {input.dtype}")
    chances = input._node.array if p is None else np.asarray(float(p))
    if chances.size and not ((chances >= 0) & (chances <= 1)).all():
        raise ShapeError("bernoulli expects probabilities in [0, 1]")
    draws = uniform(tuple(input.shape), None, generator)
    result = wrap((draws < chances).astype(input.dtype.numpy))
    # its gradient is 0 everywhere
    return apply("copy", (input, result)) if input.requires_grad and state.grad_enabled else result


@public("torch", "method")
def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Generator | None = None
) -> Tensor:
    """Positions drawn with the probabilities (or weights) in the last dimension of `input`."""
    if input.ndim not in (1, 2):
        raise ShapeError("prob_dist must be 1 or 2 dim")
    if not input.dtype.is_floating_point:
        raise DTypeError(f"multinomial only supports floating-point dtypes for input, got: {input.dtype}")
    if num_samples <= 0:
        raise ShapeError("cannot sample n_sample <= 0 samples")
    weights = np.atleast_2d(input._node.array.astype(np.float64))
    count = weights.shape[1]
    if not replacement and num_samples > count:
        raise ShapeError("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise ShapeError("probability tensor contains either `inf`, `nan` or element < 0")
    if not (weights.sum(1) > 0).all():
        raise ShapeError("invalid multinomial distribution (sum of probabilities <= 0)")
    rng = (generator or default_generator).numpy
    drawn = [_drawn(rng, row, num_samples, replacement) for row in weights]
    return wrap(np.array(drawn, np.int64).reshape((*input.shape[:-1], num_samples)))


def _drawn(rng: np.random.Generator, weights: np.ndarray, count: int, replacement: bool) -> np.ndarray:
    chances = weights / weights.sum()
    possible = int(np.count_nonzero(weights))
    if replacement or count <= possible:
        return np.asarray(rng.choice(len(weights), count, replacement, chances))
    rest = np.flatnonzero(weights == 0)[: count - possible]  # only when all others are used up
    return np.concatenate([rng.choice(len(weights), possible, False, chances), rest])


@public("torch")
def rand_like(
    input: Tensor,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    generator: Generator | None = None,
    memory_format: Any = None,
) -> Tensor:
    """Random numbers, uniform in [0, 1), in the shape of `input`."""
    check_format(memory_format, input.ndim)
    return wrap(uniform(tuple(input.shape), dtype or input.dtype, generator), requires_grad, device)


@public("torch")
def randn_like(
    input: Tensor,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    generator: Generator | None = None,
    memory_format: Any = None,
) -> Tensor:
    """Normal random numbers in the shape of `input`."""
    check_format(memory_format, input.ndim)
    return wrap(gauss(tuple(input.shape), dtype or input.dtype, generator), requires_grad, device)


@public("torch")
def randint_like(
    input: Tensor,
    low: int,
    high: int | None = None,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    generator: Generator | None = None,
    memory_format: Any = None,
) -> Tensor:
    """Random whole numbers in the shape of `input`."""
    check_format(memory_format, input.ndim)
    first, last = (0, low) if high is None else (low, high)
    array = whole(int(first), int(last), tuple(input.shape), dtype or input.dtype, generator)
    return wrap(array, requires_grad, device)
