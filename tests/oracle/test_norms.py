"""Normalisations agree with PyTorch over random arguments: values, gradients, running averages, refusals."""

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import gradviz  # noqa: E402
from tests.oracle.layers import check, near, numbers  # noqa: E402

pytestmark = pytest.mark.oracle
ROUNDS = 100


def shape_of(rng: np.random.Generator, low: int, high: int) -> tuple[int, ...]:
    sizes = [int(v) for v in rng.integers(1, 5, int(rng.integers(low, high)))]
    if rng.random() < 0.08:
        sizes[int(rng.integers(len(sizes)))] = 0
    return tuple(sizes)


def perhaps(rng: np.random.Generator, shape: tuple[int, ...], dtype: str, wrong: float = 0.04) -> Any:
    if rng.random() < 0.35:
        return None
    return numbers(rng, *((5,) if rng.random() < wrong else shape), dtype=dtype)


def with_rest(call, x, optional: list[Any]):
    """A check of `call(library, x, *optional)`, where None stays None."""
    given = [each for each in optional if each is not None]

    def fill(lib, t, *rest):
        left = iter(rest)
        return call(lib, t, *(None if each is None else next(left) for each in optional))

    return check(fill, x, *given, tolerance=1e-4)


def pair_of(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> list:
    return [numbers(rng, *shape, dtype=dtype), np.abs(numbers(rng, *shape, dtype=dtype)) + 0.1]


def test_batch_norm() -> None:
    rng = np.random.default_rng(0)
    accepted = 0
    for _ in range(ROUNDS):
        shape, dtype = shape_of(rng, 2, 6), str(rng.choice(["float32", "float64"]))
        x = numbers(rng, *shape, special=0.1, dtype=dtype)
        channels = shape[1:2]
        if 0 in shape[:2]:  # where PyTorch fails on its own weight[0]
            continue
        training = bool(rng.random() < 0.6)
        options = {"training": training, "momentum": float(rng.choice([0.1, 0.0, 1.0, 0.3]))}
        if rng.random() < 0.3:
            options["eps"] = float(rng.choice([1e-3, 0.5]))
        if rng.random() < 0.05:
            options["eps"] = 0.0
        running = (
            [None, None] if rng.random() < 0.3 else [numbers(rng, *channels, dtype=dtype) for _ in (0, 1)]
        )
        if rng.random() < 0.05:
            running[0] = None
        arrays = [perhaps(rng, channels, dtype) for _ in (0, 1)]

        def call(lib, t, w, b, o=options, r=running):
            means = [None if each is None else lib.tensor(each) for each in r]
            result = lib.nn.functional.batch_norm(t, *means, w, b, **o)
            return (result, *(each for each in means if each is not None))

        accepted += with_rest(call, x, arrays)
    assert accepted > 50


def test_instance_norm() -> None:
    rng = np.random.default_rng(1)
    accepted = 0
    for _ in range(ROUNDS):
        shape, dtype = shape_of(rng, 2, 6), str(rng.choice(["float32", "float64"]))
        x = numbers(rng, *shape, special=0.1, dtype=dtype)
        channels = shape[1:2]
        if 0 in shape[:2]:  # where PyTorch fails on its own weight[0]
            continue
        options = {"use_input_stats": bool(rng.random() < 0.7), "momentum": float(rng.choice([0.1, 0.4]))}
        running = (
            [None, None] if rng.random() < 0.5 else [numbers(rng, *channels, dtype=dtype) for _ in (0, 1)]
        )
        arrays = [perhaps(rng, channels, dtype) for _ in (0, 1)]

        def call(lib, t, w, b, o=options, r=running):
            means = [None if each is None else lib.tensor(each) for each in r]
            result = lib.nn.functional.instance_norm(t, *means, w, b, **o)
            return (result, *(each for each in means if each is not None))

        accepted += with_rest(call, x, arrays)
    assert accepted > 40


@pytest.mark.parametrize("name", ["layer_norm", "rms_norm"])
def test_layer_and_rms_norm(name: str) -> None:
    rng = np.random.default_rng(2)
    for _ in range(ROUNDS):
        shape, dtype = shape_of(rng, 1, 5), str(rng.choice(["float32", "float64"]))
        x = numbers(rng, *shape, special=0.1, dtype=dtype)
        last = shape[int(rng.integers(0, len(shape))) :]
        if rng.random() < 0.08:
            last = () if rng.random() < 0.3 else (*last, 3)
        options = {"eps": float(rng.choice([1e-5, 0.3]))} if rng.random() < 0.5 else {}
        arrays = [perhaps(rng, last, dtype) for _ in range(2 if name == "layer_norm" else 1)]
        with_rest(
            lambda lib, t, *a, s=last, o=options: getattr(lib.nn.functional, name)(t, s, *a, **o), x, arrays
        )


def test_group_norm() -> None:
    rng = np.random.default_rng(3)
    accepted = 0
    for _ in range(ROUNDS):
        groups, dtype = int(rng.integers(1, 4)), str(rng.choice(["float32", "float64"]))
        shape = shape_of(rng, 1, 5)
        if len(shape) > 1 and rng.random() < 0.95:
            shape = (shape[0], groups * int(rng.integers(1, 4)), *shape[2:])
        if 0 in shape[1:]:  # where PyTorch's gradients of γ and β are NaN
            continue
        arrays = [perhaps(rng, shape[1:2], dtype) for _ in (0, 1)]
        options = {"eps": 0.2} if rng.random() < 0.3 else {}
        accepted += with_rest(
            lambda lib, t, *a, g=groups, o=options: lib.nn.functional.group_norm(t, g, *a, **o),
            numbers(rng, *shape, special=0.1, dtype=dtype),
            arrays,
        )
    assert accepted > 50


def test_local_response_norm() -> None:
    rng = np.random.default_rng(4)
    for _ in range(ROUNDS // 2):
        x = numbers(rng, *shape_of(rng, 2, 6), special=0.1)
        options = {"alpha": 0.3, "beta": float(rng.choice([0.5, 0.75, 2.0])), "k": 0.7}
        options = {key: value for key, value in options.items() if rng.random() < 0.5}
        size = int(rng.integers(0, 7))
        check(lambda lib, t, s=size, o=options: lib.nn.functional.local_response_norm(t, s, **o), x)


def test_half_precision() -> None:
    rng = np.random.default_rng(5)
    x = numbers(rng, 3, 4, 5, dtype="float16")
    for dtype in ("float16", "float32"):
        w = numbers(rng, 4, dtype=dtype)
        check(lambda lib, t, w: lib.nn.functional.group_norm(t, 2, w, w), x, w, second=False, tolerance=1e-2)
        check(
            lambda lib, t, w: lib.nn.functional.batch_norm(t, None, None, w, w, True),
            x,
            w,
            second=False,
            tolerance=1e-2,
        )
        last = numbers(rng, 5, dtype=dtype)
        check(
            lambda lib, t, w: lib.nn.functional.layer_norm(t, (5,), w, w),
            x,
            last,
            second=False,
            tolerance=1e-2,
        )
    check(lambda lib, t: lib.nn.functional.rms_norm(t, (5,)), x, second=False)
    tiny = (x * 1e-4).astype(np.float16)
    near(
        gradviz.nn.functional.rms_norm(gradviz.tensor(tiny), (5,)),
        torch.nn.functional.rms_norm(torch.tensor(tiny), (5,)),
    )


def test_other_dtypes_are_refused() -> None:
    x = numbers(np.random.default_rng(0), 3, 4)
    double = np.ones(4)
    for call in (
        lambda lib, t, w: lib.nn.functional.batch_norm(t, None, None, w, None, True),
        lambda lib, t, w: lib.nn.functional.layer_norm(t, (4,), w),
        lambda lib, t, w: lib.nn.functional.group_norm(t, 2, w),
        lambda lib, t, w: lib.nn.functional.layer_norm(t, 4),
        lambda lib, t, w: lib.nn.functional.group_norm(t, 0),
        lambda lib, t, w: lib.nn.functional.batch_norm(t, w, None),
    ):
        assert not check(call, x, double)


def test_functions_of_the_top_level_take_their_arguments_in_another_order() -> None:
    rng = np.random.default_rng(6)
    x, w, mean = numbers(rng, 3, 2, 4), numbers(rng, 2), numbers(rng, 2)
    for name in ("batch_norm", "instance_norm"):
        for own in (True, False):

            def call(lib, x, w, n=name, own=own):
                running = [lib.tensor(mean), lib.tensor(np.abs(mean))]
                result = getattr(lib, n)(x, w, None, *running, own, 0.3, 1e-3, False)
                return (result, *running)

            check(call, x, w, tolerance=1e-4)
    check(lambda lib, x: lib.adaptive_max_pool1d(x, 3), x)
