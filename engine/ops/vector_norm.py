"""p-norms of vectors and matrices, and distances."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..composite import composite
from ..dims import Dim, axes, wrap_dims
from ..dtypes import DType
from ..element import Call, Expr, Index, Ref
from ..errors import ArgumentError, DTypeError, SettingError, ShapeError
from ..jit import dense
from ..op import Sample, Spec, Vjp, register
from ..tensor import Tensor, apply
from .reduce import Reduction, all_or, members, reduction_samples, spread
from .singular import svdvals


def _gradient(
    g: Tensor, y: Tensor, x: Tensor, dim: tuple[int, ...] | None, keepdim: bool, ord: float
) -> Tensor:
    """g · sign(x) (|x| / y)^(p−1), and 0 where that is not defined."""
    shape = x._node.spec.shape
    g, y = spread(g, shape, dim, keepdim), spread(y, shape, dim, keepdim)
    if ord == 0:
        return apply("zeros_like", (x,))
    if ord == 1:
        return g * x.sgn()
    if ord == 2:
        return g * (x / y).masked_fill(y == 0, 0.0)
    if math.isinf(ord):
        won = (x.abs() == y).logical_or(x.isnan())
        count = spread(won.to(x.dtype).sum(dim, keepdim), shape, dim, keepdim)
        return x.sgn() * (g / count * won)
    if ord < 1:
        return x.sgn() * x.abs().pow(ord - 1).masked_fill(x == 0, 0.0) * g * y.pow(1 - ord)
    scale = (g / y.pow(ord - 1)).masked_fill(y == 0, 0.0)
    if ord < 2:
        return x.sgn() * x.abs().pow(ord - 1) * scale
    return x * x.abs().pow(ord - 2) * scale


@register
class VectorNorm(Reduction):
    """y = (Σ |x|^p)^(1/p)."""

    name = "linalg_vector_norm"
    formula = r"y = \left(\sum_{i} |x_i|^p\right)^{1/p}"
    derivatives = (
        r"\dfrac{\partial y}{\partial x_i} = \mathrm{sign}(x_i)\,\left(\dfrac{|x_i|}{y}\right)^{p-1}",
    )
    says: ClassVar = {
        "en": "The length of a vector: the usual one for p = 2, the sum for p = 1, the largest for p = ∞.",
        "zh": "向量的长度：p = 2 为通常的长度，p = 1 为绝对值之和，p = ∞ 为最大的绝对值。",
    }
    saves = ("inputs", "output")
    vjps: ClassVar[tuple[Vjp | None, ...]] = (lambda g, y, x, **attrs: _gradient(g, y, x, **attrs),)

    def out_dtype(self, dtype: DType) -> DType:
        """Floating point only."""
        if dtype.rank < 2:
            raise DTypeError(
                f"linalg.vector_norm: Expected a floating point or complex tensor as input. Got {dtype}"
            )
        return dtype

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The shape without the reduced dimensions, in which largest and smallest elements must exist."""
        shape, dim, ord = inputs[0].shape, attrs["dim"], attrs["ord"]
        dims = range(len(shape)) if dim is None or not shape else dim
        if (ord < 0 or ord == math.inf) and any(shape[d] == 0 for d in dims):
            raise ShapeError(
                f"linalg.vector_norm cannot compute the {ord} norm on an empty tensor because the "
                "operation does not have an identity"
            )
        return super().spec(*inputs, **attrs)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """In at least single precision."""
        x, ord, keep = inputs[0], attrs["ord"], attrs["keepdim"]
        along = axes(attrs["dim"], x.ndim)
        size = np.abs(x.astype(np.float32) if x.dtype.itemsize == 2 else x)
        if ord == 0:
            y = (size != 0).sum(axis=along, keepdims=keep)
        elif math.isinf(ord):
            y = (np.max if ord > 0 else np.min)(size, axis=along, keepdims=keep)
        elif ord == 1:
            y = size.sum(axis=along, keepdims=keep)
        elif ord == 2:
            y = np.sqrt((size * size).sum(axis=along, keepdims=keep))
        else:
            y = (size**ord).sum(axis=along, keepdims=keep) ** (1 / ord)
        return dense(np.asarray(y).astype(out.dtype.numpy))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The root of the sum of powers, or the largest, smallest or number of those that are not 0."""
        ord = attrs["ord"]
        refs = [Ref(0, at) for at in members(index, inputs[0].shape, attrs["dim"], attrs["keepdim"])]
        if ord == 0:
            return Call("add", tuple(Call("ne", (ref, 0.0)) for ref in refs))
        sizes = tuple(Call("abs", (ref,)) for ref in refs)
        if math.isinf(ord):
            return Call("max" if ord > 0 else "min", sizes)
        if ord == 1:
            return Call("add", sizes)
        if ord == 2:
            return Call("sqrt", (Call("add", tuple(Call("mul", (ref, ref)) for ref in refs)),))
        powers = Call("add", tuple(Call("pow", (size, ord)) for size in sizes))
        return Call("pow", (powers, 1 / ord))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Some dimensions for the usual norm, and each kind of norm."""
        for sample in reduction_samples(rng, ord=2.0):
            if sample.inputs[0].size <= 24:
                yield sample
        for ord in (0.0, 1.0, 0.5, 1.5, 3.0, math.inf, -math.inf):
            x = rng.uniform(0.3, 2, (2, 3)) * rng.choice([-1.0, 1.0], (2, 3))
            yield Sample((x,), {"dim": (1,), "keepdim": False, "ord": ord}, smooth=ord != 0)


def _vector_norm(x: Tensor, ord: float, dim: Dim, keepdim: bool, dtype: DType | None) -> Tensor:
    if dtype is not None and x.dtype.rank == 2:
        if dtype.rank < 2 or (dtype.itemsize < x.dtype.itemsize and x.dtype.rank == 2):
            raise DTypeError(
                f"linalg.vector_norm: the dtype of the input {x.dtype} should be convertible without "
                f"narrowing to the specified dtype ({dtype})"
            )
        x = x.to(dtype)
    attrs = {"dim": all_or(dim, x.ndim), "keepdim": bool(keepdim), "ord": float(ord)}
    return apply("linalg_vector_norm", (x,), attrs)


def vector_norm(
    x: Tensor, ord: float = 2, dim: Dim = None, keepdim: bool = False, *, dtype: DType | None = None
) -> Tensor:
    """(Σ |x|^ord)^(1/ord) over all elements or `dim`; ±∞ are the largest and smallest size, 0 counts."""
    return _vector_norm(x, ord, dim, keepdim, dtype)


@composite(
    "matrix_norm",
    formula=r"\Vert A \Vert_F = \sqrt{\sum_{ij} a_{ij}^2},\quad \Vert A \Vert_1 = \max_j \sum_i |a_{ij}|",
    derivative=r"\dfrac{\partial \Vert A \Vert_F}{\partial a_{ij}} = \dfrac{a_{ij}}{\Vert A \Vert_F}",
    en="A size of a matrix: the root of all squares, or the largest sum of a column or row.",
    zh="矩阵的大小：所有元素平方和的根，或最大的列和、行和。",
)
def matrix_norm(
    A: Tensor,
    ord: Any = "fro",
    dim: tuple[int, int] = (-2, -1),
    keepdim: bool = False,
    *,
    dtype: DType | None = None,
) -> Tensor:
    """The norm of matrices: "fro", or the largest (inf: row, 1: column) or smallest (−inf, −1) sum of sizes.

    "nuc" is the sum of the singular values, 2 the largest of them and −2 the smallest.
    """
    if A.ndim < 2:
        raise ShapeError(
            f"linalg.matrix_norm: The input tensor A must have at least 2 dimensions, not {A.ndim}"
        )
    rows, columns = wrap_dims(dim, A.ndim)
    if dtype is not None:
        A = A.to(dtype)
    if ord == "fro":
        return _vector_norm(A, 2, (rows, columns), keepdim, None)
    if ord in ("nuc", 2, -2):
        return _by_singular_values(A, ord, rows, columns, keepdim)
    if ord not in (1, -1, math.inf, -math.inf):
        raise ArgumentError(f"linalg.matrix_norm: Order {ord} not supported.")
    first, second = (rows, columns) if abs(ord) == 1 else (columns, rows)
    sums = _vector_norm(A, 1, first, True, None)
    if ord > 0:
        found = sums.amax(second, True) if A.shape[second] else sums.sum(second, True).detach()
    else:
        found = sums.amin(second, True)
    if keepdim:
        return found
    return found.reshape(tuple(size for d, size in enumerate(A.shape) if d not in (rows, columns)))


def _by_singular_values(matrices: Tensor, ord: Any, rows: int, columns: int, keepdim: bool) -> Tensor:
    values = svdvals(matrices.movedim((rows, columns), (-2, -1)))
    if ord == "nuc":
        found = values.sum(-1)
    elif ord > 0:
        found = values.amax(-1) if values.shape[-1] else values.sum(-1).detach()
    else:
        found = values.amin(-1)
    if not keepdim:
        return found
    return found.reshape(tuple(1 if d in (rows, columns) else size for d, size in enumerate(matrices.shape)))


def linalg_norm(
    A: Tensor,
    ord: Any = None,
    dim: Dim = None,
    keepdim: bool = False,
    *,
    dtype: DType | None = None,
) -> Tensor:
    """A vector's norm, or a matrix's where `dim` (or A, if `ord` is given without `dim`) has two."""
    dims = (dim,) if isinstance(dim, int) else dim
    if dims is not None and len(dims) not in (1, 2):
        raise ShapeError(f"linalg.norm: If dim is specified, it must be of length 1 or 2. Got {list(dims)}")
    if ord is None:
        return _vector_norm(A, 2, dims, keepdim, dtype)
    if dims is None and A.ndim not in (1, 2):
        raise ShapeError(
            f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {A.ndim}D."
        )
    if len(dims) == 2 if dims is not None else A.ndim == 2:
        return matrix_norm(A, ord, (0, 1) if dims is None else (dims[0], dims[1]), keepdim, dtype=dtype)
    if isinstance(ord, str):
        raise ArgumentError(f"linalg.norm: order {ord!r} is for matrices")
    return _vector_norm(A, ord, dims, keepdim, dtype)


@public("torch", "method")
def norm(
    input: Tensor,
    p: Any = "fro",
    dim: Dim = None,
    keepdim: bool = False,
    dtype: DType | None = None,
) -> Tensor:
    """The p-norm of all elements or over `dim`; "fro" is p = 2."""
    if p == "nuc":
        dims = (0, 1) if dim is None else dim
        if isinstance(dims, int) or len(dims) != 2 or (dim is None and input.ndim != 2):
            raise ShapeError("norm: the nuclear norm is for matrices: dim must have two dimensions")
        return matrix_norm(input, "nuc", (dims[0], dims[1]), keepdim, dtype=dtype)
    if isinstance(p, str) and p != "fro":
        raise SettingError(f"only valid string values are 'fro' and 'nuc', found {p}")
    if p == "fro" and dim is not None and not isinstance(dim, int) and len(dim) > 2:
        raise ShapeError(f"linalg.matrix_norm: dim must be a 2-tuple. Got {list(dim)}")
    return _vector_norm(input, 2 if p == "fro" or p is None else p, dim, keepdim, dtype)


@public("torch", "method")
@composite(
    "dist",
    formula=r"y = \left(\sum_{i} |x_i - z_i|^p\right)^{1/p}",
    derivative=r"\dfrac{\partial y}{\partial x_i} = "
    r"\mathrm{sign}(x_i - z_i)\,\left(\dfrac{|x_i - z_i|}{y}\right)^{p-1}",
    en="The distance of two tensors: the p-norm of their difference.",
    zh="两个张量的距离：差的 p-范数。",
)
def dist(input: Tensor, other: Tensor, p: float = 2) -> Tensor:
    """The p-norm of `input − other`."""
    return _vector_norm(input - other, p, None, False, None)
