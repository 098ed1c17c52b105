"""Sorting, and choosing by rank: the positions come from one op, the values are gathered by another."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import numpy as np

from .. import selection
from ..api import public
from ..dims import wrap_dim
from ..dtypes import int64
from ..element import Call, Expr, Index, Ref
from ..errors import DTypeError, ShapeError
from ..jit import dense
from ..op import Op, Sample, Spec, random_shape, register
from ..tensor import Tensor, apply
from .gather import Gather
from .returns import RETURNS


def line_of(x: np.ndarray, index: Index, dim: int, keepdim: bool = True) -> tuple[Expr, ...]:
    """All elements along `dim` that an element of the result has to do with."""
    if not x.ndim:
        return (Ref(0, ()),)
    after = index[dim + 1 :] if keepdim else index[dim:]
    return tuple(Ref(0, (*index[:dim], i, *after)) for i in range(x.shape[dim]))


def along(function: Callable[[np.ndarray], Any], x: np.ndarray, dim: int) -> np.ndarray:
    """A function of lines, applied along `dim`; it returns whole numbers."""
    lines = np.moveaxis(np.atleast_1d(x), dim, -1)
    shape = lines.shape[:-1]
    found = [function(line) for line in lines.reshape(-1, lines.shape[-1])] if lines.size else []
    array = np.array(found, np.int64)
    return array.reshape(*shape, -1) if array.ndim > 1 else array.reshape(shape)


def order_of(x: np.ndarray, dim: int, descending: bool) -> np.ndarray:
    """The stable order along `dim`; NaN counts as the largest."""
    if not x.ndim:
        return np.zeros((), np.int64)
    if not descending:
        return np.argsort(x, axis=dim, kind="stable")
    backwards = np.argsort(np.flip(x, dim), axis=dim, kind="stable")
    return np.asarray(x.shape[dim] - 1 - np.flip(backwards, dim))


def has_equals(x: np.ndarray, order: np.ndarray, dim: int) -> bool:
    """Whether elements of a line are equal, given their order."""
    values = np.moveaxis(np.take_along_axis(x, order, dim), dim, -1)
    first, second = values[..., 1:], values[..., :-1]
    return bool(((first == second) | ((first != first) & (second != second))).any())


class Places(Op):
    """Base of the ops that find positions along `dim`."""

    derivatives = ("",)
    vjps = (None,)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """int64, in the input's shape."""
        return Spec(inputs[0].shape, int64)


@register
class Argsort(Places):
    """The positions of the elements in order."""

    name = "argsort"
    formula = r"k_1, k_2, \ldots\ \mathrm{with}\ x_{k_1} \leq x_{k_2} \leq \ldots"
    says: ClassVar = {
        "en": "The positions of the elements from the smallest to the largest, or the other way round.",
        "zh": "元素从小到大（或从大到小）排列时各自的位置。",
    }

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Equal elements keep their order if `stable`, else the one that PyTorch leaves them in."""
        x, dim, descending = inputs[0], attrs["dim"], attrs["descending"]
        order = order_of(x, dim, descending)
        if x.ndim and x.shape[dim] > selection.SHORT and not attrs["stable"] and has_equals(x, order, dim):
            order = np.moveaxis(along(lambda line: selection.order(line, descending), x, dim), -1, dim)
        places = np.empty_like(x, np.int64)  # in the input's layout, as in PyTorch
        places[...] = order
        return places

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The place of the element with this rank."""
        line = line_of(inputs[0], index, attrs["dim"])
        if attrs["descending"]:
            line = tuple(Call("neg", (each,)) for each in line)
        return Call("place", (float(index[attrs["dim"]]) if index else 0.0, *line))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Each dimension, both ways."""
        shape = random_shape(rng, 1, 3)
        for dim in range(len(shape)):
            attrs = {"dim": dim, "descending": bool(dim % 2), "stable": dim == 0}
            yield Sample((rng.normal(size=shape),), attrs)
        yield Sample((np.array(rng.normal()),), {"dim": 0, "descending": True, "stable": False})


@register
class Sort(Gather):
    """The elements in order, from the positions that argsort found."""

    name = "sort"
    formula = r"y_{i} = x_{k_i}"
    says: ClassVar = {
        "en": "Puts the elements in order; each gradient goes back to where its element came from.",
        "zh": "把元素排序；梯度回到每个元素原来的位置。",
    }


@register
class TopkIndices(Places):
    """The positions of the k largest or smallest elements."""

    name = "topk_indices"
    formula = r"k_1, \ldots, k_n\ \mathrm{with}\ x_{k_1} \geq \ldots \geq x_{k_n} \geq \mathrm{others}"
    says: ClassVar = {
        "en": "The positions of the few largest (or smallest) elements.",
        "zh": "最大（或最小）的几个元素的位置。",
    }

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """int64, with k elements along the dimension."""
        shape, dim, k = inputs[0].shape, attrs["dim"], attrs["k"]
        if inputs[0].dtype.rank == 0:
            raise DTypeError("topk does not support bool dtypes on CPU")
        if not 0 <= k <= (shape[dim] if shape else 1):
            raise ShapeError("selected index k out of range")
        return Spec((*shape[:dim], k, *shape[dim + 1 :]) if shape else (), int64)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """By sorting; where there are equal elements, as PyTorch picks them."""
        x, dim, k = inputs[0], attrs["dim"], attrs["k"]
        if not x.ndim or 0 in out.shape:
            return np.zeros(out.shape, np.int64)
        order = order_of(x, dim, attrs["largest"])
        if attrs["in_order"] and not has_equals(x, order, dim):
            return dense(order[(slice(None),) * dim + (slice(k),)].copy())
        found = along(lambda line: selection.topk(line, k, attrs["largest"], attrs["in_order"]), x, dim)
        return dense(np.moveaxis(found, -1, dim))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The place of the element with this rank."""
        line = line_of(inputs[0], index, attrs["dim"])
        if attrs["largest"]:
            line = tuple(Call("neg", (each,)) for each in line)
        return Call("place", (float(index[attrs["dim"]]) if index else 0.0, *line))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Each dimension, the largest and the smallest."""
        shape = random_shape(rng, 1, 3)
        for dim, size in enumerate(shape):
            attrs = {"k": int(rng.integers(1, size + 1)), "dim": dim, "largest": dim == 0, "in_order": True}
            yield Sample((rng.normal(size=shape),), attrs)


@register
class Topk(Gather):
    """The largest or smallest elements, from the positions that were found."""

    name = "topk"
    formula = r"y_{i} = x_{k_i}"
    says: ClassVar = {
        "en": "Takes the few largest (or smallest) elements; only they get a gradient.",
        "zh": "取最大（或最小）的几个元素；只有它们得到梯度。",
    }


def _chosen(name: str, input: Tensor, indices: Tensor, dim: int) -> Any:
    values = apply(name, (input, indices), {"dim": dim})
    return RETURNS[name](values, indices)


@public("torch", "method")
def sort(input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool | None = None) -> Any:
    """The elements in order along `dim`, and where they were; `stable` keeps equal ones in order."""
    at = wrap_dim(dim, input.ndim)
    indices = argsort(input, dim, descending, stable=bool(stable))
    return _chosen("sort", input, indices, at)


@public("torch", "method")
def argsort(input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = False) -> Tensor:
    """The positions that put the elements in order along `dim`."""
    attrs = {"descending": bool(descending), "stable": bool(stable)}
    return apply("argsort", (input,), {"dim": wrap_dim(dim, input.ndim), **attrs})


@public("torch", "method")
def msort(input: Tensor) -> Tensor:
    """The elements in order along the first dimension."""
    values: Tensor = sort(input, 0)[0]
    return values


@public("torch", "method")
def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """The `k` largest (or smallest) elements along `dim` and where they are."""
    at = wrap_dim(dim, input.ndim)
    attrs = {"k": operator.index(k), "dim": at, "largest": bool(largest), "in_order": bool(sorted)}
    if not input.ndim and k == 0:
        raise ShapeError("topk: a tensor without dimensions has one element to choose from, not 0")
    return _chosen("topk", input, apply("topk_indices", (input,), attrs), at)
