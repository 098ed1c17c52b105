"""Embedding, attention, resampling, rearranging and padding agree with PyTorch over random arguments."""

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import gradviz  # noqa: E402
from tests.oracle.layers import check, numbers  # noqa: E402

pytestmark = pytest.mark.oracle


def test_embedding() -> None:
    rng = np.random.default_rng(0)
    for _ in range(120):
        rows, shape = (
            int(rng.integers(1, 6)),
            tuple(int(v) for v in rng.integers(0, 4, int(rng.integers(0, 3)))),
        )
        low, high = (-1, rows + 1) if rng.random() < 0.05 else (0, rows)
        k = rng.integers(low, high, shape).astype(str(rng.choice(["int64", "int64", "int32"])))
        options: dict[str, Any] = {}
        if rng.random() < 0.4:
            options["padding_idx"] = int(rng.integers(-rows, rows))
        if rng.random() < 0.3:
            options["max_norm"] = float(rng.choice([0.5, 1.0]))
            options["norm_type"] = float(rng.choice([1.0, 2.0, 3.0, np.inf]))
        often = bool(rng.random() < 0.25)  # PyTorch's second derivative forgets it
        if often:
            options["scale_grad_by_freq"] = True
        w = numbers(rng, rows, int(rng.integers(1, 4)), dtype=str(rng.choice(["float32", "float64"])))

        def call(lib, w, k=k, o=options):
            table = w.detach().clone().requires_grad_() if "max_norm" in o else w
            found = lib.nn.functional.embedding(lib.tensor(np.array(k)), table, **o)
            return found if table is w else (found.detach(), table.detach())

        check(call, w, second=not often)


def test_gradients_by_frequency_are_right_to_second_order() -> None:
    k = gradviz.tensor([0, 2, 2, 2])
    x = gradviz.rand(3, 2, dtype=gradviz.float64, requires_grad=True)
    y = gradviz.nn.functional.embedding(k, x, scale_grad_by_freq=True)
    g = gradviz.rand(4, 2, dtype=gradviz.float64, requires_grad=True)
    (first,) = gradviz.autograd.grad(y, x, g, create_graph=True)
    (second,) = gradviz.autograd.grad(first.sum(), g)
    np.testing.assert_allclose(np.array(second.tolist()), [[1, 1], *[[1 / 3, 1 / 3]] * 3])


BAD_EMBEDDINGS = [
    lambda lib, w: lib.nn.functional.embedding(lib.tensor([0, 5]), w),
    lambda lib, w: lib.nn.functional.embedding(lib.tensor([-1]), w),
    lambda lib, w: lib.nn.functional.embedding(lib.tensor([0.0]), w),
    lambda lib, w: lib.nn.functional.embedding(lib.tensor([0]), w[0]),
    lambda lib, w: lib.nn.functional.embedding(lib.tensor([0], dtype=lib.int8), w),
]


@pytest.mark.parametrize("call", BAD_EMBEDDINGS)
def test_embeddings_that_are_refused(call) -> None:
    assert not check(call, np.ones((5, 2), np.float32))


@pytest.mark.parametrize("padding", [5, -6])
def test_padding_rows_out_of_range(padding: int) -> None:
    for lib in (torch, gradviz):
        with pytest.raises(AssertionError, match="Padding_idx must be within num_embeddings"):
            lib.nn.functional.embedding(lib.tensor([0]), lib.ones(5, 2), padding_idx=padding)
        with pytest.raises(AssertionError, match="Padding_idx must be within num_embeddings"):
            lib.nn.Embedding(5, 2, padding_idx=padding)


def test_embedding_bag() -> None:
    rng = np.random.default_rng(6)
    accepted = 0
    for _ in range(150):
        rows, dtype = int(rng.integers(2, 6)), str(rng.choice(["float32", "float64"]))
        w = numbers(rng, rows, int(rng.integers(1, 4)), dtype=dtype)
        mode = str(rng.choice(["sum", "mean", "max"]))
        options: dict[str, Any] = {"mode": mode}
        if rng.random() < 0.4:
            k, offsets = rng.integers(0, rows, tuple(int(v) for v in rng.integers(1, 5, 2))), None
        else:
            k = rng.integers(0, rows, int(rng.integers(1, 8)))
            cuts = rng.integers(0, len(k) + 1, int(rng.integers(0, 4)))
            offsets = np.sort(np.concatenate([[0], cuts])).astype(np.int64)
            if rng.random() < 0.3:
                options["include_last_offset"] = True
                offsets = np.append(offsets, len(k))
        if rng.random() < 0.3:
            options["padding_idx"] = int(rng.integers(-rows, rows))
        arrays = [w]
        if mode == "sum" and rng.random() < 0.5:
            arrays.append(numbers(rng, *k.shape, dtype=dtype))

        def call(lib, w, *weights, k=k, offsets=offsets, o=options):
            starts = None if offsets is None else lib.tensor(offsets)
            more = {"per_sample_weights": weights[0]} if weights else {}
            return lib.nn.functional.embedding_bag(lib.tensor(k), w, starts, **o, **more)

        accepted += check(call, *arrays, second=False)
    assert accepted > 120


def test_one_hot() -> None:
    for values, count in (
        ([], 3),
        ([], -1),
        ([1], 0),
        ([1], -2),
        ([-1], 2),
        ([5], 2),
        ([0, 4, 1], -1),
        (2, 5),
    ):
        k = np.array(values, np.int64)
        check(lambda lib, k=k, c=count: lib.nn.functional.one_hot(lib.tensor(k), c))
    check(lambda lib: lib.nn.functional.one_hot(lib.tensor([1], dtype=lib.int32), 3))


def test_attention() -> None:
    rng = np.random.default_rng(1)
    accepted = 0
    for _ in range(150):
        front = tuple(int(v) for v in rng.integers(1, 4, int(rng.integers(0, 3))))
        length, keys, width, out = (int(v) for v in rng.integers(1, 6, 4))
        dtype = str(rng.choice(["float32", "float64"]))
        options: dict[str, Any] = {}
        if rng.random() < 0.3:
            options["scale"] = float(rng.choice([0.3, 1.0, 2.0]))
        q, k, v = (
            numbers(rng, *front, *size, dtype=dtype) for size in ((length, width), (keys, width), (keys, out))
        )
        if rng.random() < 0.2:
            options["is_causal"] = True
        if rng.random() < 0.15 and len(front) == 2:
            options["enable_gqa"] = True
            q = numbers(rng, front[0], front[1] * 2, length, width, dtype=dtype)
        arrays = [q, k, v]
        if rng.random() < 0.5 and (rng.random() < 0.05 or "is_causal" not in options):
            full = (*q.shape[:-2], length, keys)
            cut = int(rng.integers(0, len(full) - 1))
            shape = full[cut:]
            if rng.random() < 0.5:
                arrays.append(rng.random(shape) < 0.6)
            else:
                mask = rng.normal(size=shape)
                arrays.append(np.where(rng.random(shape) < 0.3, -np.inf, mask).astype(dtype))

        def call(lib, q, k, v, *mask, o=options):
            mask = [each.detach() for each in mask]
            return lib.nn.functional.scaled_dot_product_attention(q, k, v, *mask, **o)

        accepted += check(call, *arrays, tolerance=3e-5)
    assert accepted > 100


def test_attention_of_what_does_not_fit() -> None:
    rng = np.random.default_rng(0)
    q = numbers(rng, 2, 3, 4)
    for other in (
        numbers(rng, 2, 3, 5),
        numbers(rng, 3, 3, 4),
        numbers(rng, 2, 3, 4, dtype="float64"),
        q[0, 0],
    ):
        assert not check(lambda lib, q, k: lib.nn.functional.scaled_dot_product_attention(q, k, k), q, other)
    mask = np.ones((3, 3), np.int64)
    assert not check(lambda lib, q, m: lib.nn.functional.scaled_dot_product_attention(q, q, q, m), q, mask)


def test_interpolate() -> None:
    rng = np.random.default_rng(2)
    accepted = 0
    modes = {1: ["nearest", "nearest-exact", "linear", "area"],
             2: ["nearest", "nearest-exact", "bilinear", "bicubic", "area"],
             3: ["nearest", "nearest-exact", "trilinear"]}  # fmt: skip
    for _ in range(220):
        count = int(rng.choice([1, 2, 2, 2, 3]))
        mode = str(rng.choice(modes[count]))
        shape = (
            int(rng.integers(1, 3)),
            int(rng.integers(1, 3)),
            *(int(v) for v in rng.integers(1, 7, count)),
        )
        options: dict[str, Any] = {"mode": mode}
        if rng.random() < 0.5:
            several = tuple(int(v) for v in rng.integers(1, 9, count))
            options["size"] = several if rng.random() < 0.7 else several[0]
        else:
            scales = tuple(float(v) for v in rng.choice([0.4, 0.5, 0.7, 1.0, 1.3, 1.5, 2.0, 2.5, 3.0], count))
            options["scale_factor"] = scales if rng.random() < 0.6 else scales[0]
            used = scales if isinstance(options["scale_factor"], tuple) else scales[:1] * count
            kept = [int(n * f) in (n, 2 * n) for n, f in zip(shape[2:], used, strict=True)]
            if mode == "nearest" and count != 2 and any(kept):
                continue  # PyTorch's backward takes other places than its forward there
            if rng.random() < 0.3:
                options["recompute_scale_factor"] = bool(rng.random() < 0.7)
        if mode not in ("nearest", "nearest-exact", "area") or rng.random() < 0.03:
            options["align_corners"] = bool(rng.random() < 0.5)
        # (PyTorch takes images with one channel or column for another memory layout there, and fails.)
        single = 1 in (shape[1], shape[-1]) or "size" not in options or options["size"] in (1, (1, 1))
        single = single or (isinstance(options["size"], tuple) and options["size"][-1] == 1)
        if mode in ("bilinear", "bicubic") and rng.random() < 0.4 and not single:
            options["antialias"] = True
        x = numbers(rng, *shape, dtype=str(rng.choice(["float32", "float64"])))
        accepted += check(lambda lib, t, o=options: lib.nn.functional.interpolate(t, **o), x)
    assert accepted > 120


BAD_SIZES = [
    {"size": 3, "scale_factor": 2},
    {},
    {"size": (2, 2, 2)},
    {"scale_factor": (2.0,)},
    {"size": 0},
    {"size": 3, "mode": "nearest", "align_corners": True},
    {"size": 3, "recompute_scale_factor": True},
    {"size": 3, "mode": "linear"},
    {"size": 3, "mode": "nearest", "antialias": True},
]


@pytest.mark.parametrize("options", BAD_SIZES)
def test_sizes_that_are_refused(options) -> None:
    x = np.ones((1, 2, 4, 4), np.float32)
    assert not check(lambda lib, t: lib.nn.functional.interpolate(t, **options), x)


def test_shuffles() -> None:
    rng = np.random.default_rng(3)
    for name in ("pixel_shuffle", "pixel_unshuffle", "channel_shuffle"):
        for _ in range(25):
            k = int(rng.integers(0, 4))
            shape = [int(v) for v in rng.integers(1, 4, int(rng.integers(2, 6)))]
            if len(shape) > 2 and rng.random() < 0.8:
                shape[-3 if name == "pixel_shuffle" else 1] *= max(k * k, 1)
                if name == "pixel_unshuffle":
                    shape[-2:] = [shape[-2] * max(k, 1), shape[-1] * max(k, 1)]
            check(lambda lib, t, n=name, k=k: getattr(lib.nn.functional, n)(t, k), numbers(rng, *shape))


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
def test_pad(mode: str) -> None:
    rng = np.random.default_rng(4)
    accepted = 0
    for _ in range(100):
        count = int(rng.integers(1, 4))
        ndim = (
            int(rng.integers(1, 5))
            if mode == "constant" or rng.random() < 0.1
            else count + int(rng.integers(1, 3))
        )
        shape = tuple(0 if rng.random() < 0.02 else int(v) for v in rng.integers(1, 5, ndim))
        amounts = [int(v) for v in rng.integers(0 if rng.random() < 0.7 else -1, 3, 2 * count)]
        if mode == "circular" and min(amounts) < 0:  # PyTorch reads uninitialised memory in some of these
            continue
        if rng.random() < 0.03:
            amounts.append(1)
        options = {"mode": mode}
        if mode == "constant" and rng.random() < 0.5:
            options["value"] = float(rng.choice([0.0, 1.5, -2.0, np.inf]))
        x = numbers(rng, *shape, special=0.2)
        accepted += check(lambda lib, t, a=tuple(amounts), o=options: lib.nn.functional.pad(t, a, **o), x)
    assert accepted > 25


@pytest.mark.parametrize("dtype", ["int64", "uint8", "bool", "float16"])
def test_padding_of_other_dtypes(dtype: str) -> None:
    x = np.arange(6).reshape(2, 3).astype(dtype)
    for mode in ("constant", "reflect", "replicate", "circular"):
        check(lambda lib, t, m=mode: lib.nn.functional.pad(t, (1, 2), mode=m), x, second=False)
    check(lambda lib, t: lib.nn.functional.pad(t, (1, 2), value=2.7), x, second=False)


def test_dropouts_that_draw_nothing() -> None:
    rng = np.random.default_rng(5)
    names = ["dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"]
    for name in names:
        for ndim in range(1, 6):
            for p, training in ((0.0, True), (1.0, True), (0.5, False), (1.5, True), (-0.1, False)):
                x = numbers(rng, *(2,) * ndim)
                check(lambda lib, t, n=name, p=p, r=training: getattr(lib.nn.functional, n)(t, p, r), x)
