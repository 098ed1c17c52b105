"""gelu: each number times the share of a bell curve that lies below it.

Source: D. Hendrycks, K. Gimpel, "Gaussian Error Linear Units", 2016.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from .. import special
from ..api import public
from ..element import Call, Expr
from ..errors import SettingError
from ..op import register
from ..tensor import Tensor, apply
from .curve import Curve

_ROOT = math.sqrt(0.5)
_BELL = 1 / math.sqrt(2 * math.pi)
_STEEP = math.sqrt(2 / math.pi)
_CUBIC = 0.044715


def _gelu_gradient(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    below = 0.5 * (1 + (x * _ROOT).erf())
    return g * (below + x * ((x * x * -0.5).exp() * _BELL))


@register
class Gelu(Curve):
    """y = x Φ(x)."""

    name = "gelu"
    formula = r"y = x\,\Phi(x) = \dfrac{x}{2}\left(1 + \mathrm{erf}\left(\dfrac{x}{\sqrt{2}}\right)\right)"
    derivatives = (
        r"\dfrac{\partial y}{\partial x} = \Phi(x) + x\,\varphi(x),\quad"
        r" \varphi(x) = \dfrac{1}{\sqrt{2\pi}}\,e^{-x^2/2}",
    )
    says: ClassVar = {
        "en": "Each number times the share of a bell curve below it: a smooth relu, usual in transformers.",
        "zh": "每个数乘以钟形曲线在其左侧的面积：光滑的 relu，常用于 Transformer。",
    }
    saves = ("inputs",)
    vjps = (_gelu_gradient,)

    def curve(self, x: np.ndarray, **attrs: Any) -> Any:
        """By the error function."""
        return x * ((1 + special.erf(x * x.dtype.type(_ROOT))) * 0.5).astype(x.dtype, copy=False)

    def at(self, x: Expr, **attrs: Any) -> Expr:
        """The number times the share."""
        share = Call("mul", (0.5, Call("add", (1.0, Call("erf", (Call("mul", (x, _ROOT)),))))))
        return Call("mul", (x, share))


def _gelu_tanh_gradient(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    square = x * x
    t = (_STEEP * (x + _CUBIC * square * x)).tanh()
    return g * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * (_STEEP * (1 + 3 * _CUBIC * square)))


@register
class GeluTanh(Curve):
    """y = x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2."""

    name = "gelu_tanh"
    torch_name = "GeluBackward0"
    formula = (
        r"y = \dfrac{x}{2}\left(1 + \tanh u\right),\quad"
        r" u = \sqrt{\dfrac{2}{\pi}}\left(x + 0.044715\,x^3\right)"
    )
    derivatives = (
        r"\dfrac{\partial y}{\partial x} = \dfrac{1 + \tanh u}{2} + \dfrac{x}{2}\,(1 - \tanh^2 u)"
        r"\,\sqrt{\dfrac{2}{\pi}}\left(1 + 0.134145\,x^2\right)",
    )
    says: ClassVar = {
        "en": "gelu, approximated by a tanh, as GPT-2 computes it.",
        "zh": "用 tanh 近似的 gelu，GPT-2 就是这样计算的。",
    }
    saves = ("inputs",)
    vjps = (_gelu_tanh_gradient,)

    def curve(self, x: np.ndarray, **attrs: Any) -> Any:
        """By the hyperbolic tangent."""
        steep, cubic, half = (x.dtype.type(each) for each in (_STEEP, _CUBIC, 0.5))
        return half * x * (1 + np.tanh(steep * (x + cubic * x * x * x)))

    def at(self, x: Expr, **attrs: Any) -> Expr:
        """As the kernel does it."""
        inner = Call("mul", (_STEEP, Call("add", (x, Call("mul", (_CUBIC, x, x, x))))))
        return Call("mul", (0.5, x, Call("add", (1.0, Call("tanh", (inner,))))))


@public("F")
def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """x · Φ(x), where Φ is the normal distribution's; with `approximate="tanh"` nearly so, by a tanh."""
    if approximate not in ("none", "tanh"):
        raise SettingError("approximate argument must be either none or tanh.")
    return apply("gelu" if approximate == "none" else "gelu_tanh", (input,))
