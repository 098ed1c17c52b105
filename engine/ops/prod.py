"""Products over all or one dimension."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dims import axes, wrap_dim
from ..dtypes import DType, int64
from ..element import Call, Expr, Index, Ref
from ..jit import dense
from ..op import Sample, Spec, Vjp, register
from ..tensor import Tensor, apply
from .join import cat
from .reduce import Reduction, members, reduce, reduction_samples, spread


def _gradient(g: Tensor, y: Tensor, x: Tensor, dim: tuple[int, ...] | None, keepdim: bool) -> Tensor:
    """g y / x; where there are zeros, g times the product of the others, from the left and from the right."""
    shape = x._node.spec.shape
    wide = spread(g, shape, dim, keepdim)
    if not shape:
        return g
    if x._node.array.all():
        return wide * spread(y, shape, dim, keepdim) / x
    if dim is None:
        return wide * _others(x.reshape(-1), 0).reshape(shape)
    return wide * _others(x, dim[0])


def _others(x: Tensor, dim: int) -> Tensor:
    """For each element along `dim` the product of all the others."""
    last = x.shape[dim] - 1
    one = apply("ones_like", (x.narrow(dim, 0, 1),))
    before = cat((one, x.narrow(dim, 0, last)), dim).cumprod(dim)
    after = cat((one, x.flip(dim).narrow(dim, 0, last)), dim).cumprod(dim).flip(dim)
    return before * after


@register
class Prod(Reduction):
    """y = Π x."""

    name = "prod"
    formula = r"y = \prod_{i} x_i"
    derivatives = (r"\dfrac{\partial y}{\partial x_i} = \prod_{j \neq i} x_j",)
    says: ClassVar = {
        "en": "Multiplies the elements; each gets the upstream gradient times the product of the others.",
        "zh": "把元素相乘；每个元素得到上游梯度乘以其余元素之积。",
    }
    saves = ("inputs", "output")
    vjps: ClassVar[tuple[Vjp | None, ...]] = (lambda g, y, x, **attrs: _gradient(g, y, x, **attrs),)

    def out_dtype(self, dtype: DType) -> DType:
        """Integers and truth values are multiplied in int64."""
        return dtype if dtype.rank == 2 else int64

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """The product, in at least single precision."""
        x = inputs[0]
        dtype = np.float32 if out.dtype.itemsize == 2 and out.dtype.rank == 2 else out.dtype.numpy
        product = x.prod(axis=axes(attrs["dim"], x.ndim), keepdims=attrs["keepdim"], dtype=dtype)
        return dense(np.asarray(product))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The product of the elements that were reduced."""
        places = members(index, inputs[0].shape, attrs["dim"], attrs["keepdim"])
        return Call("mul", tuple(Ref(0, place) for place in places))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """All elements and single dimensions; some zeros."""
        for sample in reduction_samples(rng):
            x, dim = sample.inputs[0], sample.attrs["dim"]
            if x.size <= 24 and (dim is None or len(dim) == 1):
                yield Sample((np.where(x < 0, x - 0.3, x + 0.3),), sample.attrs)
        x = rng.uniform(0.5, 1.5, (2, 3))
        x[0, 1] = x[1, 0] = x[1, 2] = 0
        for dim in (None, (0,), (1,)):
            yield Sample((x,), {"dim": dim, "keepdim": False})

    def grad_name(self, *inputs: Spec, **attrs: Any) -> str:
        """PyTorch tells the full product from that over a dimension."""
        return "ProdBackward0" if attrs["dim"] is None else "ProdBackward1"


@public("torch", "method")
def prod(
    input: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: DType | None = None
) -> Tensor:
    """The product of all elements, or over the dimension `dim`; integers are multiplied in int64."""
    return reduce("prod", input, None if dim is None else wrap_dim(dim, input.ndim), keepdim, dtype)
