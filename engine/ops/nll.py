"""The negative log-likelihood: picks the target's log-probability of each sample."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..dtypes import int64, uint8
from ..element import Call, Expr, Index, Ref
from ..errors import ArgumentError, DimError, DTypeError, ShapeError
from ..op import Op, Sample, Spec, register
from ..tensor import apply
from .reduction import REDUCTIONS


def _check(logp: tuple[int, ...], targets: Spec, weights: tuple[Spec, ...]) -> None:
    if targets.dtype not in (int64, uint8):
        raise DTypeError(f"nll_loss: targets must be class numbers (int64), not {targets.dtype.name}")
    if len(logp) > 1 and targets.shape and logp[0] != targets.shape[0]:
        raise ArgumentError(
            f"Expected input batch_size ({logp[0]}) to match target batch_size ({targets.shape[0]}): "
            f"nll_loss of {logp} and targets {targets.shape}"
        )
    if not logp or (logp[:1] + logp[2:] != targets.shape and (len(logp) > 1 or targets.shape)):
        raise ShapeError(
            f"nll_loss: input {logp} and target {targets.shape} do not fit: (N, C, …) wants (N, …)"
        )
    classes = logp[1] if len(logp) > 1 else logp[0]
    if any(weight.shape != (classes,) for weight in weights):
        raise ShapeError(f"nll_loss: weight must have shape ({classes},), not {weights[0].shape}")


class _Targets:
    """The targets of a call, with a batch dimension: their classes, and unless all count alike, which of them
    count and their weights."""

    kept: np.ndarray
    weights: np.ndarray | None = None

    def __init__(
        self, classes: int, targets: np.ndarray, weights: tuple[np.ndarray, ...], ignored: int
    ) -> None:
        t = targets if targets.ndim else targets.reshape(1)
        if t.dtype != np.int64:
            t = t.astype(np.int64)
        inside = t.size == 0 or (t.min() >= 0 and t.max() < classes)
        if inside and not weights and not 0 <= ignored < classes:  # nearly always: all count alike
            self.classes = t
            return
        self.kept = t != ignored
        wrong = t[self.kept & ((t < 0) | (t >= classes))]
        if wrong.size:
            raise DimError(
                f"Target {wrong.flat[0]} is out of bounds: there are {classes} classes, 0 to {classes - 1}"
            )
        self.classes = np.where(self.kept, t, 0)
        self.weights = np.where(self.kept, weights[0][self.classes] if weights else 1, 0)

    def weighed(self, numbers: np.ndarray) -> np.ndarray:
        """−w · number for each target that counts, 0 for the others."""
        if self.weights is None:
            return np.asarray(-numbers)
        return np.where(self.kept, -self.weights * numbers, 0).astype(numbers.dtype, copy=False)

    def weight(self, dtype: np.dtype[Any]) -> Any:
        """The sum of the weights."""
        return dtype.type(self.classes.size if self.weights is None else self.weights.sum())

    def places(self) -> tuple[np.ndarray, ...]:
        """Indices of what belongs to the targets in an array with its classes in dimension 1."""
        if self.classes.ndim == 1:
            return np.arange(len(self.classes)), self.classes
        grid: tuple[np.ndarray, ...] = np.ix_(*map(np.arange, self.classes.shape))
        return grid[0], self.classes, *grid[1:]


def _batched(x: np.ndarray) -> np.ndarray:
    return x[None] if x.ndim == 1 else x


@register
class NllLoss(Op):
    """L = −Σ w log p[target] / Σ w."""

    name = "nll_loss"
    inputs = ("x", "t", "*w")
    formula = r"L = -\dfrac{1}{N} \sum_n x_{n,\,t_n}"
    derivatives = (
        r"\dfrac{\partial L}{\partial x_{n,c}} = -\dfrac{1}{N}\,\delta_{c,\,t_n}",
        "",
        "",
    )
    says: ClassVar = {
        "en": (
            "Picks the log-probability of the right class of each sample, changes its sign and averages "
            "(by class weights, if given)."
        ),
        "zh": "取出每个样本正确类别的对数概率，变号后求平均（可带类别权重）。",
    }
    saves = ("inputs",)
    vjps = (
        lambda g, y, x, t, *w, **attrs: apply(
            "nll_loss_backward", (g, t, *w), {"shape": tuple(x.shape), **attrs}
        ),
        None,
        None,
    )

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """A number, or with reduction "none" the targets' shape."""
        x, t = inputs[:2]
        if not x.dtype.is_floating_point:
            raise DTypeError(f"nll_loss takes floating point, not {x.dtype.name}")
        _check(x.shape, t, inputs[2:])
        return Spec(t.shape if attrs["reduction"] == "none" else (), x.dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Take along the classes, weigh, reduce."""
        x = _batched(inputs[0])
        found = _Targets(x.shape[1], inputs[1], inputs[2:], attrs["ignore_index"])
        losses = found.weighed(x[found.places()])
        if attrs["reduction"] == "none":
            return losses.reshape(out.shape)
        total = losses.sum()
        return np.asarray(total if attrs["reduction"] == "sum" else total / found.weight(x.dtype))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The picked numbers with a minus, weighed, over the sum of weights."""
        t, ignored = inputs[1], attrs["ignore_index"]
        places = [index] if attrs["reduction"] == "none" else list(np.ndindex(t.shape))
        terms: list[Expr] = []
        weights: list[Expr] = []
        for place in places:
            if (c := int(t[place])) != ignored:
                picked = Call("neg", (Ref(0, (*place[:1], c, *place[1:])),))
                weights.append(Ref(2, (c,)) if len(inputs) > 2 else 1.0)
                terms.append(Call("mul", (weights[-1], picked)) if len(inputs) > 2 else picked)
        total = Call("add", tuple(terms))
        if attrs["reduction"] != "mean":
            return total
        return Call("div", (total, Call("add", tuple(weights)) if len(inputs) > 2 else float(len(weights))))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Each reduction; weights, ignored targets, further dimensions, a single sample."""
        n, c = int(rng.integers(2, 5)), int(rng.integers(2, 5))
        for reduction, (shape, weighed) in itertools.product(
            REDUCTIONS, (((n, c), False), ((n, c), True), ((n, c, 2), True), ((c,), False))
        ):
            targets = np.array(rng.integers(0, c, shape[:1] + shape[2:] if len(shape) > 1 else ()))
            if weighed:
                targets.flat[0] = -100
            weights = (rng.uniform(0.5, 2, c),) if weighed else ()
            attrs = {"reduction": reduction, "ignore_index": -100}
            yield Sample((rng.normal(size=shape), targets, *weights), attrs)


@register
class NllLossBackward(Op):
    """dL/dx: −w / Σ w at each target, 0 elsewhere."""

    name = "nll_loss_backward"
    inputs = ("g", "t", "*w")
    formula = r"\dfrac{\partial L}{\partial x_{n,c}} = -\dfrac{g}{N}\,\delta_{c,\,t_n}"
    derivatives = (r"-\dfrac{1}{N}\,\delta_{c,\,t_n}", "", "")
    says: ClassVar = {
        "en": "Only the log-probability of the right class was used, so only it gets a gradient: −1/N.",
        "zh": "损失只用到正确类别的对数概率，所以只有它得到梯度：−1/N。",
    }
    saves = ("inputs",)
    vjps = (
        lambda u, dx, g, t, *w, shape, **attrs: apply("nll_loss", (u, t, *w), attrs),
        None,
        None,
    )

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The shape of x, which is an attribute."""
        _check(tuple(attrs["shape"]), inputs[1], inputs[2:])
        return Spec(tuple(attrs["shape"]), inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Put one number for each target."""
        g, t = inputs[:2]
        dx = np.zeros(out.shape, g.dtype)
        rows = _batched(dx)
        found = _Targets(rows.shape[1], t, inputs[2:], attrs["ignore_index"])
        share = np.atleast_1d(g) if attrs["reduction"] == "none" else g
        if attrs["reduction"] == "mean":
            share = np.asarray(g / found.weight(g.dtype))
        rows[found.places()] = found.weighed(share)
        return dx

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """Minus the weight over the sum of weights, for the target; 0 for the others."""
        t, ignored = inputs[1], attrs["ignore_index"]
        place, c = ((), index[0]) if len(index) == 1 else (index[:1] + index[2:], index[1])
        if t[place] != c or c == ignored:
            return 0.0
        g = Ref(0, place if attrs["reduction"] == "none" else ())
        minus: Expr = Call("neg", (Call("mul", (Ref(2, (c,)), g)),)) if len(inputs) > 2 else Call("neg", (g,))
        if attrs["reduction"] != "mean":
            return minus
        kept = [int(v) for v in t.flat if v != ignored]
        total = Call("add", tuple(Ref(2, (v,)) for v in kept)) if len(inputs) > 2 else float(len(kept))
        return Call("div", (minus, total))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """nll_loss's, from the other side."""
        for sample in NllLoss().samples(rng):
            x, t = sample.inputs[:2]
            shape = t.shape if sample.attrs["reduction"] == "none" else ()
            inputs = (np.array(rng.normal(size=shape)), *sample.inputs[1:])
            yield Sample(inputs, {"shape": x.shape, **sample.attrs})
