"""Loss functions: they run in the phase LOSS, and those of several ops in a box of their own."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..element import Call, Expr, Index, Ref
from ..errors import ArgumentError, DTypeError, ShapeError
from ..op import Op, Sample, Spec, broadcast_shapes, random_shape, register
from ..program import Phase
from ..state import function_scope
from ..tensor import Tensor, apply
from .nll import REDUCTIONS, check_reduction
from .softmax import log_softmax


def _slope(shape: tuple[int, ...], reduction: str) -> float:
    """2, over the number of elements for a mean."""
    return 2.0 / max(int(np.prod(shape)), 1) if reduction == "mean" else 2.0


@register
class MseLoss(Op):
    """L = mean((x − y)²)."""

    name = "mse_loss"
    inputs = ("x", "y")
    formula = r"L = \dfrac{1}{N}\sum_i (x_i - y_i)^2"
    derivatives = (
        r"\dfrac{\partial L}{\partial x_i} = \dfrac{2}{N}(x_i - y_i)",
        r"\dfrac{\partial L}{\partial y_i} = -\dfrac{2}{N}(x_i - y_i)",
    )
    says: ClassVar = {
        "en": "The mean of the squared differences; the gradient is proportional to the difference.",
        "zh": "差的平方的平均值；梯度与差成正比。",
    }
    saves = ("inputs",)
    vjps = (
        lambda g, loss, x, y, reduction: (x - y) * _slope(x.shape, reduction) * g,
        lambda g, loss, x, y, reduction: (y - x) * _slope(x.shape, reduction) * g,
    )

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """A number, or with reduction "none" the inputs' shape."""
        for spec in inputs:
            if not spec.dtype.is_floating_point:
                raise DTypeError(f"mse_loss takes floating point, not {spec.dtype.name}")
        shape = broadcast_shapes(self.name, *(spec.shape for spec in inputs))
        dtype = max((spec.dtype for spec in inputs), key=lambda dtype: dtype.itemsize)
        return Spec(shape if attrs["reduction"] == "none" else (), dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Difference, square, reduce."""
        difference = np.asarray(np.subtract(*inputs))
        squares = difference * difference
        if attrs["reduction"] == "none":
            return np.asarray(squares)
        return np.asarray(squares.sum() if attrs["reduction"] == "sum" else squares.mean())

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The sum of squared differences over their number."""
        shape = inputs[0].shape
        places = [index] if attrs["reduction"] == "none" else list(np.ndindex(shape))
        squares = tuple(Call("pow", (Call("sub", (Ref(0, at), Ref(1, at))), 2.0)) for at in places)
        if attrs["reduction"] == "none":
            return squares[0]
        total = Call("add", squares)
        return total if attrs["reduction"] == "sum" else Call("div", (total, float(len(places))))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Each reduction."""
        for reduction in REDUCTIONS:
            shape = random_shape(rng)
            yield Sample((rng.normal(size=shape), rng.normal(size=shape)), {"reduction": reduction})


@public("F")
def mse_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """The mean (or "sum", or "none") of the squared differences."""
    if input.shape != target.shape:
        warnings.warn(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}). This "
            f"will likely lead to incorrect results due to broadcasting. Please ensure they have the same "
            f"size.",
            stacklevel=2,
        )
    with function_scope("mse_loss", Phase.LOSS):
        shape = broadcast_shapes("mse_loss", tuple(input.shape), tuple(target.shape))
        pair = tuple(
            x if x.shape == shape else apply("expand", (x,), {"shape": shape}) for x in (input, target)
        )
        return apply("mse_loss", pair, {"reduction": check_reduction(reduction)})


@public("F")
def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: None = None,
    ignore_index: int = -100,
    reduce: None = None,
    reduction: str = "mean",
) -> Tensor:
    """Minus the log-probability `input` (N, C, …) of each target class (N, …), averaged by class weights."""
    with function_scope("nll_loss", Phase.LOSS):
        return _nll(input, target, weight, ignore_index, check_reduction(reduction))


def _nll(logp: Tensor, target: Tensor, weight: Tensor | None, ignored: int, reduction: str) -> Tensor:
    tensors = (logp, target) if weight is None else (logp, target, weight)
    return apply("nll_loss", tensors, {"reduction": reduction, "ignore_index": int(ignored)})


@public("F")
def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: None = None,
    ignore_index: int = -100,
    reduce: None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """−log softmax(input)[target], for logits (N, C, …).

    Targets are class numbers (N, …) or probabilities (N, C, …). The same as
    `nll_loss(log_softmax(input, 1), target)`. `label_smoothing` mixes the targets with a uniform
    distribution.
    """
    check_reduction(reduction)
    if not 0 <= label_smoothing <= 1:
        raise ArgumentError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing}")
    classes = 1 if input.ndim > 1 else 0
    with function_scope("cross_entropy", Phase.LOSS):
        logp = log_softmax(input, classes)
        if target.dtype.is_floating_point:
            if target.shape != input.shape:
                raise ShapeError(
                    "cross_entropy: a floating point target holds probabilities and must have the logits' "
                    f"shape {tuple(input.shape)}, not {tuple(target.shape)}; for class numbers write "
                    "target.long()"
                )
            return _to_probabilities(logp, target, weight, reduction, label_smoothing, classes)
        loss = _nll(logp, target, weight, ignore_index, reduction)
        if not label_smoothing:
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
    return loss / (logp.numel() / logp.shape[classes]) if reduction == "mean" else loss


def _to_all(
    logp: Tensor, target: Tensor, weight: Tensor | None, ignored: int, reduction: str, classes: int
) -> Tensor:
    """The loss against all classes alike, for label smoothing."""
    weighed = logp if weight is None else logp * _channel(weight, logp, classes)
    kept = (target != ignored).to(logp.dtype)
    losses = -weighed.sum(classes) * kept
    if reduction == "none":
        return losses
    if reduction == "sum":
        return losses.sum()
    count = kept.sum() if weight is None else (weight[target * kept.to(target.dtype)] * kept).sum()
    return losses.sum() / count
