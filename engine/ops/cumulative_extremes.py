"""The largest and the smallest element so far, and where they were."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dims import wrap_dim
from ..element import Call, Expr, Index, Ref
from ..op import Sample, register
from ..tensor import Tensor, apply
from .gather import Gather
from .returns import RETURNS
from .scan import before, scan_samples
from .sort import Places


class _SoFar(Places):
    """Base of both; `sign` turns the smallest into the largest."""

    sign: ClassVar[int]

    def kernel(self, out: Any, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """The last of equal ones; NaN wins."""
        x, dim = inputs[0], attrs["dim"]
        if not x.ndim or not x.size:
            return np.zeros(x.shape, np.int64)
        ufunc = np.maximum if self.sign > 0 else np.minimum
        best = ufunc.accumulate(x, axis=dim)
        found = (x == best) | (x != x)
        steps = np.arange(x.shape[dim]).reshape([-1 if d == dim else 1 for d in range(x.ndim)])
        places = np.maximum.accumulate(np.where(found, steps, 0), axis=dim)
        return places.astype(np.int64, order="C")

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The place of the largest up to here."""
        pairs: list[Expr] = []
        for number, at in enumerate(before(index, attrs["dim"])):
            value = Ref(0, at)
            pairs += [value if self.sign > 0 else Call("neg", (value,)), float(number)]
        return Call("argmax", tuple(pairs))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """See `scan_samples`."""
        return scan_samples(rng)


@register
class CummaxIndices(_SoFar):
    """Where the largest element so far is."""

    name = "cummax_indices"
    formula = r"k_i = \mathrm{arg\,max}_{j \leq i}\; x_j"
    says: ClassVar = {
        "en": "The position of the largest element so far, of the last one of equals.",
        "zh": "到目前为止最大元素的位置；并列时取最后一个。",
    }
    sign = 1


@register
class CumminIndices(_SoFar):
    """Where the smallest element so far is."""

    name = "cummin_indices"
    formula = r"k_i = \mathrm{arg\,min}_{j \leq i}\; x_j"
    says: ClassVar = {
        "en": "The position of the smallest element so far, of the last one of equals.",
        "zh": "到目前为止最小元素的位置；并列时取最后一个。",
    }
    sign = -1


@register
class Cummax(Gather):
    """The largest elements so far, from the positions that were found."""

    name = "cummax"
    formula = r"y_i = x_{k_i} = \max_{j \leq i} x_j"
    says: ClassVar = {
        "en": "Takes the largest element so far; it gets the gradients of all places that it leads.",
        "zh": "取到目前为止的最大元素；它得到自己领先的所有位置的梯度。",
    }


@register
class Cummin(Gather):
    """The smallest elements so far, from the positions that were found."""

    name = "cummin"
    formula = r"y_i = x_{k_i} = \min_{j \leq i} x_j"
    says: ClassVar = {
        "en": "Takes the smallest element so far; it gets the gradients of all places that it leads.",
        "zh": "取到目前为止的最小元素；它得到自己领先的所有位置的梯度。",
    }


def _so_far(name: str, input: Tensor, dim: int) -> Any:
    at = wrap_dim(dim, input.ndim)
    where = apply(f"{name}_indices", (input,), {"dim": at})
    return RETURNS[name](apply(name, (input, where), {"dim": at}), where)


@public("torch", "method")
def cummax(input: Tensor, dim: int) -> Any:
    """The largest elements along `dim` so far, and where they are."""
    return _so_far("cummax", input, dim)


@public("torch", "method")
def cummin(input: Tensor, dim: int) -> Any:
    """The smallest elements along `dim` so far, and where they are."""
    return _so_far("cummin", input, dim)
