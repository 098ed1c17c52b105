"""Scans, sorting, ranks and counts agree with PyTorch, also in which of several equal elements they take."""

# ruff: noqa: B023  (every lambda is called before the loop goes on)

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.oracle.both import Call, agree  # noqa: E402
from tests.oracle.draws import DTYPES, array, rng_for, shape_of  # noqa: E402

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore:grad and param do not obey")]

ROUNDS = 80


def draw(rng: np.random.Generator, dtype: str = "") -> np.ndarray:
    """Often with equal elements, sometimes long."""
    shape = shape_of(rng) if rng.random() < 0.7 else (int(rng.integers(17, 150)),)
    x = array(rng, shape, dtype or str(rng.choice(DTYPES)))
    if x.dtype.kind == "f" and rng.random() < 0.5:
        x = np.asarray(np.round(x))
    return np.asarray(x.T) if rng.random() < 0.3 else x


def check(call: Call, *arrays: np.ndarray, grads: bool = True) -> None:
    agree(call, *arrays, names=False, tolerance=1e-5, grads=grads)


SCANS = ["cumsum", "cumprod", "logcumsumexp", "cummax", "cummin"]


@pytest.mark.parametrize("name", SCANS)
def test_scans(name: str) -> None:
    for n in range(2 * ROUNDS):
        rng = rng_for(name, n)
        x = draw(rng)
        if name == "cumprod":
            x = np.asarray(np.clip(x, -1, 1)) if x.size > 17 else x
            x = np.where(np.isfinite(x), x, 1).astype(x.dtype)
        dim = int(rng.integers(-x.ndim - 1, x.ndim + 1)) if x.size else -1
        grads = name != "logcumsumexp" or bool(np.isfinite(x).all())
        check(lambda t, x: getattr(t, name)(x, dim), x, grads=grads)
        check(lambda t, x: getattr(x, name)(dim=dim), x, grads=grads)
        if name in ("cumsum", "cumprod"):
            check(lambda t, x: getattr(x.clone(), name + "_")(dim), x)


def test_sort() -> None:
    for n in range(3 * ROUNDS):
        rng = rng_for("sort", n)
        x = draw(rng)
        dim = int(rng.integers(-x.ndim - 1, x.ndim + 1))
        descending, stable = bool(rng.random() < 0.5), bool(rng.random() < 0.5)
        check(lambda t, x: t.sort(x, dim, descending), x)
        check(lambda t, x: x.sort(dim=dim, descending=descending, stable=stable), x)
        check(lambda t, x: t.argsort(x, dim, descending), x)
        check(lambda t, x: x.argsort(dim=dim, descending=descending, stable=stable), x)
        check(lambda t, x: t.sort(x).values, x)
        check(lambda t, x: t.msort(x), x)


def test_topk() -> None:
    for n in range(3 * ROUNDS):
        rng = rng_for("topk", n)
        x = draw(rng)
        dim = int(rng.integers(-x.ndim - 1, x.ndim + 1))
        size = x.shape[dim] if -x.ndim <= dim < x.ndim else 1
        k = int(rng.integers(0 if x.ndim else 1, size + 1)) if rng.random() < 0.9 else size + 1
        largest, in_order = bool(rng.random() < 0.5), bool(rng.random() < 0.7)
        check(lambda t, x: t.topk(x, k, dim, largest, in_order), x)
        check(lambda t, x: x.topk(k, dim=dim, largest=largest).values, x)
        check(lambda t, x: x.topk(k), x)


@pytest.mark.parametrize("name", ["kthvalue", "median", "nanmedian", "mode", "max", "min"])
def test_ranks(name: str) -> None:
    for n in range(3 * ROUNDS):
        rng = rng_for(name, n)
        x = draw(rng)
        dim = int(rng.integers(-x.ndim - 1, x.ndim + 1))
        size = x.shape[dim] if -x.ndim <= dim < x.ndim else 1
        keepdim = bool(rng.random() < 0.5)
        extra = (
            (int(rng.integers(1, max(size, 1) + 1)) if rng.random() < 0.9 else 0,)
            if name == "kthvalue"
            else ()
        )
        check(lambda t, x: getattr(t, name)(x, *extra, dim, keepdim), x)
        check(lambda t, x: getattr(x, name)(*extra, dim=dim, keepdim=keepdim).values, x)
        if name in ("kthvalue", "mode"):
            check(lambda t, x: getattr(x, name)(*extra), x)


def test_unique() -> None:
    for n in range(ROUNDS):
        rng = rng_for("unique", n)
        x = draw(rng)
        inverse, counts = bool(rng.random() < 0.5), bool(rng.random() < 0.5)
        wanted = {"return_inverse": inverse, "return_counts": counts}
        check(lambda t, x: t.unique(x, True, inverse, counts), x, grads=False)
        check(lambda t, x: x.unique(**wanted), x, grads=False)
        check(lambda t, x: t.unique_consecutive(x, **wanted), x, grads=False)
        if x.ndim and x.size:
            dim = int(rng.integers(-x.ndim, x.ndim))
            x = np.where(x != x, 1, x).astype(x.dtype)
            check(
                lambda t, x: t.unique(x, dim=dim, **wanted),
                x,
                grads=False,
            )
            check(lambda t, x: x.unique_consecutive(inverse, counts, dim), x, grads=False)


def test_counts() -> None:
    for n in range(ROUNDS):
        rng = rng_for("counts", n)
        x = rng.integers(0 if rng.random() < 0.9 else -1, 6, int(rng.integers(0, 12)))
        weights = rng.normal(size=len(x)).astype(str(rng.choice(["float32", "float64", "int64"])))
        least = int(rng.integers(0, 9))
        check(lambda t, x: t.bincount(x), x)
        check(lambda t, x: x.bincount(minlength=least), x)
        check(lambda t, x, w: t.bincount(x, w, least), x, weights, grads=False)
        y = draw(rng, str(rng.choice(["float32", "float64"])))
        low, high = sorted(float(v) for v in np.round(rng.normal(size=2) * 3, 1))
        bins = int(rng.integers(1, 9))
        check(lambda t, y: t.histc(y, bins, low, high), y, grads=False)
        check(lambda t, y: y.histc(bins=bins), y, grads=False)


def test_searches() -> None:
    for n in range(2 * ROUNDS):
        rng = rng_for("search", n)
        dtype = str(rng.choice(["float32", "float64", "int64", "int32"]))
        edges = np.sort(array(rng, shape_of(rng, 1, 3, 0), dtype, special=False), -1)
        values = array(rng, (*edges.shape[:-1], 3) if rng.random() < 0.5 else shape_of(rng), dtype)
        right, small = bool(rng.random() < 0.5), bool(rng.random() < 0.5)
        side = [None, "left", "right", "up"][int(rng.integers(4))]
        check(lambda t, e, v: t.searchsorted(e, v, right=right, out_int32=small), edges, values, grads=False)
        check(lambda t, e, v: t.searchsorted(e, v, side=side, right=right), edges, values, grads=False)
        check(lambda t, e, v: t.bucketize(v, e, right=right, out_int32=small), edges, values, grads=False)
        check(lambda t, e, v: t.bucketize(1.5, e), edges, values, grads=False)
        check(lambda t, e, v: t.searchsorted(e, 1), edges, values, grads=False)
        check(lambda t, e, v: t.isin(v, e, invert=right), edges, values, grads=False)
        mixed = rng.permuted(edges, axis=-1)
        check(lambda t, e, v: t.searchsorted(e, v, sorter=t.argsort(e, -1)), mixed, values, grads=False)


def test_diff() -> None:
    for n in range(2 * ROUNDS):
        rng = rng_for("diff", n)
        x = draw(rng)
        order, dim = int(rng.integers(-1, 4)), int(rng.integers(-x.ndim - 1, x.ndim + 1))
        check(lambda t, x: t.diff(x, order, dim), x)
        check(lambda t, x: x.diff(dim=dim, prepend=x, append=x), x)


def test_refusals_and_reprs() -> None:
    import gradviz

    x = np.array([[1.0, 5, 2], [7, 2, 3]], np.float32)
    calls: dict[str, Call] = {
        "topk": lambda t, x: x.topk(2),
        "sort": lambda t, x: x.sort(),
        "aminmax": lambda t, x: x.aminmax(dim=0),
        "median": lambda t, x: x.median(1),
        "nanmedian": lambda t, x: x.nanmedian(1),
        "mode": lambda t, x: x.mode(),
        "kthvalue": lambda t, x: x.kthvalue(1),
        "cummax": lambda t, x: x.cummax(0),
        "cummin": lambda t, x: x.cummin(0),
    }
    for call in calls.values():
        results: list[Any] = [call(library, library.tensor(x)) for library in (gradviz, torch)]
        assert repr(results[0]) == repr(results[1])
    for call in (
        lambda t, x: x.topk(4),
        lambda t, x: x.kthvalue(0),
        lambda t, x: x.kthvalue(4),
        lambda t, x: x.cumsum(2),
        lambda t, x: x.sort(-3),
        lambda t, x: t.zeros(0, 2).median(0),
        lambda t, x: t.zeros(0, 2).mode(0),
        lambda t, x: t.zeros(0).max(),
        lambda t, x: t.zeros(0).argmax(),
        lambda t, x: t.zeros(0).amax(),
        lambda t, x: t.tensor(1.0).diff(),
        lambda t, x: x.bincount(),
        lambda t, x: x.quantile(1.5),
        lambda t, x: x.quantile(0.5, interpolation="up"),
        lambda t, x: x.histc(0),
        lambda t, x: t.bucketize(x, x),
    ):
        agree(call, x)
