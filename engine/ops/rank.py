"""Medians, modes, and the elements of a given rank along a dimension."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from .. import selection
from ..api import public
from ..dims import reduced_shape, wrap_dim
from ..dtypes import int64
from ..element import Call, Expr, Index, Ref
from ..errors import DimError, ShapeError
from ..op import Op, Sample, Spec, random_shape, register
from ..tensor import Tensor, apply
from .extremes import winners_gradient
from .gather import Gather
from .reduce import members
from .returns import RETURNS
from .sort import Places, along, line_of


class _One(Places):
    """Base of the ops that find one position in each line; attributes `dim` and `keepdim`."""

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """int64, without the reduced dimension, which may not be empty."""
        shape, dim = inputs[0].shape, attrs["dim"]
        if shape and shape[dim] == 0:
            raise DimError(f"{self.name}(): Expected reduction dim {dim} to have non-zero size.")
        return Spec(reduced_shape(shape, (dim,), attrs["keepdim"]), int64)

    def find(self, line: np.ndarray, **attrs: Any) -> int:
        """The position in a line."""
        raise NotImplementedError

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Line by line."""
        return along(lambda line: self.find(line, **attrs), inputs[0], attrs["dim"]).reshape(out.shape)

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Each dimension."""
        shape = random_shape(rng, 1, 3)
        for dim in range(len(shape)):
            yield Sample(
                (rng.normal(size=shape),), {"dim": dim, "keepdim": bool(dim), **self.extra(shape[dim])}
            )

    def extra(self, size: int) -> dict[str, Any]:
        """Further attributes for samples."""
        return {}


@register
class MedianIndices(_One):
    """Where the lower median is."""

    name = "median_indices"
    formula = r"k\ \mathrm{with}\ x_k = \mathrm{median}(x)"
    says: ClassVar = {
        "en": "The position of the middle element, of the lower one if there are two.",
        "zh": "中位数的位置；若有两个则取较小者。",
    }

    def find(self, line: np.ndarray, **attrs: Any) -> int:
        """NaN wins or is skipped."""
        return selection.median(line, attrs["skip_nan"])

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The place of the middle rank."""
        line = line_of(inputs[0], index, attrs["dim"], attrs["keepdim"])
        return Call("place", (float((len(line) - 1) // 2), *line))

    def extra(self, size: int) -> dict[str, Any]:
        """NaN counts."""
        return {"skip_nan": False}


@register
class KthIndices(_One):
    """Where the k-th smallest element is."""

    name = "kthvalue_indices"
    formula = r"j\ \mathrm{with}\ x_j = \mathrm{the}\ k\mathrm{th\ smallest}"
    says: ClassVar = {"en": "The position of the k-th smallest element.", "zh": "第 k 小元素的位置。"}

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """int64, without the reduced dimension, which must have k elements."""
        shape, dim, k = inputs[0].shape, attrs["dim"], attrs["k"]
        if not 1 <= k <= (shape[dim] if shape else 1):
            raise ShapeError(f"kthvalue(): selected number k out of range for dimension {dim}")
        return super().spec(*inputs, **attrs)

    def find(self, line: np.ndarray, **attrs: Any) -> int:
        """NaN counts as the largest."""
        return selection.kth(line, attrs["k"] - 1)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The place of rank k."""
        line = line_of(inputs[0], index, attrs["dim"], attrs["keepdim"])
        return Call("place", (float(attrs["k"] - 1), *line))

    def extra(self, size: int) -> dict[str, Any]:
        """The largest."""
        return {"k": size}


@register
class ModeIndices(_One):
    """Where the most frequent element is."""

    name = "mode_indices"
    formula = r"k\ \mathrm{with}\ x_k\ \mathrm{most\ frequent}"
    says: ClassVar = {
        "en": "The position of the most frequent element, of the smallest one if several are.",
        "zh": "出现最多的元素的位置；若有多个则取最小者。",
    }

    def find(self, line: np.ndarray, **attrs: Any) -> int:
        """The last one of the most frequent."""
        return selection.mode(line)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The place of the largest number of equals; the smallest and last come first."""
        line = line_of(inputs[0], index, attrs["dim"], attrs["keepdim"])
        values = [float(inputs[0][ref.index]) if isinstance(ref, Ref) else 0.0 for ref in line]
        pairs: list[Expr] = []
        for i in sorted(range(len(line)), key=lambda i: (values[i], -i)):
            pairs += [Call("add", tuple(Call("eq", (line[i], each)) for each in line)), float(i)]
        return Call("argmax", tuple(pairs))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Whole numbers, so that some are equal."""
        for sample in super().samples(rng):
            yield Sample((np.round(sample.inputs[0]),), sample.attrs)


@register
class MedianAt(Gather):
    """The lower medians, from the positions that were found."""

    name = "take_median"
    torch_name = "MedianBackward1"
    formula = r"y = x_k"
    says: ClassVar = {
        "en": "Takes the middle elements; only they get the gradient.",
        "zh": "取中间的元素；只有它们得到梯度。",
    }


@register
class KthValue(Gather):
    """The elements of rank k, from the positions that were found."""

    name = "kthvalue"
    formula = r"y = x_j"
    says: ClassVar = {
        "en": "Takes the k-th smallest elements; only they get the gradient.",
        "zh": "取第 k 小的元素；只有它们得到梯度。",
    }


@register
class Mode(Gather):
    """The most frequent elements, from the positions that were found."""

    name = "mode"
    formula = r"y = x_k"
    says: ClassVar = {
        "en": "Takes the most frequent elements; only they get the gradient.",
        "zh": "取出现最多的元素；只有它们得到梯度。",
    }


@register
class Median(Op):
    """The lower median of all elements."""

    name = "median"
    formula = r"y = \mathrm{median}(x)"
    derivatives = (
        r"\dfrac{\partial y}{\partial x_i} = \dfrac{\mathbf{1}[x_i = y]}{\sum_j \mathbf{1}[x_j = y]}",
    )
    says: ClassVar = {
        "en": "The middle of all elements, the lower one of two; equal ones share the gradient.",
        "zh": "所有元素的中位数；若有两个则取较小者，并列者平分梯度。",
    }
    saves = ("inputs", "output")
    vjps = (lambda g, y, x, skip_nan: winners_gradient(g, y, x, None, False, nan=True),)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """No dimensions."""
        return Spec((), inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """NaN of no elements."""
        x = inputs[0].reshape(-1)
        if not x.size:
            if out.dtype.rank == 1:
                return np.array(np.iinfo(out.dtype.numpy).min, out.dtype.numpy)
            return np.array(np.nan).astype(out.dtype.numpy)
        nan = x != x
        if nan.any() and not attrs["skip_nan"]:
            return np.array(np.nan, out.dtype.numpy)
        count = x.size - int(nan.sum())
        return np.asarray(np.sort(x)[(max(count, 1) - 1) // 2])

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The element of the middle rank."""
        places = members(index, inputs[0].shape, None, False)
        return Call("kth", (float((len(places) - 1) // 2), *(Ref(0, place) for place in places)))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Any shape."""
        yield Sample((rng.normal(size=random_shape(rng)),), {"skip_nan": False})
        yield Sample((rng.normal(size=(2, 3)),), {"skip_nan": True})

    def grad_name(self, *inputs: Spec, **attrs: Any) -> str:
        """PyTorch tells whether NaN is skipped."""
        return "NanmedianBackward0" if attrs["skip_nan"] else "MedianBackward0"


def _median(name: str, input: Tensor, dim: int | None, keepdim: bool) -> Any:
    skip = name == "nanmedian"
    if dim is None:
        return apply("median", (input,), {"skip_nan": skip})
    at = wrap_dim(dim, input.ndim)
    attrs = {"dim": at, "keepdim": bool(keepdim), "skip_nan": skip}
    where = apply("median_indices", (input,), attrs)
    return RETURNS[name](apply("take_median", (input, where), {"dim": at}), where)


@public("torch", "method")
def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The lower median; with `dim` also where it is; NaN if there is one."""
    return _median("median", input, dim, keepdim)


@public("torch", "method")
def nanmedian(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The lower median of the elements that are not NaN; with `dim` also where it is."""
    return _median("nanmedian", input, dim, keepdim)


@public("torch", "method")
def mode(input: Tensor, dim: int = -1, keepdim: bool = False) -> Any:
    """The most frequent element along `dim`, the smallest of several, and where it is."""
    at = wrap_dim(dim, input.ndim)
    where = apply("mode_indices", (input,), {"dim": at, "keepdim": bool(keepdim)})
    return RETURNS["mode"](apply("mode", (input, where), {"dim": at}), where)


@public("torch", "method")
def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """The `k`-th smallest element along `dim`, counted from 1, and where it is."""
    at = wrap_dim(dim, input.ndim)
    where = apply("kthvalue_indices", (input,), {"dim": at, "keepdim": bool(keepdim), "k": int(k)})
    return RETURNS["kthvalue"](apply("kthvalue", (input, where), {"dim": at}), where)
