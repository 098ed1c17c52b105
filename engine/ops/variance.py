"""Variance and standard deviation over all or some dimensions."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dims import Dim, axes, reduced_count
from ..dtypes import DType
from ..element import Call, Expr, Index, Ref
from ..errors import DTypeError
from ..jit import dense
from ..op import Sample, Spec, Vjp, register
from ..tensor import Tensor
from .choice import where
from .reduce import Reduction, members, reduce, reduction_samples, spread


def _var_gradient(
    g: Tensor, x: Tensor, dim: tuple[int, ...] | None, keepdim: bool, correction: float
) -> Tensor:
    """g · 2 (x − x̄) / (n − c)."""
    shape = x._node.spec.shape
    degrees = reduced_count(shape, dim) - correction
    factor = 2 / degrees if degrees else math.inf
    if dim is None and degrees <= 0:  # PyTorch's way of saying that the variance is infinite
        return spread(g, shape, dim, keepdim) * ((x - x.mean()) ** 2 * math.inf)
    return spread(g, shape, dim, keepdim) * ((x - x.mean(dim, True)) * factor)


class _Spread(Reduction):
    """Base of both; `correction` is what the number of elements is lessened by."""

    saves: ClassVar[tuple[str, ...]] = ("inputs",)

    def out_dtype(self, dtype: DType) -> DType:
        """Floating point only."""
        if dtype.rank < 2:
            raise DTypeError(f"std and var only support floating point and complex dtypes, not {dtype}")
        return dtype

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """The variance in two passes: first the mean, then the squares.

        The first element is taken off before, so that the variance of equal elements is exactly 0.
        """
        x = inputs[0]
        count = reduced_count(x.shape, attrs["dim"])
        along = axes(attrs["dim"], x.ndim)
        if x.size:
            dims = range(x.ndim) if along is None else along
            x = x - x[tuple(slice(1) if d in dims else slice(None) for d in range(x.ndim))]
        off = x - x.sum(axis=along, keepdims=True) / x.dtype.type(count)
        degrees = max(count - attrs["correction"], 0)
        total = (off * off).sum(axis=along, keepdims=attrs["keepdim"])
        return dense(np.asarray(total / out.dtype.numpy.type(degrees)))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The sum of the squared differences from the mean, divided by n − c."""
        places = members(index, inputs[0].shape, attrs["dim"], attrs["keepdim"])
        refs = tuple(Ref(0, place) for place in places)
        centre = Call("div", (Call("add", refs), float(len(refs))))
        off = [Call("sub", (ref, centre)) for ref in refs]
        squares = tuple(Call("mul", (each, each)) for each in off)
        return Call("div", (Call("add", squares), float(max(len(refs) - attrs["correction"], 0))))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Enough elements, with and without a correction."""
        for dim in (None, (0,), (1, 0)):
            for correction in (0, 1):
                attrs = {"dim": dim, "keepdim": bool(rng.random() < 0.5), "correction": correction}
                yield Sample((rng.normal(size=(3, 2)),), attrs)


@register
class Var(_Spread):
    """y = Σ (x − x̄)² / (n − c)."""

    name = "var"
    formula = r"y = \dfrac{1}{n - c} \sum_{i} (x_i - \bar{x})^2"
    derivatives = (r"\dfrac{\partial y}{\partial x_i} = \dfrac{2\,(x_i - \bar{x})}{n - c}",)
    says: ClassVar = {
        "en": "The variance: how far the elements are from their mean, squared and averaged.",
        "zh": "方差：各元素与平均值之差的平方的平均。",
    }
    vjps: ClassVar[tuple[Vjp | None, ...]] = (lambda g, y, x, **attrs: _var_gradient(g, x, **attrs),)

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Also biased ones of any shape, as batch norm takes."""
        yield from super().samples(rng)
        yield from reduction_samples(rng, correction=0)


@register
class Std(_Spread):
    """y = √(Σ (x − x̄)² / (n − c))."""

    name = "std"
    formula = r"y = \sqrt{\dfrac{1}{n - c} \sum_{i} (x_i - \bar{x})^2}"
    derivatives = (r"\dfrac{\partial y}{\partial x_i} = \dfrac{x_i - \bar{x}}{(n - c)\,y}",)
    says: ClassVar = {
        "en": "The standard deviation: the root of the variance; it has the unit of the elements.",
        "zh": "标准差：方差的平方根，与元素的单位相同。",
    }
    saves = ("inputs", "output")
    vjps: ClassVar[tuple[Vjp | None, ...]] = (
        lambda g, y, x, **attrs: _var_gradient(where(y == 0, 0.0, g / (y * 2)), x, **attrs),
    )

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """The root of the variance."""
        return np.asarray(np.sqrt(super().kernel(out, *inputs, **attrs)))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The root of the variance."""
        return Call("sqrt", (super().element(index, *inputs, **attrs),))


def _call(
    name: str, input: Tensor, dim: Any, unbiased: bool | None, keepdim: bool, correction: float | None
) -> Tensor:
    if isinstance(dim, bool):  # x.var(False): unbiased is the first argument
        dim, unbiased = None, dim
    if unbiased is not None and correction is not None:
        raise TypeError(f"{name}() takes either unbiased or correction")
    if correction is None:
        correction = 0 if unbiased is False else 1
    return reduce(name, input, dim, keepdim, None, correction=correction)


@public("torch", "method")
def var(
    input: Tensor,
    dim: Dim = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Tensor:
    """The variance, divided by n − `correction`: 1 by default or with `unbiased`, 0 for the population's."""
    return _call("var", input, dim, unbiased, keepdim, correction)


@public("torch", "method")
def std(
    input: Tensor,
    dim: Dim = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Tensor:
    """The standard deviation, the root of the variance, with the same arguments."""
    return _call("std", input, dim, unbiased, keepdim, correction)
