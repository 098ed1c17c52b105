"""Powers, with a number or a tensor as the exponent, and products with powers of two."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import numpy as np

from ..api import public
from ..dtypes import float64
from ..element import Call, Expr, Index, broadcast_ref
from ..errors import DTypeError
from ..mutation import check_in_place
from ..op import Elementwise, Sample, Spec, Vjp, random_broadcast_shapes, register
from ..operands import check_tensor, one_tensor
from ..tensor import Tensor, apply, as_tensor_operand
from .choice import where
from .logarithms import log


def _base_gradient(g: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """g · y · x^(y−1), and 0 where y = 0, even at x = 0."""
    if y._node.spec.weak:
        exponent = y.item()
        if exponent == 0:
            return apply("zeros_like", (x,))
        if exponent == 1:
            return g
        slope: Tensor = exponent * (x if exponent == 2 else x ** (exponent - 1))
        return g * slope
    return where(y == 0, 0.0, g * (y * x ** (y - 1)))


def _exponent_gradient(g: Tensor, z: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """g · z · log x, and 0 where x = 0 and y ≥ 0."""
    if x._node.spec.weak:
        base = float(x.item())
        if base == 0:
            return g * where(y >= 0, 0.0, z * -math.inf)
        return g * (z * (math.log(base) if base > 0 else math.nan))
    return g * where((x == 0) & (y >= 0), 0.0, z * log(x))


@register
class Pow(Elementwise):
    """z = x^y."""

    name = "pow"
    inputs = ("x", "y")
    formula = r"z = x^y"
    derivatives = (
        r"\dfrac{\partial z}{\partial x} = y\,x^{y-1}",
        r"\dfrac{\partial z}{\partial y} = x^y \log x",
    )
    says: ClassVar = {
        "en": "Raises to a power; the exponent comes down as a factor and the power falls by one.",
        "zh": "求幂；求导时指数移到前面作系数，幂次减一。",
    }
    saves = ("inputs", "output")
    vjps = (_base_gradient, _exponent_gradient)
    scalar = "pow"

    def kernel(self, out: Spec, *inputs: np.ndarray, **attrs: Any) -> np.ndarray:
        """Powers that are a few multiplications are computed by them."""
        x, y = inputs
        if out.dtype.rank == 0:
            return np.asarray(x | ~y)
        if y.ndim == 0:
            quick = _QUICK.get(float(y))
            if quick is not None and (out.dtype.rank == 2 or y > 0):
                return np.asarray(quick(x))
        if out.dtype.rank < 2 and y.dtype.kind == "i":  # 1 / xⁿ without its fraction
            odd = np.where(y % 2 == 1, x, 1)
            return np.where(y < 0, np.where(np.abs(x) == 1, odd, 0), np.power(x, np.maximum(y, 0)))
        return np.asarray(np.power(x, y, dtype=out.dtype.numpy))

    def spec(self, *inputs: Spec, **attrs: Any) -> Spec:
        """The broadcast shape and the promoted dtype."""
        out = super().spec(*inputs, **attrs)
        if out.dtype.rank == 0 and not inputs[1].weak:
            raise DTypeError("pow: bool tensors have no powers; convert them with .long() or .float()")
        return out

    def grad_name(self, *inputs: Spec, **attrs: Any) -> str:
        """PyTorch tells apart which of the two is a number."""
        return "PowBackward0" if inputs[1].weak else "PowBackward2" if inputs[0].weak else "PowBackward1"

    def samples(self, rng: np.random.Generator) -> Iterable[Sample]:
        """Positive bases with any exponent, and the exponents that have a short way."""
        for shapes in random_broadcast_shapes(rng, 2):
            yield Sample((rng.uniform(0.3, 2, shapes[0]), rng.uniform(-2, 3, shapes[1])))
        for exponent in (0.0, 1.0, 2.0, 3.0, -1.0, 0.5):
            # As in PyTorch, the rule at exponent 0 leaves out how the exponent bends the slope.
            yield Sample((rng.uniform(0.3, 2, (2, 3)), np.array(exponent)), smooth=exponent != 0)


_QUICK: dict[float, Callable[[np.ndarray], Any]] = {
    1.0: lambda x: x.copy(),
    2.0: lambda x: x * x,
    3.0: lambda x: x * x * x,
    0.5: np.sqrt,
    -0.5: lambda x: 1 / np.sqrt(x),
    -1.0: lambda x: 1 / x,
    -2.0: lambda x: 1 / (x * x),
}


def _ldexp(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    product: np.ndarray = x * np.power(x.dtype.type(2), y)
    return product


@register
class Ldexp(Elementwise):
    """z = x 2^y."""

    name = "ldexp"
    inputs = ("x", "y")
    formula = r"z = x \cdot 2^{y}"
    derivatives = (
        r"\dfrac{\partial z}{\partial x} = 2^{y}",
        r"\dfrac{\partial z}{\partial y} = z \log 2",
    )
    says: ClassVar = {
        "en": "A number times a power of two.",
        "zh": "一个数乘以 2 的幂。",
    }
    saves = ("inputs", "output")
    vjps: ClassVar[tuple[Vjp | None, ...]] = (
        lambda g, z, x, y: g * apply("exp2", (y.to(z.dtype),)),
        lambda g, z, x, y: g * (z * math.log(2)),
    )
    ufunc = _ldexp
    floating = True

    def element(self, index: Index, *inputs: np.ndarray, **attrs: Any) -> Expr:
        """The number times the power."""
        x, y = (broadcast_ref(i, v.shape, index) for i, v in enumerate(inputs))
        return Call("mul", (x, Call("pow", (2.0, y))))


@public("torch", "method", "inplace")
def pow(input: Any, exponent: Any) -> Tensor:
    """`input ^ exponent`, element by element with broadcasting; one of the two may be a number."""
    base, power = one_tensor("pow", input, exponent)
    if isinstance(exponent, int) and exponent < 0 and base.dtype.rank < 2:
        raise DTypeError("Integers to negative integer powers are not allowed.")
    return apply("pow", (base, power))


@public("torch", "method", "inplace")
def square(input: Tensor) -> Tensor:
    """`input²`."""
    return pow(input, 2)


@public("torch", "method")
def float_power(input: Any, exponent: Any) -> Tensor:
    """`input ^ exponent` in double precision; one of the two may be a number."""
    one_tensor("float_power", input, exponent)
    base, power = (
        each.to(float64) if isinstance(each, Tensor) else as_tensor_operand(float(each))
        for each in (input, exponent)
    )
    return apply("pow", (base, power))


@public("method")
def float_power_(self: Tensor, exponent: Any) -> Tensor:
    """`float_power`, changing this tensor, which must be float64, in place."""
    check_in_place(self, "float_power_")
    if self.dtype is not float64:
        raise DTypeError(
            f"the base given to float_power_ has dtype {self.dtype} but the operation's result requires "
            "dtype torch.float64"
        )
    return self._assign(float_power(self, exponent), "float_power_")


@public("torch", "method", "inplace")
def ldexp(input: Tensor, other: Tensor) -> Tensor:
    """`input · 2 ^ other`, element by element with broadcasting."""
    check_tensor("ldexp", "input", 1, input)
    check_tensor("ldexp", "other", 2, other)
    return apply("ldexp", (input, other))
