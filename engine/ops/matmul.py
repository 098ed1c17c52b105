"""Matrix products: dot, mv, mm, batches of them, and linear."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..element import Call, Expr, Index, Ref
from ..errors import DTypeError, ShapeError
from ..jit import dense
from ..op import Op, Sample, Spec, broadcast_shapes, register
from ..tensor import Tensor, apply


class _Product(Op):
    """What the products have in common: numpy's matmul, and sums of products as elements."""

    inputs = ("x", "y")
    saves = ("inputs",)
    dims: ClassVar[tuple[int, int]]  # of the two inputs; -1 for any number from 2 on

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The inner sizes must agree; the result has what is left, and the batch dimensions broadcast."""
        x, y = inputs[0].shape, inputs[1].shape
        for shape, ndim in zip((x, y), self.dims, strict=True):
            if len(shape) != ndim if ndim > 0 else len(shape) < 2:
                raise ShapeError(f"{self.name}: {x} @ {y}: wants {_dims_wanted(self.dims)}")
        inner = y[-2] if len(y) > 1 else y[0]
        if x[-1] != inner:
            raise ShapeError(f"{self.name}: {x} @ {y}: {x[-1]} ≠ {inner}")
        if inputs[0].dtype is not inputs[1].dtype:
            names = f"{inputs[0].dtype.name} and {inputs[1].dtype.name}"
            raise DTypeError(f"{self.name}: both must have one dtype, but are {names}")
        batch = broadcast_shapes(self.name, x[:-2], y[:-2]) if -1 in self.dims else ()
        return Spec(batch + x[-2:-1] + (y[-1:] if len(y) > 1 else ()), inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """BLAS, through numpy."""
        x, y = inputs
        if x.ndim == y.ndim == 2 and x.shape[1] == 1:  # a column and a row: there matmul has a slow loop
            return dense(np.dot(x, y))
        return dense(np.asarray(np.matmul(x, y)))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """A row of x times a column of y."""
        x, y = inputs
        split = len(index) - (x.ndim > 1) - (y.ndim > 1)
        batch, rest = index[:split], index[split:]
        row = rest[:1] if x.ndim > 1 else ()
        column = rest[-1:] if y.ndim > 1 else ()
        return Call(
            "add",
            tuple(
                Call("mul", (Ref(0, (*_batch(x, batch), *row, k)), Ref(1, (*_batch(y, batch), k, *column))))
                for k in range(x.shape[-1])
            ),
        )

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Random sizes, also with a transposed operand."""
        for transposed in (False, True):
            m, k, n = (int(v) for v in rng.integers(1, 5, 3))
            x = rng.normal(size=(k, m) if transposed else (m, k))
            x = x.T if transposed else x
            y = rng.normal(size=(k, n))
            yield Sample((x[0] if self.dims[0] == 1 else x, y[:, 0] if self.dims[1] == 1 else y))


def _dims_wanted(dims: tuple[int, int]) -> str:
    names = {1: "a vector", 2: "a matrix", -1: "matrices or batches of them"}
    return names[dims[0]] if dims[0] == dims[1] == -1 else f"{names[dims[0]]} and {names[dims[1]]}"


def _batch(x: np.ndarray, batch: Index) -> Index:
    """The batch part of an index, in an operand whose batch dimensions may have been broadcast."""
    own = x.shape[:-2]
    return tuple(0 if n == 1 else i for n, i in zip(own, batch[len(batch) - len(own) :], strict=True))


@register
class Dot(_Product):
    """The inner product of two vectors."""

    name = "dot"
    dims = (1, 1)
    formula = r"z = \sum_k x_k\, y_k"
    derivatives = (r"\dfrac{\partial z}{\partial x_k} = y_k", r"\dfrac{\partial z}{\partial y_k} = x_k")
    says: ClassVar = {
        "en": "Multiplies two vectors element by element and adds the products up.",
        "zh": "两个向量逐元素相乘再求和。",
    }
    vjps = (lambda g, z, x, y: g * y, lambda g, z, x, y: g * x)


@register
class Mv(_Product):
    """A matrix times a vector."""

    name = "mv"
    dims = (2, 1)
    formula = r"z_i = \sum_k x_{ik}\, y_k"
    derivatives = (
        r"\dfrac{\partial z_i}{\partial x_{ik}} = y_k",
        r"\dfrac{\partial z_i}{\partial y_k} = x_{ik}",
    )
    says: ClassVar = {
        "en": "Multiplies a matrix by a vector: the inner product of each row with it.",
        "zh": "矩阵乘向量：每一行与该向量的内积。",
    }
    vjps = (lambda g, z, x, y: g.unsqueeze(1) * y, lambda g, z, x, y: apply("mv", (x.t(), g)))


@register
class Mm(_Product):
    """The product of two matrices."""

    name = "mm"
    dims = (2, 2)
    formula = r"z_{ij} = \sum_k x_{ik}\, y_{kj}"
    derivatives = (
        r"\dfrac{\partial z_{ij}}{\partial x_{ik}} = y_{kj},"
        r"\quad \dfrac{\partial L}{\partial x} = g\,y^{\top}",
        r"\dfrac{\partial z_{ij}}{\partial y_{kj}} = x_{ik},"
        r"\quad \dfrac{\partial L}{\partial y} = x^{\top} g",
    )
    says: ClassVar = {
        "en": "Multiplies two matrices: every row of the first with every column of the second.",
        "zh": "两个矩阵相乘：第一个的每一行与第二个的每一列做内积。",
    }
    vjps = (lambda g, z, x, y: apply("mm", (g, y.t())), lambda g, z, x, y: apply("mm", (x.t(), g)))


@register
class Matmul(_Product):
    """Products of matrices in batches, whose dimensions broadcast."""

    name = "matmul"
    torch_name = "BmmBackward0"
    dims = (-1, -1)
    formula = r"z_{bij} = \sum_k x_{bik}\, y_{bkj}"
    derivatives = (
        r"\dfrac{\partial z_{bij}}{\partial x_{bik}} = y_{bkj}",
        r"\dfrac{\partial z_{bij}}{\partial y_{bkj}} = x_{bik}",
    )
    says: ClassVar = {
        "en": "Multiplies matrices pairwise along the batch dimensions, which broadcast.",
        "zh": "沿批次维度成对地做矩阵乘法，批次维度可以广播。",
    }
    vjps = (
        lambda g, z, x, y: apply("matmul", (g, y.transpose(-1, -2))),
        lambda g, z, x, y: apply("matmul", (x.transpose(-1, -2), g)),
    )

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Equal batches, broadcast ones, and a matrix with a batch."""
        m, k, n, b = (int(v) for v in rng.integers(1, 4, 4))
        for one, two in (((b,), (b,)), ((2, 1), (b,)), ((), (b,)), ((b,), (1,))):
            yield Sample((rng.normal(size=(*one, m, k)), rng.normal(size=(*two, k, n))))


def _times(g: Tensor, w: Tensor) -> Tensor:
    return matmul(g, w)


def _flat(x: Tensor) -> Tensor:
    """All but the last dimension as one."""
    return x if x.ndim == 2 else x.reshape(-1, x.shape[-1])


@register
class Linear(Op):
    """y = x wᵀ + b."""

    name = "linear"
    torch_name = "AddmmBackward0"
    torch_order = (2, 0, 1)
    inputs = ("x", "w", "*b")
    formula = r"y_{no} = \sum_i x_{ni}\, w_{oi} + b_o"
    derivatives = (
        r"\dfrac{\partial y_{no}}{\partial x_{ni}} = w_{oi},\quad \dfrac{\partial L}{\partial x} = g\,w",
        r"\dfrac{\partial y_{no}}{\partial w_{oi}} = x_{ni},"
        r"\quad \dfrac{\partial L}{\partial w} = g^{\top} x",
        r"\dfrac{\partial y_{no}}{\partial b_o} = 1",
    )
    says: ClassVar = {
        "en": (
            "Every output is a weighted sum of all inputs plus a bias; each row of w holds the weights "
            "of one output."
        ),
        "zh": "每个输出是所有输入的加权和再加偏置；w 的每一行是一个输出的权重。",
    }
    saves = ("inputs",)
    vjps = (
        lambda g, y, x, w, *b: _times(g, w),
        lambda g, y, x, w, *b: apply("mm", (_flat(g).t(), _flat(x))),
        lambda g, y, x, w, b: g.sum(tuple(range(g.ndim - 1))) if g.ndim > 1 else g,
    )

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """(*, in) and (out, in) give (*, out)."""
        x, w = inputs[0].shape, inputs[1].shape
        if len(w) != 2 or not x:
            raise ShapeError(f"linear: wants an input (*, in) and a weight (out, in), not {x} and {w}")
        if x[-1] != w[1]:
            raise ShapeError(
                f"linear: input {x} has {x[-1]} features, but weight {w} takes {w[1]}: {x[-1]} ≠ {w[1]}"
            )
        if len(inputs) > 2 and inputs[2].shape not in ((w[0],), (1,), ()):
            raise ShapeError(f"linear: bias must have shape ({w[0]},) for weight {w}, not {inputs[2].shape}")
        for spec in inputs:
            if spec.dtype is not inputs[0].dtype:
                names = ", ".join(each.dtype.name for each in inputs)
                raise DTypeError(f"linear: input, weight and bias must have one dtype, but are {names}")
        return Spec((*x[:-1], w[0]), inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """BLAS, through numpy."""
        x, w = inputs[:2]
        y = np.asarray(np.matmul(x.reshape(-1, x.shape[-1]), w.T)).reshape(out.shape)
        if len(inputs) > 2:
            y += inputs[2]
        return y

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The products with one row of weights, and the bias."""
        o = index[-1]
        bias = [Ref(2, (o,) if b.size > 1 else (0,) * b.ndim) for b in inputs[2:]]
        count = inputs[1].shape[1]
        terms = (Call("mul", (Ref(1, (o, i)), Ref(0, (*index[:-1], i)))) for i in range(count))
        return Call("add", (*terms, *bias))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Vectors, matrices and batches of them, with and without a bias."""
        for lead in ((), (3,), (2, 3)):
            i, o = (int(v) for v in rng.integers(1, 5, 2))
            x, w, b = rng.normal(size=(*lead, i)), rng.normal(size=(o, i)), rng.normal(size=o)
            yield Sample((x, w, b))
            yield Sample((x, rng.normal(size=(i, o)).T))


@public("torch", "method")
def dot(input: Tensor, tensor: Tensor) -> Tensor:
    """The inner product of two vectors."""
    return apply("dot", (input, tensor))


@public("torch", "method")
def mv(input: Tensor, vec: Tensor) -> Tensor:
    """A matrix times a vector."""
    return apply("mv", (input, vec))


@public("torch", "method")
def mm(input: Tensor, mat2: Tensor) -> Tensor:
    """The product of two matrices, without broadcasting."""
    return apply("mm", (input, mat2))


@public("torch", "method")
def bmm(input: Tensor, mat2: Tensor) -> Tensor:
    """The products of two equally long batches of matrices, (B, N, K) and (B, K, M)."""
    if input.ndim != 3 or mat2.ndim != 3 or input.shape[0] != mat2.shape[0]:
        raise ShapeError(
            f"bmm: wants two batches of equal length, not {tuple(input.shape)} and {tuple(mat2.shape)}"
        )
    return apply("matmul", (input, mat2))


@public("torch", "method")
def matmul(input: Tensor, other: Tensor) -> Tensor:
    """The matrix product, as `@`: vectors, matrices, and batches of matrices, which broadcast."""
    if not all(isinstance(each, Tensor) for each in (input, other)):
        raise TypeError("matmul takes two tensors")
    if not input.ndim or not other.ndim:
        raise ShapeError(
            f"matmul: {tuple(input.shape)} @ {tuple(other.shape)}: both arguments must have dimensions"
        )
    match input.ndim, other.ndim:
        case 1, 1:
            return apply("dot", (input, other))
        case 2, 1:
            return apply("mv", (input, other))
        case 2, 2:
            return apply("mm", (input, other))
        case 1, _:
            return matmul(input.unsqueeze(0), other).squeeze(-2)
        case _, 1:
            return matmul(input, other.unsqueeze(1)).squeeze(-1)
        case _:
            return apply("matmul", (input, other))


@public("torch", "F")
def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x wᵀ + b: `weight` is (out, in), `bias` (out,)."""
    return apply("linear", (input, weight) if bias is None else (input, weight, bias))
