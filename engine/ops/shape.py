"""The same elements in another shape: reshape, flatten, squeeze and unsqueeze."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dims import shape_of, wrap_dim, wrap_dims
from ..element import Call, Expr, Index, Ref
from ..errors import ShapeError
from ..op import Op, Sample, Spec, Vjp, random_shape, register
from ..tensor import Tensor, apply

_COPIES = r"\dfrac{\partial y}{\partial x} = 1"


def _back(g: Tensor, y: Tensor, x: Tensor, **attrs: Any) -> Tensor:
    return apply("reshape", (g,), {"shape": x._node.spec.shape})


class _Reshape(Op):
    """Base of the ops that keep the order of the elements."""

    view = True
    formula = r"y = x"
    derivatives = (_COPIES,)
    vjps: ClassVar[tuple[Vjp | None, ...]] = (_back,)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """A view, or a copy where the memory layout does not allow one."""
        return inputs[0].reshape(out.shape)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The element of the same number in the order of the elements."""
        shape = self.shape(inputs[0].shape, **attrs)
        number = np.ravel_multi_index(index, shape) if shape else 0
        place = np.unravel_index(int(number), inputs[0].shape) if inputs[0].shape else ()
        return Call("id", (Ref(0, tuple(int(i) for i in place)),))

    def shape(self, before: tuple[int, ...], **attrs: Any) -> tuple[int, ...]:
        """The new shape."""
        raise NotImplementedError

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The new shape, the same dtype."""
        return Spec(self.shape(inputs[0].shape, **attrs), inputs[0].dtype)


@register
class Reshape(_Reshape):
    """The same elements, in the same order, in another shape."""

    name = "reshape"
    torch_name = "ViewBackward0"
    says: ClassVar = {
        "en": "The same elements in another shape; the gradient is put back into the old shape.",
        "zh": "同样的元素换一个形状；梯度再变回原来的形状。",
    }

    def shape(self, before: tuple[int, ...], **attrs: Any) -> tuple[int, ...]:
        """The shape asked for, of the same number of elements."""
        shape = tuple(attrs["shape"])
        if math.prod(shape) != math.prod(before):
            raise ShapeError(f"shape '{list(shape)}' is invalid for input of size {math.prod(before)}")
        return shape

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Flat, folded, and from a transposed layout."""
        shape = random_shape(rng)
        yield Sample((rng.normal(size=shape),), {"shape": (math.prod(shape),)})
        yield Sample((rng.normal(size=(6, 4)),), {"shape": (2, 3, 2, 2)})
        yield Sample((rng.normal(size=(4, 3)).T,), {"shape": (2, 6)})
        yield Sample((np.array([[rng.normal()]]),), {"shape": ()})


@register
class Flatten(_Reshape):
    """Several dimensions become one."""

    name = "flatten"
    torch_name = "ViewBackward0"
    says: ClassVar = {
        "en": "Lines the elements up in one dimension; the gradient is put back into the old shape.",
        "zh": "把元素排成一个维度；梯度再变回原来的形状。",
    }

    def shape(self, before: tuple[int, ...], **attrs: Any) -> tuple[int, ...]:
        """The sizes from `start_dim` to `end_dim` multiplied."""
        first, last = attrs["start_dim"], attrs["end_dim"]
        return (*before[:first], math.prod(before[first : last + 1]), *before[last + 1 :])

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """All dimensions, and all but the batch's."""
        shape = tuple(int(n) for n in rng.integers(1, 4, 4))
        yield Sample((rng.normal(size=shape),), {"start_dim": 0, "end_dim": 3})
        yield Sample((rng.normal(size=shape),), {"start_dim": 1, "end_dim": 3})
        yield Sample((rng.normal(size=shape).transpose(2, 0, 3, 1),), {"start_dim": 1, "end_dim": 2})


@register
class Unsqueeze(_Reshape):
    """A new dimension of size 1."""

    name = "unsqueeze"
    says: ClassVar = {
        "en": "Adds a dimension of size 1; the gradient loses it again.",
        "zh": "增加一个大小为 1 的维度；梯度再去掉它。",
    }
    vjps = (lambda g, y, x, dim: apply("squeeze", (g,), {"dim": (dim,)}),)

    def shape(self, before: tuple[int, ...], **attrs: Any) -> tuple[int, ...]:
        """A 1 at `dim`."""
        return (*before[: attrs["dim"]], 1, *before[attrs["dim"] :])

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """At each place."""
        shape = random_shape(rng)
        for dim in range(len(shape) + 1):
            yield Sample((rng.normal(size=shape),), {"dim": dim})


@register
class Squeeze(_Reshape):
    """Without dimensions of size 1."""

    name = "squeeze"
    says: ClassVar = {
        "en": "Drops dimensions of size 1; the gradient gets them back.",
        "zh": "去掉大小为 1 的维度；梯度再加回来。",
    }

    def shape(self, before: tuple[int, ...], **attrs: Any) -> tuple[int, ...]:
        """Without the ones among `dim`; None drops them all."""
        dims = range(len(before)) if attrs["dim"] is None else attrs["dim"]
        return tuple(size for i, size in enumerate(before) if size != 1 or i not in dims)

    def grad_name(self, *inputs: Spec, **attrs: Any) -> str:
        """PyTorch numbers the three forms: all, one dimension, several."""
        dim = attrs["dim"]
        return f"SqueezeBackward{0 if dim is None else min(len(dim), 2)}"

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """All, one and several; also where there is nothing to drop."""
        for dim in (None, (0,), (1,), (0, 2)):
            yield Sample((rng.normal(size=(1, 3, 1)),), {"dim": dim})


def _sizes(input: Tensor, sizes: tuple[Any, ...]) -> tuple[int, ...]:
    """The shape asked for, with its −1 worked out."""
    shape = shape_of(sizes)
    count = input.numel()
    for place, size in enumerate(shape):
        if size < -1:
            raise ShapeError(f"invalid shape dimension {size} at index {place} of shape {list(shape)}")
    if -1 not in shape:
        return shape
    if shape.count(-1) > 1:
        raise ShapeError("only one dimension can be inferred")
    known = math.prod(size for size in shape if size != -1)
    if known == 0:
        raise ShapeError(
            f"cannot reshape tensor of {count} elements into shape {list(shape)} because the unspecified "
            "dimension size -1 can be any value and is ambiguous"
        )
    if count % known:
        raise ShapeError(f"shape '{list(shape)}' is invalid for input of size {count}")
    return tuple(count // known if size == -1 else size for size in shape)


def _viewable(array: np.ndarray, shape: tuple[int, ...]) -> bool:
    """Whether the memory layout lets `array` have another shape without a copy."""
    if array.flags.c_contiguous or array.size == 0:
        return True
    return np.may_share_memory(array, array.reshape(shape))


@public("method")
def view(self: Tensor, *shape: Any) -> Tensor:
    """The same elements in another shape, sharing memory; −1 stands for what is left."""
    if len(shape) == 1 and hasattr(shape[0], "is_floating_point"):
        raise ShapeError("view: gradviz does not reinterpret memory as another dtype; use .to(dtype)")
    sizes = _sizes(self, shape)
    if math.prod(sizes) == self.numel() and not _viewable(self._node.layout, sizes):
        raise ShapeError(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans "
            "across two contiguous subspaces). Use .reshape(...) instead."
        )
    return apply("reshape", (self,), {"shape": sizes})


@public("method", name="reshape")
def _reshape_method(self: Tensor, *shape: Any) -> Tensor:
    """The same elements in another shape; −1 stands for what is left."""
    sizes = _sizes(self, shape)
    if math.prod(sizes) == self.numel() and not _viewable(self._node.layout, sizes):
        self = apply("clone", (self,), {"contiguous": True})
    return apply("reshape", (self,), {"shape": sizes})


@public("torch")
def reshape(input: Tensor, shape: Sequence[int]) -> Tensor:
    """The same elements in another shape; −1 stands for what is left."""
    return _reshape_method(input, shape)


@public("method")
def view_as(self: Tensor, other: Tensor) -> Tensor:
    """The same elements in the shape of `other`."""
    return view(self, other.shape)


@public("method")
def reshape_as(self: Tensor, other: Tensor) -> Tensor:
    """The same elements in the shape of `other`."""
    return _reshape_method(self, other.shape)


@public("torch", "method")
def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Dimensions `start_dim` … `end_dim` become one."""
    shape = input._node.spec.shape
    first, last = wrap_dim(start_dim, len(shape)), wrap_dim(end_dim, len(shape))
    if first > last:
        raise ShapeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if not shape:
        return _reshape_method(input, 1)
    if first == last:
        return input
    sizes = (*shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :])
    if not _viewable(input._node.layout, sizes):
        input = apply("clone", (input,), {"contiguous": True})
    return apply("flatten", (input,), {"start_dim": first, "end_dim": last})


@public("torch", "method")
def unflatten(input: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    """Dimension `dim` becomes several, of the given sizes; −1 stands for what is left."""
    at = wrap_dim(dim, input.ndim)
    if not len(sizes):
        raise ShapeError("unflatten: sizes must be non-empty")
    if not input.ndim:
        raise ShapeError("unflatten: the tensor has no dimensions")
    shape = input._node.spec.shape
    inner = shape_of((sizes,))
    if -1 in inner:
        known = math.prod(n for n in inner if n != -1)
        if inner.count(-1) > 1 or not known:
            raise ShapeError(f"unflatten: what -1 stands for in {list(inner)} cannot be inferred")
        inner = tuple(shape[at] // known if n == -1 else n for n in inner)
    if math.prod(inner) != shape[at]:
        raise ShapeError(
            f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of dim {at} "
            f"({shape[at]}) in the input tensor"
        )
    return view(input, (*shape[:at], *inner, *shape[at + 1 :]))


@public("torch", "method")
def ravel(input: Tensor) -> Tensor:
    """All dimensions become one."""
    return _reshape_method(input, -1)


@public("torch", "method")
def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """A new dimension of size 1 at `dim`."""
    return apply("unsqueeze", (input,), {"dim": wrap_dim(dim, input.ndim + 1)})


@public("torch", "method")
def squeeze(input: Tensor, dim: int | Sequence[int] | None = None) -> Tensor:
    """Without the dimensions of size 1, or without those of `dim` that have size 1."""
    return apply("squeeze", (input,), {"dim": None if dim is None else wrap_dims(dim, input.ndim)})
