"""Losses that ask for a margin: between two answers, between the right class and the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..composite import composite
from ..dtypes import int64
from ..element import Expr, Index
from ..errors import ArgumentError, DTypeError, SettingError, ShapeError
from ..op import Op, Sample, Spec, register
from ..program import Phase
from ..tensor import Tensor, apply
from .activation import relu
from .choice import where
from .filling import arange
from .gather import gather
from .reduction import chosen, reduced


@public("F")
@composite(
    "hinge_embedding_loss",
    formula=r"L = \dfrac{1}{N}\sum_i x_i\;\mathrm{if}\; y_i = 1,\;\max(0, m - x_i)\;\mathrm{if}\; y_i = -1",
    derivative=r"\dfrac{\partial L}{\partial x_i} = \dfrac{1}{N}\;\mathrm{if}\; y_i = 1,\;"
    r" -\dfrac{1}{N}\,\mathbf{1}[x_i < m]\;\mathrm{if}\; y_i = -1",
    en="For distances: those of alike pairs (1) shall be small, those of others (−1) at least the margin.",
    zh="用于距离：相似对（1）的距离应小，不相似对（−1）的距离至少为间隔 m。",
    phase=Phase.LOSS,
)
def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """x where the target is 1, max(0, margin − x) where it is −1, averaged."""
    reduction = chosen(size_average, reduce, reduction)
    apart = where(target != 1, (margin - input).clamp(min=0), 0.0)
    alike = where(target != -1, input, 0.0)
    return reduced((apart + alike).to(input.dtype), reduction)


@public("F")
@composite(
    "margin_ranking_loss",
    formula=r"L = \dfrac{1}{N}\sum_i \max(0, -y_i\,(a_i - b_i) + m)",
    derivative=r"\dfrac{\partial L}{\partial a_i} = -\dfrac{y_i}{N},\quad"
    r" \dfrac{\partial L}{\partial b_i} = \dfrac{y_i}{N}\quad \mathrm{where\ positive}",
    en="The first shall exceed the second by the margin where the target is 1; the reverse where it is −1.",
    zh="目标为 1 处第一个应比第二个大出间隔 m，为 −1 处则相反。",
    phase=Phase.LOSS,
)
def margin_ranking_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """max(0, −y (a − b) + margin), averaged."""
    reduction = chosen(size_average, reduce, reduction)
    if not input1.ndim == input2.ndim == target.ndim:
        raise ShapeError(
            f"margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: "
            f"{input1.shape}, input2: {input2.shape}, target: {target.shape} "
        )
    return reduced((-target * (input1 - input2) + float(margin)).clamp(min=0), reduction)


def _rows(name: str, input: Tensor) -> tuple[int, int]:
    """How many samples and classes there are in (N, C), (C) or a single number."""
    shape = tuple(input.shape)
    samples, classes = shape if len(shape) == 2 else (1, *(shape or (1,)))[:2]
    if len(shape) > 2 or not classes:
        raise ShapeError(
            f"{name}: Expected non-empty vector or matrix with optional 0-dim batch size, but got: {shape}"
        )
    if not input.dtype.is_floating_point:
        raise DTypeError(f"{name} takes floating point, not {input.dtype.name}")
    return samples, classes


def _check_numbers(target: Tensor, low: int, high: int, message: str) -> None:
    if target.dtype is not int64:
        raise DTypeError(f"expected scalar type Long but found {target.dtype.name}")
    array = target._node.array
    if array.size and (array.min() < low or array.max() >= high):
        raise SettingError(message)


@public("F")
@composite(
    "multi_margin_loss",
    formula=r"L = \dfrac{1}{N C}\sum_n \sum_{c \neq t_n} w_{t_n}\,\max(0,\; m - x_{n,t_n} + x_{nc})^p",
    derivative=r"\dfrac{\partial L}{\partial x_{nc}} = \dfrac{p\,w_{t_n}}{N C}\,"
    r"\max(0,\; m - x_{n,t_n} + x_{nc})^{p-1},\quad c \neq t_n",
    en="The right class's score shall exceed every other by the margin.",
    zh="正确类别的得分应比其他每个得分都大出间隔 m。",
    phase=Phase.LOSS,
)
def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Σ max(0, margin − x[target] + x)ᵖ / C over the wrong classes of (N, C), averaged over the samples."""
    reduction = chosen(size_average, reduce, reduction)
    if p not in (1, 2):
        raise ArgumentError("only p == 1 and p == 2 supported")
    if weight is not None and weight.ndim != 1:
        raise ArgumentError("weight must be one-dimensional")
    samples, classes = _rows("multi_margin_loss", input)
    if weight is not None and weight.numel() != classes:
        raise ShapeError(f"inconsistent weight size, expected {classes} but got {list(weight.shape)}")
    if target.ndim > 1 or target.numel() != samples:
        raise ShapeError(
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples "
            f"(batch size). Expected target size [{samples}], but got {list(target.shape)}."
        )
    _check_numbers(target, 0, classes, "target out of range")
    scores, right = input.reshape(samples, classes), target.reshape(samples, 1)
    gaps = relu(margin - gather(scores, 1, right) + scores)
    if p == 2:
        gaps = gaps * gaps
    if weight is not None:
        gaps = gaps * gather(weight.reshape(1, classes).expand(samples, classes), 1, right)
    losses = where(arange(classes) != right, gaps, 0.0).sum(1) / classes
    if reduction == "none" and not (input.ndim == 2 and target.ndim):
        return losses.reshape(target.shape)
    return reduced(losses, reduction)


@register
class LabelCounts(Op):
    """nₖ = how often class k is among the labels before the first −1."""

    name = "label_counts"
    inputs = ("t",)
    formula = r"n_{k} = \sum_{j < \ell} \mathbf{1}[t_j = k],\quad t_{\ell} < 0"
    derivatives = ("",)
    says: ClassVar = {
        "en": "Marks the classes that a sample's list of labels names; the list ends with −1.",
        "zh": "标出样本标签列表中的类别；列表以 −1 结束。",
    }
    vjps = (None,)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The labels' shape."""
        return Spec(inputs[0].shape, int64)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Count in each row."""
        t = inputs[0]
        counts = np.zeros(out.shape, np.int64)
        named = np.logical_and.accumulate(t >= 0, axis=1)
        rows, places = np.nonzero(named)
        np.add.at(counts, (rows, t[rows, places]), 1)
        return counts

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The count."""
        return float(self.kernel(Spec(inputs[0].shape, int64), *inputs)[index])

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Lists of several lengths."""
        yield Sample((rng.integers(-1, 3, (2, 3)),))
        yield Sample((rng.integers(0, 4, (1, 4)),))


@public("F")
@composite(
    "multilabel_margin_loss",
    formula=r"L = \dfrac{1}{N C}\sum_n \sum_{k\,\in\,T_n} \sum_{c\,\notin\,T_n}"
    r" \max(0,\; 1 - x_{nk} + x_{nc})",
    derivative=r"\dfrac{\partial L}{\partial x_{nk}} = -\dfrac{1}{N C}\sum_{c\,\notin\,T_n}"
    r" \mathbf{1}[1 - x_{nk} + x_{nc} > 0]",
    en="The scores of all right classes shall exceed those of all wrong ones by 1.",
    zh="所有正确类别的得分都应比所有错误类别的得分大 1。",
    phase=Phase.LOSS,
)
def multilabel_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Σ max(0, 1 − x[right] + x[wrong]) / C, averaged; a row of `target` lists classes and ends with −1."""
    reduction = chosen(size_average, reduce, reduction)
    samples, classes = _rows("multilabel_margin_loss", input)
    if target.shape != input.shape:
        raise ShapeError(
            f"inconsistent target size: {list(target.shape)} for input of size: {list(input.shape)}"
        )
    _check_numbers(target, -1, classes, "argument #2 'target' is out of range")
    scores = input.reshape(samples, classes)
    counts = apply("label_counts", (target.reshape(samples, classes),))
    gaps = relu(1 - scores.unsqueeze(2) + scores.unsqueeze(1))
    gaps = where((counts == 0).unsqueeze(1), gaps, 0.0) * counts.to(input.dtype).unsqueeze(2)
    losses = gaps.sum((1, 2)) / classes
    if reduction == "none" and input.ndim < 2:
        return losses.reshape(())
    return reduced(losses, reduction)
