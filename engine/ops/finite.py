"""NaN and infinities: finding and replacing them; comparing up to a tolerance."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dtypes import bool_
from ..element import Call, Expr, Index, Ref, broadcast_ref
from ..errors import DTypeError
from ..op import Elementwise, Op, Sample, Spec, random_shape, register
from ..operands import two_tensors
from ..tensor import Tensor, apply


class _Question(Op):
    """Base of the questions about one number; `ask` is put to floating point, others get `otherwise`."""

    derivatives = ("",)
    vjps = (None,)
    ask: ClassVar[Callable[..., Any]]
    otherwise: ClassVar[bool] = False

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """bool, in the input's shape."""
        return Spec(inputs[0].shape, bool_)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Ask each element."""
        x = inputs[0]
        answer = type(self).ask(x) if x.dtype.kind == "f" else np.full_like(x, self.otherwise, bool)
        return np.asarray(answer)

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Some that are NaN or infinite."""
        yield Sample((rng.choice([-1.5, 2.0, math.nan, math.inf, -math.inf], random_shape(rng, 1)),))
        yield Sample((np.array(math.inf),))


@register
class Isnan(_Question):
    """y = [x is NaN]."""

    name = "isnan"
    formula = r"y = \mathbf{1}[x \neq x]"
    says: ClassVar = {"en": "Whether it is not a number.", "zh": "是否为 NaN（非数字）。"}
    ask = np.isnan

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """NaN is the only one that differs from itself."""
        return Call("ne", (Ref(0, index), Ref(0, index)))


@register
class Isinf(_Question):
    """y = [|x| = ∞]."""

    name = "isinf"
    formula = r"y = \mathbf{1}[|x| = \infty]"
    says: ClassVar = {"en": "Whether it is infinite, of either sign.", "zh": "是否为正或负无穷。"}
    ask = np.isinf

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """Its size compared with ∞."""
        return Call("eq", (Call("abs", (Ref(0, index),)), math.inf))


@register
class Isfinite(_Question):
    """y = [|x| < ∞]."""

    name = "isfinite"
    formula = r"y = \mathbf{1}[|x| < \infty]"
    says: ClassVar = {"en": "Whether it is neither infinite nor NaN.", "zh": "是否既非无穷也非 NaN。"}
    ask = np.isfinite
    otherwise = True

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """Its size compared with ∞."""
        return Call("lt", (Call("abs", (Ref(0, index),)), math.inf))


@register
class Isposinf(_Question):
    """y = [x = ∞]."""

    name = "isposinf"
    formula = r"y = \mathbf{1}[x = \infty]"
    says: ClassVar = {"en": "Whether it is plus infinity.", "zh": "是否为正无穷。"}
    ask = np.isposinf

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """Compared with ∞."""
        return Call("eq", (Ref(0, index), math.inf))


@register
class Isneginf(_Question):
    """y = [x = −∞]."""

    name = "isneginf"
    formula = r"y = \mathbf{1}[x = -\infty]"
    says: ClassVar = {"en": "Whether it is minus infinity.", "zh": "是否为负无穷。"}
    ask = np.isneginf

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """Compared with −∞."""
        return Call("eq", (Ref(0, index), -math.inf))


@register
class NanToNum(Op):
    """y = x with other numbers in place of NaN and the infinities."""

    name = "nan_to_num"
    formula = r"y = x\;\mathrm{if}\;|x| < \infty\;\mathrm{else}\;c"
    derivatives = (r"\dfrac{\partial y}{\partial x} = \mathbf{1}[|x| < \infty]",)
    says: ClassVar = {
        "en": "Replaces NaN and infinities by other numbers; no gradient gets through there.",
        "zh": "把 NaN 和无穷换成其他数；这些位置没有梯度通过。",
    }
    saves = ("inputs",)
    vjps = (lambda g, y, x, **attrs: g * x.isfinite(),)

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The input's."""
        return Spec(inputs[0].shape, inputs[0].dtype)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Infinities become the dtype's largest numbers, unless others are given."""
        x = inputs[0]
        if x.dtype.kind != "f":
            return x.copy(order="K")
        nan, high, low = _replacements(x, attrs)
        y = x.copy(order="K")
        for place, value in ((x != x, nan), (x == math.inf, high), (x == -math.inf, low)):
            np.copyto(y, x.dtype.type(value), where=place)
        return y

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The number itself, or what replaces it."""
        x = Ref(0, index)
        nan, high, low = _replacements(inputs[0], attrs)
        finite = Call("where", (Call("eq", (x, -math.inf)), low, x))
        return Call(
            "where", (Call("ne", (x, x)), nan, Call("where", (Call("eq", (x, math.inf)), high, finite)))
        )

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Finite numbers, and some that are not."""
        attrs = {"nan": 0.5, "posinf": 3.0, "neginf": -2.0}
        yield Sample((rng.normal(size=random_shape(rng)),), attrs)
        values = rng.choice([-1.5, 2.0, math.nan, math.inf, -math.inf], (2, 3))
        yield Sample((values,), attrs, smooth=False)


def _replacements(x: np.ndarray, attrs: Any) -> tuple[float, float, float]:
    largest = float(np.finfo(x.dtype).max)
    nan, high, low = attrs["nan"], attrs["posinf"], attrs["neginf"]
    return nan or 0.0, largest if high is None else high, -largest if low is None else low


@register
class Isclose(Elementwise):
    """z = [|x − y| ≤ atol + rtol |y|]."""

    name = "isclose"
    inputs = ("x", "y")
    derivatives = ("", "")
    vjps = (None, None)
    output = bool_
    formula = r"z = \mathbf{1}\left[\,|x - y| \leq a + r\,|y|\,\right]"
    says: ClassVar = {
        "en": "Whether two numbers are equal up to a tolerance.",
        "zh": "两个数在容差范围内是否相等。",
    }

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """bool, in the broadcast shape; both must have one dtype."""
        if inputs[0].dtype is not inputs[1].dtype:
            raise DTypeError(f"{inputs[0].dtype} did not match {inputs[1].dtype}")
        return super().spec(*inputs, **attrs)

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Equal infinities are close; NaN only to itself, if asked for."""
        x, y = inputs
        close = np.asarray(x == y)
        if attrs["equal_nan"]:
            close = close | ((x != x) & (y != y))
        if attrs["rtol"] == 0 and attrs["atol"] == 0:
            return close
        if x.dtype.kind != "f":
            x, y = x.astype(np.float64), y.astype(np.float64)
        distance = np.abs(x - y)
        allowed = x.dtype.type(attrs["atol"]) + np.abs(x.dtype.type(attrs["rtol"]) * y)
        return np.asarray(close | (np.isfinite(distance) & (distance <= allowed)))

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The distance compared with what is allowed."""
        x, y = (broadcast_ref(i, v.shape, index) for i, v in enumerate(inputs))
        distance = Call("abs", (Call("sub", (x, y)),))
        allowed = Call("add", (attrs["atol"], Call("mul", (attrs["rtol"], Call("abs", (y,))))))
        return Call("le", (distance, allowed))

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Numbers of which some are close."""
        for sample in super().samples(rng):
            yield Sample(sample.inputs, {"rtol": 0.1, "atol": 0.3, "equal_nan": False})


@public("torch", "method")
def isnan(input: Tensor) -> Tensor:
    """True where `input` is not a number."""
    return apply("isnan", (input,))


@public("torch", "method")
def isinf(input: Tensor) -> Tensor:
    """True where `input` is ∞ or −∞."""
    return apply("isinf", (input,))


@public("torch", "method")
def isfinite(input: Tensor) -> Tensor:
    """True where `input` is neither infinite nor NaN."""
    return apply("isfinite", (input,))


@public("torch", "method")
def isposinf(input: Tensor) -> Tensor:
    """True where `input` is ∞."""
    return apply("isposinf", (input,))


@public("torch", "method")
def isneginf(input: Tensor) -> Tensor:
    """True where `input` is −∞."""
    return apply("isneginf", (input,))


@public("torch", "method", "inplace")
def nan_to_num(
    input: Tensor, nan: float | None = None, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    """`nan` in place of NaN (0 by default), `posinf` and `neginf` in place of ±∞ (the largest numbers)."""
    return apply("nan_to_num", (input,), {"nan": nan, "posinf": posinf, "neginf": neginf})


@public("torch", "method")
def isclose(
    input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Tensor:
    """Whether `|input − other| ≤ atol + rtol · |other|`, element by element."""
    for name, value in (("rtol", rtol), ("atol", atol)):
        if value < 0:
            raise DTypeError(f"{name} must be greater than or equal to zero, but got {value}")
    attrs = {"rtol": float(rtol), "atol": float(atol), "equal_nan": bool(equal_nan)}
    return apply("isclose", two_tensors("isclose", input, other), attrs)


@public("torch", "method")
def allclose(
    input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> bool:
    """Whether `|input − other| ≤ atol + rtol · |other|` everywhere."""
    return bool(isclose(input, other, rtol, atol, equal_nan)._node.array.all())


@public("torch", "method")
def equal(input: Tensor, other: Tensor) -> bool:
    """Whether two tensors have the same shape and elements."""
    return bool(np.array_equal(input._node.array, other._node.array))
