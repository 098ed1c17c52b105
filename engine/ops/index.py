"""Indexing by tensors: whole numbers that may repeat, and masks; its gradient and its assignment."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np

from ..element import Call, Expr, Index, Ref
from ..errors import DimError, ShapeError
from ..op import Op, Sample, Spec, broadcast_shapes, register
from ..tensor import Tensor, apply, as_tensor_operand

# `at` names for each index tensor the dimension that it stands at (a mask covers as many as it has);
# `counts` how many elements a mask lets through, and −1 for whole numbers: an instruction's shape must not
# depend on values.


def _key(ndim: int, at: Sequence[int], indices: Sequence[np.ndarray]) -> tuple[Any, ...]:
    key: list[Any] = [slice(None)] * ndim
    for dim, index in zip(at, indices, strict=True):
        span = index.ndim if index.dtype == bool else 1
        key[dim : dim + span] = [index] + [_COVERED] * (span - 1)
    return tuple(part for part in key if part is not _COVERED)


_COVERED: Any = object()


def indexed_shape(shape: tuple[int, ...], indices: Sequence[Spec], at: Any, counts: Any) -> tuple[int, ...]:
    """The shape of `x[indices]`: that of the indices where they stand, or in front if they are apart."""
    covered: list[int] = []
    parts = []
    for spec, dim, count in zip(indices, at, counts, strict=True):
        span = 1 if count < 0 else len(spec.shape)
        covered += range(dim, dim + span)
        parts.append(spec.shape if count < 0 else (count,))
        if count >= 0 and spec.shape != shape[dim : dim + span]:
            raise DimError(
                f"The shape of the mask {list(spec.shape)} at index {dim} does not match the shape of the "
                f"indexed tensor {list(shape)}"
            )
    try:
        core = broadcast_shapes("index", *parts)
    except ShapeError:
        listed = ", ".join(str(list(part)) for part in parts)
        raise DimError(
            f"shape mismatch: indexing tensors could not be broadcast together with shapes {listed}"
        ) from None
    together = covered == list(range(covered[0], covered[0] + len(covered)))
    front = covered[0] if together else 0
    rest = [size for dim, size in enumerate(shape) if dim not in covered]
    return (*rest[:front], *core, *rest[front:])


def _check_range(shape: tuple[int, ...], at: Sequence[int], indices: Sequence[np.ndarray]) -> None:
    for dim, index in zip(at, indices, strict=True):
        if index.dtype != bool and index.size:
            size = shape[dim]
            low, high = int(index.min()), int(index.max())
            if low < -size or high >= size:
                bad = high if high >= size else low
                raise DimError(f"index {bad} is out of bounds for dimension {dim} with size {size}")


def _sources(shape: tuple[int, ...], at: Sequence[int], indices: Sequence[np.ndarray]) -> np.ndarray:
    """For each element of `x[indices]` the number of the element of x that it is."""
    numbers = np.arange(int(np.prod(shape, dtype=np.int64))).reshape(shape)
    return np.asarray(numbers[_key(len(shape), at, indices)])


def _unravel(number: int, shape: tuple[int, ...]) -> Index:
    return tuple(int(i) for i in np.unravel_index(number, shape)) if shape else ()


def _samples(
    rng: np.random.Generator,
) -> Iterable[tuple[tuple[int, ...], tuple[np.ndarray, ...], dict[str, Any]]]:
    """Shapes with indices that repeat, stand apart, broadcast, or are masks."""
    yield (4,), (rng.integers(-4, 4, 6),), {"at": (0,), "counts": (-1,)}
    yield (3, 4), (rng.integers(0, 4, (2, 2)),), {"at": (1,), "counts": (-1,)}
    yield (3, 2, 4), (rng.integers(0, 3, 5), rng.integers(0, 4, 5)), {"at": (0, 2), "counts": (-1, -1)}
    yield (3, 4), (rng.integers(0, 3, (2, 1)), rng.integers(0, 4, 3)), {"at": (0, 1), "counts": (-1, -1)}
    mask = rng.random((3, 4)) < 0.5
    yield (3, 4, 2), (mask,), {"at": (0,), "counts": (int(mask.sum()),)}
    yield (2, 4), (mask[0],), {"at": (1,), "counts": (int(mask[0].sum()),)}


class _Indexed(Op):
    """Base of the three ops; `values` inputs come before the indices."""

    saves = ("inputs",)

    def differentiable(self, position: int) -> bool:
        """Not to the indices, of which there are any number."""
        return position < len(self.vjps)


@register
class IndexOp(_Indexed):
    """y[i] = x[k(i)]."""

    name = "index"
    inputs = ("x", "*indices")
    formula = r"y_{i} = x_{k(i)}"
    derivatives = (r"\dfrac{\partial y_i}{\partial x_j} = \mathbf{1}[j = k(i)]", "")
    says: ClassVar = {
        "en": "Picks elements by position or mask; the gradient adds up where one was picked often.",
        "zh": "按位置或掩码取元素；若同一元素被多次取用，梯度相加。",
    }
    vjps = (
        lambda g, y, x, *indices, at, counts: apply(
            "index_grad", (g, *indices), {"shape": x._node.spec.shape, "at": at, "counts": counts}
        ),
    )

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """See `indexed_shape`."""
        return Spec(indexed_shape(inputs[0].shape, inputs[1:], **attrs), inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """numpy's indexing."""
        x, *indices = inputs
        _check_range(x.shape, attrs["at"], indices)
        y = np.asarray(x[_key(x.ndim, attrs["at"], indices)])
        if y.shape != out.shape:
            raise ShapeError(
                f"index: a mask lets {y.shape} through here, but {out.shape} when it was recorded"
            )
        return np.asarray(y, order="C")

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The element that was picked."""
        x, *indices = inputs
        return Call("id", (Ref(0, _unravel(int(_sources(x.shape, attrs["at"], indices)[index]), x.shape)),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """See `_samples`."""
        for shape, indices, attrs in _samples(rng):
            yield Sample((rng.normal(size=shape), *indices), attrs)


@register
class IndexGrad(_Indexed):
    """d[k(i)] += g[i], on zeros."""

    name = "index_grad"
    inputs = ("g", "*indices")
    formula = r"d_{j} = \sum_{i:\, k(i) = j} g_i"
    derivatives = (r"\dfrac{\partial d_j}{\partial g_i} = \mathbf{1}[j = k(i)]", "")
    says: ClassVar = {
        "en": "Adds the gradient up where the elements were picked, with zeros elsewhere.",
        "zh": "把梯度累加到被取元素的位置，其余为零。",
    }
    vjps = (
        lambda u, d, g, *indices, shape, at, counts: apply(
            "index", (u, *indices), {"at": at, "counts": counts}
        ),
    )

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The shape that was indexed."""
        return Spec(tuple(attrs["shape"]), inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Add one after the other, as an element may have been picked twice."""
        g, *indices = inputs
        d = np.zeros(out.shape, out.dtype.numpy)
        np.add.at(d, _key(d.ndim, attrs["at"], indices), g)
        return d

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The sum of the gradients of all picks of this element."""
        shape = tuple(attrs["shape"])
        sources = _sources(shape, attrs["at"], inputs[1:])
        number = int(np.ravel_multi_index(index, shape))
        hits = np.argwhere(sources == number)
        return Call("add", tuple(Ref(0, tuple(int(i) for i in hit)) for hit in hits))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """The reverse of index's."""
        for shape, indices, attrs in _samples(rng):
            g = rng.normal(size=_sources(shape, attrs["at"], indices).shape)
            yield Sample((g, *indices), {"shape": shape, **attrs})


@register
class IndexPut(_Indexed):
    """y = x but for y[k(i)] = v[i]."""

    name = "index_put"
    inputs = ("x", "v", "*indices")
    formula = r"y = x,\;\mathrm{but}\; y_{k(i)} = v_i"
    derivatives = (
        r"\dfrac{\partial y_j}{\partial x_j} = \mathbf{1}[j\;\mathrm{not\ picked}]",
        r"\dfrac{\partial y_{k(i)}}{\partial v_i} = 1",
        "",
    )
    says: ClassVar = {
        "en": "Replaces picked elements; their gradient goes to the new values.",
        "zh": "替换选中的元素；它们的梯度流向新的值。",
    }
    vjps = (
        lambda g, y, x, v, *indices, at, counts: put_index(g, 0.0, indices, at, counts),
        lambda g, y, x, v, *indices, at, counts: apply("index", (g, *indices), {"at": at, "counts": counts}),
    )

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """Those of x; the new values must broadcast to what is picked."""
        part = indexed_shape(inputs[0].shape, inputs[2:], **attrs)
        value = inputs[1].shape
        if len(value) > len(part) or broadcast_shapes("index_put", part, value) != part:
            raise ShapeError(
                f"shape mismatch: value tensor of shape {list(value)} cannot be broadcast to indexing result "
                f"of shape {list(part)}"
            )
        return Spec(inputs[0].shape, inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """A copy with elements replaced; of several values for one element the last stays."""
        x, value, *indices = inputs
        _check_range(x.shape, attrs["at"], indices)
        y = np.array(x, order="K")
        y[_key(x.ndim, attrs["at"], indices)] = value
        return y

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The new value if this element was picked, otherwise the old one."""
        x, value, *indices = inputs
        sources = _sources(x.shape, attrs["at"], indices)
        hits = np.argwhere(sources == int(np.ravel_multi_index(index, x.shape)))
        if not len(hits):
            return Call("id", (Ref(0, index),))
        last = tuple(int(i) for i in hits[-1])[len(sources.shape) - value.ndim :]
        place = tuple(0 if n == 1 else i for n, i in zip(value.shape, last, strict=True))
        return Call("id", (Ref(1, place),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Values for each picked element and one value for all, where none is picked twice."""
        picked = itertools.chain(
            [((5, 2), (rng.permutation(5)[:3],), {"at": (0,), "counts": (-1,)})],
            [each for each in _samples(rng) if each[2]["counts"][0] >= 0],
        )
        for shape, indices, attrs in picked:
            part = _sources(shape, attrs["at"], indices).shape
            yield Sample((rng.normal(size=shape), rng.normal(size=part), *indices), attrs)
            yield Sample((rng.normal(size=shape), rng.normal(size=()), *indices), attrs)


def put_index(x: Tensor, value: Any, indices: Sequence[Tensor], at: Any, counts: Any) -> Tensor:
    """`x` with the picked elements replaced by a tensor or number."""
    return apply("index_put", (x, as_tensor_operand(value), *indices), {"at": at, "counts": counts})
