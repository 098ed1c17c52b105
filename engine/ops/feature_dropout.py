"""Dropout of whole channels, and dropout that keeps the mean and the variance of self-normalising networks.

Sources: J. Tompson et al., "Efficient Object Localization Using Convolutional Networks", CVPR 2015 (whole
channels); G. Klambauer et al., "Self-Normalizing Neural Networks", NIPS 2017 (alpha dropout).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..composite import Function, composite
from ..dtypes import float64
from ..element import Expr, Index
from ..errors import ArgumentError, ShapeError
from ..op import Op, Sample, Spec, random_shape, register
from ..random import next_seed
from ..tensor import Tensor, apply

_ALPHA = -1.7580993408473766  # what SELU tends to for very negative numbers


@register
class KeepMask(Op):
    """0 with probability p, else 1: for each element, or for each channel."""

    name = "keep_mask"
    formula = r"m_i = 0\;\mathrm{with\ probability}\;p,\;\mathrm{else}\; 1"
    derivatives = ("",)
    says: ClassVar = {
        "en": "Draws which units or channels to drop in this pass.",
        "zh": "随机决定这一遍丢弃哪些单元或通道。",
    }
    vjps = (None,)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The input's shape; behind the first `kept` dimensions all sizes are 1."""
        shape, kept = inputs[0].shape, attrs["kept"]
        return Spec((*shape[:kept], *(1,) * (len(shape) - kept)), inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Draw from a generator of the seed's."""
        drawn = np.random.default_rng(attrs["seed"]).random(out.shape)
        return np.asarray(drawn >= attrs["p"]).astype(out.dtype.numpy)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """What was drawn."""
        spec = self.spec(Spec(inputs[0].shape, float64), **attrs)
        return float(self.kernel(spec, *inputs, **attrs)[index])

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Never, sometimes and always."""
        for p in (0.0, 0.5, 1.0):
            shape = random_shape(rng, 1)
            attrs = {"p": p, "seed": int(rng.integers(2**31)), "kept": int(rng.integers(len(shape) + 1))}
            yield Sample((rng.normal(size=shape),), attrs)


def _check(p: float) -> None:
    if not 0 <= p <= 1:
        raise ArgumentError(f"dropout probability has to be between 0 and 1, but got {p}")


def _mask(input: Tensor, p: float, kept: int) -> Tensor:
    return apply("keep_mask", (input,), {"p": float(p), "seed": next_seed(), "kept": kept})


def _drop_channels(name: str, input: Tensor, p: float, training: bool, inplace: bool, kept: int) -> Tensor:
    """Zero whole channels: what lies behind the first `kept` dimensions."""
    _check(p)
    if not training or p == 0 or not input.numel():
        return input
    if p < 1 and input.ndim < 2:
        raise ShapeError(f"{name}: Feature dropout requires at least 2 dimensions in the input")
    mask = _mask(input, p, kept)
    result = input * (mask / (1 - p) if p < 1 else mask)
    return input._assign(result, f"{name}_") if inplace else result


def _entry(name: str, things: str, chinese: str) -> Callable[[Function], Function]:
    return composite(
        name,
        formula=r"y_{n,c} = \dfrac{m_{n,c}}{1-p}\, x_{n,c}",
        derivative=r"\dfrac{\partial y_{n,c}}{\partial x_{n,c}} = \dfrac{m_{n,c}}{1-p}",
        en=f"In training, drops whole channels of {things} and scales the others up so that the mean stays.",
        zh=f"训练时随机丢弃{chinese}的整个通道，并放大其余通道以保持均值。",
    )


@public("F")
@_entry("dropout1d", "lines", "线")
def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """In training, set each channel of (N, C, L) or (C, L) to 0 with probability p; scale the others."""
    _check(p)
    if input.ndim not in (2, 3):
        raise ShapeError(f"dropout1d: Expected 2D or 3D input, but received a {input.ndim}D input")
    return _drop_channels("dropout1d", input, p, training, inplace, input.ndim - 1)


@public("F")
@_entry("dropout2d", "images", "图像")
def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """In training, set each channel of (N, C, H, W) to 0 with probability p; scale the others.

    As in PyTorch, three dimensions are (N, C, L), and not one image.
    """
    return _drop_channels("dropout2d", input, p, training, inplace, 2)


@public("F")
@_entry("dropout3d", "volumes", "体积")
def dropout3d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """In training, set each channel of (N, C, D, H, W) or (C, D, H, W) to 0 with probability p."""
    return _drop_channels("dropout3d", input, p, training, inplace, 2 if input.ndim == 5 else 1)


def _alpha(name: str, input: Tensor, p: float, training: bool, inplace: bool, kept: int) -> Tensor:
    """x where m = 1, α' where it is 0; then a line that brings mean and variance back to 0 and 1."""
    _check(p)
    if not training or p == 0 or not input.numel():
        return input
    mask = _mask(input, p, kept)
    if p == 1:
        result = input * mask
    else:
        a = 1 / math.sqrt((_ALPHA * _ALPHA * p + 1) * (1 - p))
        result = input * (mask * a) + ((1 - mask) * (_ALPHA * a) - _ALPHA * a * p)
    return input._assign(result, f"{name}_") if inplace else result


@public("torch", "F")
@composite(
    "alpha_dropout",
    formula=r"y = a\,(m\, x + (1-m)\,\alpha') + b",
    derivative=r"\dfrac{\partial y}{\partial x} = a\, m",
    en="In training, sets units to SELU's lowest value instead of 0, and keeps mean and variance.",
    zh="训练时把部分单元设为 SELU 的最低值而不是 0，并保持均值和方差。",
)
def alpha_dropout(input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False) -> Tensor:
    """In training, a (m x + (1 − m) α') + b with m = 0 with probability p: mean 0 and variance 1 stay."""
    return _alpha("alpha_dropout", input, p, training, inplace, input.ndim)


@public("torch", "F")
@composite(
    "feature_alpha_dropout",
    formula=r"y_{n,c} = a\,(m_{n,c}\, x_{n,c} + (1-m_{n,c})\,\alpha') + b",
    derivative=r"\dfrac{\partial y_{n,c}}{\partial x_{n,c}} = a\, m_{n,c}",
    en="In training, sets whole channels to SELU's lowest value, and keeps mean and variance.",
    zh="训练时把部分整个通道设为 SELU 的最低值，并保持均值和方差。",
)
def feature_alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """alpha_dropout of whole channels of (N, C, …)."""
    if input.ndim < 2 and training and 0 < p < 1:
        raise ShapeError("Feature dropout requires at least 2 dimensions in the input")
    return _alpha("feature_alpha_dropout", input, p, training, inplace, 2)
