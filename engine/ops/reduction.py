"""How losses are made one number: the mean, the sum, or not at all; and the arguments of old for that."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from ..dtypes import DType, float16, float32, result_type
from ..element import Call, Expr, Index, Ref
from ..errors import ArgumentError, DTypeError, ShapeError
from ..op import Op, Sample, Spec, random_shape
from ..tensor import Tensor
from ..warn import warn
from .curve import wide

REDUCTIONS = ("none", "mean", "sum")


def check_reduction(reduction: str) -> str:
    """The reduction itself; ArgumentError unless it is "none", "mean" or "sum"."""
    if reduction == "elementwise_mean":
        warn("reduction='elementwise_mean' is deprecated. Please use reduction='mean' instead.")
        return "mean"
    if reduction not in REDUCTIONS:
        raise ArgumentError(f"{reduction} is not a valid value for reduction")
    return reduction


def legacy(size_average: bool | None, reduce: bool | None, reduction: str) -> str:
    """The reduction that `size_average` and `reduce`, which are deprecated, stand for, if they are given."""
    if size_average is None and reduce is None:
        return reduction
    if reduce is not None and not reduce:
        found = "none"
    else:
        found = "sum" if size_average is not None and not size_average else "mean"
    warn(f"size_average and reduce args will be deprecated, please use reduction='{found}' instead.")
    return found


def chosen(size_average: bool | None, reduce: bool | None, reduction: str) -> str:
    """The reduction that the arguments of a loss ask for; ArgumentError if there is none of that name."""
    return check_reduction(legacy(size_average, reduce, reduction))


def reduced(losses: Tensor, reduction: str) -> Tensor:
    """The mean, the sum, or the losses themselves."""
    if reduction == "none":
        return losses
    return losses.mean() if reduction == "mean" else losses.sum()


def warn_of_sizes(input: Tensor, target: Tensor) -> None:
    """PyTorch's warning for a loss between tensors that are broadcast."""
    if input.shape != target.shape:
        warn(
            f"Using a target size ({target.shape}) that is different to the input size ({input.shape}). This "
            "will likely lead to incorrect results due to broadcasting. Please ensure they have the same "
            "size."
        )


def share(g: Tensor, x: Tensor, reduction: str) -> Tensor:
    """What each element gets of a loss's upstream gradient."""
    return g / x.numel() if reduction == "mean" and x.numel() else g


Slope = Callable[..., Tensor]


def sloped(slope: Slope) -> Callable[..., Tensor]:
    """The vjp of a loss whose derivative by one element is `slope(x, y, …)`, before it is reduced."""

    def vjp(g: Tensor, loss: Tensor, x: Tensor, *others: Tensor, reduction: str, **attrs: Any) -> Tensor:
        return slope(x, *others, **attrs) * share(g, x, reduction)

    return vjp


class PairLoss(Op):
    """Base of the losses that compare a prediction x with a target y, element by element, and reduce.

    `settings` are the attributes that samples are drawn with.
    """

    inputs: ClassVar[tuple[str, ...]] = ("x", "y")
    saves = ("inputs",)
    settings: ClassVar[tuple[Mapping[str, Any], ...]] = ({},)

    def terms(self, *inputs: np.ndarray, **attrs: Any) -> Any:
        """The losses of all elements."""
        raise NotImplementedError

    def term(self, *inputs: Expr, **attrs: Any) -> Expr:
        """The loss of one element."""
        raise NotImplementedError

    def dtype(self, *inputs: Spec) -> DType:
        """The result's dtype: at least one must be floating point."""
        dtype = result_type(inputs)
        if not dtype.is_floating_point:
            raise DTypeError(f"{self.name} takes floating point, not {dtype.name}")
        return dtype

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """A number, or with reduction "none" the inputs' shape."""
        shape = inputs[0].shape
        if any(spec.shape != shape for spec in inputs):
            listed = ", ".join(str(spec.shape) for spec in inputs)
            raise ShapeError(f"{self.name}: the shapes must be the same, not {listed}")
        return Spec(shape if attrs["reduction"] == "none" else (), self.dtype(*inputs))

    def compute_dtype(self, *inputs: Spec, **attrs: Any) -> DType:
        """The promoted dtype, at least single precision."""
        dtype = result_type(inputs)
        return float32 if dtype is float16 else dtype

    def vjp(self, position: int, g: Tensor, out: Tensor, *inputs: Tensor, **attrs: Any) -> Tensor:
        """In at least single precision."""
        return super().vjp(position, wide(g), out, *(wide(each) for each in inputs), **attrs)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Compare, then reduce."""
        reduction = attrs.pop("reduction")
        losses = np.asarray(self.terms(*inputs, **attrs))
        if reduction == "none":
            return losses
        total = losses.sum()
        return np.asarray(total if reduction == "sum" else total / losses.dtype.type(losses.size))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The loss of the element, or the sum of all, or that over their number."""
        reduction = attrs.pop("reduction")
        places = [index] if reduction == "none" else list(np.ndindex(inputs[0].shape))
        terms = [self.term(*(Ref(i, at) for i in range(len(inputs))), **attrs) for at in places]
        if reduction == "none":
            return terms[0]
        total = Call("add", tuple(terms))
        return total if reduction == "sum" else Call("div", (total, float(len(places))))

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], **attrs: Any) -> tuple[np.ndarray, ...]:
        """Inputs for a sample, away from kinks."""
        return rng.normal(size=shape), rng.normal(size=shape)

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Each setting, with each reduction."""
        for attrs in self.settings:
            for reduction in REDUCTIONS:
                shape = random_shape(rng)
                if math.prod(shape) > 12:
                    shape = shape[:1]
                yield Sample(self.draw(rng, shape, **attrs), {**attrs, "reduction": reduction})
