"""The losses of classification: nll_loss of log-probabilities and cross_entropy of logits."""

from __future__ import annotations

import math

from ..api import public
from ..composite import composite
from ..errors import ArgumentError, DimError, DTypeError, SettingError, ShapeError
from ..fixed import Fixed, Known
from ..program import Phase
from ..tensor import Tensor, apply
from .choice import where
from .reduction import chosen, reduced
from .softmax import log_softmax

_usual = Known()  # the attributes of nll_loss
_ALONG = Fixed(dim=1)


@public("F")
@composite(
    "nll_loss",
    formula=r"L = -\dfrac{1}{\sum_n w_{t_n}} \sum_n w_{t_n}\, x_{n,\,t_n}",
    derivative=r"\dfrac{\partial L}{\partial x_{n,c}} = -\dfrac{w_{t_n}}{\sum_m w_{t_m}}\,\delta_{c,\,t_n}",
    en="Picks the log-probability of the right class of each sample, changes its sign and averages.",
    zh="取出每个样本正确类别的对数概率，变号后求平均。",
    phase=Phase.LOSS,
)
def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Minus the log-probability `input` (N, C, …) of each target class (N, …), averaged by class weights."""
    return _nll(input, target, weight, ignore_index, chosen(size_average, reduce, reduction))


def _nll(logp: Tensor, target: Tensor, weight: Tensor | None, ignored: int, reduction: str) -> Tensor:
    if not logp.ndim:
        raise ArgumentError("Expected 1 or more dimensions (got 0)")
    if weight is not None and weight.dtype is not logp.dtype:
        raise DTypeError(f"expected scalar type {logp.dtype.name} but found {weight.dtype.name}")
    if logp.ndim == 1 and target.ndim == 1 and target.numel() == 1:
        target = target.reshape(())
    tensors = (logp, target) if weight is None else (logp, target, weight)
    return apply("nll_loss", tensors, {"reduction": reduction, "ignore_index": int(ignored)})


@public("F")
@composite(
    "cross_entropy",
    formula=r"L = -\dfrac{1}{N}\sum_n \log \dfrac{e^{x_{n,\,t_n}}}{\sum_c e^{x_{nc}}}",
    derivative=r"\dfrac{\partial L}{\partial x_{nc}} = \dfrac{1}{N}\,\left(p_{nc} - \delta_{c,\,t_n}\right),"
    r"\quad p = \mathrm{softmax}(x)",
    en="How surprised the softmax of the scores is by the right classes; the gradient is p − target.",
    zh="得分的 softmax 对正确类别的“惊讶”程度；梯度为 p 减目标。",
    phase=Phase.LOSS,
)
def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """−log softmax(input)[target], for logits (N, C, …).

    Targets are class numbers (N, …) or probabilities (N, C, …). The same as
    `nll_loss(log_softmax(input, 1), target)`. `label_smoothing` mixes the targets with a uniform
    distribution.
    """
    specs = (input._node.spec, target._node.spec)
    given = (*specs, size_average, ignore_index, reduce, reduction, label_smoothing)
    if weight is None:
        known = _usual.get(given)
        if known is not None:
            return apply("nll_loss", (apply("log_softmax", (input,), _ALONG), target), known)
    reduction = chosen(size_average, reduce, reduction)
    probable = input.shape == target.shape
    if probable and not target.dtype.is_floating_point:
        raise DTypeError(
            f"Expected floating point type for target with class probabilities, got {target.dtype.name}"
        )
    if probable and ignore_index >= 0:
        raise SettingError("ignore_index is not supported for floating point target")
    if not 0 <= label_smoothing <= 1:
        raise SettingError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    if not input.ndim:
        raise DimError("Dimension specified as 1 but tensor has no dimensions")
    if target.dtype.is_floating_point and not probable:
        raise ShapeError(
            "cross_entropy: a floating point target holds probabilities and must have the logits' "
            f"shape {tuple(input.shape)}, not {tuple(target.shape)}; for class numbers write "
            "target.long()"
        )
    classes = 1 if input.ndim > 1 else 0
    if weight is not None and (weight.ndim != 1 or weight.numel() != input.shape[classes]):
        raise ShapeError(
            f"cross_entropy: weight tensor should be defined either for all {input.shape[classes]} classes "
            f"or no classes but got weight tensor of shape: {list(weight.shape)}"
        )
    logp = log_softmax(input, classes)
    if probable:
        return _to_probabilities(logp, target, weight, reduction, label_smoothing, classes)
    loss = _nll(logp, target, weight, ignore_index, reduction)
    if not label_smoothing:
        told = size_average is None and reduce is None and given[-2] == reduction
        if told and classes and type(ignore_index) is int and type(label_smoothing) in (int, float):
            _usual.put(given, {"reduction": reduction, "ignore_index": ignore_index})
        return loss
    even = _to_all(logp, target, weight, ignore_index, reduction, classes)
    return loss * (1 - label_smoothing) + even * (label_smoothing / input.shape[classes])


def _channel(weight: Tensor, like: Tensor, classes: int) -> Tensor:
    """Class weights in a shape that broadcasts to logits."""
    return weight.reshape(*(-1 if dim == classes else 1 for dim in range(like.ndim)))


def _to_probabilities(
    logp: Tensor, target: Tensor, weight: Tensor | None, reduction: str, smoothing: float, classes: int
) -> Tensor:
    if smoothing:
        target = target * (1 - smoothing) + smoothing / logp.shape[classes]
    terms = logp * target if weight is None else logp * target * _channel(weight, logp, classes)
    if reduction == "none":
        return -terms.sum(classes)
    loss = -terms.sum()
    if reduction == "sum":
        return loss
    count = logp.numel() // logp.shape[classes] if logp.shape[classes] else 0
    return loss / count if count else loss * math.nan


def _to_all(
    logp: Tensor, target: Tensor, weight: Tensor | None, ignored: int, reduction: str, classes: int
) -> Tensor:
    """The loss against all classes alike, for label smoothing."""
    weighed = logp if weight is None else logp * _channel(weight, logp, classes)
    kept = target != ignored
    losses = where(kept, -weighed.sum(classes), 0.0)
    if reduction != "mean":
        return reduced(losses, reduction)
    if weight is None:
        return losses.sum() / kept.sum()
    return losses.sum() / where(kept, weight[where(kept, target, 0)], 0.0).sum()
