"""The logarithm of a sum of exponentials, without overflow."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dims import Dim, axes
from ..dtypes import DType, get_default_dtype
from ..element import Call, Expr, Index, Ref
from ..jit import dense
from ..op import Spec, Vjp, register
from ..tensor import Tensor
from .reduce import Reduction, members, reduce, spread


@register
class LogSumExp(Reduction):
    """y = ln Σ eˣ."""

    name = "logsumexp"
    formula = r"y = \log \sum_{i} e^{x_i}"
    derivatives = (r"\dfrac{\partial y}{\partial x_i} = e^{x_i - y} = \mathrm{softmax}(x)_i",)
    says: ClassVar = {
        "en": "A smooth maximum: the logarithm of the sum of the exponentials; its slopes are the softmax.",
        "zh": "平滑的最大值：指数之和的对数；其导数就是 softmax。",
    }
    saves = ("inputs", "output")
    vjps: ClassVar[tuple[Vjp | None, ...]] = (
        lambda g, y, x, dim, keepdim: (
            spread(g, x._node.spec.shape, dim, keepdim)
            * (x - spread(y, x._node.spec.shape, dim, keepdim)).exp()
        ),
    )

    def out_dtype(self, dtype: DType) -> DType:
        """Floating point."""
        return dtype if dtype.rank == 2 else get_default_dtype()

    def compute_dtype(self, *inputs: Spec, **attrs: Any) -> DType:
        """Floating point."""
        return self.out_dtype(inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """The largest element is taken out of the sum."""
        x = inputs[0]
        along = axes(attrs["dim"], x.ndim)
        if x.size == 0:
            return np.full(out.shape, -np.inf, out.dtype.numpy)
        largest = np.max(x, axis=along, keepdims=True)
        largest = np.where(np.isinf(largest), largest.dtype.type(0), largest)
        total = np.log(np.exp(x - largest).sum(axis=along, keepdims=True)) + largest
        return dense(np.asarray(total).reshape(out.shape))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The logarithm of the sum."""
        places = members(index, inputs[0].shape, attrs["dim"], attrs["keepdim"])
        return Call("log", (Call("add", tuple(Call("exp", (Ref(0, place),)) for place in places)),))


@public("torch", "method")
def logsumexp(input: Tensor, dim: Dim, keepdim: bool = False) -> Tensor:
    """`log Σ e ^ input` over `dim`, without overflow."""
    return reduce("logsumexp", input, dim, keepdim, None)
