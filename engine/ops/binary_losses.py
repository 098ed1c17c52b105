"""Losses of yes-or-no answers: binary cross-entropy, of probabilities or of logits, and the soft margin."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..composite import composite
from ..dtypes import DType, result_type
from ..element import Call, Expr
from ..errors import ArgumentError, DimError, DTypeError, SettingError, ShapeError
from ..op import Op, Spec, broadcast_shapes, register
from ..program import Phase
from ..tensor import Tensor, apply
from .reduction import PairLoss, chosen, legacy, reduced, sloped
from .smooth_losses import broadcast
from .softplus import logsigmoid


@register
class BinaryCrossEntropy(PairLoss):
    """L = −mean(y log x + (1 − y) log(1 − x)), with logarithms of at least −100."""

    name = "binary_cross_entropy"
    formula = r"L = -\dfrac{1}{N}\sum_i y_i \log x_i + (1 - y_i)\,\log(1 - x_i)"
    derivatives = (
        r"\dfrac{\partial L}{\partial x_i} = \dfrac{1}{N}\,\dfrac{x_i - y_i}{x_i\,(1 - x_i)}",
        r"\dfrac{\partial L}{\partial y_i} = \dfrac{1}{N}\,\left(\log(1 - x_i) - \log x_i\right)",
    )
    says: ClassVar = {
        "en": "How surprised the probabilities are by the answers; no logarithm counts as less than −100.",
        "zh": "概率对答案的“惊讶”程度；对数不小于 −100。",
    }
    vjps = (
        sloped(lambda x, y: (x - y) / ((1 - x) * x).clamp(min=1e-12)),
        sloped(lambda x, y: (1 - x).log() - x.log()),
    )

    def dtype(self, *inputs: Spec) -> DType:
        """The same for both."""
        if inputs[1].dtype is not inputs[0].dtype:
            raise DTypeError(f"Found dtype {inputs[1].dtype.name} but expected {inputs[0].dtype.name}")
        return super().dtype(*inputs)

    def terms(self, *inputs: np.ndarray, **attrs: Any) -> Any:
        """Two logarithms."""
        x, y = inputs
        for name, each in (("input", x), ("target", y)):
            if not ((each >= 0) & (each <= 1)).all():
                raise SettingError(f"all elements of {name} should be between 0 and 1")
        low = x.dtype.type(-100)
        return (y - 1) * np.maximum(np.log1p(-x), low) - y * np.maximum(np.log(x), low)

    def term(self, *inputs: Expr, **attrs: Any) -> Expr:
        """Minus both products."""
        x, y = inputs
        yes = Call("mul", (y, Call("max", (Call("log", (x,)), -100.0))))
        rest = Call("max", (Call("log", (Call("sub", (1.0, x)),)), -100.0))
        no = Call("mul", (Call("sub", (1.0, y)), rest))
        return Call("neg", (Call("add", (yes, no)),))

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], **attrs: Any) -> tuple[np.ndarray, ...]:
        """Probabilities."""
        return rng.uniform(0.1, 0.9, shape), rng.uniform(0.1, 0.9, shape)


def _logit_slope(x: Tensor, y: Tensor, *p: Tensor) -> Tensor:
    if not p:
        return x.sigmoid() - y
    yes = p[0] * y
    return (yes + 1 - y) * x.sigmoid() - yes


def _logit_target_slope(x: Tensor, y: Tensor, *p: Tensor) -> Tensor:
    return (1 - p[0]) * logsigmoid(x) - x if p else -x


@register
class BinaryCrossEntropyWithLogits(PairLoss):
    """L = −mean(p y log σ(x) + (1 − y) log(1 − σ(x)))."""

    name = "binary_cross_entropy_with_logits"
    inputs = ("x", "y", "*p")
    formula = (
        r"L = -\dfrac{1}{N}\sum_i p_i\, y_i \log \sigma(x_i) + (1 - y_i)\,\log(1 - \sigma(x_i)),"
        r"\quad p_i = 1\;\mathrm{if\ not\ given}"
    )
    derivatives = (
        r"\dfrac{\partial L}{\partial x_i} = \dfrac{1}{N}\,(\sigma(x_i) - y_i)",
        r"\dfrac{\partial L}{\partial y_i} = -\dfrac{x_i}{N}",
        "",
    )
    says: ClassVar = {
        "en": "Sigmoid and binary cross-entropy in one step, without overflow: the gradient is σ(x) − y.",
        "zh": "sigmoid 与二元交叉熵一步完成，不会溢出：梯度就是 σ(x) − y。",
    }
    vjps = (sloped(_logit_slope), sloped(_logit_target_slope), None)
    settings = ({"weighed": False}, {"weighed": True})

    def dtype(self, *inputs: Spec) -> DType:
        """The target's."""
        for spec in inputs:
            if not spec.dtype.is_floating_point:
                raise DTypeError(f"{self.name} takes floating point, not {spec.dtype.name}")
        return inputs[1].dtype

    def terms(self, *inputs: np.ndarray, **attrs: Any) -> Any:
        """(1 − y) x − w log σ(x), with w = 1 + (p − 1) y."""
        x, y = inputs[:2]
        log = np.minimum(x, x.dtype.type(0)) - np.log1p(np.exp(-np.abs(x)))
        return (1 - y) * x - (((inputs[2] - 1) * y + 1) * log if len(inputs) > 2 else log)

    def term(self, *inputs: Expr, **attrs: Any) -> Expr:
        """As the kernel does it."""
        x, y = inputs[:2]
        log: Expr = Call("log", (Call("sigmoid", (x,)),))
        if len(inputs) > 2:
            weight = Call("add", (1.0, Call("mul", (Call("sub", (inputs[2], 1.0)), y))))
            log = Call("mul", (weight, log))
        return Call("sub", (Call("mul", (Call("sub", (1.0, y)), x)), log))

    def samples(self, rng: np.random.Generator) -> Any:
        """With and without weights for the positive answers."""
        for sample in super().samples(rng):
            attrs = dict(sample.attrs)
            x, y = sample.inputs
            weights = (rng.uniform(0.5, 2, x.shape),) if attrs.pop("weighed") else ()
            yield type(sample)((x, y, *weights), attrs)


def _margin_slope(x: Tensor, y: Tensor) -> Tensor:
    z = (-y * x).exp()
    return -y * z / (1 + z)


@register
class SoftMarginLoss(PairLoss):
    """L = mean(log(1 + exp(−y x)))."""

    name = "soft_margin_loss"
    formula = r"L = \dfrac{1}{N}\sum_i \log(1 + e^{-y_i x_i})"
    derivatives = (
        r"\dfrac{\partial L}{\partial x_i} = -\dfrac{y_i}{N}\,\sigma(-y_i x_i)",
        r"\dfrac{\partial L}{\partial y_i} = -\dfrac{x_i}{N}\,\sigma(-y_i x_i)",
    )
    says: ClassVar = {
        "en": "For answers 1 and −1: small where score and answer have the same sign.",
        "zh": "用于答案 1 和 −1：得分与答案同号处损失小。",
    }
    vjps = (sloped(_margin_slope), sloped(lambda x, y: _margin_slope(y, x)))

    def dtype(self, *inputs: Spec) -> DType:
        """The prediction's."""
        super().dtype(inputs[0])
        return inputs[0].dtype

    def compute_dtype(self, *inputs: Spec, **attrs: Any) -> DType:
        """The promoted dtype, even half precision."""
        return result_type(inputs)

    def vjp(self, position: int, g: Tensor, out: Tensor, *inputs: Tensor, **attrs: Any) -> Tensor:
        """In the same precision: NaN where the exponential is infinite."""
        return Op.vjp(self, position, g, out, *inputs, **attrs)

    def terms(self, *inputs: np.ndarray, **attrs: Any) -> Any:
        """As in PyTorch, the exponential of a large number is infinite, in the precision of the inputs."""
        x, y = inputs
        exponential = np.exp(-(y * x))  # in the order of memory of both, as -y alone would not be
        return np.log1p(exponential.astype(np.float32) if x.dtype == np.float16 else exponential)

    def term(self, *inputs: Expr, **attrs: Any) -> Expr:
        """The logarithm."""
        return Call("log", (Call("add", (1.0, Call("exp", (Call("neg", (Call("mul", inputs),)),)))),))


def _weigh(losses: Tensor, weight: Tensor | None) -> Tensor:
    """Losses times weights that broadcast to them."""
    if weight is None:
        return losses
    shape = broadcast_shapes("weight", tuple(losses.shape), tuple(weight.shape))
    if shape != tuple(losses.shape):
        raise ShapeError(
            f"output with shape {list(losses.shape)} doesn't match the broadcast shape {list(shape)}"
        )
    return (losses * weight).to(losses.dtype)


@public("F")
@composite(
    "binary_cross_entropy",
    formula=BinaryCrossEntropy.formula,
    derivative=BinaryCrossEntropy.derivatives[0],
    en="How surprised probabilities are by answers of 0 and 1.",
    zh="概率对 0、1 答案的“惊讶”程度。",
    phase=Phase.LOSS,
)
def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """−(y log x + (1 − y) log(1 − x)) of probabilities x, weighed and averaged."""
    reduction = chosen(size_average, reduce, reduction)
    if target.shape != input.shape:
        raise ArgumentError(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}) is "
            "deprecated. Please ensure they have the same size."
        )
    if weight is None:
        return apply("binary_cross_entropy", (input, target), {"reduction": reduction})
    losses = apply("binary_cross_entropy", (input, target), {"reduction": "none"})
    return reduced(_weigh(losses, weight), reduction)


@public("F")
@composite(
    "binary_cross_entropy_with_logits",
    formula=BinaryCrossEntropyWithLogits.formula,
    derivative=BinaryCrossEntropyWithLogits.derivatives[0],
    en="How surprised the sigmoids of scores are by answers of 0 and 1.",
    zh="得分的 sigmoid 对 0、1 答案的“惊讶”程度。",
    phase=Phase.LOSS,
)
def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """binary_cross_entropy of σ(input); `pos_weight` says by how much more the answers 1 count."""
    reduction = chosen(size_average, reduce, reduction)
    if target.shape != input.shape:
        raise ArgumentError(f"Target size ({target.shape}) must be the same as input size ({input.shape})")
    inputs: tuple[Tensor, ...] = (input, target)
    if pos_weight is not None:
        inputs = broadcast("binary_cross_entropy_with_logits", input, target, pos_weight)
        if inputs[0] is not input:
            raise ShapeError(
                f"output with shape {list(input.shape)} doesn't match the broadcast shape "
                f"{list(inputs[0].shape)}"
            )
    name = "binary_cross_entropy_with_logits"
    if weight is None:
        return apply(name, inputs, {"reduction": reduction})
    return reduced(_weigh(apply(name, inputs, {"reduction": "none"}), weight), reduction)


@public("F")
@composite(
    "soft_margin_loss",
    formula=SoftMarginLoss.formula,
    derivative=SoftMarginLoss.derivatives[0],
    en="Small where score and answer have the same sign.",
    zh="得分与答案同号处损失小。",
    phase=Phase.LOSS,
)
def soft_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """log(1 + exp(−y x)), averaged, for answers y of 1 and −1."""
    reduction = chosen(size_average, reduce, reduction)
    pair = broadcast("soft_margin_loss", input, target)
    return apply("soft_margin_loss", pair, {"reduction": reduction})


@public("F")
@composite(
    "multilabel_soft_margin_loss",
    formula=r"L = -\dfrac{1}{N C}\sum_{n,c} y_{nc} \log \sigma(x_{nc})"
    r" + (1 - y_{nc})\,\log \sigma(-x_{nc})",
    derivative=r"\dfrac{\partial L}{\partial x_{nc}} = \dfrac{1}{N C}\,(\sigma(x_{nc}) - y_{nc})",
    en="Binary cross-entropy of every class, averaged over the classes: a sample may belong to several.",
    zh="对每个类别做二元交叉熵，再对类别求平均：一个样本可以属于多个类别。",
    phase=Phase.LOSS,
)
def multilabel_soft_margin_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """−Σ (y log σ(x) + (1 − y) log σ(−x)) / C over the classes, the last dimension, then averaged."""
    reduction = legacy(size_average, reduce, reduction)
    losses = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    if weight is not None:
        losses = losses * weight
    if not input.ndim:
        raise DimError("Dimension specified as -1 but tensor has no dimensions")
    losses = losses.sum(input.ndim - 1) / input.shape[-1]
    if reduction not in ("none", "mean", "sum"):
        raise ArgumentError(f"{reduction} is not valid")
    return reduced(losses, reduction)
