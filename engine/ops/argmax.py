"""Where the largest and the smallest element are; max and min with their positions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dims import reduced_shape, wrap_dim
from ..dtypes import int64
from ..element import Call, Expr, Index, Ref
from ..errors import DimError, DTypeError, ShapeError
from ..op import Op, Sample, Spec, register
from ..tensor import Tensor, apply
from .choice import maximum, minimum
from .reduce import members, reduction_samples
from .returns import RETURNS


class _Arg(Op):
    """Base of argmax and argmin: `dim` None counts through the flattened tensor."""

    derivatives = ("",)
    vjps = (None,)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """int64, without the reduced dimension."""
        shape, dim = inputs[0].shape, attrs["dim"]
        if 0 in shape and (dim is None or (shape and shape[dim] == 0)):
            raise DimError(f"{self.name}(): cannot choose from no elements: {shape} over dim {dim}")
        return Spec(reduced_shape(shape, None if dim is None else (dim,), attrs["keepdim"]), int64)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """The first of the winners."""
        x = inputs[0]
        choose = np.argmax if self.name == "argmax" else np.argmin
        return np.asarray(choose(x, axis=attrs["dim"] if x.ndim else None)).reshape(out.shape)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The place of the largest among all values with their places; of the negative ones for argmin."""
        dim = attrs["dim"]
        places = members(index, inputs[0].shape, None if dim is None else (dim,), attrs["keepdim"])
        pairs: list[Expr] = []
        for number, place in enumerate(places):
            value = Ref(0, place)
            pairs += [value if self.name == "argmax" else Call("neg", (value,)), float(number)]
        return Call("argmax", tuple(pairs))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """All elements, and each dimension."""
        for sample in reduction_samples(rng):
            dims = sample.attrs["dim"]
            attrs = {"dim": None if dims is None else dims[0], "keepdim": sample.attrs["keepdim"]}
            yield Sample(sample.inputs, attrs)


@register
class Argmax(_Arg):
    """Where the largest element is."""

    name = "argmax"
    formula = r"y = \mathrm{arg\,max}_i\; x_i"
    says: ClassVar = {
        "en": "The position of the largest element; the first one if several are largest.",
        "zh": "最大元素的位置；若有多个并列则取第一个。",
    }


@register
class Argmin(_Arg):
    """Where the smallest element is."""

    name = "argmin"
    formula = r"y = \mathrm{arg\,min}_i\; x_i"
    says: ClassVar = {
        "en": "The position of the smallest element; the first one if several are smallest.",
        "zh": "最小元素的位置；若有多个并列则取第一个。",
    }


def _extreme(name: str, input: Tensor, dim: Any, keepdim: bool) -> Any:
    two = maximum if name == "max" else minimum
    if isinstance(dim, Tensor):
        return two(input, dim)
    if dim is None:
        if input.numel() == 0:
            raise ShapeError(
                f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the "
                "reduction dim with the 'dim' argument."
            )
        return apply(name, (input,), {"dim": None, "keepdim": False})
    at = wrap_dim(dim, input.ndim)
    where = apply(f"arg{name}", (input,), {"dim": at, "keepdim": bool(keepdim)})
    values = apply(f"take_{name}", (input, where), {"dim": at})
    return RETURNS[name](values, where)


@public("torch", "method")
def max(input: Tensor, dim: Any = None, keepdim: bool = False, *, other: Tensor | None = None) -> Any:
    """The largest element; with `dim` also its position; with a tensor the larger of the two."""
    return _extreme("max", input, dim if other is None else other, keepdim)


@public("torch", "method")
def min(input: Tensor, dim: Any = None, keepdim: bool = False, *, other: Tensor | None = None) -> Any:
    """The smallest element; with `dim` also its position; with a tensor the smaller of the two."""
    return _extreme("min", input, dim if other is None else other, keepdim)


def _arg(name: str, input: Tensor, dim: int | None, keepdim: bool) -> Tensor:
    at = None if dim is None else wrap_dim(dim, input.ndim)
    if input.dtype.rank == 0:
        raise DTypeError(f"{name}(): does not support bool input")
    return apply(name, (input,), {"dim": at, "keepdim": bool(keepdim)})


@public("torch", "method")
def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The position of the largest element, in the flattened tensor or along `dim`."""
    return _arg("argmax", input, dim, keepdim)


@public("torch", "method")
def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The position of the smallest element, in the flattened tensor or along `dim`."""
    return _arg("argmin", input, dim, keepdim)
