"""The error function, its complement and its inverse; the gamma function's logarithm and derivatives."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from .. import special
from ..api import public
from ..element import Call, Expr, Index, Ref
from ..errors import ArgumentError
from ..op import Elementwise, Sample, Spec, random_shape, register
from ..saved import is_gone
from ..tensor import Tensor, apply

_SLOPE = 2 / math.sqrt(math.pi)


class _Special(Elementwise):
    """Base of the functions of `engine.special`, which compute in double precision."""

    saves: ClassVar[tuple[str, ...]] = ("inputs",)
    floating = True

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """In double precision, then rounded."""
        result: np.ndarray = type(self).ufunc(inputs[0])
        return result.astype(out.dtype.numpy, copy=False)


@register
class Erf(_Special):
    """y = 2/√π ∫₀ˣ e^(−t²) dt."""

    name = "erf"
    formula = r"y = \mathrm{erf}(x) = \dfrac{2}{\sqrt{\pi}} \int_0^x e^{-t^2}\,dt"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \dfrac{2}{\sqrt{\pi}}\,e^{-x^2}",)
    says: ClassVar = {
        "en": "The error function: how much of a bell curve lies within ±x.",
        "zh": "误差函数：钟形曲线在 ±x 之间的面积。",
    }
    vjps = (lambda g, y, x: _SLOPE * (-(x * x)).exp() * g,)
    ufunc = special.erf
    scalar = "erf"


@register
class Erfc(_Special):
    """y = 1 − erf x."""

    name = "erfc"
    formula = r"y = \mathrm{erfc}(x) = 1 - \mathrm{erf}(x)"
    derivatives = (r"\dfrac{\partial y}{\partial x} = -\dfrac{2}{\sqrt{\pi}}\,e^{-x^2}",)
    says: ClassVar = {
        "en": "One less the error function, exact also where that is tiny.",
        "zh": "一减误差函数；结果很小时也保持精确。",
    }
    vjps = (lambda g, y, x: -_SLOPE * (-(x * x)).exp() * g,)
    ufunc = special.erfc
    scalar = "erfc"


@register
class Erfinv(_Special):
    """The y with erf y = x."""

    name = "erfinv"
    formula = r"y = \mathrm{erf}^{-1}(x)"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \dfrac{\sqrt{\pi}}{2}\,e^{y^2}",)
    says: ClassVar = {
        "en": "The inverse of the error function, for numbers between −1 and 1.",
        "zh": "误差函数的反函数，定义域为 −1 到 1。",
    }
    saves = ("inputs", "output")
    vjps = (lambda g, y, x: 1 / _SLOPE * ((x.erfinv() if is_gone(y) else y) ** 2).exp() * g,)
    ufunc = special.erfinv
    scalar = "erfinv"
    low = -0.9
    high = 0.9


@register
class Lgamma(_Special):
    """y = ln |Γ(x)|."""

    name = "lgamma"
    formula = r"y = \log |\Gamma(x)|"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \psi(x)",)
    says: ClassVar = {
        "en": "The logarithm of the gamma function, which continues the factorial: Γ(n + 1) = n!.",
        "zh": "伽马函数的对数；伽马函数推广了阶乘：Γ(n + 1) = n!。",
    }
    vjps = (lambda g, y, x: g * x.digamma(),)
    ufunc = special.lgamma
    scalar = "lgamma"
    low = 0.5
    high = 4.0


@register
class Digamma(_Special):
    """y = ψ(x) = d/dx ln Γ(x)."""

    name = "digamma"
    formula = r"y = \psi(x) = \dfrac{d}{dx} \log \Gamma(x)"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \psi^{(1)}(x)",)
    says: ClassVar = {
        "en": "The slope of the gamma function's logarithm.",
        "zh": "伽马函数对数的导数。",
    }
    vjps = (lambda g, y, x: g * x.polygamma(1),)
    ufunc = special.digamma
    scalar = "digamma"
    low = 0.5
    high = 4.0


@register
class Polygamma(_Special):
    """y = ψ⁽ⁿ⁾(x), the n-th derivative of the digamma function."""

    name = "polygamma"
    formula = r"y = \psi^{(n)}(x) = \dfrac{d^n}{dx^n} \psi(x)"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \psi^{(n + 1)}(x)",)
    says: ClassVar = {"en": "A derivative of the digamma function.", "zh": "双伽马函数的导数。"}
    vjps = (lambda g, y, x, n: g * apply("polygamma", (x,), {"n": n + 1}),)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """In double precision, then rounded."""
        return special.polygamma(attrs["n"], inputs[0]).astype(out.dtype.numpy)

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The function of order n."""
        return Call("polygamma", (float(attrs["n"]), Ref(0, index)))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """The first orders."""
        for n in (0, 1, 2):
            yield Sample((rng.uniform(0.5, 4, random_shape(rng)),), {"n": n})


@public("torch", "method", "inplace")
def erf(input: Tensor) -> Tensor:
    """The error function, `2/√π ∫ e ^ −t² dt` from 0 to `input`."""
    return apply("erf", (input,))


@public("torch", "method", "inplace")
def erfc(input: Tensor) -> Tensor:
    """`1 − erf(input)`."""
    return apply("erfc", (input,))


@public("torch", "method", "inplace")
def erfinv(input: Tensor) -> Tensor:
    """The inverse of erf; ±∞ at ±1 and nan beyond."""
    return apply("erfinv", (input,))


@public("torch", "method", "inplace")
def lgamma(input: Tensor) -> Tensor:
    """The logarithm of the gamma function's absolute value; ∞ at 0, −1, −2, …."""
    return apply("lgamma", (input,))


@public("torch", "method", "inplace")
def digamma(input: Tensor) -> Tensor:
    """The derivative of lgamma; nan at −1, −2, …."""
    return apply("digamma", (input,))


def _order(n: int) -> int:
    if n < 0:
        raise ArgumentError("polygamma(n, x) does not support negative n.")
    return int(n)


@public("torch")
def polygamma(n: int, input: Tensor) -> Tensor:
    """The `n`-th derivative of digamma."""
    return apply("polygamma", (input,), {"n": _order(n)})


@public("method", "inplace", name="polygamma")
def _polygamma_method(input: Tensor, n: int) -> Tensor:
    """The `n`-th derivative of digamma."""
    return apply("polygamma", (input,), {"n": _order(n)})
