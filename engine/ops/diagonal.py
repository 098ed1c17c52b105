"""Diagonals: taken out of a tensor, put into zeros, put into another tensor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..composite import composite
from ..dims import wrap_dim
from ..dtypes import bool_
from ..element import Call, Expr, Index, Ref
from ..errors import DTypeError, ShapeError
from ..op import Op, Sample, Spec, register
from ..tensor import Tensor, apply


def diagonal_shape(shape: tuple[int, ...], offset: int, dim1: int, dim2: int) -> tuple[int, ...]:
    """The other dimensions, then the length of the diagonal."""
    rows, columns = shape[dim1] - max(-offset, 0), shape[dim2] - max(offset, 0)
    rest = tuple(n for d, n in enumerate(shape) if d not in (dim1, dim2))
    return (*rest, max(min(rows, columns), 0))


def _diagonal_of(array: np.ndarray, offset: int, dim1: int, dim2: int) -> np.ndarray:
    """A view of the diagonal."""
    length = diagonal_shape(array.shape, offset, dim1, dim2)[-1]
    moved = np.moveaxis(array, (dim1, dim2), (-2, -1))
    if not length:
        return moved[..., 0:0, 0] if moved.shape[-1] else np.zeros((*moved.shape[:-2], 0), array.dtype)
    start = moved[..., max(-offset, 0) :, max(offset, 0) :]
    steps = (*start.strides[:-2], start.strides[-2] + start.strides[-1])
    return np.lib.stride_tricks.as_strided(start, (*start.shape[:-2], length), steps)


def _on_diagonal(place: Index, offset: int, dim1: int, dim2: int) -> Index | None:
    """Where an element of the tensor lies in its diagonal, or None."""
    row, column = place[dim1], place[dim2]
    if column - row != offset:
        return None
    rest = tuple(i for d, i in enumerate(place) if d not in (dim1, dim2))
    return (*rest, row - max(-offset, 0))


def _samples() -> Iterable[tuple[tuple[int, ...], dict[str, int]]]:
    yield (3, 3), {"offset": 0, "dim1": 0, "dim2": 1}
    yield (2, 4), {"offset": 1, "dim1": 0, "dim2": 1}
    yield (3, 2, 2), {"offset": -1, "dim1": 2, "dim2": 0}
    yield (2, 2), {"offset": 5, "dim1": 0, "dim2": 1}


def _back(g: Tensor, y: Tensor, x: Tensor, offset: int, dim1: int, dim2: int) -> Tensor:
    attrs = {"shape": x._node.spec.shape, "offset": offset, "dim1": dim1, "dim2": dim2}
    return apply("diag_embed", (g,), attrs)


@register
class Diagonal(Op):
    """y[…, i] = x[i, i + offset, …]."""

    name = "diagonal"
    view = True
    formula = r"y_{i} = x_{i,\, i + k}"
    derivatives = (r"\dfrac{\partial y_i}{\partial x_{i,\, i+k}} = 1",)
    says: ClassVar = {
        "en": "Takes the diagonal of a matrix; the gradient goes back to it, with zeros around it.",
        "zh": "取矩阵的对角线；梯度回到对角线上，其余为零。",
    }
    vjps = (_back,)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """See `diagonal_shape`."""
        return Spec(diagonal_shape(inputs[0].shape, **attrs), inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """A view of the same memory."""
        return _diagonal_of(inputs[0], **attrs)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The element of the same number on the diagonal."""
        offset, at = attrs["offset"], index[-1]
        rest = iter(index[:-1])
        own = {attrs["dim1"]: at + max(-offset, 0), attrs["dim2"]: at + max(offset, 0)}
        return Call("id", (Ref(0, tuple(own[d] if d in own else next(rest) for d in range(inputs[0].ndim))),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """The main diagonal, others, none, of matrices and batches."""
        for shape, attrs in _samples():
            yield Sample((rng.normal(size=shape),), attrs)

    def unview(self, whole: Tensor, part: Tensor, **attrs: Any) -> Tensor:
        """The whole with this diagonal replaced."""
        return apply("diagonal_put", (whole, part), attrs)


@register
class DiagEmbed(Op):
    """x[i, i + offset, …] = g[…, i], and 0 elsewhere."""

    name = "diag_embed"
    torch_name = "DiagonalBackwardBackward0"
    formula = r"y_{i,\, i + k} = x_i,\quad 0\;\mathrm{elsewhere}"
    derivatives = (r"\dfrac{\partial y_{i,\, i+k}}{\partial x_i} = 1",)
    says: ClassVar = {
        "en": "Puts numbers on the diagonal of a matrix of zeros; they get their gradient from there.",
        "zh": "把数放到零矩阵的对角线上；它们从那里得到梯度。",
    }
    vjps = (
        lambda g, y, x, shape, offset, dim1, dim2: apply(
            "diagonal", (g,), {"offset": offset, "dim1": dim1, "dim2": dim2}
        ),
    )

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The given shape."""
        return Spec(tuple(attrs["shape"]), inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Zeros with the diagonal filled."""
        y = np.zeros(out.shape, out.dtype.numpy)
        _diagonal_of(y, attrs["offset"], attrs["dim1"], attrs["dim2"])[...] = inputs[0]
        return y

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The number that was put here, or 0."""
        at = _on_diagonal(index, attrs["offset"], attrs["dim1"], attrs["dim2"])
        return 0.0 if at is None else Call("id", (Ref(0, at),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """The reverse of diagonal's."""
        for shape, attrs in _samples():
            yield Sample((rng.normal(size=diagonal_shape(shape, **attrs)),), {"shape": shape, **attrs})


@register
class DiagonalPut(Op):
    """y = x but for y[i, i + offset, …] = v[…, i]."""

    name = "diagonal_put"
    torch_name = "DiagonalScatterBackward0"
    inputs = ("x", "v")
    formula = r"y = x,\;\mathrm{but}\; y_{i,\, i + k} = v_i"
    derivatives = (
        r"\dfrac{\partial y_{ij}}{\partial x_{ij}} = \mathbf{1}[j \neq i + k]",
        r"\dfrac{\partial y_{i,\, i+k}}{\partial v_i} = 1",
    )
    says: ClassVar = {
        "en": "Replaces a diagonal; its gradient goes to the new values.",
        "zh": "替换一条对角线；它的梯度流向新的值。",
    }
    vjps = (
        lambda g, y, x, v, **attrs: apply("diagonal_put", (g, apply("zeros_like", (v,))), attrs),
        lambda g, y, x, v, **attrs: apply("diagonal", (g,), attrs),
    )

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """Those of x; the values have the diagonal's shape."""
        want = diagonal_shape(inputs[0].shape, **attrs)
        if inputs[1].shape != want:
            raise ShapeError(
                "expected src to have a size equal to the slice of self. src size = "
                f"{list(inputs[1].shape)}, slice size = {list(want)}"
            )
        return Spec(inputs[0].shape, inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """A copy with the diagonal replaced."""
        y = np.array(inputs[0], order="K")
        _diagonal_of(y, **attrs)[...] = inputs[1]
        return y

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The new value on the diagonal, the old one elsewhere."""
        at = _on_diagonal(index, **attrs)
        return Call("id", (Ref(0, index) if at is None else Ref(1, at),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """As diagonal's."""
        for shape, attrs in _samples():
            value = rng.normal(size=diagonal_shape(shape, **attrs))
            yield Sample((rng.normal(size=shape), value), attrs)


def _attrs(ndim: int, offset: int, dim1: int, dim2: int) -> dict[str, int]:
    first, second = wrap_dim(dim1, ndim), wrap_dim(dim2, ndim)
    if first == second:
        raise ShapeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return {"offset": int(offset), "dim1": first, "dim2": second}


@public("torch", "method")
def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """The diagonal of the plane of `dim1` and `dim2`, as the last dimension; a view."""
    return apply("diagonal", (input,), _attrs(input.ndim, offset, dim1, dim2))


def linalg_diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """`diagonal` of the last two dimensions; `A` is PyTorch's name."""
    return diagonal(A, offset, dim1, dim2)


@public("torch", "method")
def diagonal_scatter(input: Tensor, src: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """A copy of `input` with a diagonal replaced by `src`."""
    return apply("diagonal_put", (input, src), _attrs(input.ndim, offset, dim1, dim2))


@public("torch", "method")
def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Matrices with the last dimension of `input` on a diagonal and zeros elsewhere."""
    attrs = _attrs(input.ndim + 1, offset, dim1, dim2)
    *rest, length = input._node.spec.shape or (1,)
    sizes = iter(rest)
    side = length + abs(attrs["offset"])
    own = (attrs["dim1"], attrs["dim2"])
    shape = tuple(side if d in own else next(sizes) for d in range(input.ndim + 1))
    return apply("diag_embed", (input,), {"shape": shape, **attrs})


@public("torch", "method")
def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """The diagonal of a matrix, or the matrix that has a vector on its diagonal."""
    match input.ndim:
        case 1:
            return diag_embed(input, diagonal)
        case 2:
            attrs = _attrs(2, diagonal, 0, 1)
            return apply("clone", (apply("diagonal", (input,), attrs),), {"contiguous": True})
    raise ShapeError(f"diag(): Supports 1D or 2D tensors. Got {input.ndim}D")


@public("torch", "method")
def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    """A matrix with all elements of `input` on its diagonal."""
    return diag_embed(input.reshape(-1), offset)


@public("torch", "method")
@composite(
    "trace",
    formula=r"y = \sum_i x_{ii}",
    derivative=r"\dfrac{\partial y}{\partial x_{ij}} = \mathbf{1}[i = j]",
    en="Adds up the diagonal of a matrix.",
    zh="把矩阵对角线上的元素相加。",
)
def trace(input: Tensor) -> Tensor:
    """The sum of a matrix's diagonal."""
    if input.ndim != 2:
        raise ShapeError(f"trace: expected a matrix, but got tensor with dim {input.ndim}")
    if input.dtype is bool_:
        raise DTypeError("trace is not defined for bool")
    return diagonal(input).sum()
