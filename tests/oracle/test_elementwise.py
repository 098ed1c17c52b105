"""Elementwise functions agree with PyTorch over random shapes, dtypes, arguments and special values."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.oracle.both import Call, agree  # noqa: E402
from tests.oracle.draws import DTYPES, FLOATS, array, rng_for, shape_of, smaller  # noqa: E402
from tests.oracle.same import compare  # noqa: E402

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore:grad and param do not obey")]

ROUNDS = 60

# The function, its other names, and the range that second derivatives are compared on.
ONE: dict[str, tuple[tuple[str, ...], tuple[float, float]]] = {
    "abs": (("absolute",), (-2, 2)),
    "acos": (("arccos",), (-0.9, 0.9)),
    "acosh": (("arccosh",), (1.1, 4)),
    "asin": (("arcsin",), (-0.9, 0.9)),
    "asinh": (("arcsinh",), (-2, 2)),
    "atan": (("arctan",), (-2, 2)),
    "atanh": (("arctanh",), (-0.9, 0.9)),
    "ceil": ((), (-2, 2)),
    "cos": ((), (-2, 2)),
    "cosh": ((), (-2, 2)),
    "deg2rad": ((), (-2, 2)),
    "digamma": ((), (-2.9, 3)),
    "erf": ((), (-2, 2)),
    "erfc": ((), (-2, 2)),
    "erfinv": ((), (-0.9, 0.9)),
    "exp": ((), (-2, 2)),
    "exp2": ((), (-2, 2)),
    "expm1": ((), (-2, 2)),
    "floor": ((), (-2, 2)),
    "frac": ((), (-2, 2)),
    "lgamma": ((), (-2.9, 4)),
    "log": ((), (0.1, 4)),
    "log10": ((), (0.1, 4)),
    "log1p": ((), (-0.9, 4)),
    "log2": ((), (0.1, 4)),
    "logit": ((), (0.1, 0.9)),
    "nan_to_num": ((), (-2, 2)),
    "neg": (("negative",), (-2, 2)),
    "rad2deg": ((), (-2, 2)),
    "reciprocal": ((), (0.3, 4)),
    "round": ((), (-2, 2)),
    "rsqrt": ((), (0.3, 4)),
    "sgn": ((), (-2, 2)),
    "sigmoid": ((), (-2, 2)),
    "sign": ((), (-2, 2)),
    "sin": ((), (-2, 2)),
    "sinc": ((), (-2, 2)),
    "sinh": ((), (-2, 2)),
    "sqrt": ((), (0.3, 4)),
    "square": ((), (-2, 2)),
    "tan": ((), (-1.2, 1.2)),
    "tanh": ((), (-2, 2)),
    "trunc": (("fix",), (-2, 2)),
}
NO_GRADIENT = ["isnan", "isinf", "isfinite", "isposinf", "isneginf", "signbit", "logical_not", "bitwise_not"]
NO_METHOD_IN_PLACE = {"isnan", "isinf", "isfinite", "isposinf", "isneginf", "signbit", "positive"}


@pytest.mark.parametrize("name", [*ONE, *NO_GRADIENT, "positive"])
def test_functions_of_one(name: str) -> None:
    for n in range(2 * ROUNDS):
        rng = rng_for(name, n)
        x = array(rng, shape_of(rng), str(rng.choice(DTYPES)))
        if rng.random() < 0.3:
            x = np.asarray(x.T)
        tolerance = 1e-4 if name in ("digamma", "lgamma") else 2e-6
        if name == "sinc" and x.dtype == np.float16:
            x = x.astype(np.float32)  # its derivative loses too many digits
        if name in ("digamma", "lgamma") and x.dtype.kind == "f":
            x = np.where(x <= 0, x + x.dtype.type(0.3), x)  # poles are large numbers in PyTorch
        agree(lambda t, x: getattr(t, name)(x), x, names=False, tolerance=tolerance)
        for other in (name, *ONE.get(name, ((), ()))[0]):
            agree(lambda t, x, other=other: getattr(x, other)(), x, names=False, tolerance=tolerance)
            if other not in NO_METHOD_IN_PLACE:  # in place, three have no derivative in PyTorch
                grads = name not in ("acosh", "asinh", "atanh", "logical_not")
                agree(
                    lambda t, x, other=other: getattr(x.clone(), other + "_")(),
                    x,
                    names=False,
                    grads=grads,
                    tolerance=tolerance,
                )


FLAT = {"ceil", "floor", "round", "sgn", "sign", "trunc"}


@pytest.mark.parametrize("name", sorted(set(ONE) - FLAT))
def test_second_derivatives_of_functions_of_one(name: str) -> None:
    for n in range(10):
        rng = rng_for(name, n)
        x = rng.uniform(*ONE[name][1], shape_of(rng, empty=0)).astype(rng.choice(FLOATS))
        tolerance = 1e-4 if x.dtype == np.float32 else 1e-9
        compare(lambda t, x: getattr(t, name)(x), [x], tolerance=tolerance)


TWO: dict[str, Call] = {
    "atan2": lambda t, x, y: t.atan2(x, y),
    "arctan2": lambda t, x, y: x.arctan2(y),
    "hypot": lambda t, x, y: t.hypot(x, y),
    "fmod": lambda t, x, y: t.fmod(x, y),
    "remainder": lambda t, x, y: t.remainder(x, y),
    "floor_divide": lambda t, x, y: t.floor_divide(x, y),
    "true_divide": lambda t, x, y: t.true_divide(x, y),
    "div floor": lambda t, x, y: x.div(y, rounding_mode="floor"),
    "div trunc": lambda t, x, y: x.div(y, rounding_mode="trunc"),
    "divide trunc": lambda t, x, y: t.divide(x, y, rounding_mode="trunc"),
    "copysign": lambda t, x, y: t.copysign(x, y),
    "heaviside": lambda t, x, y: t.heaviside(x, y),
    "logaddexp": lambda t, x, y: t.logaddexp(x, y),
    "logaddexp2": lambda t, x, y: t.logaddexp2(x, y),
    "xlogy": lambda t, x, y: t.xlogy(x, y),
    "float_power": lambda t, x, y: t.float_power(x, y),
    "pow": lambda t, x, y: t.pow(x, y),
    "maximum": lambda t, x, y: t.maximum(x, y),
    "minimum": lambda t, x, y: t.minimum(x, y),
    "fmax": lambda t, x, y: t.fmax(x, y),
    "fmin": lambda t, x, y: t.fmin(x, y),
    "max": lambda t, x, y: t.max(x, other=y),
    "subtract": lambda t, x, y: t.subtract(x, y),
    "subtract alpha": lambda t, x, y: t.subtract(x, y, alpha=2),
    "multiply": lambda t, x, y: t.multiply(x, y),
    "rsub": lambda t, x, y: t.rsub(x, y, alpha=2),
    "add": lambda t, x, y: t.add(x, y, alpha=-3),
    "greater": lambda t, x, y: t.greater(x, y),
    "greater_equal": lambda t, x, y: x.greater_equal(y),
    "less": lambda t, x, y: t.less(x, y),
    "less_equal": lambda t, x, y: x.less_equal(y),
    "not_equal": lambda t, x, y: t.not_equal(x, y),
    "bitwise_and": lambda t, x, y: x & y,
    "bitwise_or": lambda t, x, y: x | y,
    "bitwise_xor": lambda t, x, y: t.bitwise_xor(x, y),
    "left shift": lambda t, x, y: t.bitwise_left_shift(x, y),
    "right shift": lambda t, x, y: x >> y,
    "logical_and": lambda t, x, y: x.logical_and(y),
    "logical_or": lambda t, x, y: x.logical_or(y),
    "logical_xor": lambda t, x, y: x.logical_xor(y),
    "clamp min": lambda t, x, y: x.clamp(min=y),
    "clamp max": lambda t, x, y: t.clamp(x, max=y),
    "clamp_min": lambda t, x, y: t.clamp_min(x, y),
    "clamp_max": lambda t, x, y: x.clamp_max(y),
    "clip": lambda t, x, y: t.clip(x, y),
    "isclose": lambda t, x, y: t.isclose(x, y, rtol=0.2, atol=0.5),
    "isclose nan": lambda t, x, y: x.isclose(y, equal_nan=True),
    "allclose": lambda t, x, y: t.allclose(x, y, rtol=1, atol=2),
    "equal": lambda t, x, y: t.equal(x, y),
    "equal to itself": lambda t, x, y: t.equal(x, x + 0),
    "lerp k": lambda t, x, y: t.lerp(x, y, 0.3),
    "lerp far": lambda t, x, y: x.lerp(y, 1.7),
}
CHANGED = """add sub mul div true_divide floor_divide remainder fmod pow float_power atan2 hypot copysign
    xlogy eq ne lt le gt ge greater less_equal not_equal logical_and logical_or logical_xor bitwise_and
    bitwise_or bitwise_xor bitwise_left_shift clamp_min clamp_max clamp heaviside"""
IN_PLACE: dict[str, Call] = {
    name: lambda t, x, y, name=name: getattr(x.clone(), name)(y)
    for name in (f"{each}_" for each in CHANGED.split())
}
# PyTorch has no derivative of the first, and passes the gradient of the others on unchanged.
NOT_COMPARED = ("heaviside", "logical_and_", "logical_or_", "logical_xor_")


@pytest.mark.parametrize("name", [*TWO, *IN_PLACE])
def test_functions_of_two(name: str) -> None:
    call = TWO.get(name) or IN_PLACE[name]
    for n in range(3 * ROUNDS):
        rng = rng_for(name, n)
        shape = shape_of(rng)
        a, b = (shape, smaller(rng, shape)) if rng.random() < 0.7 else (smaller(rng, shape), shape)
        one = str(rng.choice(DTYPES))
        other = one if rng.random() < 0.6 else str(rng.choice(DTYPES))
        x, y = array(rng, a, one), array(rng, b, other)
        grads = not name.startswith(NOT_COMPARED) and (x.dtype.kind == "f" or not name.endswith("_"))
        agree(call, x, y, names=False, grads=grads, tolerance=5e-6)


@pytest.mark.parametrize("name", [n for n in TWO if "shift" not in n and "bitwise" not in n])
def test_second_derivatives_of_functions_of_two(name: str) -> None:
    for n in range(10):
        rng = rng_for(name, n)
        shape = shape_of(rng, empty=0)
        dtype = rng.choice(FLOATS)
        x, y = (rng.uniform(0.3, 2, s).astype(dtype) for s in (shape, smaller(rng, shape)))
        try:
            needed = TWO[name](torch, *(torch.tensor(each, requires_grad=True) for each in (x, y)))
        except RuntimeError:
            continue
        if not isinstance(needed, torch.Tensor) or not needed.requires_grad or name == "heaviside":
            return
        if "floor" in name or "trunc" in name:  # no gradient at all
            continue
        compare(TWO[name], [x, y], tolerance=1e-4 if dtype == "float32" else 1e-9)
