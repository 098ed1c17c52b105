"""Embedding: rows of a table by their numbers; the gradient adds up where a row was taken more than once."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dtypes import int32, int64
from ..element import Call, Expr, Index, Ref
from ..errors import ArgumentError, DimError, DTypeError, ShapeError
from ..op import Op, Sample, Spec, register
from ..state import no_grad
from ..tensor import Tensor, apply
from .choice import where
from .index import put_index


def _gradient(g: Tensor, w: Tensor, k: Tensor, padding_idx: int | None, scale_grad_by_freq: bool) -> Tensor:
    """g for the rows that were taken: none for the padding, and less for those that were taken often."""
    if scale_grad_by_freq:
        g = g / apply("count_equal", (k,)).unsqueeze(-1).to(g.dtype)
    if padding_idx is not None:
        g = where((k == padding_idx).unsqueeze(-1), 0.0, g)
    return apply("embedding_backward", (g, k), {"rows": w.shape[0]})


@register
class Embedding(Op):
    """y[i] = w[k[i]]."""

    name = "embedding"
    inputs = ("w", "k")
    formula = r"y_{i,j} = w_{k_i,j}"
    derivatives = (r"\dfrac{\partial y_{i,j}}{\partial w_{m,j}} = \mathbf{1}[m = k_i]", "")
    says: ClassVar = {
        "en": "Looks up the row of the table that each number names.",
        "zh": "按每个编号取出表中对应的行。",
    }
    saves = ("inputs",)
    vjps = (lambda g, y, w, k, **attrs: _gradient(g, w, k, **attrs), None)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The shape of the numbers, and the length of a row."""
        w, k = inputs
        if k.dtype not in (int32, int64):
            raise DTypeError(f"embedding: indices must be int64 or int32, not {k.dtype.name}")
        if len(w.shape) != 2:
            raise ShapeError(f"embedding: weight must have shape (rows, length), not {w.shape}")
        return Spec((*k.shape, w.shape[1]), w.dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Take rows."""
        w, k = inputs
        if k.size and not 0 <= k.min() <= k.max() < len(w):
            bad = int(k.max()) if k.max() >= len(w) else int(k.min())
            raise DimError(f"embedding: index {bad} is out of range for {len(w)} rows")
        return np.asarray(w[k], order="C")

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The element of the row."""
        return Call("id", (Ref(0, (int(inputs[1][index[:-1]]), index[-1])),))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Rows that are taken several times; a row without gradient; gradients by frequency."""
        for shape, padding, often in (
            ((), None, False),
            ((5,), None, False),
            ((2, 3), 1, False),
            ((5,), 2, True),
        ):
            attrs = {"padding_idx": padding, "scale_grad_by_freq": often}
            # Backward leaves something out on purpose: finite differences would find it.
            smooth = padding is None and not often
            yield Sample((rng.normal(size=(4, 2)), rng.integers(0, 4, shape)), attrs, smooth)


@register
class EmbeddingBackward(Op):
    """dw[k[i]] += g[i], on zeros."""

    name = "embedding_backward"
    torch_name = "EmbeddingDenseBackwardBackward0"
    inputs = ("g", "k")
    formula = r"\dfrac{\partial L}{\partial w_{m,j}} = \sum_{i:\, k_i = m} g_{i,j}"
    derivatives = (r"\dfrac{\partial\,\mathrm{d}w_{m,j}}{\partial g_{i,j}} = \mathbf{1}[m = k_i]", "")
    says: ClassVar = {
        "en": "Adds up for each row of the table the gradients of all places that took it.",
        "zh": "对表中每一行，把所有取用它之处的梯度相加。",
    }
    saves = ("inputs",)
    vjps = (
        lambda u, dw, g, k, rows: apply(
            "embedding", (u, k), {"padding_idx": None, "scale_grad_by_freq": False}
        ),
        None,
    )

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """(rows, length)."""
        return Spec((attrs["rows"], inputs[0].shape[-1]), inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Sort by row, then add up each run."""
        g, k = inputs[0].reshape(-1, out.shape[1]) if out.shape[1] else inputs[0], inputs[1].reshape(-1)
        dw = np.zeros(out.shape, g.dtype)
        if k.size and out.shape[1]:
            order = np.argsort(k, kind="stable")
            rows, starts = np.unique(k[order], return_index=True)
            dw[rows] = np.add.reduceat(g[order], starts, axis=0)
        return dw

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The sum over the places that took the row."""
        hits = np.argwhere(inputs[1] == index[0])
        return Call("add", tuple(Ref(0, (*(int(i) for i in hit), index[1])) for hit in hits))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """embedding's, from the other side."""
        for shape in ((), (5,), (2, 3)):
            yield Sample((rng.normal(size=(*shape, 2)), rng.integers(0, 4, shape)), {"rows": 4})


@register
class CountEqual(Op):
    """How many elements are equal to each one."""

    name = "count_equal"
    inputs = ("k",)
    formula = r"n_i = |\{j : k_j = k_i\}|"
    derivatives = ("",)
    says: ClassVar = {
        "en": "Counts for each number how often it occurs.",
        "zh": "数出每个编号出现的次数。",
    }
    vjps = (None,)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The same shape, of int64."""
        return Spec(inputs[0].shape, int64)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Count each number once."""
        _, which, counts = np.unique(inputs[0], return_inverse=True, return_counts=True)
        return np.asarray(counts[which]).reshape(out.shape).astype(np.int64)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The sum of comparisons with all."""
        own = Ref(0, index)
        return Call("add", tuple(Call("eq", (own, Ref(0, other))) for other in np.ndindex(inputs[0].shape)))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Numbers that occur several times."""
        for shape in ((), (5,), (2, 3)):
            yield Sample((rng.integers(0, 3, shape),))


@public("F")
def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """The rows of `weight` (rows, length) that the whole numbers of `input` name: (*, length).

    Row `padding_idx` gets no gradient; with `max_norm` longer rows are first shortened to it, in place, by
    their `norm_type` norm; with `scale_grad_by_freq` gradients are divided by how often the row is taken.
    Sparse gradients do not exist here.
    """
    if sparse:
        raise ArgumentError("embedding: there are no sparse gradients; leave sparse=False")
    if padding_idx is not None:
        rows = weight.shape[0]
        if not -rows <= padding_idx < rows:
            raise AssertionError("Padding_idx must be within num_embeddings")
        padding_idx %= rows
    if max_norm is not None:
        shorten(weight, input, float(max_norm), float(norm_type))
    attrs = {"padding_idx": padding_idx, "scale_grad_by_freq": bool(scale_grad_by_freq)}
    return apply("embedding", (weight, input), attrs)


@public("torch", name="embedding")
def _embedding(
    weight: Tensor,
    indices: Tensor,
    padding_idx: int = -1,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """The rows of `weight` that the whole numbers of `indices` name; −1 stands for no padding row."""
    row = None if padding_idx == -1 else padding_idx
    return embedding(indices, weight, row, None, 2.0, scale_grad_by_freq, sparse)


def shorten(weight: Tensor, indices: Tensor, max_norm: float, norm_type: float) -> None:
    """Scale those rows of `weight` that `indices` name down to `max_norm` where they are longer, in place."""
    plain = {"padding_idx": None, "scale_grad_by_freq": False}
    with no_grad():
        places = indices.reshape(-1)
        rows = apply("embedding", (weight, places), plain)
        sizes = rows.abs()
        if math.isinf(norm_type):
            norms = sizes.amax(1, keepdim=True)
        else:
            norms = sizes.pow(norm_type).sum(1, keepdim=True).pow(1.0 / norm_type)
        scaled = where(norms > max_norm, rows * (max_norm / (norms + 1e-7)), rows)
        weight._assign(put_index(weight, scaled, (places,), (0,), (-1,)), "embedding_renorm_")
