"""Sums, means and variances over all or some dimensions."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dims import Dim, axes, reduced_count, reduced_shape, wrap_dims
from ..dtypes import DType, int64
from ..element import Call, Expr, Index, Ref
from ..errors import DTypeError
from ..jit import dense
from ..op import Op, Sample, Spec, Vjp, random_shape, register
from ..tensor import Tensor, apply


def spread(g: Tensor, shape: tuple[int, ...], dim: Sequence[int] | None, keepdim: bool) -> Tensor:
    """A reduction's gradient for every element that was reduced: put the dimensions back, then expand."""
    if dim is not None and not keepdim and shape and set(dim) != set(range(len(dim))):
        g = apply("reshape", (g,), {"shape": reduced_shape(shape, dim, True)})
    return g if g._node.spec.shape == shape else apply("expand", (g,), {"shape": shape})


def members(index: Index, shape: Sequence[int], dim: Sequence[int] | None, keepdim: bool) -> list[Index]:
    """The indices of the elements that became element `index` of the result."""
    dims = set(range(len(shape)) if dim is None else dim)
    rest = iter(index)
    ranges = []
    for i, size in enumerate(shape):
        if i in dims:
            ranges.append(range(size))
            if keepdim:
                next(rest)
        else:
            at = next(rest)
            ranges.append(range(at, at + 1))
    return list(itertools.product(*ranges))


def reduction_samples(rng: np.random.Generator, **attrs: Any) -> Iterable[Sample]:
    """All dimensions, each one, two at once, with and without keepdim; a transposed layout; no dimensions."""
    yield Sample((rng.normal(size=random_shape(rng)),), {"dim": None, "keepdim": False, **attrs})
    shape = random_shape(rng, 2)
    for d in range(len(shape)):
        keep = bool(rng.random() < 0.5)
        yield Sample((rng.normal(size=shape),), {"dim": (d,), "keepdim": keep, **attrs})
    yield Sample((rng.normal(size=(4, 2, 3)).T,), {"dim": (2, 0), "keepdim": False, **attrs})
    yield Sample((rng.normal(size=(2, 3, 2)),), {"dim": (0, 1), "keepdim": True, **attrs})
    yield Sample((np.array(rng.normal()),), {"dim": None, "keepdim": False, **attrs})


class Reduction(Op):
    """Base of the reductions: `dim` is a tuple of dimensions or None for all, `keepdim` leaves size 1."""

    def out_dtype(self, dtype: DType) -> DType:
        """The result's dtype for an input of `dtype`."""
        return dtype

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The shape without the reduced dimensions."""
        shape = reduced_shape(inputs[0].shape, attrs["dim"], attrs["keepdim"])
        return Spec(shape, self.out_dtype(inputs[0].dtype))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """See `reduction_samples`."""
        return reduction_samples(rng)


def summed(x: np.ndarray, out: Spec, attrs: Mapping[str, Any]) -> np.ndarray:
    """The sum, in at least single precision."""
    dtype = np.float32 if out.dtype.itemsize == 2 and out.dtype.rank == 2 else out.dtype.numpy
    total = x.sum(axis=axes(attrs["dim"], x.ndim), keepdims=attrs["keepdim"], dtype=dtype)
    return dense(np.asarray(total))


@register
class Sum(Reduction):
    """y = Σ x."""

    name = "sum"
    formula = r"y = \sum_{i} x_i"
    derivatives: ClassVar[tuple[str, ...]] = (r"\dfrac{\partial y}{\partial x_i} = 1",)
    says: ClassVar = {
        "en": "Adds the elements up; each of them gets the upstream gradient unchanged.",
        "zh": "把元素相加；每个元素都原样得到上游梯度。",
    }
    vjps: ClassVar[tuple[Vjp | None, ...]] = (
        lambda g, y, x, dim, keepdim: spread(g, x._node.spec.shape, dim, keepdim),
    )

    def out_dtype(self, dtype: DType) -> DType:
        """Integers and truth values are counted in int64."""
        return dtype if dtype.rank == 2 else int64

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """numpy's pairwise sum."""
        return summed(inputs[0], out, attrs)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The sum of the elements that were reduced."""
        places = members(index, inputs[0].shape, attrs["dim"], attrs["keepdim"])
        return Call("add", tuple(Ref(0, place) for place in places))

    def grad_name(self, *inputs: Spec, **attrs: Any) -> str:
        """PyTorch tells the full sum from that over dimensions."""
        return "SumBackward0" if attrs["dim"] is None else "SumBackward1"


@register
class Mean(Reduction):
    """y = Σ x / n."""

    name = "mean"
    formula = r"y = \dfrac{1}{n} \sum_{i} x_i"
    derivatives = (r"\dfrac{\partial y}{\partial x_i} = \dfrac{1}{n}",)
    says: ClassVar = {
        "en": "The average of the elements; each of them gets an equal part of the upstream gradient.",
        "zh": "求元素的平均值；上游梯度平均分给每个元素。",
    }
    vjps: ClassVar[tuple[Vjp | None, ...]] = (
        lambda g, y, x, dim, keepdim: spread(
            g / reduced_count(x._node.spec.shape, dim), x._node.spec.shape, dim, keepdim
        ),
    )

    def out_dtype(self, dtype: DType) -> DType:
        """Floating point only."""
        if dtype.rank < 2:
            raise DTypeError(
                "mean(): could not infer output dtype. Input dtype must be either a floating point or "
                f"complex dtype. Got: {dtype}; convert it with .float()"
            )
        return dtype

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """The sum over the count; nan for nothing."""
        x = inputs[0]
        return np.asarray(summed(x, out, attrs) / out.dtype.numpy.type(reduced_count(x.shape, attrs["dim"])))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The sum of the elements that were reduced, divided by their number."""
        places = members(index, inputs[0].shape, attrs["dim"], attrs["keepdim"])
        return Call("div", (Call("add", tuple(Ref(0, place) for place in places)), float(len(places))))

    def grad_name(self, *inputs: Spec, **attrs: Any) -> str:
        """PyTorch tells the full mean from that over dimensions."""
        return "MeanBackward0" if attrs["dim"] is None else "MeanBackward1"


def all_or(dim: Dim, ndim: int) -> tuple[int, ...] | None:
    """The `dim` attribute: None for all dimensions, also where PyTorch takes an empty list for that."""
    if dim is None or (not isinstance(dim, int) and len(dim) == 0):
        return None
    return wrap_dims(dim, ndim)


def reduce(name: str, input: Tensor, dim: Dim, keepdim: bool, dtype: DType | None, **attrs: Any) -> Tensor:
    if dtype is not None:
        input = input.to(dtype)
    dims = all_or(dim, input.ndim)
    result = apply(name, (input,), {"dim": dims, "keepdim": bool(keepdim), **attrs})
    return result if dtype is None else result.to(dtype)


@public("torch", "method")
def sum(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: DType | None = None) -> Tensor:
    """The sum of all elements, or over the dimensions `dim`; integers are summed in int64."""
    return reduce("sum", input, dim, keepdim, dtype)


@public("torch", "method")
def mean(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: DType | None = None) -> Tensor:
    """The average of all elements, or over the dimensions `dim`."""
    return reduce("mean", input, dim, keepdim, dtype)
