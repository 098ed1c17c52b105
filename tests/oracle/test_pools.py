"""Pooling agrees with PyTorch over random arguments: values, places, gradients, refusals."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.oracle.layers import check, either, numbers  # noqa: E402

pytestmark = pytest.mark.oracle
ROUNDS = 120


def lines_or_planes(rng: np.random.Generator, count: int, dtype: str = "") -> np.ndarray:
    batch = [] if rng.random() < 0.25 else [0 if rng.random() < 0.05 else int(rng.integers(1, 3))]
    dtype = dtype or str(rng.choice(["float32", "float64"]))
    shape = (
        *batch,
        int(rng.integers(1, 4)),
        *(int(v) for v in rng.integers(1, 9 if count < 3 else 6, count)),
    )
    x = numbers(rng, *shape, special=0.3, dtype=dtype)
    return np.round(x) if rng.random() < 0.3 else x


def options_of(rng: np.random.Generator, count: int, names: tuple[str, ...]) -> dict:
    options = {"kernel_size": either(rng, 1, 5, count)}
    ranges = {"stride": (1, 4), "padding": (0, 3), "dilation": (1, 3)}
    for name in names:
        if rng.random() < 0.5:
            options[name] = either(rng, *ranges[name], count) if name in ranges else bool(rng.random() < 0.5)
    return options


def misses(options: dict, size: tuple[int, ...]) -> bool:
    """Whether a dilated window may lie around the input without touching it; PyTorch invents a place."""

    def at(name: str, k: int, default: int) -> int:
        value = options.get(name, default)
        return value if isinstance(value, int) else value[k % len(value)]

    return any(at("dilation", k, 1) > n and at("padding", k, 0) for k, n in enumerate(size))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_max_pools(count: int) -> None:
    rng = np.random.default_rng(count)
    accepted = 0
    for _ in range(ROUNDS):
        options = options_of(rng, count, ("stride", "padding", "dilation", "ceil_mode", "return_indices"))
        x = lines_or_planes(rng, count)
        if misses(options, x.shape[-count:]):
            continue
        accepted += check(
            lambda lib, t, o=options: getattr(lib.nn.functional, f"max_pool{count}d")(t, **o), x
        )
    assert accepted > 25


@pytest.mark.parametrize("count", [1, 2, 3])
def test_average_pools(count: int) -> None:
    rng = np.random.default_rng(count)
    accepted = 0
    for _ in range(ROUNDS):
        options = options_of(rng, count, ("stride", "padding", "ceil_mode", "count_include_pad"))
        if count > 1 and rng.random() < 0.2:
            options["divisor_override"] = int(rng.integers(-1, 5))
        x = lines_or_planes(rng, count)
        accepted += check(
            lambda lib, t, o=options: getattr(lib.nn.functional, f"avg_pool{count}d")(t, **o), x
        )
    assert accepted > 25


@pytest.mark.parametrize("kind", ["avg", "max"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_adaptive_pools(kind: str, count: int) -> None:
    rng = np.random.default_rng(count)
    for _ in range(ROUNDS // 2):
        size = either(rng, 0 if rng.random() < 0.1 else 1, 6, count)
        if count == 2 and rng.random() < 0.3:
            size = (None, 2) if rng.random() < 0.5 else (3, None)
        options = {"return_indices": True} if kind == "max" and rng.random() < 0.5 else {}
        name = f"adaptive_{kind}_pool{count}d"
        check(lambda lib, t, n=name, s=size, o=options: getattr(lib.nn.functional, n)(t, s, **o),
              lines_or_planes(rng, count))  # fmt: skip


@pytest.mark.parametrize("count", [1, 2])
def test_power_averages(count: int) -> None:
    rng = np.random.default_rng(count)
    for _ in range(ROUNDS // 3):
        options = options_of(rng, count, ("stride", "ceil_mode"))
        p = [1, 2, 3.0, 1.5, 2.0][int(rng.integers(5))]
        x = np.abs(lines_or_planes(rng, count)) + 0.1
        if 1 in [len(v) for v in options.values() if isinstance(v, tuple)] and count == 2:
            continue
        check(lambda lib, t, p=p, o=options: getattr(lib.nn.functional, f"lp_pool{count}d")(t, p, **o), x)


@pytest.mark.parametrize("count", [1, 2])
def test_unpooling(count: int) -> None:
    rng = np.random.default_rng(count)
    for _ in range(ROUNDS // 3):
        x = numbers(rng, 2, 2, *(int(v) for v in rng.integers(4, 9, count)))
        kernel, stride = int(rng.integers(2, 4)), int(rng.integers(1, 4))
        size = x.shape[-count:] if rng.random() < 0.7 else None
        size = (9,) * count if rng.random() < 0.1 else size

        def call(lib, t, k=kernel, s=stride, size=size):
            F = lib.nn.functional
            values, places = getattr(F, f"max_pool{count}d")(t, k, s, return_indices=True)
            return getattr(F, f"max_unpool{count}d")(values, places, k, s, output_size=size)

        check(call, x)


REFUSED = [
    ("max_pool2d", (2, 3, 4, 4), (2,), {"padding": 2}),
    ("max_pool2d", (2, 3, 4, 4), (0,), {}),
    ("max_pool2d", (2, 3, 4, 4), (2, 0), {}),
    ("max_pool2d", (2, 3, 4, 4), (2,), {"dilation": 0}),
    ("max_pool2d", (2, 3, 4, 4), (2,), {"padding": -1}),
    ("max_pool2d", (2, 3, 4, 4), ((2, 2, 2),), {}),
    ("max_pool2d", (2, 3, 4, 4), (1.5,), {}),
    ("max_pool2d", (2, 3, 4, 4), (5,), {}),
    ("max_pool2d", (4, 4), (2,), {}),
    ("max_pool2d", (2, 0, 4, 4), (2,), {}),
    ("max_pool2d", (2, 3, 0, 4), (2,), {}),
    ("avg_pool2d", (2, 3, 4, 4), (2,), {"divisor_override": 0}),
    ("avg_pool2d", (2, 3, 4, 4), (2,), {"padding": 2}),
    ("avg_pool2d", (0, 4, 4), (2,), {}),
    ("max_pool1d", (2, 3, 4, 4), (2,), {}),
    ("max_pool1d", (2, 3, 4), (2,), {"padding": 2}),
    ("max_pool1d", (2, 3, 4), (9,), {}),
    ("avg_pool1d", (2, 3, 4, 4), (2,), {}),
    ("adaptive_avg_pool2d", (2, 3, 0, 4), (2,), {}),
    ("adaptive_avg_pool2d", (2, 3, 4, 4), (-1,), {}),
    ("adaptive_avg_pool2d", (2, 3, 4, 4), ((1, 1, 1),), {}),
    ("adaptive_avg_pool1d", (2, 3, 4), (None,), {}),
    ("adaptive_max_pool2d", (2, 0, 4, 4), (2,), {}),
]


@pytest.mark.parametrize(("name", "shape", "args", "options"), REFUSED)
def test_what_is_refused(name: str, shape, args, options) -> None:
    x = np.ones(shape, np.float32)
    assert not check(lambda lib, t: getattr(lib.nn.functional, name)(t, *args, **options), x)


@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "float16", "bool"])
def test_other_dtypes(name: str, dtype: str) -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(0 if dtype == "uint8" else -9, 9, (2, 2, 6, 6)).astype(dtype)
    check(lambda lib, t: getattr(lib.nn.functional, name)(t, 3, 2), x, second=False)


def test_layouts_do_not_matter() -> None:
    x = numbers(np.random.default_rng(0), 2, 6, 7, 3)
    for name in ("max_pool2d", "avg_pool2d", "adaptive_avg_pool2d", "adaptive_max_pool2d"):
        check(lambda lib, t, n=name: getattr(lib.nn.functional, n)(t.permute(0, 3, 1, 2), 2), x)
