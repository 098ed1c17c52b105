"""Products and extremes of all values that an index sends to one place."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..element import Call, Expr, Index, Ref
from ..jit import dense
from ..op import Op, Sample, Spec, register
from ..tensor import Tensor, apply, as_tensor_operand
from .choice import where
from .gather import places_along
from .scatter import check_scatter, hits_of

_UFUNCS = {"prod": np.multiply, "amax": np.maximum, "amin": np.minimum}


def _neutral(reduce: str, dtype: np.dtype[Any]) -> Any:
    """What changes nothing when it is reduced with other numbers."""
    if reduce == "prod":
        return 1
    if dtype.kind == "f":
        return -math.inf if reduce == "amax" else math.inf
    if dtype.kind == "b":
        return reduce == "amin"
    return np.iinfo(dtype).min if reduce == "amax" else np.iinfo(dtype).max


def _again(x: Tensor, index: Tensor, v: Tensor, attrs: dict[str, Any]) -> Tensor:
    return apply("scatter_reduce", (x, index, v), attrs)


def _fetch(x: Tensor, index: Tensor, dim: int) -> Tensor:
    return apply("gather", (x, index), {"dim": dim})


def _shares(y: Tensor, x: Tensor, index: Tensor, v: Tensor, attrs: dict[str, Any]) -> tuple[Tensor, ...]:
    """For extremes: which of x and v are the result, and how many there are for each place."""
    dim = attrs["dim"]
    mine = (x == y).to(x.dtype)
    theirs = (v == _fetch(y, index, dim)).to(x.dtype)
    return mine, theirs, apply("scatter_add", (mine, index, theirs), {"dim": dim})


def _to_x(g: Tensor, y: Tensor, x: Tensor, index: Tensor, v: Tensor, **attrs: Any) -> Tensor:
    if attrs["reduce"] == "prod":
        safe = where(x == 0, 1.0, x)
        result = g * _again(safe, index, v, attrs) / safe
    else:
        mine, _, count = _shares(y, x, index, v, attrs)
        result = mine * (g / count)
    if not attrs["include_self"]:
        result = apply("scatter", (result, index, as_tensor_operand(0)), {"dim": attrs["dim"]})
    return result


def _to_v(g: Tensor, y: Tensor, x: Tensor, index: Tensor, v: Tensor, **attrs: Any) -> Tensor:
    dim = attrs["dim"]
    if attrs["reduce"] != "prod":
        _, theirs, count = _shares(y, x, index, v, attrs)
        return theirs * _fetch(g / count, index, dim)
    zero = v == 0
    zeros = apply("scatter_add", (apply("zeros_like", (x,)), index, zero.to(x.dtype)), {"dim": dim})
    alone = zero & (_fetch(zeros, index, dim) == 1)  # the one zero: the product of the others counts
    others = _again(x, index, where(alone, 1.0, v), attrs)
    usual = _fetch(g * y, index, dim) / where(zero, 1.0, v)
    return where(alone, _fetch(g * others, index, dim), usual)


@register
class ScatterReduce(Op):
    """y[j] = the product or extreme of x[j] and all v[i] with k(i) = j."""

    name = "scatter_reduce"
    inputs = ("x", "index", "v")
    saves = ("inputs", "output")
    formula = r"y_j = \mathrm{reduce}(x_j,\, \{v_i:\, k(i) = j\})"
    derivatives = (
        r"\dfrac{\partial y_j}{\partial x_j}",
        "",
        r"\dfrac{\partial y_{k(i)}}{\partial v_i}",
    )
    says: ClassVar = {
        "en": "Reduces all values that an index sends to one place to their product or extreme.",
        "zh": "把索引送到同一位置的所有值归约为它们的乘积或最值。",
    }
    vjps = (_to_x, None, _to_v)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """Those of x; see `check_scatter`."""
        check_scatter(self.name, attrs["dim"], *inputs)
        return Spec(inputs[0].shape, inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """One after the other."""
        x, index, v = inputs
        y = np.array(x, order="C")
        places = places_along(index, x.shape, attrs["dim"])
        if not attrs["include_self"]:
            y[places] = _neutral(attrs["reduce"], y.dtype)
        _UFUNCS[attrs["reduce"]].at(y, places, v)
        return dense(y)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """All that comes together here."""
        hits = [Ref(2, at) for at in hits_of(index, inputs[1], attrs["dim"])]
        own = [Ref(0, index)] if attrs["include_self"] or not hits else []
        name = {"prod": "mul", "amax": "max", "amin": "min"}[attrs["reduce"]]
        return Call(name, (*own, *hits))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Each way, with and without what stands there."""
        for number, reduce in enumerate(_UFUNCS):
            x, v = rng.normal(size=(3, 2)) + 3, rng.normal(size=(2, 2)) + 3
            index = rng.integers(0, 3, (2, 2))
            attrs = {"dim": 0, "reduce": reduce, "include_self": number != 1}
            yield Sample((x, index, v), attrs)
