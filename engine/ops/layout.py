"""Dimensions in another order, repeated by broadcasting, and copies in memory."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dims import shape_of, wrap_dim
from ..element import Call, Expr, Index, Ref
from ..errors import ShapeError
from ..layouts import check_format, contiguous_format
from ..op import Op, Sample, Spec, random_shape, register
from ..tensor import Tensor, apply


@register
class Permute(Op):
    """y[i₀, i₁, …] with dimension k of y being dimension dims[k] of x."""

    name = "permute"
    view = True
    formula = r"y_{i_{p(0)},\, i_{p(1)},\, \ldots} = x_{i_0,\, i_1,\, \ldots}"
    derivatives = (r"\dfrac{\partial y}{\partial x} = 1",)
    says: ClassVar = {
        "en": "Puts the dimensions in another order; the gradient is put back in the old order.",
        "zh": "重新排列各维度的顺序；梯度再排回原来的顺序。",
    }
    vjps = (lambda g, y, x, dims: apply("permute", (g,), {"dims": inverse(dims)}),)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The sizes in the new order."""
        return Spec(tuple(inputs[0].shape[d] for d in attrs["dims"]), inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """A view of the same memory."""
        return inputs[0].transpose(tuple(attrs["dims"]))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The element at the index in the old order."""
        return Call("id", (Ref(0, tuple(index[k] for k in inverse(attrs["dims"]))),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Random orders."""
        for _ in range(3):
            shape = random_shape(rng)
            dims = tuple(int(d) for d in rng.permutation(len(shape)))
            yield Sample((rng.normal(size=shape),), {"dims": dims})


def inverse(dims: Sequence[int]) -> tuple[int, ...]:
    """The order that undoes `dims`."""
    return tuple(int(d) for d in np.argsort(dims)) if dims else ()


class _Swap(Op):
    """Base of the ops that swap two dimensions."""

    view = True
    formula = r"y_{\ldots j \ldots i \ldots} = x_{\ldots i \ldots j \ldots}"
    derivatives = (r"\dfrac{\partial y}{\partial x} = 1",)
    says: ClassVar = {
        "en": "Swaps two dimensions; the gradient is swapped back.",
        "zh": "交换两个维度；梯度再交换回来。",
    }

    def pair(self, ndim: int, **attrs: Any) -> tuple[int, int]:
        """The two dimensions."""
        return attrs["dim0"], attrs["dim1"]

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The two sizes swapped."""
        return Spec(self._swapped(inputs[0].shape, **attrs), inputs[0].dtype)

    def _swapped(self, items: tuple[int, ...], **attrs: Any) -> tuple[int, ...]:
        if not items:
            return items
        a, b = self.pair(len(items), **attrs)
        order = list(items)
        order[a], order[b] = order[b], order[a]
        return tuple(order)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """A view of the same memory."""
        return inputs[0].transpose(self._swapped(tuple(range(inputs[0].ndim)), **attrs))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The element at the swapped index."""
        return Call("id", (Ref(0, self._swapped(index, **attrs)),))


@register
class Transpose(_Swap):
    """y = x with two dimensions swapped."""

    name = "transpose"
    vjps = (lambda g, y, x, dim0, dim1: apply("transpose", (g,), {"dim0": dim0, "dim1": dim1}),)

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Any two dimensions."""
        for _ in range(2):
            shape = random_shape(rng, 1)
            a, b = (int(d) for d in rng.integers(0, len(shape), 2))
            yield Sample((rng.normal(size=shape),), {"dim0": a, "dim1": b})


@register
class T(_Swap):
    """y = xᵀ, of a matrix."""

    name = "t"
    formula = r"Y = X^\top"
    derivatives = (r"\dfrac{\partial y_{ji}}{\partial x_{ij}} = 1",)
    vjps = (lambda g, y, x: apply("t", (g,)),)

    def pair(self, ndim: int, **attrs: Any) -> tuple[int, int]:
        """The two dimensions of a matrix; a vector has but one."""
        if ndim > 2:
            raise ShapeError(f"t() expects a tensor with <= 2 dimensions, but self is {ndim}D")
        return 0, ndim - 1

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """A matrix, a vector and a number."""
        for shape in ((2, 3), (4,), ()):
            yield Sample((rng.normal(size=shape),))


@register
class Clone(Op):
    """A copy in memory of its own."""

    name = "clone"
    formula = r"y = x"
    derivatives = (r"\dfrac{\partial y}{\partial x} = 1",)
    says: ClassVar = {
        "en": "Copies the numbers into memory of their own; the gradient passes unchanged.",
        "zh": "把数值复制到新的内存中；梯度原样通过。",
    }
    vjps = (lambda g, y, x, **layout: g,)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The input's."""
        return Spec(inputs[0].shape, inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """A copy in the same memory layout, or with `contiguous` in the order of the elements."""
        return np.array(inputs[0], order="C" if attrs.get("contiguous") else "K")

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The element itself."""
        return Call("id", (Ref(0, index),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """A plain and a transposed layout."""
        shape = random_shape(rng)
        yield Sample((rng.normal(size=shape),))
        yield Sample((rng.normal(size=shape).T,))
        yield Sample((rng.normal(size=shape).T,), {"contiguous": True})


@public("torch", "method")
def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """A copy; gradients flow back to `input`."""
    check_format(memory_format, input.ndim)
    return apply("clone", (input,), {"contiguous": True} if memory_format is contiguous_format else None)


@public("method")
def contiguous(self: Tensor, memory_format: Any = None) -> Tensor:
    """The tensor itself if its memory is in the order of its elements, otherwise a copy that is."""
    check_format(memory_format, self.ndim)
    return self if self._node.layout.flags.c_contiguous else apply("clone", (self,), {"contiguous": True})


@public("method")
def is_contiguous(self: Tensor, memory_format: Any = None) -> bool:
    """Whether its memory is in the order of its elements."""
    check_format(memory_format, self.ndim)
    return bool(self._node.layout.flags.c_contiguous)


@public("method")
def stride(self: Tensor, dim: int | None = None) -> Any:
    """How many elements apart neighbours along each dimension lie in memory."""
    array = self._node.layout
    if array.flags.c_contiguous:  # numpy may say anything of dimensions of size 1
        steps = tuple(math.prod(max(n, 1) for n in array.shape[d + 1 :]) for d in range(array.ndim))
    else:
        steps = tuple(step // array.itemsize for step in array.strides)
    return steps if dim is None else steps[wrap_dim(dim, len(steps))]


@public("method", name="permute")
def _permute_method(self: Tensor, *dims: Any) -> Tensor:
    """The dimensions in another order."""
    if not dims:
        raise TypeError('permute() missing 1 required positional arguments: "dims"')
    return permute(self, shape_of(dims))


@public("torch")
def permute(input: Tensor, dims: Sequence[int]) -> Tensor:
    """The dimensions in another order: dimension k of the result is dimension `dims[k]` of `input`."""
    if len(dims) != input.ndim:
        raise ShapeError(
            "permute: number of dimensions in the tensor input does not match the length of the "
            f"desired ordering of dimensions i.e. input.dim() = {input.ndim} is not equal to len(dims) = "
            f"{len(dims)}"
        )
    order = tuple(wrap_dim(d, input.ndim) for d in dims)
    if len(set(order)) != len(order):
        raise ShapeError("permute(): duplicate dims are not allowed.")
    return apply("permute", (input,), {"dims": order})


@public("torch", "method")
def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Dimensions `dim0` and `dim1` swapped."""
    pair = {"dim0": wrap_dim(dim0, input.ndim), "dim1": wrap_dim(dim1, input.ndim)}
    return apply("transpose", (input,), pair)


@public("torch", "method")
def swapaxes(input: Tensor, axis0: int, axis1: int) -> Tensor:
    """Dimensions `axis0` and `axis1` swapped."""
    return transpose(input, axis0, axis1)


@public("torch", "method")
def swapdims(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Dimensions `dim0` and `dim1` swapped."""
    return transpose(input, dim0, dim1)


@public("torch", "method")
def t(input: Tensor) -> Tensor:
    """A matrix transposed; a vector or number as it is."""
    return apply("t", (input,))


@public("method")
def expand(self: Tensor, *sizes: Any) -> Tensor:
    """Repeated along dimensions of size 1 (and new ones in front) to the given shape; −1 keeps a size."""
    if not sizes:
        raise TypeError('expand() missing 1 required positional arguments: "size"')
    shape, before = shape_of(sizes), self._node.spec.shape
    extra = len(shape) - len(before)
    if extra < 0:
        raise ShapeError(
            f"expand: the number of sizes provided ({len(shape)}) must be greater or equal to the number of "
            f"dimensions in the tensor ({len(before)})"
        )
    if any(size == -1 for size in shape[:extra]):
        raise ShapeError("expand: the expanded size of the tensor (-1) isn't allowed in a leading dimension")
    if any(size < -1 for size in shape):
        raise ShapeError(f"expand: sizes cannot be negative, but are {list(shape)}")
    full = tuple(before[i - extra] if size == -1 else size for i, size in enumerate(shape))
    return apply("expand", (self,), {"shape": full})
