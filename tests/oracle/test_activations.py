"""Activations agree with PyTorch over random shapes, dtypes and settings, at their kinks and far out."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import gradviz  # noqa: E402
from tests.oracle.both import agree  # noqa: E402
from tests.oracle.draws import DTYPES, array, rng_for, shape_of  # noqa: E402
from tests.oracle.same import compare  # noqa: E402

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore:grad and param do not obey", "ignore:Implicit dimension"),
]
Options = dict[str, Any]


def _uniform(low: float, high: float) -> Callable[[np.random.Generator], float]:
    return lambda rng: round(float(rng.uniform(low, high)), 2)


# What each option is drawn from; the kinks of the function with these options.
SETTINGS: dict[str, dict[str, Callable[[np.random.Generator], Any]]] = {
    "relu": {},
    "relu6": {},
    "leaky_relu": {"negative_slope": _uniform(-1, 1)},
    "elu": {"alpha": _uniform(0.1, 2)},
    "selu": {},
    "celu": {"alpha": _uniform(0.1, 2)},
    "gelu": {"approximate": lambda rng: str(rng.choice(["none", "tanh"]))},
    "silu": {},
    "mish": {},
    "hardtanh": {"min_val": _uniform(-2, 0), "max_val": _uniform(0, 2)},
    "hardsigmoid": {},
    "hardswish": {},
    "hardshrink": {"lambd": _uniform(0, 2)},
    "softshrink": {"lambd": _uniform(0, 2)},
    "softplus": {"beta": _uniform(0.2, 3), "threshold": lambda rng: int(rng.choice([1, 5, 20]))},
    "softsign": {},
    "logsigmoid": {},
    "tanhshrink": {},
    "threshold": {"threshold": _uniform(-1, 1), "value": _uniform(-2, 2)},
    "rrelu": {"lower": _uniform(0, 0.3), "upper": _uniform(0.3, 1)},
    "sigmoid": {},
    "tanh": {},
}
NEEDED = {"threshold"}
IN_PLACE = [
    *("relu", "relu6", "leaky_relu", "elu", "selu", "celu", "silu", "mish", "hardtanh", "hardsigmoid"),
    *("hardswish", "threshold", "rrelu"),
]
UNDERSCORE = ["relu_", "leaky_relu_", "elu_", "selu_", "celu_", "hardtanh_", "threshold_", "rrelu_"]
COMPOSED = {"softsign", "tanhshrink", "rrelu"}
KINKS = np.array([0, -0.0, 1, -1, 3, -3, 6, 0.5, -0.5, 2, -2, 20, -20, 100, -100, 1e4, -1e4])


def options(name: str, rng: np.random.Generator) -> Options:
    drawn = {key: draw(rng) for key, draw in SETTINGS[name].items()}
    if rng.random() < 0.3 and name not in NEEDED:
        return {}
    return drawn


def function(library: Any, name: str) -> Any:
    return getattr(library.nn.functional, name)


def numbers(name: str, rng: np.random.Generator, given: Options, dtype: str) -> np.ndarray:
    """Random numbers, some of them at kinks."""
    x = array(rng, shape_of(rng), dtype)
    # What comes back from NaN depends in PyTorch on whether the element was in a vector of the processor's.
    if dtype.startswith("float"):
        x = np.where(np.isnan(x) | ((name == "gelu") & np.isinf(x)), 0, x).astype(dtype)
    if dtype.startswith("float") and rng.random() < 0.6:
        edges = [v for v in given.values() if isinstance(v, float)]
        places = rng.choice([*KINKS, *edges, *(-np.array(edges))], x.shape)
        x = np.where(rng.random(x.shape) < 0.4, places, x).astype(dtype)
    return np.asarray(x.T) if rng.random() < 0.3 and name != "rrelu" else x


@pytest.mark.parametrize("name", SETTINGS)
def test_values_and_gradients(name: str) -> None:
    for n in range(200):
        rng = rng_for(name, n)
        given = options(name, rng)
        x = numbers(name, rng, given, str(rng.choice(DTYPES)))
        agree(lambda t, x, given=given: function(t, name)(x, **given), x, names=name not in COMPOSED)
        if x.dtype.kind == "f":
            x = np.where(rng.random(x.shape) < 0.3, np.nan, x).astype(x.dtype)
            agree(lambda t, x, given=given: function(t, name)(x, **given), x, grads=False)


@pytest.mark.parametrize("name", SETTINGS)
def test_gradients_of_gradients(name: str) -> None:
    for n in range(40):
        rng = rng_for(name, 1000 + n)
        given = options(name, rng)
        x = np.asarray(rng.normal(size=shape_of(rng, empty=0)) * 3)
        if n % 4 == 0:
            x = np.where(rng.random(x.shape) < 0.5, rng.choice(KINKS[:11], x.shape), x)
        second = name not in ("hardsigmoid",)  # PyTorch cannot
        for dtype in (np.float64, np.float32):
            call = functools.partial(lambda t, x, given: function(t, name)(x, **given), given=given)
            compare(call, [np.asarray(x.astype(dtype))], second)


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place(name: str) -> None:
    for n in range(40):
        rng = rng_for(name, 2000 + n)
        given = options(name, rng)
        if "negative_slope" in given:  # PyTorch refuses to go back from a result of the other sign
            given["negative_slope"] = abs(given["negative_slope"])
        x = numbers(name, rng, given, str(rng.choice(["float32", "float64"])))

        def change(t: Any, x: Any, given: Options = given) -> Any:
            y = x * 1
            z = function(t, name)(y, **given, inplace=True)
            assert z is y
            return y

        agree(change, x, names=False)
        agree(lambda t, x, given=given: function(t, name)(x, **given, inplace=True), x, grads=False)
        agree(lambda t, x, given=given: function(t, name)(x, **given, inplace=True), x, names=False)


@pytest.mark.parametrize("name", UNDERSCORE)
def test_underscores(name: str) -> None:
    for n in range(20):
        rng = rng_for(name, 3000 + n)
        given = options(name[:-1], rng)
        x = numbers(name, rng, given, str(rng.choice(["float32", "float64"])))
        agree(lambda t, x, given=given: (function(t, name)(x, **given), x), x, grads=False)
        if hasattr(torch, name):
            agree(lambda t, x, given=given: (getattr(t, name)(x, **given), x), x, grads=False)


TORCH = ["relu", "selu", "celu", "rrelu", "hardshrink", "sigmoid", "tanh", "threshold"]
METHODS = ["relu", "hardshrink", "sigmoid", "tanh"]


@pytest.mark.parametrize("name", TORCH)
def test_other_places(name: str) -> None:
    rng = rng_for(name)
    given = options(name, rng)
    x = numbers(name, rng, given, "float32")
    agree(lambda t, x: getattr(t, name)(x, **given), x, names=name not in COMPOSED)
    if name in METHODS:
        agree(lambda t, x: getattr(x, name)(**given), x)


REFUSED: list[Callable[[Any, Any], Any]] = [
    lambda F, x: F.hardtanh(x, 1, -1),
    lambda F, x: F.hardtanh(x, 1.0, 1.0),
    lambda F, x: F.softshrink(x, -0.1),
    lambda F, x: F.celu(x, 0.0),
    lambda F, x: F.rrelu(x, 0.5, 0.2),
    lambda F, x: F.glu(x),
    lambda F, x: F.glu(x, 0),
    lambda F, x: F.glu(x[0, 0]),
    lambda F, x: F.glu(x, 2),
    lambda F, x: F.gelu(x, approximate="other"),
    lambda F, x: F.threshold(x, 0.0),
    lambda F, x: F.softmax(x, 2),
    lambda F, x: F.log_softmax(x, -3),
    lambda F, x: x.softmax(),
    lambda F, x: F.relu(x > 0),
    lambda F, x: F.hardtanh(x > 0),
    lambda F, x: F.hardtanh(x.long().abs().to(x.dtype)),
    lambda F, x: F.relu6(x.long()),
    lambda F, x: F.softsign(x.long()),
    lambda F, x: F.tanhshrink(x.long()),
    lambda F, x: F.softmin(x > 0, 0),
    lambda F, x: F.tanhshrink(x > 0),
]


@pytest.mark.parametrize("case", range(len(REFUSED)))
def test_arguments_at_the_limits(case: int) -> None:
    x = np.random.default_rng(0).normal(size=(3, 5)).astype(np.float32)
    agree(lambda t, x: REFUSED[case](t.nn.functional, x), x, grads=False, names=False)


@pytest.mark.parametrize("dtype", ["int64", "uint8", "int32"])
def test_limits_of_integers(dtype: str) -> None:
    x = np.arange(10).astype(dtype)
    for low, high in ((-1.0, 1.0), (1.5, 3.7), (0, 6)):
        agree(lambda t, x, a, b: t.nn.functional.hardtanh(x, a, b), x, low, high)
    for limit, value in ((0.5, 2.7), (3, 1), (2.0, 0)):
        agree(lambda t, x, a, b: t.nn.functional.threshold(x, a, b), x, limit, value)


@pytest.mark.parametrize("count", ["one", "channels", "scalar"])
def test_prelu(count: str) -> None:
    for n in range(120):
        rng = rng_for(count, n)
        shape = shape_of(rng)
        channels = shape[1] if len(shape) > 1 else 1
        sizes: dict[str, tuple[int, ...]] = {"one": (1,), "channels": (channels,), "scalar": ()}
        if rng.random() < 0.1:
            sizes["channels"] = (channels + 1,)
        dtype = str(rng.choice(["float32", "float64", "float16"]))
        x = array(rng, shape, dtype)
        w = array(rng, sizes[count], dtype, special=False)
        agree(lambda t, x, w: t.nn.functional.prelu(x, w), x, w, names=False)
        agree(lambda t, x, w: x.prelu(w), x, w, names=False)
        agree(lambda t, x, w: t.prelu(x, w), x, w, names=False)
        fits = w.shape in ((), (1,), (channels,)) and (w.size == 1 or x.ndim)
        # At 0 PyTorch's second derivatives take the other side than its first.
        if x.size and np.isfinite(x).all() and x.all() and fits and dtype != "float16":
            compare(lambda t, x, w: t.nn.functional.prelu(x, w), [x, w])
    x = np.ones((2, 3), np.float32)
    for w in (np.ones((1, 3), np.float32), np.ones(3), np.ones(2, np.float32)):
        agree(lambda t, x, w: t.nn.functional.prelu(x, w), x, w)


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
def test_softmaxes(name: str) -> None:
    for n in range(200):
        rng = rng_for(name, n)
        shape = shape_of(rng)
        x = array(rng, shape, str(rng.choice(["float32", "float64", "float16", "int64"])))
        if rng.random() < 0.2:
            x = np.asarray(x * 50)
        x = np.asarray(x.T) if rng.random() < 0.3 else x
        dim = None if rng.random() < 0.2 else int(rng.integers(-len(shape) - 1, len(shape) + 1))
        given = {"dtype": str(rng.choice(["float32", "float64"]))} if rng.random() < 0.3 else {}

        def call(t: Any, x: Any, dim: Any = dim, given: Options = given) -> Any:
            return function(t, name)(x, dim, **{key: getattr(t, value) for key, value in given.items()})

        agree(call, x, names=name != "softmin", tolerance=1e-5)
        fits = dim is not None and -max(x.ndim, 1) <= dim < max(x.ndim, 1)
        if fits and x.dtype in (np.float32, np.float64) and np.isfinite(x).all() and x.size:
            compare(call, [x])
    x = np.ones((2, 3), np.float32)
    agree(lambda t, x: t.softmax(x, 1, t.float64), x)
    agree(lambda t, x: x.log_softmax(dim=-1, dtype=t.float64), x)


def test_the_dimension_that_is_implied() -> None:
    for library in (gradviz, torch):
        for name in ("softmax", "log_softmax", "softmin"):
            with pytest.warns(UserWarning, match=f"Implicit dimension choice for {name} has been"):
                function(library, name)(library.ones(2, 3))


def test_glu() -> None:
    for n in range(120):
        rng = rng_for("glu", n)
        shape = list(shape_of(rng, 1))
        dim = int(rng.integers(-len(shape), len(shape)))
        if rng.random() < 0.8:
            shape[dim] *= 2
        x = array(rng, tuple(shape), str(rng.choice(["float32", "float64"])))
        agree(lambda t, x, dim: t.nn.functional.glu(x, dim), x, dim, names=False)
        if x.size and shape[dim] % 2 == 0 and np.isfinite(x).all():
            compare(lambda t, x, dim=dim: t.nn.functional.glu(x, dim), [x])


def test_random_ones_have_pytorchs_form() -> None:
    for shape in ((), (3,), (2, 3)):
        x = np.random.default_rng(0).normal(size=shape).astype(np.float32)
        for hard in (False, True):
            for dim in (0, -1):
                found = [
                    function(t, "gumbel_softmax")(t.tensor(x), 0.5, hard, dim=dim).sum(dim)
                    for t in (gradviz, torch)
                ]
                np.testing.assert_allclose(found[0].numpy(), found[1].numpy(), atol=1e-6)
    for t in (gradviz, torch):
        t.manual_seed(0)
        x = t.full((2000,), -1.0, requires_grad=True)
        y = t.nn.functional.rrelu(x, 0.2, 0.4, training=True)
        y.sum().backward()
        assert -0.4 < y.min() < -0.39
        assert -0.21 < y.max() < -0.2
        np.testing.assert_allclose(x.grad.numpy(), -y.detach().numpy())
        z = t.nn.functional.gumbel_softmax(t.zeros(4000, 2) + t.tensor([0.0, 1.0]), hard=True)
        assert abs(float(z[:, 1].mean()) - 0.731) < 0.03
