"""Picking elements along one dimension by their positions, and its gradient."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dims import wrap_dim
from ..element import Call, Expr, Index, Ref
from ..errors import DTypeError, ShapeError
from ..op import Op, Sample, Spec, random_shape, register
from ..tensor import Tensor, apply


def _check(name: str, shape: tuple[int, ...], index: Spec, dim: int) -> None:
    """`index` has the tensor's dimensions, or lacks `dim`: then there is one position for each line."""
    if index.dtype.rank != 1:
        raise DTypeError(f"{name}: Expected dtype int64 for index, not {index.dtype}")
    if len(index.shape) == len(shape) - 1:
        fits = index.shape == shape[:dim] + shape[dim + 1 :]
    else:
        fits = len(index.shape) == len(shape) and all(
            n <= size for d, (n, size) in enumerate(zip(index.shape, shape, strict=True)) if d != dim
        )
    if not fits:
        raise ShapeError(
            f"{name}: Size does not match at a dimension: expected index {list(index.shape)} to be no larger "
            f"than self {list(shape)} apart from dimension {dim}"
        )


def places_along(index: np.ndarray, shape: tuple[int, ...], dim: int) -> tuple[np.ndarray, ...]:
    """Full numpy indices of the elements that `index` names, in the index's own shape."""
    if not shape:
        if (index.size and index.min() != 0) or (index.size and index.max() != 0):
            raise ShapeError(f"index {int(index.max())} is out of bounds for dimension 0 with size 1")
        return ()
    line = index.ndim == len(shape) - 1
    full = np.expand_dims(index, dim) if line else index
    size = shape[dim]
    if full.size and (full.min() < 0 or full.max() >= size):
        bad = int(full.max() if full.max() >= size else full.min())
        raise ShapeError(f"index {bad} is out of bounds for dimension {dim} with size {size}")
    grids = list(np.ogrid[tuple(slice(n) for n in full.shape)])
    grids[dim] = full
    places = np.broadcast_arrays(*grids)
    return tuple(each.reshape(index.shape) for each in places)


def _place(at: Index, index: np.ndarray, ndim: int, dim: int) -> Index:
    """The position in the tensor that element `at` of the index names."""
    found = int(index[at])
    return (*at[:dim], found, *(at[dim:] if len(at) < ndim else at[dim + 1 :])) if ndim else ()


def _samples(rng: np.random.Generator) -> Iterable[tuple[tuple[int, ...], np.ndarray, int]]:
    """Shapes with full, smaller and one-for-each-line indices, which name some elements twice."""
    shape = random_shape(rng, 1)
    for dim, size in enumerate(shape):
        smaller = tuple(int(rng.integers(1, n + 1)) for n in shape)
        yield shape, rng.integers(0, size, smaller), dim
        yield shape, rng.integers(0, size, shape[:dim] + shape[dim + 1 :]), dim
        yield shape, rng.integers(0, size, (*shape[:dim], 5, *shape[dim + 1 :])), dim


@register
class Gather(Op):
    """y[i, j] = x[index[i, j], j] for dim 0."""

    name = "gather"
    inputs = ("x", "index")
    formula = r"y_{i} = x_{k(i)},\quad k(i)\;\mathrm{from\ the\ index}"
    derivatives = (r"\dfrac{\partial y_i}{\partial x_j} = \mathbf{1}[j = k(i)]", "")
    says: ClassVar = {
        "en": "Picks elements by their positions along a dimension; the gradient goes back to those picked.",
        "zh": "沿某一维按位置取元素；梯度回到被取的元素。",
    }
    saves = ("inputs",)
    vjps = (
        lambda g, y, x, index, dim: apply(
            "gather_grad", (g, index), {"shape": x._node.spec.shape, "dim": dim}
        ),
        None,
    )

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The index's shape."""
        _check(self.name, inputs[0].shape, inputs[1], attrs["dim"])
        return Spec(inputs[1].shape, inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """numpy's indexing."""
        x, index = inputs
        return np.asarray(x[places_along(index, x.shape, attrs["dim"])]).reshape(out.shape)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The one element that the index names."""
        x, where = inputs
        return Call("id", (Ref(0, _place(index, where, x.ndim, attrs["dim"])),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """See `_samples`."""
        for shape, index, dim in _samples(rng):
            yield Sample((rng.normal(size=shape), index), {"dim": dim})


@register
class TakeMax(Gather):
    """The largest elements, at the positions that argmax found."""

    name = "take_max"
    torch_name = "MaxBackward0"
    formula = r"y = x_{k},\quad k = \mathrm{arg\,max}_i\; x_i"
    says: ClassVar = {
        "en": "Takes the largest elements from where argmax found them; only they get the gradient.",
        "zh": "从 argmax 找到的位置取最大的元素；只有它们得到梯度。",
    }


@register
class TakeMin(Gather):
    """The smallest elements, at the positions that argmin found."""

    name = "take_min"
    torch_name = "MinBackward0"
    formula = r"y = x_{k},\quad k = \mathrm{arg\,min}_i\; x_i"
    says: ClassVar = {
        "en": "Takes the smallest elements from where argmin found them; only they get the gradient.",
        "zh": "从 argmin 找到的位置取最小的元素；只有它们得到梯度。",
    }


@register
class GatherGrad(Op):
    """d[index[i, j], j] += g[i, j], for dim 0, on zeros."""

    name = "gather_grad"
    inputs = ("g", "index")
    formula = r"d_{j} = \sum_{i:\, k(i) = j} g_i"
    derivatives = (r"\dfrac{\partial d_j}{\partial g_i} = \mathbf{1}[j = k(i)]", "")
    says: ClassVar = {
        "en": "Puts the gradient back where the elements were picked, and zeros elsewhere.",
        "zh": "把梯度放回元素被取走的位置，其余为零。",
    }
    saves = ("inputs",)
    vjps = (lambda u, d, g, index, shape, dim: apply("gather", (u, index), {"dim": dim}), None)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The shape that was gathered from."""
        _check(self.name, tuple(attrs["shape"]), inputs[1], attrs["dim"])
        return Spec(tuple(attrs["shape"]), inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Add one after the other, as an element may have been picked twice."""
        g, index = inputs
        d = np.zeros(out.shape, out.dtype.numpy)
        np.add.at(d, places_along(index, out.shape, attrs["dim"]), g if out.shape else g.reshape(()))
        return d

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The sum of the gradients of all picks of this element."""
        where, ndim = inputs[1], len(attrs["shape"])
        spots = itertools.product(*(range(n) for n in where.shape))
        hits = [at for at in spots if _place(at, where, ndim, attrs["dim"]) == index]
        return Call("add", tuple(Ref(0, at) for at in hits))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """The reverse of gather's."""
        for shape, index, dim in _samples(rng):
            yield Sample((rng.normal(size=index.shape), index), {"shape": shape, "dim": dim})


@public("torch", "method")
def gather(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """`input[index[i, j], j]` for dim 0, `input[i, index[i, j]]` for dim 1, and so on."""
    at = wrap_dim(dim, input.ndim)
    if not index.numel():  # of any dtype and shape
        line = apply("reshape", (input,), {"shape": (input.numel(),)})
        return apply("gather", (line, index.long().reshape(0)), {"dim": 0}).reshape(index.shape)
    if index.dtype.name not in ("int64", "int32"):
        raise DTypeError("gather(): Expected dtype int32/int64 for index")
    if not index.numel():  # then PyTorch does not look at the shapes
        return input.reshape(-1)[:0].reshape(index.shape)
    if {index.ndim, input.ndim} == {0, 1}:  # no dimensions count as one of size 1
        line, where = (apply("reshape", (x,), {"shape": (x.numel(),)}) for x in (input, index))
        return apply("gather", (line, where), {"dim": 0}).reshape(index.shape)
    if index.ndim != input.ndim:
        raise ShapeError(
            "Index tensor must have the same number of dimensions as input tensor, "
            f"not {index.ndim} and {input.ndim}"
        )
    return apply("gather", (input, index), {"dim": at})
