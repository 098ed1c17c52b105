"""The largest and the smallest element, over all or some dimensions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dims import Dim, axes, reduced_shape
from ..element import Call, Expr, Index, Ref
from ..errors import DimError, ShapeError
from ..jit import dense
from ..op import Op, Sample, Spec, Vjp, register
from ..tensor import Tensor, apply
from .choice import where
from .reduce import Reduction, all_or, members, reduction_samples, spread


def winners_gradient(
    g: Tensor, y: Tensor, x: Tensor, dim: tuple[int, ...] | None, keepdim: bool, nan: bool = False
) -> Tensor:
    """The gradient of amax and amin: an equal part for each of the winners."""
    share = apply("winner_share", (x, y), {"dim": dim, "keepdim": keepdim, "nan": nan})
    whole = spread(g, x._node.spec.shape, dim, keepdim)
    if nan:  # as in PyTorch, an infinite gradient reaches the winners only
        return where(share != 0, whole * share, 0.0)
    return whole * share


class _Extreme(Reduction):
    """Base of amax, amin and the full max and min."""

    derivatives = (
        r"\dfrac{\partial y}{\partial x_i} = \dfrac{\mathbf{1}[x_i = y]}{\sum_j \mathbf{1}[x_j = y]}",
    )
    saves = ("inputs", "output")
    vjps: ClassVar[tuple[Vjp | None, ...]] = (
        lambda g, y, x, dim, keepdim: winners_gradient(g, y, x, dim, keepdim),
    )
    ufunc: ClassVar[np.ufunc]
    scalar: ClassVar[str]

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The shape without the reduced dimensions, which may not be empty."""
        shape, dim = inputs[0].shape, attrs["dim"]
        if any(shape[d] == 0 for d in (range(len(shape)) if dim is None else dim) if shape):
            kind = ShapeError if dim is None else DimError
            raise kind(f"{self.name}(): cannot choose from no elements: {shape} over dim {dim}")
        return super().spec(*inputs, **attrs)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Reduce by the ufunc; NaN wins."""
        x = inputs[0]
        result = type(self).ufunc.reduce(x, axis=axes(attrs["dim"], x.ndim), keepdims=attrs["keepdim"])
        return dense(np.asarray(result))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The winner among the elements that were reduced."""
        places = members(index, inputs[0].shape, attrs["dim"], attrs["keepdim"])
        return Call(self.scalar, tuple(Ref(0, place) for place in places))


class _Largest(_Extreme):
    formula = r"y = \max_i x_i"
    says: ClassVar = {
        "en": "The largest element; the gradient goes to it, in equal parts where several are largest.",
        "zh": "最大的元素；梯度流向它，若有多个并列则平分。",
    }
    ufunc = np.maximum
    scalar = "max"


class _Smallest(_Extreme):
    formula = r"y = \min_i x_i"
    says: ClassVar = {
        "en": "The smallest element; the gradient goes to it, in equal parts where several are smallest.",
        "zh": "最小的元素；梯度流向它，若有多个并列则平分。",
    }
    ufunc = np.minimum
    scalar = "min"


@register
class Amax(_Largest):
    """y = max x over some dimensions."""

    name = "amax"


@register
class Amin(_Smallest):
    """y = min x over some dimensions."""

    name = "amin"


@register
class Max(_Largest):
    """y = max x over all elements."""

    name = "max"
    vjps = (lambda g, y, x, dim, keepdim: winners_gradient(g, y, x, dim, keepdim, nan=True),)
    torch_name = "MaxBackward1"


@register
class Min(_Smallest):
    """y = min x over all elements."""

    name = "min"
    vjps = (lambda g, y, x, dim, keepdim: winners_gradient(g, y, x, dim, keepdim, nan=True),)
    torch_name = "MinBackward1"


@register
class WinnerShare(Op):
    """s = 1 / (number of winners) at the winners of a reduction, else 0."""

    name = "winner_share"
    inputs = ("x", "y")
    formula = r"s_i = \dfrac{\mathbf{1}[x_i = y]}{\sum_j \mathbf{1}[x_j = y]}"
    derivatives = ("", "")
    says: ClassVar = {
        "en": "Which elements were chosen, as shares that sum to 1.",
        "zh": "哪些元素被选中，以总和为 1 的份额表示。",
    }
    vjps = (None, None)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The shape and dtype of x."""
        return Spec(inputs[0].shape, inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Where NaN won, those that are NaN share if `nan` says so; otherwise the shares are NaN."""
        x = inputs[0]
        along = axes(attrs["dim"], x.ndim)
        y = inputs[1].reshape(reduced_shape(x.shape, attrs["dim"], True))
        won = x == y
        if attrs["nan"]:
            won |= (x != x) & (y != y)
        count = won.sum(axis=along, keepdims=True, dtype=out.dtype.numpy)
        return np.asarray(won / count)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """Whether this one was chosen, divided by how many were."""
        x = inputs[0]
        dims = set(range(x.ndim) if attrs["dim"] is None else attrs["dim"])
        kept = attrs["keepdim"]
        at = tuple(0 if i in dims else n for i, n in enumerate(index) if kept or i not in dims)
        won = [
            Call("eq", (Ref(0, place), Ref(1, at)))
            for place in members(at, x.shape, attrs["dim"], attrs["keepdim"])
        ]
        return Call("div", (Call("eq", (Ref(0, index), Ref(1, at))), Call("add", tuple(won))))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Whole numbers, so that some are equal."""
        for sample in reduction_samples(rng):
            x = np.round(sample.inputs[0])
            along = axes(sample.attrs["dim"], x.ndim)
            y = np.asarray(x.max(axis=along, keepdims=sample.attrs["keepdim"]))
            yield Sample((x, y), {**sample.attrs, "nan": False})


@public("torch", "method")
def amax(input: Tensor, dim: Dim = (), keepdim: bool = False) -> Tensor:
    """The largest elements over `dim`; equal winners share the gradient."""
    return apply("amax", (input,), {"dim": all_or(dim, input.ndim), "keepdim": bool(keepdim)})


@public("torch", "method")
def amin(input: Tensor, dim: Dim = (), keepdim: bool = False) -> Tensor:
    """The smallest elements over `dim`; equal winners share the gradient."""
    return apply("amin", (input,), {"dim": all_or(dim, input.ndim), "keepdim": bool(keepdim)})
