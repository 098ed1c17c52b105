"""In-place methods that fill a tensor with random numbers, or its diagonal."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..api import public
from ..dtypes import bool_
from ..errors import DTypeError, ShapeError
from ..mutation import check_in_place
from ..node import leaf
from ..random import Generator
from ..state import state
from ..tensor import Tensor, apply, as_tensor_operand
from .create import wrap
from .random import gauss, uniform, whole


def _draw(self: Tensor, array: np.ndarray, what: str) -> Tensor:
    check_in_place(self, what)
    value = wrap(np.asarray(array).astype(self.dtype.numpy, copy=False))
    if self.requires_grad and state.grad_enabled:  # what was there before gets no gradient
        value = apply("copy", (self, value))
    return self._assign(value, what)


def _floating(self: Tensor, what: str) -> None:
    if not self.dtype.is_floating_point:
        raise DTypeError(
            f"{what}: the distribution is continuous, dtype must be floating point, not {self.dtype}"
        )


@public("method")
def uniform_(
    self: Tensor, from_: float = 0, to: float = 1, *, generator: Generator | None = None, **bounds: float
) -> Tensor:
    """Random numbers, uniform in [from, to)."""
    low = bounds.pop("from", from_)
    if bounds:
        raise TypeError(f"uniform_() got an unexpected keyword argument '{next(iter(bounds))}'")
    if low > to:
        raise ShapeError(f"uniform_ expects to return a [from, to) range, but found from={low} > to={to}")
    draws = uniform(tuple(self.shape), self.dtype, generator)
    return _draw(self, draws * (to - low) + low, "uniform_")


@public("method")
def normal_(self: Tensor, mean: float = 0, std: float = 1, *, generator: Generator | None = None) -> Tensor:
    """Random numbers from the normal distribution."""
    if std < 0:
        raise ShapeError(f"normal expects std >= 0.0, but found std {std}")
    draws = gauss(tuple(self.shape), self.dtype, generator)
    return _draw(self, draws * std + mean, "normal_")


@public("method")
def log_normal_(
    self: Tensor, mean: float = 1, std: float = 2, *, generator: Generator | None = None
) -> Tensor:
    """Random numbers whose logarithms are from the normal distribution of `mean` and `std`."""
    if std <= 0:
        raise ShapeError(f"log_normal_ expects std > 0.0, but found std={std}")
    _floating(self, "log_normal_")
    draws = gauss(tuple(self.shape), self.dtype, generator)
    return _draw(self, np.exp(draws * std + mean), "log_normal_")


@public("method")
def exponential_(self: Tensor, lambd: float = 1, *, generator: Generator | None = None) -> Tensor:
    """Random numbers from the exponential distribution, λ e^(−λ x)."""
    if not lambd > 0:
        raise ShapeError(f"exponential_ expects lambda > 0.0, but found lambda={lambd}")
    _floating(self, "exponential_")
    draws = uniform(tuple(self.shape), self.dtype, generator)
    return _draw(self, -np.log1p(-draws) / lambd, "exponential_")


@public("method")
def cauchy_(
    self: Tensor, median: float = 0, sigma: float = 1, *, generator: Generator | None = None
) -> Tensor:
    """Random numbers from the Cauchy distribution."""
    if sigma <= 0:
        raise ShapeError(f"cauchy_ expects sigma > 0.0, but found sigma={sigma}")
    _floating(self, "cauchy_")
    draws = uniform(tuple(self.shape), self.dtype, generator)
    return _draw(self, median + sigma * np.tan(math.pi * (draws - 0.5)), "cauchy_")


@public("method")
def geometric_(self: Tensor, p: float, *, generator: Generator | None = None) -> Tensor:
    """How many attempts of probability `p` it takes until one succeeds."""
    if not 0 < p < 1:
        raise ShapeError(f"geometric_ expects p to be in (0, 1), but got p={p}")
    draws = uniform(tuple(self.shape), None, generator)
    return _draw(self, np.maximum(np.ceil(np.log1p(-draws) / math.log1p(-p)), 1), "geometric_")


@public("method")
def random_(
    self: Tensor, from_: int = 0, to: int | None = None, *, generator: Generator | None = None, **bounds: int
) -> Tensor:
    """Random whole numbers from `from` to `to − 1`; with one argument from 0; with none all that fit."""
    low = bounds.pop("from", from_)
    if bounds:
        raise TypeError(f"random_() got an unexpected keyword argument '{next(iter(bounds))}'")
    if to is None:
        low, high = 0, low or _most(self)
    else:
        high = to
    return _draw(self, whole(low, high, tuple(self.shape), self.dtype, generator), "random_")


def _most(self: Tensor) -> int:
    """One more than the largest of the numbers that the dtype holds without gaps."""
    if self.dtype.is_floating_point:
        digits = int(np.finfo(self.dtype.numpy).nmant) + 1
        return int(2**digits) + 1
    return 2 if self.dtype is bool_ else int(np.iinfo(self.dtype.numpy).max)


@public("method")
def bernoulli_(self: Tensor, p: Any = 0.5, *, generator: Generator | None = None) -> Tensor:
    """1 with probability `p`, a number or a tensor of them, otherwise 0."""
    chances = p._node.array if isinstance(p, Tensor) else np.asarray(float(p))
    if chances.size and not ((chances >= 0) & (chances <= 1)).all():
        raise ShapeError(f"bernoulli_ expects p to be in [0, 1], but got p={p}")
    draws = uniform(tuple(self.shape), None, generator)
    return _draw(self, draws < chances, "bernoulli_")


@public("method")
def fill_diagonal_(self: Tensor, fill_value: float, wrap: bool = False) -> Tensor:
    """One value on the main diagonal; with `wrap` it begins again below the end of a tall matrix."""
    if self.ndim < 2:
        raise ShapeError("dimensions must larger than 1")
    if self.ndim > 2 and len(set(self.shape)) > 1:
        raise ShapeError("all dimensions of input must be of equal length")
    check_in_place(self, "fill_diagonal_")
    places = np.zeros(self._node.spec.shape, bool)
    np.fill_diagonal(places, True, wrap=wrap)
    mask = Tensor._from_node(leaf(places))
    value = as_tensor_operand(fill_value).to(self.dtype)
    return self._assign(apply("where", (mask, value, self)), "fill_diagonal_")
