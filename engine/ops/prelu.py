"""Leaky relus whose slope is a parameter (prelu) or random (rrelu).

Sources: K. He et al., "Delving Deep into Rectifiers", ICCV 2015 (prelu); B. Xu et al., "Empirical Evaluation
of Rectified Activations in Convolutional Network", 2015 (rrelu).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..composite import composite
from ..dtypes import float64
from ..element import Call, Expr, Index, broadcast_ref
from ..errors import DTypeError, SettingError, ShapeError
from ..op import Elementwise, Op, Sample, Spec, random_shape, register
from ..random import next_seed
from ..tensor import Tensor, apply
from .choice import where
from .curve import finish, in_place
from .pieces import leaky_relu


def _prelu(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    return np.where(x > 0, x, w * x)


@register
class Prelu(Elementwise):
    """y = x if x > 0, else w x."""

    name = "prelu"
    torch_name = "PreluKernelBackward0"
    inputs = ("x", "w")
    formula = r"y = x\;\mathrm{if}\; x > 0,\;\mathrm{else}\; w\,x"
    derivatives = (
        r"\dfrac{\partial y}{\partial x} = 1\;\mathrm{if}\; x > 0,\;\mathrm{else}\; w",
        r"\dfrac{\partial y}{\partial w} = 0\;\mathrm{if}\; x > 0,\;\mathrm{else}\; x",
    )
    says: ClassVar = {
        "en": "A leaky relu that learns its slope on the left: the negative numbers add to its gradient.",
        "zh": "左侧斜率可学习的 leaky relu：负数对该斜率的梯度有贡献。",
    }
    saves = ("inputs",)
    vjps = (
        lambda g, y, x, w: where(x > 0, g, g * w),
        lambda g, y, x, w: where(x >= 0, 0.0, g * x),
    )
    ufunc = _prelu

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The number, or its part."""
        x, w = (broadcast_ref(i, array.shape, index) for i, array in enumerate(inputs))
        return Call("where", (Call("gt", (x, 0.0)), x, Call("mul", (w, x))))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Away from the kink; one slope, and one for each channel."""
        for sample in super().samples(rng):
            x, w = sample.inputs
            yield Sample((x + np.where(x < 0, -0.1, 0.1), w))
        yield Sample((rng.choice([-1.0, 1.0], (2, 3, 2)) * rng.uniform(0.2, 2), rng.normal(size=(3, 1))))


@register
class RreluNoise(Op):
    """1 where x > 0, else a random slope."""

    name = "rrelu_noise"
    formula = r"r_i = 1\;\mathrm{if}\; x_i > 0,\;\mathrm{else\ uniform\ in}\; [a, b)"
    derivatives = ("",)
    says: ClassVar = {
        "en": "Draws a slope for each negative number; positive ones are left as they are.",
        "zh": "为每个负数随机抽取一个斜率；正数保持不变。",
    }
    vjps = (None,)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The input's shape and dtype, which must be floating point."""
        if not inputs[0].dtype.is_floating_point:
            raise DTypeError(f"rrelu takes floating point, not {inputs[0].dtype.name}")
        return Spec(inputs[0].shape, inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Draw from a generator of the seed's."""
        drawn = np.random.default_rng(attrs["seed"]).uniform(attrs["lower"], attrs["upper"], out.shape)
        return np.where(inputs[0] <= 0, drawn, 1).astype(out.dtype.numpy)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """What was drawn."""
        return float(self.kernel(Spec(inputs[0].shape, float64), *inputs, **attrs)[index])

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """The usual limits, and equal ones."""
        for lower, upper in ((1 / 8, 1 / 3), (0.5, 0.5)):
            attrs = {"lower": lower, "upper": upper, "seed": int(rng.integers(2**31))}
            yield Sample((rng.normal(size=random_shape(rng)),), attrs)


@public("torch", "method", "F")
def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """x where it is positive, else w · x; `weight` is one number, or one for each channel of (N, C, …)."""
    if input.dtype is not weight.dtype:
        raise DTypeError(
            f"prelu: Type promoting not supported. Got {input.dtype.name} and {weight.dtype.name}"
        )
    if not input.dtype.is_floating_point:
        raise DTypeError(f"prelu takes floating point, not {input.dtype.name}")
    if weight.ndim > 1:
        raise ShapeError(
            f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {weight.ndim}"
        )
    if weight.numel() != 1:
        if not input.ndim:
            raise ShapeError("prelu: Not allow zero-dim input tensor.")
        channels = input.shape[1] if input.ndim > 1 else 1
        if channels != weight.numel():
            raise ShapeError(
                "prelu: Mismatch of parameter numbers and input channel size. Found parameter numbers = "
                f"{weight.numel()} and channel size = {channels}."
            )
        weight = weight.reshape(-1, *(1,) * (input.ndim - 2))
    elif weight.ndim and not input.ndim:
        weight = weight.reshape(())
    return apply("prelu", (input, weight))


@public("torch", "F")
@composite(
    "rrelu",
    formula=r"y = x\;\mathrm{if}\; x > 0,\;\mathrm{else}\; r\,x,\quad r \in [a, b)",
    derivative=r"\dfrac{\partial y}{\partial x} = 1\;\mathrm{if}\; x > 0,\;\mathrm{else}\; r",
    en="A leaky relu whose slope on the left is drawn anew for each number in training.",
    zh="左侧斜率在训练时逐个随机抽取的 leaky relu。",
)
def rrelu(
    input: Tensor,
    lower: float = 1.0 / 8,
    upper: float = 1.0 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Tensor:
    """x where it is positive, else r · x: r is drawn from [lower, upper) in training, else their mean."""
    if lower > upper:
        raise SettingError("Lower bound should be less than or equal to the upper bound")
    if training:
        attrs = {"lower": float(lower), "upper": float(upper), "seed": next_seed()}
        result = input * apply("rrelu_noise", (input,), attrs)
    else:
        result = leaky_relu(input, (lower + upper) / 2)
    return finish(input, result, inplace, "rrelu")


rrelu_ = public("torch", "F")(in_place(rrelu, "rrelu_"))
