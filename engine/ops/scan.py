"""Running sums, products and logarithms of sums of exponentials along a dimension."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dims import wrap_dim
from ..dtypes import DType, get_default_dtype, int64
from ..element import Call, Expr, Index, Ref
from ..mutation import check_in_place
from ..op import Op, Sample, Spec, Vjp, random_shape, register
from ..tensor import Tensor, apply
from .choice import where
from .filling import arange


def before(index: Index, dim: int) -> list[Index]:
    """The indices along `dim` up to this one."""
    if not index:
        return [()]
    return [(*index[:dim], i, *index[dim + 1 :]) for i in range(index[dim] + 1)]


def scan_samples(rng: np.random.Generator) -> Iterable[Sample]:
    """Each dimension of a random shape, and no dimensions."""
    shape = random_shape(rng, 1, 3)
    for dim in range(len(shape)):
        yield Sample((rng.normal(size=shape),), {"dim": dim})
    yield Sample((np.array(rng.normal()),), {"dim": 0})


class _Scan(Op):
    """Base of the scans: `dim` is the dimension that is walked along."""

    ufunc: ClassVar[np.ufunc]

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The input's shape; whole numbers and truth values become int64."""
        dtype = inputs[0].dtype
        return Spec(inputs[0].shape, dtype if dtype.rank == 2 else int64)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """In double precision, then rounded, as PyTorch does it."""
        x = inputs[0]
        if not x.ndim:
            return x.astype(out.dtype.numpy)
        wide = np.float64 if out.dtype.rank == 2 else np.int64
        y = np.asarray(type(self).ufunc.accumulate(x, axis=attrs["dim"], dtype=wide))
        return y.astype(out.dtype.numpy, order="C")

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """See `scan_samples`."""
        return scan_samples(rng)


def _from_the_end(g: Tensor, dim: int) -> Tensor:
    """The sum of this element and all after it."""
    return g.flip(dim).cumsum(dim).flip(dim) if g.ndim else g


@register
class Cumsum(_Scan):
    """y_i = x_1 + … + x_i."""

    name = "cumsum"
    formula = r"y_i = \sum_{j \leq i} x_j"
    derivatives = (r"\dfrac{\partial y_i}{\partial x_j} = \mathbf{1}[j \leq i]",)
    says: ClassVar = {
        "en": "Running sums; an element gets the gradients of all sums from it on.",
        "zh": "累加和；每个元素得到自它之后所有和的梯度。",
    }
    vjps: ClassVar[tuple[Vjp | None, ...]] = (lambda g, y, x, dim: _from_the_end(g, dim),)
    ufunc = np.add

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The sum up to here."""
        return Call("add", tuple(Ref(0, at) for at in before(index, attrs["dim"])))


def _cumprod_gradient(g: Tensor, y: Tensor, x: Tensor, dim: int) -> Tensor:
    """Σ over the products from here on, each without this factor: y / x, unless there are zeros."""
    if not x.ndim or x.shape[dim] == 1:
        return g
    if x._node.array.all():
        return _from_the_end(g * y, dim) / x
    # Line k of a square holds the running products of x with a 1 in place of x_k, from k on.
    size = x.shape[dim]
    x, g = x.movedim(dim, -1), g.movedim(dim, -1)
    rows, columns = (arange(size).reshape(shape) for shape in ((size, 1), (1, size)))
    square = where(rows == columns, 1.0, x.unsqueeze(-2)).cumprod(-1)
    return where(columns >= rows, square * g.unsqueeze(-2), 0.0).sum(-1).movedim(-1, dim)


@register
class Cumprod(_Scan):
    """y_i = x_1 ⋯ x_i."""

    name = "cumprod"
    formula = r"y_i = \prod_{j \leq i} x_j"
    derivatives = (
        r"\dfrac{\partial y_i}{\partial x_k} = \mathbf{1}[k \leq i] \prod_{j \leq i,\, j \neq k} x_j",
    )
    says: ClassVar = {
        "en": "Running products; an element gets the gradients of all products from it on.",
        "zh": "累乘积；每个元素得到自它之后所有积的梯度。",
    }
    saves = ("inputs", "output")
    vjps: ClassVar[tuple[Vjp | None, ...]] = (lambda g, y, x, dim: _cumprod_gradient(g, y, x, dim),)
    ufunc = np.multiply

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The product up to here."""
        return Call("mul", tuple(Ref(0, at) for at in before(index, attrs["dim"])))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Away from 0, and with some zeros."""
        for sample in scan_samples(rng):
            x = sample.inputs[0]
            yield Sample((np.where(x < 0, x - 0.3, x + 0.3),), sample.attrs)
        yield Sample((np.array([[0.5, 0.0, 2.0], [0.0, -1.5, 0.0]]),), {"dim": 1})


def _logcumsumexp_gradient(g: Tensor, y: Tensor, x: Tensor, dim: int) -> Tensor:
    """e^x Σ g e^(−y) from here on, in logarithms, apart for positive and negative g."""
    if not x.ndim:
        return g * (x - y).exp()
    parts = []
    for sign in (1.0, -1.0):
        positive = g * sign > 0
        size = where(positive, where(positive, g * sign, 1.0).log(), float(np.finfo(g.dtype.numpy).min))
        sums = (size - y).flip(dim).logcumsumexp(dim).flip(dim)
        parts.append((sums + x).exp())
    return parts[0] - parts[1]


@register
class Logcumsumexp(Op):
    """y_i = ln (e^x_1 + … + e^x_i)."""

    name = "logcumsumexp"
    formula = r"y_i = \log \sum_{j \leq i} e^{x_j}"
    derivatives = (r"\dfrac{\partial y_i}{\partial x_j} = \mathbf{1}[j \leq i]\,e^{x_j - y_i}",)
    says: ClassVar = {
        "en": "Running sums of numbers that are given by their logarithms.",
        "zh": "对以对数形式给出的数求累加和。",
    }
    saves = ("inputs", "output")
    vjps: ClassVar[tuple[Vjp | None, ...]] = (lambda g, y, x, dim: _logcumsumexp_gradient(g, y, x, dim),)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The input's shape, in floating point."""
        dtype = inputs[0].dtype
        return Spec(inputs[0].shape, dtype if dtype.rank == 2 else get_default_dtype())

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """One step after the other, without overflow."""
        x = inputs[0].astype(np.float64)
        y = np.logaddexp.accumulate(x, axis=attrs["dim"]) if x.ndim and x.size else x
        return np.asarray(y).astype(out.dtype.numpy, order="C")

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The logarithm of the sum of exponentials up to here."""
        terms = tuple(Call("exp", (Ref(0, at),)) for at in before(index, attrs["dim"]))
        return Call("log", (Call("add", terms),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """See `scan_samples`."""
        return scan_samples(rng)


def _scan(name: str, input: Tensor, dim: int, dtype: DType | None) -> Tensor:
    if dtype is not None:
        input = input.to(dtype)
    result = apply(name, (input,), {"dim": wrap_dim(dim, input.ndim)})
    return result if dtype is None else result.to(dtype)


@public("torch", "method")
def cumsum(input: Tensor, dim: int, *, dtype: DType | None = None) -> Tensor:
    """The sums of the elements along `dim` up to each of them; integers are summed in int64."""
    return _scan("cumsum", input, dim, dtype)


@public("torch", "method")
def cumprod(input: Tensor, dim: int, *, dtype: DType | None = None) -> Tensor:
    """The products of the elements along `dim` up to each of them; integers are multiplied in int64."""
    return _scan("cumprod", input, dim, dtype)


@public("torch", "method")
def logcumsumexp(input: Tensor, dim: int) -> Tensor:
    """The logarithms of the sums of exponentials along `dim` up to each element."""
    return _scan("logcumsumexp", input, dim, None)


def _in_place(name: str, self: Tensor, dim: int, dtype: DType | None) -> Tensor:
    check_in_place(self, f"{name}_")
    return self._assign(_scan(name, self, dim, dtype or self.dtype), f"{name}_")


@public("method")
def cumsum_(self: Tensor, dim: int, *, dtype: DType | None = None) -> Tensor:
    """`cumsum`, changing this tensor in place, in its own dtype."""
    return _in_place("cumsum", self, dim, dtype)


@public("method")
def cumprod_(self: Tensor, dim: int, *, dtype: DType | None = None) -> Tensor:
    """`cumprod`, changing this tensor in place, in its own dtype."""
    return _in_place("cumprod", self, dim, dtype)
