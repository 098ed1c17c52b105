"""Distances and angles between vectors, and the losses made of them.

Source: V. Balntas et al., "Learning Local Feature Descriptors with Triplets and Shallow Convolutional Neural
Networks", BMVC 2016 (triplets, and their swap).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..api import public
from ..composite import composite
from ..dims import Dim
from ..dtypes import result_type
from ..errors import ArgumentError, DTypeError, SettingError, ShapeError
from ..program import Phase
from ..state import no_grad
from ..tensor import Tensor
from .choice import minimum, where
from .create import wrap
from .layout import clone
from .reduction import check_reduction, chosen, reduced
from .smooth_losses import broadcast
from .vector_norm import norm


@public("torch", "F")
@composite(
    "pairwise_distance",
    formula=r"d = \left(\sum_k |a_k - b_k + \epsilon|^p\right)^{1/p}",
    derivative=r"\dfrac{\partial d}{\partial a_k} = \mathrm{sign}(u_k)\left(\dfrac{|u_k|}{d}\right)^{p-1},"
    r"\quad u = a - b + \epsilon",
    en="How far two vectors are from each other, along the last dimension.",
    zh="两个向量沿最后一维的距离。",
)
def pairwise_distance(
    x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Tensor:
    """The p-norm of x1 − x2 + eps over the last dimension."""
    return norm(x1 - x2 + eps, p, -1, keepdim)


@public("torch", "F")
@composite(
    "cosine_similarity",
    formula=r"s = \dfrac{\sum_k a_k\, b_k}{\max(\|a\|, \epsilon)\,\max(\|b\|, \epsilon)}",
    derivative=r"\dfrac{\partial s}{\partial a_k} = \dfrac{1}{\|a\|}\left(\hat{b}_k - s\,\hat{a}_k\right),"
    r"\quad \hat{a} = \dfrac{a}{\|a\|},\; \hat{b} = \dfrac{b}{\|b\|}",
    en="The cosine of the angle between two vectors: 1 if they point the same way, −1 if opposite.",
    zh="两个向量夹角的余弦：同向为 1，反向为 −1。",
)
def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """x1 · x2 / (‖x1‖ ‖x2‖) along `dim`, with norms of at least `eps`."""
    dtype = result_type([x1._node.spec, x2._node.spec])
    if not dtype.is_floating_point:
        raise DTypeError(f"expected common dtype to be floating point, yet common dtype is {dtype.name}")
    pair = broadcast("cosine_similarity", x1, x2)
    a, b = (x if x.dtype.is_floating_point else x.to(dtype) for x in pair)
    lengths = [clone(norm(x, 2, dim, True)) for x in (a, b)]
    with no_grad():  # the gradient is that of the unlimited norms, as in PyTorch
        for length in lengths:
            length.clamp_(min=eps)
    return ((a / lengths[0]) * (b / lengths[1])).sum(dim)


@public("F")
@composite(
    "normalize",
    formula=r"y = \dfrac{x}{\max(\|x\|_p, \epsilon)}",
    derivative=r"\dfrac{\partial y_i}{\partial x_j} = \dfrac{1}{\|x\|}\left(\delta_{ij} - y_i\, y_j\right)"
    r"\quad (p = 2)",
    en="Divides vectors by their length, so that all have length 1.",
    zh="把向量除以其长度，使长度都为 1。",
)
def normalize(input: Tensor, p: float = 2.0, dim: Dim = 1, eps: float = 1e-12) -> Tensor:
    """x / max(‖x‖ₚ, eps), with norms over `dim`."""
    return input / norm(input, p, dim, True).clamp(min=eps)


@public("torch", "F")
@composite(
    "pdist",
    formula=r"d_{ij} = \left(\sum_k |x_{ik} - x_{jk}|^p\right)^{1/p},\quad i < j",
    derivative=r"\dfrac{\partial d_{ij}}{\partial x_{ik}} = \mathrm{sign}(x_{ik} - x_{jk})"
    r"\left(\dfrac{|x_{ik} - x_{jk}|}{d_{ij}}\right)^{p-1}",
    en="The distances of all pairs of rows.",
    zh="所有行两两之间的距离。",
)
def pdist(input: Tensor, p: float = 2.0) -> Tensor:
    """The p-norms of the differences of all pairs of rows of (N, M): N (N − 1) / 2 numbers."""
    if input.ndim != 2:
        raise ShapeError(f"pdist only supports 2D tensors, got: {input.ndim}D")
    if not input.dtype.is_floating_point:
        raise DTypeError("pdist only supports floating-point dtypes")
    if p < 0:
        raise SettingError("pdist only supports non-negative p values")
    first, second = (wrap(each.astype(np.int64)) for each in np.triu_indices(input.shape[0], 1))
    return norm(input[first] - input[second], p, 1)


@public("F")
@composite(
    "cosine_embedding_loss",
    formula=r"L = \dfrac{1}{N}\sum_n 1 - s_n\;\mathrm{if}\; y_n = 1,\;"
    r"\max(0, s_n - m)\;\mathrm{if}\; y_n = -1",
    derivative=r"\dfrac{\partial L}{\partial s_n} = -\dfrac{1}{N}\;\mathrm{if}\; y_n = 1,\;"
    r"\dfrac{1}{N}\,\mathbf{1}[s_n > m]\;\mathrm{if}\; y_n = -1",
    en="Alike vectors (1) shall point the same way; others (−1) shall have a cosine of at most the margin.",
    zh="相似的向量（1）应指向同一方向；其余（−1）的余弦至多为间隔 m。",
    phase=Phase.LOSS,
)
def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """1 − cos where the target is 1, max(0, cos − margin) where it is −1; inputs are (N, D) or (D)."""
    reduction = chosen(size_average, reduce, reduction)
    dim = target.ndim
    if dim > 1:
        raise ShapeError("0D or 1D target tensor expected, multi-target not supported")
    if input1.ndim != dim + 1 or input2.ndim != dim + 1:
        raise ShapeError(
            f"{dim}D target tensor expects {dim + 1}D input tensors, but found inputs with sizes "
            f"{list(input1.shape)} and {list(input2.shape)}."
        )
    squares = ((x * x).sum(dim) + 1e-12 for x in (input1, input2))
    cosine = (input1 * input2).sum(dim) / (next(squares) * next(squares)).sqrt()
    alike = where(target == 1, 1 - cosine, 0.0)
    apart = where(target == -1, (cosine - margin).clamp(min=0), 0.0)
    return reduced(alike + apart, reduction)


def _check_triplet(margin: float, *triplet: Tensor) -> None:
    if margin <= 0:
        raise ArgumentError(f"margin must be greater than 0, got {margin}")
    a, b, c = (x.ndim for x in triplet)
    if not a == b == c:
        raise ShapeError(
            "The anchor, positive, and negative tensors are expected to have the same number of dimensions, "
            f"but got: anchor {a}D, positive {b}D, and negative {c}D inputs"
        )


def _triplet(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    distance: Callable[[Tensor, Tensor], Tensor],
    margin: float,
    swap: bool,
) -> Tensor:
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = minimum(far, distance(positive, negative))
    return (margin + near - far).clamp(min=0)


_TRIPLET: dict[str, Any] = {
    "formula": r"L = \dfrac{1}{N}\sum_n \max(0,\; d(a_n, p_n) - d(a_n, q_n) + m)",
    "derivative": r"\dfrac{\partial L}{\partial d(a_n, p_n)} = \dfrac{1}{N},\quad"
    r" \dfrac{\partial L}{\partial d(a_n, q_n)} = -\dfrac{1}{N}\quad \mathrm{where\ positive}",
    "phase": Phase.LOSS,
}


@public("F")
@composite(
    "triplet_margin_loss",
    en="An anchor shall be nearer to its positive than to its negative, by the margin.",
    zh="锚点到正样本的距离应比到负样本的距离小，至少小间隔 m。",
    **_TRIPLET,
)
def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """max(0, d(anchor, positive) − d(anchor, negative) + margin), averaged, with distances of p-norms.

    With `swap` the negative's distance is the smaller of those from the anchor and from the positive.
    """
    reduction = chosen(size_average, reduce, reduction)
    _check_triplet(margin, anchor, positive, negative)
    losses = _triplet(anchor, positive, negative, lambda a, b: pairwise_distance(a, b, p, eps), margin, swap)
    return reduced(losses, reduction)


@public("F")
@composite(
    "triplet_margin_with_distance_loss",
    en="A triplet loss by any distance: the anchor shall be nearer to its positive than to its negative.",
    zh="使用任意距离的三元组损失：锚点应更靠近正样本而非负样本。",
    **_TRIPLET,
)
def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """triplet_margin_loss with a distance of one's own, by default pairwise_distance."""
    if reduction not in ("mean", "sum", "none"):
        reduction = check_reduction(f"{reduction}")
    _check_triplet(margin, anchor, positive, negative)
    losses = _triplet(anchor, positive, negative, distance_function or pairwise_distance, margin, swap)
    return reduced(losses, reduction)
