"""Rounding and division with a remainder; flat almost everywhere, so that no gradient gets through."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..element import Call, Expr, Index, Ref
from ..op import Elementwise, Sample, Spec, Vjp, random_shape, register
from ..tensor import Tensor, apply
from .plumbing import Filled


@register
class ZerosLike(Filled):
    """The gradient of a function that is flat: zeros."""

    name = "zeros_like"
    formula = r"y = 0"
    says: ClassVar = {
        "en": "Zeros: the function is flat here, so its slope is 0 everywhere.",
        "zh": "全为零：函数在此处是平的，斜率处处为 0。",
    }
    fill = 0.0


class _Rounding(Elementwise):
    """Base of the functions that make whole numbers; integers stay as they are."""

    derivatives = (r"\dfrac{\partial y}{\partial x} = 0",)
    vjps: ClassVar[tuple[Vjp | None, ...]] = (lambda g, y, x, **attrs: apply("zeros_like", (x,)),)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Apply the ufunc to floating point only."""
        return inputs[0].copy(order="K") if out.dtype.rank < 2 else super().kernel(out, *inputs, **attrs)


@register
class Floor(_Rounding):
    """y = ⌊x⌋."""

    name = "floor"
    formula = r"y = \lfloor x \rfloor"
    says: ClassVar = {"en": "The next whole number below.", "zh": "向下取整。"}
    ufunc = np.floor
    scalar = "floor"


@register
class Ceil(_Rounding):
    """y = ⌈x⌉."""

    name = "ceil"
    formula = r"y = \lceil x \rceil"
    says: ClassVar = {"en": "The next whole number above.", "zh": "向上取整。"}
    ufunc = np.ceil
    scalar = "ceil"


@register
class Trunc(_Rounding):
    """y = x without its fraction."""

    name = "trunc"
    formula = r"y = \mathrm{sign}(x)\,\lfloor |x| \rfloor"
    says: ClassVar = {"en": "Cuts the fraction off.", "zh": "去掉小数部分。"}
    ufunc = np.trunc
    scalar = "trunc"


@register
class Round(_Rounding):
    """y = the nearest number with so many decimals, halves to even."""

    name = "round"
    formula = r"y = \mathrm{round}(x)"
    says: ClassVar = {
        "en": "The nearest whole number, or number with a few decimals; halves go to the even one.",
        "zh": "取最近的整数（或保留几位小数）；四舍六入，逢五取偶。",
    }

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Shifted by a power of ten, as PyTorch does it."""
        x, decimals = inputs[0], attrs["decimals"]
        if out.dtype.rank < 2:
            return x.copy(order="K")
        if decimals == 0:
            return np.asarray(np.rint(x))
        single = np.float32 if x.dtype == np.float16 else x.dtype
        x, power = x.astype(single), np.dtype(single).type(10.0 ** np.abs(decimals))
        return np.asarray(np.rint(x / power) * power if decimals < 0 else np.rint(x * power) / power)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """Rounded after a shift by a power of ten."""
        x, power = Ref(0, index), 10.0 ** attrs["decimals"]
        if power == 1:
            return Call("round", (x,))
        return Call("div", (Call("round", (Call("mul", (x, power)),)), power))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """With and without decimals."""
        for decimals in (0, 1):
            yield Sample((rng.uniform(-4, 4, random_shape(rng)),), {"decimals": decimals})


@register
class Frac(Elementwise):
    """y = x − trunc x."""

    name = "frac"
    formula = r"y = x - \mathrm{trunc}(x)"
    derivatives = (r"\dfrac{\partial y}{\partial x} = 1",)
    says: ClassVar = {"en": "What comes after the decimal point.", "zh": "小数部分。"}
    vjps = (lambda g, y, x: g,)
    ufunc = staticmethod(lambda x: x - np.trunc(x))
    refuses_integers = True

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """x less its whole part."""
        return Call("sub", (Ref(0, index), Call("trunc", (Ref(0, index),))))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Away from whole numbers."""
        shape = random_shape(rng)
        yield Sample((rng.integers(-3, 3, shape) + rng.uniform(0.1, 0.9, shape),))


@public("torch", "method", "inplace")
def floor(input: Tensor) -> Tensor:
    """The next whole number below."""
    return apply("floor", (input,))


@public("torch", "method", "inplace")
def ceil(input: Tensor) -> Tensor:
    """The next whole number above."""
    return apply("ceil", (input,))


@public("torch", "method", "inplace", aliases=("fix",))
def trunc(input: Tensor) -> Tensor:
    """The number without its fraction."""
    return apply("trunc", (input,))


@public("torch", "method", "inplace")
def round(input: Tensor, *, decimals: int = 0) -> Tensor:
    """The nearest whole number, or the nearest with `decimals` decimals."""
    return apply("round", (input,), {"decimals": int(decimals)})


@public("torch", "method", "inplace")
def frac(input: Tensor) -> Tensor:
    """`input − trunc(input)`."""
    return apply("frac", (input,))
