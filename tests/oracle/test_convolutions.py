"""Convolutions, transposed convolutions, unfold and fold agree with PyTorch over random arguments."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.oracle.layers import check, either, numbers  # noqa: E402

pytestmark = pytest.mark.oracle


def drawn(rng: np.random.Generator, count: int, transposed: bool) -> tuple[list, dict]:
    """Input, weight, perhaps a bias; and options that mostly fit."""
    groups = int(rng.choice([1, 1, 2, 3]))
    inside, outside = int(rng.integers(1, 3)), int(rng.integers(1, 3))
    kernel = [int(v) for v in rng.integers(1, 4, count)]
    space = [int(v) for v in rng.integers(1 if transposed else 3, 5 if count == 3 else 7, count)]
    batch = [] if rng.random() < 0.2 else [0 if rng.random() < 0.05 else int(rng.integers(1, 3))]
    dtype = str(rng.choice(["float32", "float64"]))
    x = numbers(rng, *batch, inside * groups, *space, dtype=dtype)
    channels = (inside * groups, outside) if transposed else (outside * groups, inside)
    arrays = [x, numbers(rng, *channels, *kernel, dtype=dtype)]
    if rng.random() < 0.6:
        arrays.append(numbers(rng, outside * groups, dtype=dtype))
    options = {"groups": groups}
    for name, low, high in (("stride", 1, 4), ("padding", 0, 3), ("dilation", 1, 3)):
        if rng.random() < 0.5:
            options[name] = either(rng, low, high, count)
    if transposed and rng.random() < 0.5:
        options["output_padding"] = either(rng, 0, 3, count)
    if not transposed and rng.random() < 0.15:
        options["padding"] = str(rng.choice(["same", "same", "valid", "other"]))
    if not transposed and rng.random() < 0.1:
        options["stride"] = 1
        options["padding"] = "same"
    return arrays, options


def _shape(name: str, arrays: list, options: dict) -> tuple:
    try:
        return tuple(getattr(torch.nn.functional, name)(*map(torch.tensor, arrays), **options).shape[-2:])
    except RuntimeError:
        return ()


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("transposed", [False, True])
def test_over_random_arguments(count: int, transposed: bool) -> None:
    name = f"conv{'_transpose' if transposed else ''}{count}d"
    if name == "conv_transpose3d":
        pytest.skip("there is none")
    rng = np.random.default_rng(count)
    accepted = 0
    for _ in range(60 if count == 3 else 150):
        arrays, options = drawn(rng, count, transposed)
        if transposed and 0 in _shape(name, arrays, options):  # oneDNN lets some results of size 0 pass
            continue
        if transposed and 0 in arrays[0].shape:  # for which PyTorch does not check it
            options.pop("output_padding", None)
        accepted += check(lambda lib, *t, o=options: getattr(lib.nn.functional, name)(*t, **o), *arrays)
    assert accepted > 25


BAD = [
    ((2, 3, 5, 5), (4, 2, 3, 3), None, {}),
    ((2, 3, 5, 5), (4, 3, 6, 3), None, {}),
    ((2, 3, 5, 5), (4, 3, 3), None, {}),
    ((3, 5), (4, 3, 3, 3), None, {}),
    ((2, 3, 5, 5), (4, 3, 3, 3), (3,), {}),
    ((2, 4, 5, 5), (3, 2, 3, 3), None, {"groups": 2}),
    ((2, 3, 5, 5), (4, 3, 3, 3), None, {"stride": 0}),
    ((2, 3, 5, 5), (4, 3, 3, 3), None, {"padding": -1}),
    ((2, 3, 5, 5), (4, 3, 3, 3), None, {"dilation": 0}),
    ((2, 3, 5, 5), (4, 3, 3, 3), None, {"groups": 0}),
    ((2, 3, 5, 5), (4, 3, 3, 3), None, {"stride": (1, 1, 1)}),
    ((2, 3, 5, 5), (4, 3, 3, 3), None, {"stride": 1.5}),
]


@pytest.mark.parametrize(("x", "w", "b", "options"), BAD)
def test_what_does_not_fit(x, w, b, options) -> None:
    rng = np.random.default_rng(0)
    arrays = [numbers(rng, *shape) for shape in (x, w, b) if shape]
    assert not check(lambda lib, *t: lib.nn.functional.conv2d(*t, **options), *arrays)


def test_dtypes_must_be_the_same() -> None:
    rng = np.random.default_rng(0)
    x, w = numbers(rng, 1, 2, 5, 5), numbers(rng, 2, 2, 3, 3, dtype="float64")
    for name in ("conv2d", "conv_transpose2d"):
        assert not check(lambda lib, *t, n=name: getattr(lib.nn.functional, n)(*t), x, w)


def test_half_precision() -> None:
    rng = np.random.default_rng(0)
    arrays = [numbers(rng, 2, 2, 5, 5, dtype="float16"), numbers(rng, 2, 2, 3, 3, dtype="float16")]
    for name in ("conv2d", "conv_transpose2d"):
        check(
            lambda lib, *t, n=name: getattr(lib.nn.functional, n)(*t), *arrays, second=False, tolerance=1e-2
        )


def test_layouts_do_not_matter() -> None:
    rng = np.random.default_rng(0)
    arrays = [numbers(rng, 2, 6, 5, 4), numbers(rng, 3, 2, 3, 4)]
    for name in ("conv2d", "conv_transpose2d"):
        check(
            lambda lib, x, w, n=name: getattr(lib.nn.functional, n)(
                x.permute(0, 3, 1, 2), w.transpose(1, 3)[:4], groups=1
            ),
            *arrays,
        )


def test_unfold_and_fold() -> None:
    rng = np.random.default_rng(3)
    accepted = 0
    for _ in range(150):
        options = {"kernel_size": either(rng, 1, 4, 2)}
        for name, low, high in (("stride", 1, 4), ("padding", 0, 3), ("dilation", 1, 3)):
            if rng.random() < 0.5:
                options[name] = either(rng, low, high, 2)
        batch = [] if rng.random() < 0.3 else [int(rng.integers(0, 3))]
        x = numbers(rng, *batch, int(rng.integers(1, 3)), *rng.integers(2, 7, 2), special=0.2)
        accepted += check(lambda lib, t, o=options: lib.nn.functional.unfold(t, **o), x)
        try:
            columns = torch.nn.functional.unfold(torch.tensor(x), **options)
        except RuntimeError:
            continue
        size = x.shape[-2:] if rng.random() < 0.9 else (4, 4)
        check(
            lambda lib, t, o=options, s=size: lib.nn.functional.fold(t, s, **o),
            numbers(rng, *columns.shape, special=0.2),
        )
    assert accepted > 50
