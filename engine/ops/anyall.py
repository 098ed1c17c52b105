"""Whether all or any elements are True."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dims import Dim, axes, wrap_dims
from ..dtypes import DType, bool_, uint8
from ..element import Call, Expr, Index, Ref
from ..jit import dense
from ..op import Sample, Spec, register
from ..tensor import Tensor, apply
from .reduce import Reduction, members, reduction_samples


class _Quantifier(Reduction):
    derivatives = ("",)
    vjps = (None,)
    ufunc: ClassVar[np.ufunc]
    scalar: ClassVar[str]

    def out_dtype(self, dtype: DType) -> DType:
        """bool, or as it was for uint8, which PyTorch had as truth values once."""
        return dtype if dtype is uint8 else bool_

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Reduce by the ufunc."""
        x = inputs[0]
        result = type(self).ufunc.reduce(x, axis=axes(attrs["dim"], x.ndim), keepdims=attrs["keepdim"])
        return dense(np.asarray(result))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The largest or smallest truth value."""
        places = members(index, inputs[0].shape, attrs["dim"], attrs["keepdim"])
        return Call(self.scalar, tuple(Call("ne", (Ref(0, place), 0.0)) for place in places))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Random truth values."""
        for sample in reduction_samples(rng):
            yield Sample((rng.random(sample.inputs[0].shape) < 0.5,), sample.attrs)


@register
class AllOf(_Quantifier):
    """Whether every element is True."""

    name = "all"
    formula = r"y = \bigwedge_i x_i"
    says: ClassVar = {"en": "True if every element is.", "zh": "所有元素都为真时为真。"}
    ufunc = np.logical_and
    scalar = "min"


@register
class AnyOf(_Quantifier):
    """Whether at least one element is True."""

    name = "any"
    formula = r"y = \bigvee_i x_i"
    says: ClassVar = {"en": "True if at least one element is.", "zh": "至少一个元素为真时为真。"}
    ufunc = np.logical_or
    scalar = "max"


@public("torch", "method")
def all(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether every element is True (not 0), in all or along `dim`."""
    return apply(
        "all",
        (input,),
        {"dim": None if dim is None else wrap_dims(dim, input.ndim), "keepdim": bool(keepdim)},
    )


@public("torch", "method")
def any(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether at least one element is True (not 0), in all or along `dim`."""
    return apply(
        "any",
        (input,),
        {"dim": None if dim is None else wrap_dims(dim, input.ndim), "keepdim": bool(keepdim)},
    )
