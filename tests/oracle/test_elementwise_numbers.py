"""Elementwise functions with numbers, and of three tensors, agree with PyTorch."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.oracle.both import Call, agree  # noqa: E402
from tests.oracle.draws import DTYPES, FLOATS, array, rng_for, shape_of, smaller  # noqa: E402
from tests.oracle.same import compare  # noqa: E402

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore:grad and param do not obey")]

ROUNDS = 60

NUMBERS: dict[str, Call] = {
    "x & k": lambda t, x, k: x & k,
    "k | x": lambda t, x, k: k | x,
    "k ^ x": lambda t, x, k: k ^ x,
    "x << k": lambda t, x, k: x << k,
    "k << x": lambda t, x, k: k << x,
    "x >> k": lambda t, x, k: x >> k,
    "k % x": lambda t, x, k: k % x,
    "k // x": lambda t, x, k: k // x,
    "+x": lambda t, x, k: +x,
    "fmod": lambda t, x, k: t.fmod(x, k),
    "remainder": lambda t, x, k: x.remainder(k),
    "floor_divide": lambda t, x, k: t.floor_divide(x, k),
    "div floor": lambda t, x, k: t.div(x, k, rounding_mode="floor"),
    "div trunc": lambda t, x, k: t.div(x, k, rounding_mode="trunc"),
    "copysign": lambda t, x, k: t.copysign(x, k),
    "xlogy": lambda t, x, k: t.xlogy(x, k),
    "k xlogy": lambda t, x, k: t.xlogy(k, x),
    "float_power": lambda t, x, k: t.float_power(x, k),
    "k float_power": lambda t, x, k: t.float_power(k, x),
    "pow": lambda t, x, k: t.pow(x, k),
    "k pow": lambda t, x, k: t.pow(k, x),
    "pow_": lambda t, x, k: x.clone().pow_(k),
    "clamp": lambda t, x, k: t.clamp(x, k, 2),
    "clamp crossed": lambda t, x, k: t.clamp(x, min=2, max=k),
    "clamp_min": lambda t, x, k: t.clamp_min(x, k),
    "clamp_max": lambda t, x, k: x.clamp_max(k),
    "clamp_": lambda t, x, k: x.clone().clamp_(k),
    "rsub": lambda t, x, k: t.rsub(x, k),
    "rsub alpha": lambda t, x, k: t.rsub(x, k, alpha=2),
    "greater": lambda t, x, k: t.greater(x, k),
    "add alpha": lambda t, x, k: t.add(x, 2, alpha=k),
    "logit": lambda t, x, k: t.logit(x, 0.1),
    "logit_": lambda t, x, k: x.clone().logit_(eps=0.2),
    "round": lambda t, x, k: t.round(x, decimals=1),
    "round tens": lambda t, x, k: x.round(decimals=-1),
    "nan_to_num": lambda t, x, k: t.nan_to_num(x, k, 3.0, -2),
    "nan_to_num one": lambda t, x, k: x.nan_to_num(posinf=k),
    "polygamma": lambda t, x, k: t.polygamma(1, x),
    "x polygamma": lambda t, x, k: x.polygamma(2),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_functions_with_a_number(name: str) -> None:
    for n in range(2 * ROUNDS):
        rng = rng_for(name, n)
        number = [2, 3, 1.5, -2.5, 0.0, 0, True, -1, float("inf"), float("nan")][int(rng.integers(10))]
        x = array(rng, shape_of(rng), str(rng.choice(DTYPES)))
        if name == "k pow" and number is True and x.dtype == bool:
            continue  # PyTorch breaks down
        if "polygamma" in name:
            x = np.where(
                x <= 0, 1 if x.dtype.kind == "i" else x.dtype.type(-0.7), x
            )  # poles are large in PyTorch
            x = x.astype(x.dtype if x.dtype != np.float16 else np.float32)
        agree(NUMBERS[name], x, number, names=False, tolerance=1e-5)


THREE: dict[str, Call] = {
    "lerp": lambda t, x, y, z: t.lerp(x, y, z),
    "lerp_": lambda t, x, y, z: x.clone().lerp_(y, z),
    "addcmul": lambda t, x, y, z: t.addcmul(x, y, z, value=2),
    "addcmul half": lambda t, x, y, z: x.addcmul(y, z, value=0.5),
    "addcdiv": lambda t, x, y, z: t.addcdiv(x, y, z, value=-1.5),
    "addcdiv_": lambda t, x, y, z: x.clone().addcdiv_(y, z),
    "addcmul_": lambda t, x, y, z: x.clone().addcmul_(y, z),
    "clamp": lambda t, x, y, z: t.clamp(x, y, z),
    "clamp_": lambda t, x, y, z: x.clone().clamp_(y, z),
    "clip": lambda t, x, y, z: x.clip(min=y, max=z),
    "where": lambda t, x, y, z: t.where(x > 0, y, z),
}


@pytest.mark.parametrize("name", THREE)
def test_functions_of_three(name: str) -> None:
    for n in range(3 * ROUNDS):
        rng = rng_for(name, n)
        shape = shape_of(rng)
        shapes = [shape, smaller(rng, shape), smaller(rng, shape)]
        if "_" not in name:
            rng.shuffle(shapes)
        one = str(rng.choice(DTYPES))
        dtypes = [one if rng.random() < 0.8 else str(rng.choice(DTYPES)) for _ in range(3)]
        if name.startswith("addcdiv"):  # its derivative loses too many digits in half precision
            dtypes = ["float32" if d == "float16" else d for d in dtypes]
        if name.startswith("lerp") and not one.startswith("float"):
            continue  # PyTorch takes whole numbers with some weights by oversight
        arrays = [array(rng, s, d) for s, d in zip(shapes, dtypes, strict=True)]
        agree(THREE[name], *arrays, names=False, tolerance=5e-6)


@pytest.mark.parametrize("name", [name for name in THREE if name != "where"])
def test_second_derivatives_of_functions_of_three(name: str) -> None:
    for n in range(10):
        rng = rng_for(name, n)
        shape = shape_of(rng, empty=0)
        dtype = rng.choice(FLOATS)
        arrays = [
            rng.uniform(0.3, 2, s).astype(dtype)
            for s in (shape, shape[int(rng.integers(len(shape) + 1)) :], shape)
        ]
        compare(THREE[name], arrays, tolerance=1e-4 if dtype == "float32" else 1e-9)


def test_arguments_that_are_refused() -> None:
    x = np.array([0.5, -1.5], np.float32)
    y = np.array([0.5, -1.5])
    for call in (
        lambda t, x, y: t.clamp(x),
        lambda t, x, y: t.clamp(x, x, 1.0),
        lambda t, x, y: t.div(x, y, rounding_mode="up"),
        lambda t, x, y: t.isclose(x, x, rtol=-1),
        lambda t, x, y: t.isclose(x, y),
        lambda t, x, y: t.equal(x, y),
        lambda t, x, y: t.lerp(x, y, 0.5),
        lambda t, x, y: t.heaviside(x, y),
        lambda t, x, y: t.polygamma(-1, x),
        lambda t, x, y: t.addcdiv(x.long(), x.long(), x.long()),
        lambda t, x, y: +(x > 0),
        lambda t, x, y: (x > 0).abs(),
        lambda t, x, y: t.pow(x.long(), -2),
        lambda t, x, y: x.long().exp_(),
        lambda t, x, y: x.long().sqrt_(),
        lambda t, x, y: t.add(x.long(), x.long(), alpha=0.5),
    ):
        agree(call, x, y)
