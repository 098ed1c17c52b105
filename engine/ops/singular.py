"""The singular values of matrices, with the vectors that their gradients need.

Source: J. Townsend, "Differentiating the singular value decomposition", 2016.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..element import Call, Expr, Index, Ref
from ..errors import DTypeError, ShapeError
from ..op import Op, Sample, Spec, Vjp, register
from ..tensor import Tensor, apply
from .filling import eye


def _factors(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """U (…, m, k), s (…, k) and V (…, n, k), each differentiable again."""
    return apply("svd_left", (x,)), apply("linalg_svdvals", (x,)), apply("svd_right", (x,))


def _gaps(s: Tensor) -> Tensor:
    """1 / (s_j² − s_i²), and 0 on the diagonal."""
    squares = s * s
    same = eye(s.shape[-1], dtype=s.dtype)
    return (1 - same) / (squares.unsqueeze(-2) - squares.unsqueeze(-1) + same)


def _without(basis: Tensor, x: Tensor) -> Tensor:
    """The part of the columns of `x` that is orthogonal to the basis."""
    return x - basis @ (basis.mT @ x)


def _values_gradient(g: Tensor, s: Tensor, x: Tensor) -> Tensor:
    u, _, v = _factors(x)
    return (u * g.unsqueeze(-2)) @ v.mT


def _left_gradient(g: Tensor, out: Tensor, x: Tensor) -> Tensor:
    u, s, v = _factors(x)
    turn = _gaps(s) * (u.mT @ g)
    inside = u @ ((turn + turn.mT) * s.unsqueeze(-2))
    return (inside + _without(u, g) / s.unsqueeze(-2)) @ v.mT


def _right_gradient(g: Tensor, out: Tensor, x: Tensor) -> Tensor:
    u, s, v = _factors(x)
    turn = _gaps(s) * (v.mT @ g)
    inside = ((turn + turn.mT) * s.unsqueeze(-1)) @ v.mT
    return u @ (inside + _without(v, g).mT / s.unsqueeze(-1))


class _Svd(Op):
    """Base of the three factors; `side` says how many rows a factor has: m, n, or none for the values."""

    saves = ("inputs", "output")

    def size(self, m: int, n: int) -> tuple[int, ...]:
        """The last dimensions of the result."""
        raise NotImplementedError

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The shape of this factor of A = U diag(s) Vᵀ."""
        shape, dtype = inputs[0].shape, inputs[0].dtype
        if len(shape) < 2:
            raise ShapeError(
                f"linalg.svd: The input tensor A must have at least 2 dimensions, not {len(shape)}"
            )
        if dtype.rank < 2 or dtype.itemsize < 4:
            raise DTypeError(f"linalg.svd: Expected a floating point or complex tensor as input. Got {dtype}")
        return Spec((*shape[:-2], *self.size(*shape[-2:])), dtype)

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Tall, wide and several square matrices, with singular values that lie apart."""
        for shape in ((3, 2), (2, 3), (2, 2, 2)):
            u, _, vh = np.linalg.svd(rng.normal(size=shape), full_matrices=False)
            yield Sample(((u * np.array([2.5, 1.0])) @ vh,))


def _svd(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return u, s, np.swapaxes(vh, -1, -2)


@register
class SingularValues(_Svd):
    """s of A = U diag(s) Vᵀ."""

    name = "linalg_svdvals"
    formula = r"A = U\,\mathrm{diag}(s)\,V^{\top}"
    derivatives = (r"\dfrac{\partial s_i}{\partial A} = u_i v_i^{\top}",)
    says: ClassVar = {
        "en": "The singular values: by how much a matrix stretches space along its main directions.",
        "zh": "奇异值：矩阵沿各主方向把空间拉伸多少倍。",
    }
    vjps: ClassVar[tuple[Vjp | None, ...]] = (_values_gradient,)

    def size(self, m: int, n: int) -> tuple[int, ...]:
        """k = min(m, n)."""
        return (min(m, n),)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """LAPACK's, the largest first."""
        return np.asarray(np.linalg.svd(inputs[0], compute_uv=False)).reshape(out.shape)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """uᵀ A v."""
        x, (*lead, i) = inputs[0], index
        u, _, v = _svd(x[tuple(lead)])
        places = np.ndindex(*x.shape[-2:])
        terms = (Call("mul", (float(u[a, i] * v[b, i]), Ref(0, (*lead, a, b)))) for a, b in places)
        return Call("add", tuple(terms))


@register
class SvdLeft(_Svd):
    """U of A = U diag(s) Vᵀ."""

    name = "svd_left"
    formula = r"A = U\,\mathrm{diag}(s)\,V^{\top}"
    derivatives = (r"dU = U\,\left(F \odot (U^{\top} dA\,V S + S V^{\top} dA^{\top} U)\right) + \ldots",)
    says: ClassVar = {
        "en": "The directions that a matrix stretches into.",
        "zh": "矩阵拉伸后所指的方向（左奇异向量）。",
    }
    vjps: ClassVar[tuple[Vjp | None, ...]] = (_left_gradient,)

    def size(self, m: int, n: int) -> tuple[int, ...]:
        """m rows."""
        return m, min(m, n)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """LAPACK's."""
        return np.ascontiguousarray(_svd(inputs[0])[0])

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """A v / s."""
        x, (*lead, a, i) = inputs[0], index
        _, s, v = _svd(x[tuple(lead)])
        row = (Call("mul", (float(v[b, i]), Ref(0, (*lead, a, b)))) for b in range(x.shape[-1]))
        return Call("div", (Call("add", tuple(row)), float(s[i])))


@register
class SvdRight(_Svd):
    """V of A = U diag(s) Vᵀ."""

    name = "svd_right"
    formula = r"A = U\,\mathrm{diag}(s)\,V^{\top}"
    derivatives = (r"dV = V\,\left(F \odot (S U^{\top} dA\,V + V^{\top} dA^{\top} U S)\right) + \ldots",)
    says: ClassVar = {
        "en": "The directions that a matrix stretches from.",
        "zh": "被矩阵拉伸的方向（右奇异向量）。",
    }
    vjps: ClassVar[tuple[Vjp | None, ...]] = (_right_gradient,)

    def size(self, m: int, n: int) -> tuple[int, ...]:
        """n rows."""
        return n, min(m, n)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """LAPACK's."""
        return np.ascontiguousarray(_svd(inputs[0])[2])

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """Aᵀ u / s."""
        x, (*lead, b, i) = inputs[0], index
        u, s, _ = _svd(x[tuple(lead)])
        column = (Call("mul", (float(u[a, i]), Ref(0, (*lead, a, b)))) for a in range(x.shape[-2]))
        return Call("div", (Call("add", tuple(column)), float(s[i])))


def svdvals(A: Tensor) -> Tensor:
    """The singular values of matrices (…, m, n), the largest first."""
    return apply("linalg_svdvals", (A,))
