"""The functions of tensors agree with PyTorch over random shapes, dtypes and special values."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.oracle.both import Call, agree  # noqa: E402
from tests.oracle.draws import DTYPES, FLOATS, ROUNDS, array, rng_for, shape_of, smaller  # noqa: E402

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore:grad and param do not obey")]

ONE = [
    "exp",
    "log",
    "sqrt",
    "tanh",
    "sigmoid",
    "sin",
    "cos",
    "abs",
    "sign",
    "floor",
    "ceil",
    "trunc",
    "round",
    "neg",
    "square",
    "reciprocal",
    "isnan",
    "isinf",
    "isfinite",
    "logical_not",
    "relu",
]


@pytest.mark.parametrize("name", ONE)
def test_functions_of_one(name: str) -> None:
    for n in range(ROUNDS):
        rng = rng_for(name, n)
        x = array(rng, shape_of(rng), str(rng.choice([d for d in DTYPES if d != "bool" or name != "relu"])))
        agree(lambda t, x: getattr(t, name)(x), x, names=name != "reciprocal")
        agree(lambda t, x: getattr(x, name)(), x, names=name != "reciprocal")


# What is put together from other ops here, or has no derivative in PyTorch.
OTHER_NAMES = {"rsub", "x//y", "x//k", "clamp_min", "masked_fill", "reciprocal"}

TWO: dict[str, Call] = {
    "x + y": lambda t, x, y: x + y,
    "x - y": lambda t, x, y: x - y,
    "x * y": lambda t, x, y: x * y,
    "x / y": lambda t, x, y: x / y,
    "x//y": lambda t, x, y: x // y,
    "x % y": lambda t, x, y: x % y,
    "x == y": lambda t, x, y: x == y,
    "x != y": lambda t, x, y: x != y,
    "x < y": lambda t, x, y: x < y,
    "x <= y": lambda t, x, y: x <= y,
    "x > y": lambda t, x, y: x > y,
    "x >= y": lambda t, x, y: x >= y,
    "add alpha": lambda t, x, y: t.add(x, y, alpha=2),
    "sub alpha": lambda t, x, y: x.sub(y, alpha=3),
    "rsub": lambda t, x, y: t.rsub(x, y),
    "floor": lambda t, x, y: t.div(x, y, rounding_mode="floor"),
    "trunc": lambda t, x, y: t.div(x, y, rounding_mode="trunc"),
    "maximum": lambda t, x, y: t.maximum(x, y),
    "minimum": lambda t, x, y: t.minimum(x, y),
    "max": lambda t, x, y: t.max(x, y),
    "min": lambda t, x, y: x.min(y),
    "and": lambda t, x, y: t.logical_and(x, y),
    "or": lambda t, x, y: t.logical_or(x, y),
    "xor": lambda t, x, y: t.logical_xor(x, y),
    "where": lambda t, x, y: t.where(x > y, x, y),
    "masked_fill": lambda t, x, y: x.masked_fill(y > 0, 2),
    "clamp_min": lambda t, x, y: x.clamp(min=y),
}


@pytest.mark.parametrize("name", TWO)
def test_functions_of_two(name: str) -> None:
    for n in range(2 * ROUNDS):
        rng = rng_for(name, n)
        shape = shape_of(rng)
        a, b = (shape, smaller(rng, shape)) if rng.random() < 0.7 else (smaller(rng, shape), shape)
        one = str(rng.choice(DTYPES))
        other = one if rng.random() < 0.5 else str(rng.choice(DTYPES))
        # PyTorch's names tell apart forms that are one op here.
        special = name != "clamp_min"  # a limit that is NaN does not limit here
        x, y = array(rng, a, one, special), array(rng, b, other, special)
        agree(TWO[name], x, y, names=name not in OTHER_NAMES)


NUMBERS: dict[str, Call] = {
    "x + k": lambda t, x, k: x + k,
    "k + x": lambda t, x, k: k + x,
    "x - k": lambda t, x, k: x - k,
    "k - x": lambda t, x, k: k - x,
    "x * k": lambda t, x, k: x * k,
    "k * x": lambda t, x, k: k * x,
    "x / k": lambda t, x, k: x / k,
    "k / x": lambda t, x, k: k / x,
    "x//k": lambda t, x, k: x // k,
    "x % k": lambda t, x, k: x % k,
    "x > k": lambda t, x, k: x > k,
    "x == k": lambda t, x, k: x == k,
    "k < x": lambda t, x, k: k < x,
    "clamp": lambda t, x, k: x.clamp(-1, k),
    "clamp max": lambda t, x, k: t.clamp(x, max=k),
    "where": lambda t, x, k: t.where(x > 0, x, k),
    "where k x": lambda t, x, k: t.where(x > 0, k, x),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_functions_with_a_number(name: str) -> None:
    for n in range(2 * ROUNDS):
        rng = rng_for(name, n)
        number = [2, 3, 1.5, -2.5, 0.0, 0, True, -1][int(rng.integers(8))]
        x = array(rng, shape_of(rng), str(rng.choice(DTYPES)))
        agree(NUMBERS[name], x, number, names=name not in OTHER_NAMES)


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, -1, -2, 0.5, -0.5, 1.5, 2.0, 2.7])
def test_pow_with_a_number(exponent: float) -> None:
    for n in range(ROUNDS):
        rng = rng_for(exponent, n)
        x = array(rng, shape_of(rng), str(rng.choice(DTYPES[:5])))
        agree(lambda t, x: x**exponent, x, tolerance=1e-5)
        agree(lambda t, x: t.pow(x, exponent), x, tolerance=1e-5)
        if exponent > 0:
            agree(lambda t, x: exponent**x, x, tolerance=1e-5)


def test_pow_with_a_tensor() -> None:
    for n in range(4 * ROUNDS):
        rng = rng_for("pow", n)
        shape = shape_of(rng)
        x = array(rng, shape, str(rng.choice(FLOATS)))
        y = array(rng, smaller(rng, shape), str(rng.choice(DTYPES[:4])))
        agree(lambda t, x, y: x**y, np.abs(x) if rng.random() < 0.5 else x, y, tolerance=1e-5)


REDUCTIONS = ["sum", "mean", "max", "min", "amax", "amin", "argmax", "argmin", "var", "std", "all", "any"]


@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions_of_all(name: str) -> None:
    for n in range(ROUNDS):
        rng = rng_for(name, n)
        x = array(rng, shape_of(rng), str(rng.choice(DTYPES)))
        agree(
            lambda t, x: getattr(t, name)(x),
            x,
            tolerance=1e-5,
        )
        agree(
            lambda t, x: getattr(x, name)(),
            x,
            tolerance=1e-5,
        )


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions_over_dimensions(name: str, keepdim: bool) -> None:
    for n in range(ROUNDS):
        rng = rng_for(name, n)
        shape = shape_of(rng)
        x = array(rng, shape, str(rng.choice(DTYPES)))
        if rng.random() < 0.3:
            x = np.asarray(x.T)
        dim = int(rng.integers(-len(shape) - 1, len(shape) + 1))
        agree(lambda t, x, d: getattr(x, name)(d, keepdim=keepdim), x, dim, tolerance=1e-5)
        agree(lambda t, x, d: getattr(t, name)(x, dim=d, keepdim=keepdim), x, dim, tolerance=1e-5)
        if name in ("sum", "mean", "amax", "amin", "var", "all", "any") and len(shape) > 1:
            dims = tuple(int(d) for d in rng.permutation(len(shape))[:2])
            agree(lambda t, x, d: getattr(x, name)(d, keepdim=keepdim), x, dims, tolerance=1e-5)
            agree(lambda t, x, d: getattr(x, name)(list(d), keepdim=keepdim), x, dims, tolerance=1e-5)


def test_more_of_reductions() -> None:
    x = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    for call in (
        lambda t, x: x.sum(dtype=t.float64),
        lambda t, x: x.mean(0, dtype=t.float64),
        lambda t, x: x.long().sum(1),
        lambda t, x: (x > 0).sum(),
        lambda t, x: (x > 0).float().mean(),
        lambda t, x: x.var(False),
        lambda t, x: x.var(1, False),
        lambda t, x: x.var(dim=1, unbiased=False, keepdim=True),
        lambda t, x: x.var(1, correction=0),
        lambda t, x: x.var((0, 1), correction=2),
        lambda t, x: t.var(x, dim=0, unbiased=True),
        lambda t, x: x.sum((0, 0)),
        lambda t, x: x.sum(()) + 0,
        lambda t, x: x.sum([]) + 0,
        lambda t, x: x.amax(()),
        lambda t, x: t.max(x, 1)[0],
        lambda t, x: t.max(x, 1).indices,
        lambda t, x: x.max(dim=0).values,
        lambda t, x: t.argmax(x, dim=1),
        lambda t, x: x.max(1, True),
        lambda t, x: t.gather(x, 1, t.tensor([[0], [3], [1]])),
        lambda t, x: x.gather(0, t.tensor([[0, 2, 1, 1], [2, 2, 0, 0]])),
        lambda t, x: x.gather(0, t.tensor([[3]])),
        lambda t, x: x.gather(1, t.tensor([0])),
        lambda t, x: x.sum(1, keepdims=True),
        lambda t, x: t.mean(x, axis=0),
        lambda t, x: x.max(axis=1, keepdims=True),
        lambda t, x: x.var(axis=(0, 1)),
        lambda t, x: t.softmax(x, axis=1),
        lambda t, x: t.cat([x, x], axis=1),
        lambda t, x: t.stack([x, x], axis=-1),
        lambda t, x: x.sum(axes=1),
        lambda t, x: x.stride(),
        lambda t, x: x.t().stride(),
        lambda t, x: x[:, ::2].stride(1),
        lambda t, x: x[None].expand(3, -1, -1).stride(),
    ):
        agree(call, x)
    assert_repr(lambda t: t.tensor([[1.0, 5.0], [7.0, 2.0]]).max(1))
    assert_repr(lambda t: t.tensor([[1, 5], [7, 2]]).min(dim=0, keepdim=True))


def assert_repr(call: Call) -> None:
    import gradviz

    assert repr(call(gradviz)) == repr(call(torch))
