"""Dropout: a random mask of zeros, which the seed in its attributes makes again, and a product."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dtypes import float64
from ..element import Expr, Index
from ..errors import ArgumentError
from ..op import Op, Sample, Spec, random_shape, register
from ..random import next_seed
from ..state import function_scope
from ..tensor import Tensor, apply


@register
class DropoutMask(Op):
    """0 with probability p, else 1 / (1 − p)."""

    name = "dropout_mask"
    formula = r"m_i = 0\;\mathrm{with\ probability}\;p,\;\mathrm{else}\;\dfrac{1}{1-p}"
    derivatives = ("",)
    says: ClassVar = {
        "en": "Draws which units to drop in this pass; the others are scaled up so that the mean stays.",
        "zh": "随机决定这一遍丢弃哪些单元；其余放大以保持均值。",
    }
    vjps = (None,)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The input's shape and dtype."""
        return Spec(inputs[0].shape, inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Draw from a generator of the seed's."""
        p = attrs["p"]
        kept = np.random.default_rng(attrs["seed"]).random(out.shape) >= p
        scale = 1 / (1 - p) if p < 1 else 0.0
        return np.asarray(kept * out.dtype.numpy.type(scale))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """What was drawn."""
        spec = Spec(inputs[0].shape, float64)
        return float(self.kernel(spec, *inputs, **attrs)[index])

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Never, sometimes and always."""
        for p in (0.0, 0.5, 1.0):
            attrs = {"p": p, "seed": int(rng.integers(2**31))}
            yield Sample((rng.normal(size=random_shape(rng)),), attrs)


@public("torch", "F")
def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """In training, set each element to 0 with probability p and multiply the others by 1 / (1 − p)."""
    if not 0 <= p <= 1:
        raise ArgumentError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0:
        return input
    with function_scope("dropout"):
        mask = apply("dropout_mask", (input,), {"p": float(p), "seed": next_seed()})
        result = input * mask
    return input._assign(result, "dropout_") if inplace else result
