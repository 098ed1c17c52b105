"""Sums and means without NaN, means beside variances, counts and quantiles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..composite import composite
from ..dims import Dim, wrap_dim
from ..dtypes import DType
from ..element import Call, Expr, Index, Ref
from ..errors import ArgumentError, DTypeError, ShapeError
from ..op import Sample, Spec, Vjp, register
from ..tensor import Tensor, apply
from .choice import where
from .create import tensor
from .reduce import Sum, mean, members, reduce, spread, sum, summed
from .returns import RETURNS
from .sort import sort
from .variance import std, var


@register
class Nansum(Sum):
    """y = Σ x without NaN."""

    name = "nansum"
    formula = r"y = \sum_{i:\,x_i \neq \mathrm{NaN}} x_i"
    derivatives = (r"\dfrac{\partial y}{\partial x_i} = \mathbf{1}[x_i \neq \mathrm{NaN}]",)
    says: ClassVar = {
        "en": "Adds up the elements that are numbers; NaN counts as 0 and gets no gradient.",
        "zh": "把是数字的元素相加；NaN 当作 0，也得不到梯度。",
    }
    saves = ("inputs",)
    vjps: ClassVar[tuple[Vjp | None, ...]] = (
        lambda g, y, x, dim, keepdim: spread(g, x._node.spec.shape, dim, keepdim) * ~x.isnan(),
    )

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """The sum of the others."""
        x = inputs[0]
        return summed(np.where(x != x, x.dtype.type(0), x), out, attrs)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The sum of the elements that are numbers."""
        places = members(index, inputs[0].shape, attrs["dim"], attrs["keepdim"])
        return Call("add", tuple(Ref(0, at) for at in places if inputs[0][at] == inputs[0][at]))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Numbers, and some that are NaN."""
        yield from super().samples(rng)
        x = np.where(rng.random((2, 3)) < 0.5, np.nan, 1.5)
        yield Sample((x,), {"dim": (0,), "keepdim": True}, smooth=False)

    def grad_name(self, *inputs: Spec, **attrs: Any) -> str:
        """PyTorch has one for all."""
        return "NansumBackward0"


@public("torch", "method")
def nansum(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: DType | None = None) -> Tensor:
    """The sum of all elements but NaN, in all or over `dim`."""
    if dtype is not None and not dtype.is_floating_point and input.dtype.is_floating_point:
        input = where(input.isnan(), 0.0, input)
    return reduce("nansum", input, dim, keepdim, dtype)


@public("torch", "method")
@composite(
    "nanmean",
    formula=r"y = \dfrac{1}{n} \sum_{i:\,x_i \neq \mathrm{NaN}} x_i",
    derivative=r"\dfrac{\partial y}{\partial x_i} = \dfrac{1}{n}\,\mathbf{1}[x_i \neq \mathrm{NaN}]",
    en="The average of the elements that are numbers.",
    zh="求是数字的元素的平均值。",
)
def nanmean(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: DType | None = None) -> Tensor:
    """The average of all elements but NaN, in all or over `dim`."""
    if not input.dtype.is_floating_point:
        raise DTypeError(
            f"nanmean(): expected input to have floating point or complex dtype but got {input.dtype}"
        )
    if dtype is not None and not dtype.is_floating_point:
        raise DTypeError(
            "nanmean(): could not infer output dtype. Optional dtype must be either a floating point or "
            f"complex dtype. Got: {dtype}"
        )
    count = sum(~input.isnan(), dim, keepdim)
    return nansum(input, dim, keepdim, dtype=dtype) / count


@public("torch", "method")
@composite(
    "count_nonzero",
    formula=r"y = \sum_{i} \mathbf{1}[x_i \neq 0]",
    en="Counts the elements that are not 0.",
    zh="统计不为 0 的元素个数。",
)
def count_nonzero(input: Tensor, dim: Dim = None) -> Tensor:
    """How many elements are not 0, in all or over `dim`."""
    return sum(input != 0, dim)


def _moments(
    function: Any, input: Tensor, dim: Any, unbiased: bool | None, keepdim: bool, correction: float | None
) -> tuple[Tensor, Tensor]:
    found = function(input, dim, unbiased, keepdim, correction=correction)
    return found, mean(input, None if isinstance(dim, bool) else dim, keepdim)


@public("torch")
def var_mean(
    input: Tensor,
    dim: Dim = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Tensor, Tensor]:
    """The variance and the mean."""
    return _moments(var, input, dim, unbiased, keepdim, correction)


@public("torch")
def std_mean(
    input: Tensor,
    dim: Dim = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Tensor, Tensor]:
    """The standard deviation and the mean."""
    return _moments(std, input, dim, unbiased, keepdim, correction)


@public("torch", "method")
def aminmax(input: Tensor, *, dim: int | None = None, keepdim: bool = False) -> Any:
    """The smallest and the largest element, in all or along `dim`; equal winners share the gradient."""
    attrs = {"dim": None if dim is None else (wrap_dim(dim, input.ndim),), "keepdim": bool(keepdim)}
    return RETURNS["aminmax"](apply("amin", (input,), attrs), apply("amax", (input,), attrs))


_WAYS = ("linear", "lower", "higher", "midpoint", "nearest")


def _quantile(
    name: str, input: Tensor, q: Any, dim: int | None, keepdim: bool, interpolation: str, skip_nan: bool
) -> Tensor:
    if input.dtype.itemsize < 4 or not input.dtype.is_floating_point:
        raise DTypeError(f"{name}() input tensor must be either float or double dtype")
    if interpolation not in _WAYS:
        raise ArgumentError(
            f"{name}() interpolation must be one of linear, lower, higher, midpoint or nearest, "
            f"but got {interpolation}"
        )
    if not isinstance(q, Tensor):
        q = tensor(float(q), dtype=input.dtype)
    elif q.dtype is not input.dtype:
        raise DTypeError(f"{name}() q tensor must be same dtype as the input tensor")
    if q.ndim > 1:
        raise ShapeError(f"{name}() q must be a scalar or 1D tensor")
    if ((q < 0) | (q > 1)).any():
        raise DTypeError(f"{name}() q values must be in the range [0, 1]")
    if input.numel() == 0:
        raise ShapeError(f"{name}() input tensor must be non-empty")
    shape = list(input.shape)
    if dim is None:
        values, kept = input.reshape(-1), [1] * len(shape)
    else:
        at = wrap_dim(dim, input.ndim)
        values = input.movedim(at, -1) if input.ndim else input.reshape(1)
        kept = [1 if d == at else size for d, size in enumerate(shape)]
    in_order: Tensor = sort(values)[0]
    ranks = _ranks(in_order, q.reshape(-1), skip_nan, interpolation)
    found = in_order.gather(-1, ranks.floor().long())
    if interpolation in ("linear", "midpoint"):
        weight = ranks - ranks.floor() if interpolation == "linear" else (ranks.detach() * 0 + 0.5)
        found = found.lerp(in_order.gather(-1, ranks.ceil().long()), weight)
    found = found.movedim(-1, 0)  # one for each q comes first
    left = kept if keepdim else list(found.shape[1:])
    return found.reshape([*q.shape, *left])


def _ranks(in_order: Tensor, q: Tensor, skip_nan: bool, interpolation: str) -> Tensor:
    """The (fractional) positions of the quantiles; where there is NaN, which sorts last, its own."""
    last = in_order.shape[-1] - 1
    nan = in_order.isnan()
    if skip_nan:
        most = ((~nan).sum(-1, keepdim=True) - 1).to(q.dtype).clamp(min=0)
        ranks = q * most
    else:
        ranks = where(nan.any(-1, keepdim=True), float(last), q * float(last)).to(q.dtype)
    if interpolation == "lower":
        return ranks.floor()
    if interpolation == "higher":
        return ranks.ceil()
    return ranks.round() if interpolation == "nearest" else ranks


@public("torch", "method")
@composite(
    "quantile",
    formula=r"y = x_{(\lfloor r \rfloor)} + (r - \lfloor r \rfloor)\,"
    r"\left(x_{(\lceil r \rceil)} - x_{(\lfloor r \rfloor)}\right),\quad r = q\,(n - 1)",
    en="The number that a part q of the elements lies below, found by sorting and interpolating.",
    zh="有比例 q 的元素位于其下的数；先排序再插值。",
)
def quantile(
    input: Tensor,
    q: Any,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
) -> Tensor:
    """The q-quantiles of all elements or along `dim`; several q make a new first dimension; NaN spreads."""
    return _quantile("quantile", input, q, dim, keepdim, interpolation, False)


@public("torch", "method")
@composite(
    "nanquantile",
    formula=r"y = x_{(\lfloor r \rfloor)} + (r - \lfloor r \rfloor)\,"
    r"\left(x_{(\lceil r \rceil)} - x_{(\lfloor r \rfloor)}\right),\quad r = q\,(n - 1)",
    en="The number that a part q of the elements lies below; NaN does not count.",
    zh="有比例 q 的元素位于其下的数；NaN 不计入。",
)
def nanquantile(
    input: Tensor,
    q: Any,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
) -> Tensor:
    """The q-quantiles of the elements that are not NaN."""
    return _quantile("nanquantile", input, q, dim, keepdim, interpolation, True)
