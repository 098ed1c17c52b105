"""Putting or adding values at positions along one dimension: scatter, scatter_add, index_add."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..dtypes import DType
from ..element import Call, Expr, Index, Ref
from ..errors import DTypeError, ShapeError
from ..op import Op, Sample, Spec, random_shape, register
from ..tensor import Tensor, apply, as_tensor_operand
from .gather import places_along


def check_scatter(name: str, dim: int, x: Spec, index: Spec, src: Spec) -> None:
    """The index has the dimensions of both, and is nowhere larger; they share a dtype."""
    if index.dtype.name not in ("int64", "int32"):
        raise DTypeError(f"{name}(): Expected dtype int64 for index")
    if src.dtype is not x.dtype and not src.weak:
        raise DTypeError(f"{name}(): Expected self.dtype to be equal to src.dtype")
    own, places, values = (shape or (1,) for shape in (x.shape, index.shape, src.shape))
    whole = src.shape == () and src.weak
    if len(places) != len(own) or not (whole or len(values) == len(places)):
        raise ShapeError(
            f"Index tensor must have the same number of dimensions as {'self' if whole else 'src'} tensor"
        )
    fits = all(n <= size or d == dim for d, (n, size) in enumerate(zip(places, own, strict=True)))
    if not (fits and (whole or all(n <= size for n, size in zip(places, values, strict=True)))):
        raise ShapeError(
            f"Expected index {list(index.shape)} to be no larger than self {list(x.shape)} apart from "
            f"dimension {dim} and to be no larger size than src {list(src.shape)}"
        )


def hits_of(index: Index, where: np.ndarray, dim: int) -> list[Index]:
    """The places of the index that name element `index`, in their order."""
    spots = itertools.product(*(range(n) for n in where.shape))
    return [at for at in spots if (*at[:dim], int(where[at]), *at[dim + 1 :]) == index]


def _samples(rng: np.random.Generator) -> Iterable[tuple[tuple[int, ...], np.ndarray, int]]:
    shape = random_shape(rng, 1)
    for dim, size in enumerate(shape):
        smaller = tuple(int(rng.integers(1, n + 1)) for n in shape)
        yield shape, rng.integers(0, size, smaller), dim


class _Scatter(Op):
    """Base: y is x, changed at positions k(i) by values v[i]."""

    inputs = ("x", "index", "v")
    saves = ("inputs",)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """Those of x; see `check_scatter`."""
        check_scatter(self.name, attrs["dim"], *inputs)
        return Spec(inputs[0].shape, inputs[0].dtype)


@register
class Scatter(_Scatter):
    """y = x but for y[index[i, j], j] = v[i, j], for dim 0."""

    name = "scatter"
    formula = r"y = x,\;\mathrm{but}\; y_{k(i)} = v_i"
    derivatives = (
        r"\dfrac{\partial y_j}{\partial x_j} = \mathbf{1}[j\;\mathrm{not\ named}]",
        "",
        r"\dfrac{\partial y_{k(i)}}{\partial v_i} = 1",
    )
    says: ClassVar = {
        "en": "Puts values at the positions that an index names; their gradient goes to the new values.",
        "zh": "把值放到索引所指的位置；这些位置的梯度流向新的值。",
    }
    vjps = (
        lambda g, y, x, index, v, dim: apply("scatter", (g, index, as_tensor_operand(0)), {"dim": dim}),
        None,
        lambda g, y, x, index, v, dim: apply("gather", (g, index), {"dim": dim}),
    )

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """A copy with elements replaced; of several values for one element the last stays."""
        x, index, v = inputs
        y = np.array(x, order="C")
        y[places_along(index, x.shape, attrs["dim"])] = v
        return y

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The last value that was put here, or what was there."""
        hits = hits_of(index, inputs[1], attrs["dim"])
        if not hits:
            return Call("id", (Ref(0, index),))
        return Call("id", (Ref(2, hits[-1] if inputs[2].ndim else ()),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Positions of which none is named twice."""
        shape = random_shape(rng, 1)
        for dim, size in enumerate(shape):
            count = int(rng.integers(1, size + 1))
            rest = (*shape[:dim], count, *shape[dim + 1 :])
            order = np.argsort(rng.random(shape), axis=dim)
            index = np.take(order, np.arange(count), axis=dim)
            yield Sample((rng.normal(size=shape), index, rng.normal(size=rest)), {"dim": dim})


@register
class ScatterAdd(_Scatter):
    """y = x, with y[index[i, j], j] += v[i, j], for dim 0."""

    name = "scatter_add"
    formula = r"y_j = x_j + \sum_{i:\, k(i) = j} v_i"
    derivatives = (
        r"\dfrac{\partial y}{\partial x} = 1",
        "",
        r"\dfrac{\partial y_{k(i)}}{\partial v_i} = 1",
    )
    says: ClassVar = {
        "en": "Adds values at the positions that an index names, as often as it names them.",
        "zh": "把值加到索引所指的位置上，被指几次就加几次。",
    }
    vjps = (
        lambda g, y, x, index, v, dim: g,
        None,
        lambda g, y, x, index, v, dim: apply("gather", (g, index), {"dim": dim}),
    )

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Add one after the other, as an element may be named twice."""
        x, index, v = inputs
        y = np.array(x, order="C")
        np.add.at(y, places_along(index, x.shape, attrs["dim"]), v)
        return y

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """What was there and all that was added."""
        hits = hits_of(index, inputs[1], attrs["dim"])
        return Call("add", (Ref(0, index), *(Ref(2, at) for at in hits)))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Positions that may be named twice."""
        for shape, index, dim in _samples(rng):
            yield Sample((rng.normal(size=shape), index, rng.normal(size=index.shape)), {"dim": dim})


@register
class IndexAdd(Op):
    """y = x, with y[index[i]] += alpha · v[i], along one dimension."""

    name = "index_add"
    inputs = ("x", "index", "v")
    saves = ("inputs",)
    formula = r"y_j = x_j + \alpha \sum_{i:\, k(i) = j} v_i"
    derivatives = (
        r"\dfrac{\partial y}{\partial x} = 1",
        "",
        r"\dfrac{\partial y_{k(i)}}{\partial v_i} = \alpha",
    )
    says: ClassVar = {
        "en": "Adds rows (or other slices) at the positions that an index names.",
        "zh": "把行（或其他切片）加到索引所指的位置上。",
    }
    vjps = (
        lambda g, y, x, index, v, dim, alpha: g,
        None,
        lambda g, y, x, index, v, dim, alpha: _scaled(
            apply("index", (g, index), {"at": (dim,), "counts": (-1,)}), alpha
        ),
    )

    def compute_dtype(self, *inputs: Spec, **attrs: Any) -> DType | None:
        """As they are: the index stays whole."""
        return None

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """Those of x; v has its shape but along `dim`, where it is as long as the index."""
        x, index, v = inputs
        dim = attrs["dim"]
        if v.shape != (*x.shape[:dim], *index.shape, *x.shape[dim + 1 :]):
            raise ShapeError(
                "source tensor shape must match self tensor shape, excluding the specified dimension. Got "
                f"self.shape = {list(x.shape)} source.shape = {list(v.shape)}"
            )
        return Spec(x.shape, x.dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Add one after the other, as a slice may be named twice."""
        x, index, v = inputs
        size = x.shape[attrs["dim"]]
        if index.size and not 0 <= index.min() <= index.max() < size:
            bad = int(index.max() if index.max() >= size else index.min())
            raise ShapeError(f"index {bad} is out of bounds for dimension {attrs['dim']} with size {size}")
        y = np.array(x, order="C")
        scaled = v if attrs["alpha"] == 1 else v * np.asarray(attrs["alpha"]).astype(v.dtype)
        np.add.at(y, (slice(None),) * attrs["dim"] + (index,), scaled)
        return y

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """What was there and all that was added."""
        dim, alpha = attrs["dim"], float(attrs["alpha"])
        hits = [k for k, at in enumerate(inputs[1]) if at == index[dim]]
        added = (Call("mul", (alpha, Ref(2, (*index[:dim], k, *index[dim + 1 :])))) for k in hits)
        return Call("add", (Ref(0, index), *added))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Positions that may be named twice, with and without a factor."""
        shape = random_shape(rng, 1)
        for dim, size in enumerate(shape):
            index = rng.integers(0, size, 3)
            v = rng.normal(size=(*shape[:dim], 3, *shape[dim + 1 :]))
            yield Sample((rng.normal(size=shape), index, v), {"dim": dim, "alpha": 1 + dim})


def _scaled(g: Tensor, alpha: float) -> Tensor:
    return g if alpha == 1 else g * alpha
