"""Reductions agree with PyTorch over random shapes, dimensions, dtypes and special values."""

# ruff: noqa: B023  (every lambda is called before the loop goes on)

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.oracle.both import Call, agree  # noqa: E402
from tests.oracle.draws import DTYPES, FLOATS, array, rng_for, shape_of  # noqa: E402
from tests.oracle.same import compare  # noqa: E402

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore:grad and param do not obey")]

ROUNDS = 120

SEVERAL = ["sum", "mean", "nansum", "nanmean", "amax", "amin", "var", "std", "all", "any"]
SEVERAL += ["logsumexp", "norm", "count_nonzero"]
ONE = ["prod", "max", "min", "argmax", "argmin", "median", "nanmedian"]
NO_KEEPDIM = {"count_nonzero"}


def draw(rng: np.random.Generator, dtype: str = "", special: bool = True) -> np.ndarray:
    x = array(rng, shape_of(rng), dtype or str(rng.choice(DTYPES)), special)
    if rng.random() < 0.3:
        x = np.asarray(x.T)
    return x


def check(call: Call, x: np.ndarray, tolerance: float = 1e-5, grads: bool = True) -> None:
    agree(call, x, names=False, tolerance=tolerance, grads=grads)


@pytest.mark.parametrize("name", [*SEVERAL, *ONE])
def test_of_all_elements(name: str) -> None:
    for n in range(ROUNDS):
        rng = rng_for(name, n)
        x = draw(rng)
        if name == "logsumexp":
            check(lambda t, x: x.logsumexp(tuple(range(x.ndim))), x)
            continue
        check(lambda t, x: getattr(t, name)(x), x)
        check(lambda t, x: getattr(x, name)(), x)


@pytest.mark.parametrize("name", [*SEVERAL, *ONE])
def test_over_dimensions(name: str) -> None:
    for n in range(2 * ROUNDS):
        rng = rng_for(name, n)
        x = draw(rng)
        options: dict[str, Any] = {} if name in NO_KEEPDIM else {"keepdim": bool(rng.random() < 0.5)}
        dim: Any = int(rng.integers(-x.ndim - 1, x.ndim + 1))
        if name in SEVERAL and rng.random() < 0.5:
            count = int(rng.integers(0, x.ndim + 1))
            dims = [int(d) - (x.ndim if rng.random() < 0.3 else 0) for d in rng.permutation(x.ndim)[:count]]
            dim = dims if rng.random() < 0.5 else tuple(dims)
            if name in ("norm", "var", "std", "logsumexp") and not dims:
                continue  # PyTorch's own gradients or shapes are wrong there
        check(lambda t, x: getattr(t, name)(x, dim=dim, **options), x)
        check(lambda t, x: getattr(x, name)(dim=dim, **options), x)


@pytest.mark.parametrize("name", ["sum", "mean", "nansum", "nanmean", "prod", "cumsum", "cumprod", "norm"])
def test_in_a_dtype(name: str) -> None:
    for n in range(ROUNDS):
        rng = rng_for(name, n)
        x = draw(rng, special=False)
        dim = int(rng.integers(-x.ndim - 1, x.ndim + 1))
        dtype = str(rng.choice(["float32", "float64", "int64", "int32", "float16", "bool"]))
        grads = dtype.startswith("float")
        tolerance = 3e-3 if dtype == "float16" else 1e-4
        check(lambda t, x: getattr(t, name)(x, dim=dim, dtype=getattr(t, dtype)), x, tolerance, grads)
        if not name.startswith("cum"):
            check(lambda t, x: getattr(x, name)(dtype=getattr(t, dtype)), x, tolerance, grads)


@pytest.mark.parametrize("name", ["var", "std", "var_mean", "std_mean"])
def test_variances(name: str) -> None:
    for n in range(2 * ROUNDS):
        rng = rng_for(name, n)
        x = draw(rng)
        if "mean" in name:  # the mean of infinities is NaN in PyTorch's way of computing both at once
            x = np.where(np.isinf(x), 1, x).astype(x.dtype)
        count = int(rng.integers(0, x.ndim + 1))
        dim: Any = [int(d) for d in rng.permutation(x.ndim)[:count]]
        dim = dim[0] if len(dim) == 1 and rng.random() < 0.5 else dim or None
        keepdim, unbiased = bool(rng.random() < 0.5), bool(rng.random() < 0.5)
        correction = [0, 1, 2, 0.5, 5, None][int(rng.integers(6))]
        for call in (
            lambda t, x: getattr(t, name)(x, unbiased),
            lambda t, x: getattr(t, name)(x, unbiased=unbiased),
            lambda t, x: getattr(t, name)(x, dim, unbiased, keepdim),
            lambda t, x: getattr(t, name)(x, dim, correction=correction, keepdim=keepdim),
            lambda t, x: getattr(t, name)(x, correction=correction),
            lambda t, x: getattr(t, name)(x, dim),
            lambda t, x: getattr(t, name)(x, dim=dim, unbiased=unbiased),
        ):
            check(call, x)


ORDERS = [2, 1, 0, 3, 0.5, 1.5, -1, -2.5, 2.0, float("inf"), -float("inf"), None]


def test_norms() -> None:
    for n in range(4 * ROUNDS):
        rng = rng_for("norm", n)
        x = draw(rng, str(rng.choice(FLOATS)) if rng.random() < 0.8 else "")
        order: Any = ORDERS[int(rng.integers(len(ORDERS)))]
        count = int(rng.integers(0, x.ndim + 1))
        dim: Any = tuple(int(d) for d in rng.permutation(x.ndim)[:count])
        dim = dim[0] if len(dim) == 1 and rng.random() < 0.5 else dim if dim and rng.random() < 0.8 else None
        keepdim = bool(rng.random() < 0.5)
        if order is not None:
            check(lambda t, x: t.linalg.vector_norm(x, order, dim, keepdim), x)
            check(lambda t, x: t.norm(x, order, dim, keepdim), x)
            check(lambda t, x: x.norm(p=order), x)
            check(lambda t, x: t.dist(x, x * 0.5 + 1, order), x)
        if (dim is None and x.ndim != 2) or isinstance(dim, int) or order not in (2, -2, 2.0):
            check(lambda t, x: t.linalg.norm(x, order, dim, keepdim), x)
        check(lambda t, x: t.norm(x, dim=dim, keepdim=keepdim), x)
        check(lambda t, x: t.norm(x, "fro", dim, keepdim), x)


def test_norms_of_matrices() -> None:
    for n in range(ROUNDS):
        rng = rng_for("matrix norm", n)
        x = array(rng, shape_of(rng, 1, 4), str(rng.choice(FLOATS)))
        order: Any = ["fro", 1, -1, float("inf"), -float("inf"), 3, "nuc", 2, -2][int(rng.integers(9))]
        keepdim = bool(rng.random() < 0.5)
        dims = tuple(int(d) for d in rng.permutation(max(x.ndim, 2))[:2])
        check(lambda t, x: t.linalg.matrix_norm(x, order, keepdim=keepdim), x)
        check(lambda t, x: t.linalg.matrix_norm(x, order, dims, keepdim), x)
        check(lambda t, x: t.linalg.norm(x, order, dims, keepdim), x)
        check(lambda t, x: t.linalg.norm(x, order), x)


def test_aminmax() -> None:
    for n in range(ROUNDS):
        rng = rng_for("aminmax", n)
        x = draw(rng)
        dim, keepdim = int(rng.integers(-x.ndim - 1, x.ndim + 1)), bool(rng.random() < 0.5)
        check(lambda t, x: t.aminmax(x, dim=dim, keepdim=keepdim), x)
        check(lambda t, x: x.aminmax(), x)
        check(lambda t, x: x.aminmax(dim=dim).min, x)


@pytest.mark.parametrize("name", ["quantile", "nanquantile"])
def test_quantiles(name: str) -> None:
    for n in range(2 * ROUNDS):
        rng = rng_for(name, n)
        x = draw(rng, str(rng.choice(FLOATS)) if rng.random() < 0.9 else "")
        x = np.where(np.isinf(x), 1, x).astype(x.dtype)
        dim = int(rng.integers(-x.ndim - 1, x.ndim + 1))
        way = str(rng.choice(["linear", "lower", "higher", "midpoint", "nearest"]))
        keepdim = bool(rng.random() < 0.5)
        q: Any = float(np.round(rng.random(), 2)) if rng.random() < 0.5 else rng.random(3).astype(x.dtype)
        check(lambda t, x: getattr(t, name)(x, q if isinstance(q, float) else t.tensor(q)), x)
        check(
            lambda t, x: getattr(x, name)(
                q if isinstance(q, float) else t.tensor(q), dim, keepdim=keepdim, interpolation=way
            ),
            x,
        )


SMOOTH: dict[str, Call] = {
    "sum": lambda t, x: x.sum(0),
    "mean": lambda t, x: x.mean((0, -1)) if x.ndim > 1 else x.mean(),
    "prod": lambda t, x: x.prod(),
    "prod dim": lambda t, x: x.prod(-1, keepdim=True),
    "var": lambda t, x: x.var(0, unbiased=False),
    "std": lambda t, x: x.std(correction=0),
    "logsumexp": lambda t, x: x.logsumexp(-1),
    "amax": lambda t, x: x.amax(0),
    "max": lambda t, x: x.max(-1).values,
    "median": lambda t, x: x.median(),
    "norm": lambda t, x: x.norm(),
    "norm 3": lambda t, x: t.linalg.vector_norm(x, 3, dim=0),
    "norm 1.5": lambda t, x: t.linalg.vector_norm(x, 1.5, dim=-1),
    "norm 0.5": lambda t, x: t.linalg.vector_norm(x, 0.5),
    "norm 1": lambda t, x: x.norm(1),
    "norm inf": lambda t, x: x.norm(float("inf"), dim=0),
    "nansum": lambda t, x: x.nansum(0),
    "nanmean": lambda t, x: x.nanmean(),
    "cumsum": lambda t, x: x.cumsum(0),
    "cumprod": lambda t, x: x.cumprod(-1),
    "logcumsumexp": lambda t, x: x.logcumsumexp(0),
    "cummax": lambda t, x: x.cummax(-1).values,
    "cummin": lambda t, x: x.cummin(0).values,
    "sort": lambda t, x: x.sort(-1, True).values,
    "topk": lambda t, x: x.topk(1, 0).values,
    "kthvalue": lambda t, x: x.kthvalue(1, 0).values,
    "quantile": lambda t, x: x.quantile(0.3),
    "diff": lambda t, x: x.diff(dim=0),
    "dist": lambda t, x: t.dist(x, x * x, 3),
    "var_mean": lambda t, x: t.var_mean(x, correction=0)[0],
}


@pytest.mark.parametrize("name", SMOOTH)
def test_second_derivatives(name: str) -> None:
    for n in range(16):
        rng = rng_for(name, n)
        x = rng.uniform(0.4, 2, shape_of(rng, 1, 4, empty=0)) * rng.choice([-1, 1])
        if "prod" in name and n % 2:
            x = np.where(rng.random(x.shape) < 0.3, 0, x)
        dtype = str(rng.choice(FLOATS))
        if x.size < 2 and name in ("std", "var"):
            continue
        compare(SMOOTH[name], [x.astype(dtype)], tolerance=1e-3 if dtype == "float32" else 1e-8)
