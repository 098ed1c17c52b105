"""The lower and upper triangle of matrices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dtypes import DType, int64
from ..element import Call, Expr, Index, Ref
from ..errors import ShapeError
from ..jit import dense
from ..op import Op, Sample, Spec, register
from ..tensor import Tensor, apply
from .create import wrap


class _Triangle(Op):
    """Base of both; `diagonal` is the last (first) one that is kept."""

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The input's, which has matrices."""
        if len(inputs[0].shape) < 2:
            raise ShapeError(f"{self.name}: input tensor must have at least 2 dimensions")
        return Spec(inputs[0].shape, inputs[0].dtype)

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Several diagonals, a batch."""
        for diagonal in (0, 1, -2):
            yield Sample((rng.normal(size=(3, 4)),), {"diagonal": diagonal})
        yield Sample((rng.normal(size=(2, 2, 3)),), {"diagonal": -1})


@register
class Tril(_Triangle):
    """y[i, j] = x[i, j] for j ≤ i + k, otherwise 0."""

    name = "tril"
    formula = r"y_{ij} = x_{ij}\;\mathrm{if}\; j \leq i + k,\;\mathrm{else}\; 0"
    derivatives = (r"\dfrac{\partial y_{ij}}{\partial x_{ij}} = \mathbf{1}[j \leq i + k]",)
    says: ClassVar = {
        "en": "Keeps the lower triangle of a matrix; above it come zeros, and no gradient passes.",
        "zh": "保留矩阵的下三角，其上方置零且不传梯度。",
    }
    vjps = (lambda g, y, x, diagonal: apply("tril", (g,), {"diagonal": diagonal}),)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """numpy's tril."""
        return dense(np.tril(inputs[0], attrs["diagonal"]))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The element or 0."""
        return Call("id", (Ref(0, index),)) if index[-1] <= index[-2] + attrs["diagonal"] else 0.0


@register
class Triu(_Triangle):
    """y[i, j] = x[i, j] for j ≥ i + k, otherwise 0."""

    name = "triu"
    formula = r"y_{ij} = x_{ij}\;\mathrm{if}\; j \geq i + k,\;\mathrm{else}\; 0"
    derivatives = (r"\dfrac{\partial y_{ij}}{\partial x_{ij}} = \mathbf{1}[j \geq i + k]",)
    says: ClassVar = {
        "en": "Keeps the upper triangle of a matrix; below it come zeros, and no gradient passes.",
        "zh": "保留矩阵的上三角，其下方置零且不传梯度。",
    }
    vjps = (lambda g, y, x, diagonal: apply("triu", (g,), {"diagonal": diagonal}),)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """numpy's triu."""
        return dense(np.triu(inputs[0], attrs["diagonal"]))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The element or 0."""
        return Call("id", (Ref(0, index),)) if index[-1] >= index[-2] + attrs["diagonal"] else 0.0


@public("torch", "method", "inplace")
def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """The lower triangle up to a diagonal (1: one above the main one), zeros elsewhere."""
    return apply("tril", (input,), {"diagonal": int(diagonal)})


@public("torch", "method", "inplace")
def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """The upper triangle from a diagonal (1: one above the main one), zeros elsewhere."""
    return apply("triu", (input,), {"diagonal": int(diagonal)})


def _places(name: str, places: tuple[np.ndarray, ...], row: int, col: int, dtype: DType) -> Tensor:
    if row < 0 or col < 0:
        raise ShapeError(f"{name}: row and col must be non-negative, got {row} and {col}")
    return wrap(np.stack(places).astype(dtype.numpy))


@public("torch")
def tril_indices(row: int, col: int, offset: int = 0, *, dtype: DType = int64, device: Any = None) -> Tensor:
    """The positions of the lower triangle of a `row` × `col` matrix: rows above columns."""
    return _places("tril_indices", np.tril_indices(max(row, 0), offset, max(col, 0)), row, col, dtype)


@public("torch")
def triu_indices(row: int, col: int, offset: int = 0, *, dtype: DType = int64, device: Any = None) -> Tensor:
    """The positions of the upper triangle of a `row` × `col` matrix: rows above columns."""
    return _places("triu_indices", np.triu_indices(max(row, 0), offset, max(col, 0)), row, col, dtype)
