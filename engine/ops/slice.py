"""Basic indexing: whole numbers, slices and new dimensions; a view of the tensor's memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np

from ..element import Call, Expr, Index, Ref
from ..errors import ShapeError
from ..op import Op, Sample, Spec, register
from ..tensor import Tensor, apply, as_tensor_operand

Item = int | tuple[int, int, int] | None
"""One entry of a basic index: a position, a slice (start, stop, step), or a new dimension. All count from
the front; dimensions after the last entry are taken whole."""


def key_of(items: Sequence[Any]) -> tuple[Any, ...]:
    """The numpy index; the ellipsis makes numpy return an array even for one element."""
    parts = [slice(*item) if isinstance(item, (tuple, list)) else item for item in items]
    return (*parts, Ellipsis)


def sliced_shape(shape: tuple[int, ...], items: Sequence[Any]) -> tuple[int, ...]:
    """The shape of a basic index's result."""
    out: list[int] = []
    dim = 0
    for item in items:
        if item is None:
            out.append(1)
            continue
        if not isinstance(item, int):
            out.append(len(range(*item)))
        dim += 1
    return (*out, *shape[dim:])


def source_of(index: Index, items: Sequence[Any]) -> Index:
    """Where element `index` of the result lies in the tensor."""
    rest = list(index)
    place: list[int] = []
    for item in items:
        if item is None:
            rest.pop(0)
        elif isinstance(item, int):
            place.append(item)
        else:
            start, _, step = item
            place.append(start + rest.pop(0) * step)
    return (*place, *rest)


def target_of(place: Index, items: Sequence[Any]) -> Index | None:
    """Where element `place` of the tensor appears in the result, or None."""
    rest = list(place)
    out: list[int] = []
    for item in items:
        if item is None:
            out.append(0)
            continue
        at = rest.pop(0)
        if isinstance(item, int):
            if at != item:
                return None
            continue
        where = range(*item)
        if at not in where:
            return None
        out.append(where.index(at))
    return (*out, *rest)


def _samples(rng: np.random.Generator) -> Iterable[tuple[tuple[int, ...], tuple[Item, ...]]]:
    yield (4,), ((1, 3, 1),)
    yield (3, 4), (int(rng.integers(3)),)
    yield (3, 4), ((0, 3, 2), None, int(rng.integers(4)))
    yield (2, 3, 5), ((0, 2, 1), (1, 2, 1), (1, 5, 3))
    yield (2,), (1,)
    yield (), (None,)
    yield (3, 2), ((1, 1, 1),)


@register
class Slice(Op):
    """y = x[i, a:b:c, …]."""

    name = "slice"
    view = True
    formula = r"y = x[\,\ldots]"
    derivatives = (r"\dfrac{\partial y_i}{\partial x_j} = \mathbf{1}[j\;\mathrm{chosen\ as}\;i]",)
    says: ClassVar = {
        "en": "Takes a part of the tensor; the gradient is put back there, with zeros around it.",
        "zh": "取出张量的一部分；梯度放回原处，其余为零。",
    }
    vjps = (lambda g, y, x, items: apply("slice_grad", (g,), {"shape": x._node.spec.shape, "items": items}),)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """Positions drop their dimension, slices shorten it."""
        return Spec(sliced_shape(inputs[0].shape, attrs["items"]), inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """A view of the same memory."""
        result: np.ndarray = inputs[0][key_of(attrs["items"])]
        return result

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The element that was taken."""
        return Call("id", (Ref(0, source_of(index, attrs["items"])),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Positions, slices with steps, new dimensions, nothing at all."""
        for shape, items in _samples(rng):
            yield Sample((rng.normal(size=shape),), {"items": items})

    def unview(self, whole: Tensor, part: Tensor, **attrs: Any) -> Tensor:
        """The whole with this part replaced."""
        return put_slice(whole, part, attrs["items"])

    def grad_name(self, *inputs: Spec, **attrs: Any) -> str:
        """PyTorch takes one step for each entry; the last one gives its name."""
        items, shape = list(attrs["items"]), inputs[0].shape
        dim = sum(item is not None for item in items)
        while items:
            item = items.pop()
            if item is None:
                return "UnsqueezeBackward0"
            dim -= 1
            if isinstance(item, int):
                return "SelectBackward0"
            if tuple(item) != (0, shape[dim], 1) or len(attrs["items"]) == 1:
                return "SliceBackward0"
        return "AliasBackward0"


@register
class SliceGrad(Op):
    """x = 0 but for x[i, a:b:c, …] = g."""

    name = "slice_grad"
    torch_name = "SliceBackwardBackward0"
    inputs = ("g",)
    formula = r"d[\,\ldots] = g,\quad 0\;\mathrm{elsewhere}"
    derivatives = (r"\dfrac{\partial d_j}{\partial g_i} = \mathbf{1}[j\;\mathrm{chosen\ as}\;i]",)
    says: ClassVar = {
        "en": "Puts the gradient where the part was taken from, and zeros elsewhere.",
        "zh": "把梯度放回取出的位置，其余为零。",
    }
    vjps = (lambda u, d, g, shape, items: apply("slice", (u,), {"items": items}),)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The shape that the part was taken from."""
        return Spec(tuple(attrs["shape"]), inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Zeros with one part filled."""
        d = np.zeros(out.shape, out.dtype.numpy)
        d[key_of(attrs["items"])] = inputs[0]
        return d

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The gradient that belongs here, or 0."""
        at = target_of(index, attrs["items"])
        return 0.0 if at is None else Call("id", (Ref(0, at),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """The reverse of slice's."""
        for shape, items in _samples(rng):
            g = rng.normal(size=sliced_shape(shape, items))
            yield Sample((g,), {"shape": shape, "items": items})


@register
class SlicePut(Op):
    """y = x but for y[i, a:b:c, …] = v."""

    name = "slice_put"
    torch_name = "CopySlices"
    inputs = ("x", "v")
    formula = r"y = x,\;\mathrm{but}\; y[\,\ldots] = v"
    derivatives = (
        r"\dfrac{\partial y}{\partial x} = 1\;\mathrm{outside},\; 0\;\mathrm{inside}",
        r"\dfrac{\partial y[\ldots]}{\partial v} = 1",
    )
    says: ClassVar = {
        "en": "Replaces a part of the tensor; the gradient of that part goes to the new values.",
        "zh": "替换张量的一部分；该部分的梯度流向新的值。",
    }
    vjps = (
        lambda g, y, x, v, items: put_slice(g, 0.0, items),
        lambda g, y, x, v, items: apply("slice", (g,), {"items": items}),
    )

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """Those of x; the new values must broadcast to the part."""
        part = sliced_shape(inputs[0].shape, attrs["items"])
        value = inputs[1].shape
        fits = len(value) <= len(part) and all(
            a in (1, b) for a, b in zip(reversed(value), reversed(part), strict=False)
        )
        if not fits:
            raise ShapeError(
                f"shape mismatch: value tensor of shape {list(value)} cannot be broadcast to indexing result "
                f"of shape {list(part)}"
            )
        return Spec(inputs[0].shape, inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """A copy with one part replaced."""
        y = np.array(inputs[0], order="K")
        y[key_of(attrs["items"])] = inputs[1]
        return y

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The new value if it lies in the part, otherwise the old one."""
        at = target_of(index, attrs["items"])
        if at is None:
            return Call("id", (Ref(0, index),))
        shape = inputs[1].shape
        place = at[len(at) - len(shape) :]
        return Call("id", (Ref(1, tuple(0 if n == 1 else i for n, i in zip(shape, place, strict=True))),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Full parts, and one value for all of it."""
        for shape, items in _samples(rng):
            part = sliced_shape(shape, items)
            yield Sample((rng.normal(size=shape), rng.normal(size=part)), {"items": items})
            yield Sample((rng.normal(size=shape), rng.normal(size=part[1:])), {"items": items})


def put_slice(x: Tensor, value: Any, items: Sequence[Any]) -> Tensor:
    """`x` with the part that `items` choose replaced by a tensor or number."""
    return apply("slice_put", (x, as_tensor_operand(value)), {"items": items})
