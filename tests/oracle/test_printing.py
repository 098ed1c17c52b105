"""Tensors print exactly as PyTorch prints them."""

from collections.abc import Iterator

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import gradviz  # noqa: E402

pytestmark = pytest.mark.oracle

KINDS = [
    *("normal", "whole", "wide", "bool", "int64", "int32", "uint8"),
    *("double", "special", "tiny", "huge", "half", "zero", "sparse"),
]


def numbers(kind: str, rng: np.random.Generator) -> np.ndarray:
    shape = tuple(
        int(n) for n in rng.integers(rng.random() > 0.1, rng.choice([3, 5, 9, 30]), rng.integers(5))
    )
    if rng.random() < 0.1:
        shape = (int(rng.integers(900, 2000)),)
    x = np.asarray(rng.normal(size=shape))
    whole = {"bool": bool, "int64": np.int64, "int32": np.int32, "uint8": np.uint8}
    if kind in whole:
        return np.asarray(
            np.abs(x * 30) if kind == "uint8" else x * 1000 if kind == "int64" else x > 0
        ).astype(whole[kind])
    if kind == "special":
        pick = rng.random(shape)
        x = np.where(pick < 0.2, np.nan, np.where(pick < 0.4, np.inf, np.where(pick < 0.6, -np.inf, x)))
        x = x if rng.random() < 0.5 else np.round(x)
    scale = {
        "wide": 10.0 ** rng.integers(-6, 10, shape),
        "tiny": 1e-5,
        "zero": 0,
        "sparse": rng.random(shape) < 0.5,
    }.get(kind, 1)
    x = x * scale
    if kind in ("whole", "huge"):
        x = np.round(x * (5 if kind == "whole" else 1e9))
    return np.asarray(x).astype({"double": np.float64, "half": np.float16}.get(kind, np.float32))


@pytest.fixture(autouse=True)
def restore() -> Iterator[None]:
    yield
    for library in (torch, gradviz):
        library.set_printoptions(profile="default")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [False, True])
def test_repr(kind: str, options: bool) -> None:
    for seed in range(150):
        rng = np.random.default_rng(seed)
        array = numbers(kind, rng)
        chosen = {}
        if options:
            chosen = {
                "precision": int(rng.integers(0, 7)),
                "threshold": int(rng.integers(0, 2000)),
                "edgeitems": int(rng.integers(1, 5)),
                "linewidth": int(rng.integers(20, 150)),
                "sci_mode": [None, True, False][int(rng.integers(3))],
            }
        texts = []
        for library in (torch, gradviz):
            library.set_printoptions(profile="default", **chosen)
            tensor = library.tensor(array)
            if array.dtype.kind == "f" and seed % 3:
                tensor.requires_grad_()
                tensor = tensor + 0 if seed % 3 == 2 else tensor
            texts.append(repr(tensor))
        assert texts[1] == texts[0]


@pytest.mark.parametrize("profile", ["default", "short", "full"])
def test_profiles(profile: str) -> None:
    for library in (torch, gradviz):
        library.set_printoptions(profile=profile)
    array = np.random.default_rng(0).normal(size=(40, 30))
    assert repr(gradviz.tensor(array)) == repr(torch.tensor(array))


@pytest.mark.parametrize(
    "call",
    [
        lambda t: f"{t.tensor(0.1)}",
        lambda t: f"{t.tensor(3)} {t.tensor(True)}",
        lambda t: f"{t.tensor(0.12345):.3f} {t.tensor(2.5):>8.2e} {t.tensor(7):04d}",
        lambda t: f"{t.tensor([0.1, 2])}",
        lambda t: str(t.tensor(0.1)),
        lambda t: f"{t.tensor(1.0, requires_grad=True) * 2}",
        lambda t: repr(t.zeros(2, 3).shape) + str(t.zeros(2).size()),
        lambda t: repr(t.zeros(2).dtype) + str(t.float64) + repr(t.device("cpu")) + str(t.device("cpu")),
        lambda t: repr(t.zeros(0, 3)) + repr(t.zeros(0)) + repr(t.zeros(0, dtype=t.int64)),
        lambda t: repr(t.tensor([1.5], dtype=t.float64)) + repr(t.tensor([1], dtype=t.int16)),
        lambda t: repr(t.rand(3, 4).sum().shape),
        lambda t: repr([t.tensor(1.0), t.tensor([2])]),
        lambda t: f"{t.tensor([1.0]):>30}",
        lambda t: repr(t.tensor([[1.0, 2], [3, 4]], requires_grad=True).view(-1)[1:].max()),
        lambda t: t.tensor([1.0, 2], requires_grad=True).sum().grad_fn.name(),
        lambda t: [
            f and f.name() for f, _ in (t.ones(2, requires_grad=True) * t.ones(2)).grad_fn.next_functions
        ],
    ],
)
def test_texts(call) -> None:
    results = []
    for library in (torch, gradviz):
        try:
            results.append(call(library))
        except TypeError:
            results.append(TypeError)
    assert results[1] == results[0]
