"""Distances, cosines and the losses made of them agree with PyTorch, at zero vectors and for every p."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import gradviz  # noqa: E402
from tests.oracle.both import agree  # noqa: E402
from tests.oracle.draws import FLOATS, rng_for, shape_of, smaller  # noqa: E402
from tests.oracle.same import compare  # noqa: E402

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore")]
Rng = np.random.Generator
REDUCTIONS = ["mean", "sum", "none"]
NORMS = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, math.inf]


def numbers(rng: Rng, shape: tuple[int, ...], dtype: str, zeros: bool = True) -> np.ndarray:
    x = np.asarray(rng.normal(size=shape))
    if zeros and rng.random() < 0.2:
        x = np.where(rng.random((*shape[:-1], 1) if shape else ()) < 0.5, 0, x)
    return np.array(x.astype(dtype), order="F" if rng.random() < 0.2 else "C")


@pytest.mark.parametrize("p", NORMS)
def test_pairwise_distance(p: float) -> None:
    for n in range(80):
        rng = rng_for(p, n)
        shape = shape_of(rng)
        dtype = str(rng.choice([*FLOATS, "float16"]))
        x, y = numbers(rng, shape, dtype), numbers(rng, smaller(rng, shape), dtype)
        keepdim = bool(rng.random() < 0.3)

        def call(t: Any, x: Any, y: Any, keepdim: bool = keepdim) -> Any:
            return t.nn.functional.pairwise_distance(x, y, p, keepdim=keepdim)

        agree(call, x, y, names=False, tolerance=1e-5)
        agree(lambda t, x, y: t.pairwise_distance(x, y, p=p, eps=0.1), x, y, names=False, tolerance=1e-5)
        fits = x.ndim and x.size and y.size and y.ndim <= x.ndim
        if fits and p in (1, 2, 3) and dtype == "float64":
            compare(call, [x, y])
    same = np.ones((2, 3))
    agree(lambda t, x, y: t.pairwise_distance(x, y, p=p, eps=0), same, same, names=False)
    agree(lambda t, x: t.pairwise_distance(x, x + 1, p=p), np.arange(6).reshape(2, 3), names=False)


def test_cosine_similarity() -> None:
    for n in range(200):
        rng = rng_for("cosine", n)
        shape = shape_of(rng, 1)
        dtype = str(rng.choice([*FLOATS, "float16"]))
        x, y = numbers(rng, shape, dtype), numbers(rng, smaller(rng, shape), dtype)
        if rng.random() < 0.5:
            x, y = y, x
        dim = int(rng.integers(-len(shape), len(shape)))
        eps = 1e-8 if dtype != "float16" else 1e-3
        if rng.random() < 0.3:
            eps = 2.0

        def call(t: Any, x: Any, y: Any, dim: int = dim, eps: float = eps) -> Any:
            return t.nn.functional.cosine_similarity(x, y, dim, eps)

        agree(call, x, y, names=False, tolerance=1e-5)
        fits = max(x.ndim, y.ndim) == len(shape) and x.size and y.size
        if fits and dtype == "float64" and x.all() and y.all() and n % 2:
            compare(call, [x, y])
    for a, b in (("int64", "float32"), ("int64", "int64"), ("bool", "float64"), ("float32", "float64")):
        x, y = np.ones((2, 3)).astype(a), np.arange(6).reshape(2, 3).astype(b)
        agree(lambda t, x, y: t.cosine_similarity(x, y), x, y, names=False)
        agree(lambda t, x, y: t.cosine_similarity(x, y, dim=2), x, y, names=False)


@pytest.mark.parametrize("p", [*NORMS, -1.0])
def test_normalize(p: float) -> None:
    for n in range(60):
        rng = rng_for(p, 1000 + n)
        shape = shape_of(rng, 1)
        x = numbers(rng, shape, str(rng.choice([*FLOATS, "float16"] if p >= 1 else FLOATS)))
        x = np.ascontiguousarray(x)  # numpy lays out quotients of mixed layouts in its own way
        dim = int(rng.integers(-len(shape), len(shape) + 1))
        eps = float(rng.choice([1e-12, 0.5])) if x.dtype != np.float16 else 0.01
        agree(
            lambda t, x, d, e: t.nn.functional.normalize(x, p, d, e), x, dim, eps, names=False, tolerance=1e-5
        )
        if p in (1, 2, 3) and x.size and x.all() and x.dtype == np.float64 and dim < len(shape):
            compare(lambda t, x, d=dim, e=eps: t.nn.functional.normalize(x, p, d, e), [x])
    x = np.ones((2, 3), np.float32)
    agree(lambda t, x: t.nn.functional.normalize(x, dim=(0, 1)), x, names=False)
    agree(lambda t, x: t.nn.functional.normalize(x[0, 0]), x, names=False)
    agree(lambda t, x: t.nn.functional.normalize(x.long()), x, grads=False)


@pytest.mark.parametrize("p", NORMS)
def test_pdist(p: float) -> None:
    for n in range(20):
        rng = rng_for(p, 2000 + n)
        # With fewer rows PyTorch itself crashes on the way back.
        x = rng.normal(size=(int(rng.integers(2, 5)), int(rng.integers(1, 4)))).astype(
            str(rng.choice(FLOATS))
        )
        if len(x) > 1 and rng.random() < 0.3:
            x[1] = x[0]
        agree(lambda t, x: t.pdist(x, p), x, names=False, tolerance=1e-5)
        agree(lambda t, x: t.nn.functional.pdist(x, p), x, names=False, tolerance=1e-5)
    for shape in ((3,), (1, 2, 3)):
        agree(lambda t, x: t.pdist(x), np.ones(shape, np.float32))
    agree(lambda t, x: t.pdist(x, -1.0), np.ones((2, 2), np.float32))
    agree(lambda t, x: t.pdist(x), np.ones((2, 2), np.int64))


def _options(rng: Rng) -> dict[str, Any]:
    return {"reduction": str(rng.choice(REDUCTIONS))}


def test_cosine_embedding_loss() -> None:
    for n in range(150):
        rng = rng_for("embedding", n)
        batch, size = int(rng.integers(0, 4)), int(rng.integers(1, 4))
        lead = () if rng.random() < 0.3 else (batch,)
        dtype = str(rng.choice(FLOATS))
        x, y = (numbers(rng, (*lead, size), dtype) for _ in range(2))
        target = np.asarray(rng.choice([-1, 1, 1, 0], lead)).astype(str(rng.choice(["int64", dtype])))
        given = {**_options(rng), "margin": float(rng.choice([0, 0.3, -0.2]))}

        def call(t: Any, x: Any, y: Any, target: Any = target, given: Any = given) -> Any:
            return t.nn.functional.cosine_embedding_loss(x, y, t.tensor(target), **given)

        agree(call, x, y, names=False, tolerance=1e-5)
        if x.size and dtype == "float64" and x.all() and y.all():
            compare(call, [x, y])
    x = np.ones((2, 3), np.float32)
    for shape in ((), (1, 2), (3,), (2,)):
        for other in (x, x[0]):

            def loss(t: Any, x: Any, y: Any, shape: Any = shape) -> Any:
                return t.nn.functional.cosine_embedding_loss(x, y, t.ones(*shape) if shape else t.tensor(1))

            agree(loss, x, other, names=False)
            agree(loss, other, other, names=False)


@pytest.mark.parametrize("name", ["triplet_margin_loss", "triplet_margin_with_distance_loss"])
def test_triplets(name: str) -> None:
    for n in range(150):
        rng = rng_for(name, n)
        shape = shape_of(rng, 1)
        dtype = str(rng.choice(FLOATS))
        xs = [numbers(rng, shape, dtype, False) for _ in range(3)]
        if rng.random() < 0.2:
            xs[int(rng.integers(3))] = numbers(rng, smaller(rng, shape), dtype)
        given: dict[str, Any] = {**_options(rng), "swap": bool(rng.random() < 0.5)}
        given["margin"] = float(rng.choice([0.5, 1, 5])) if rng.random() < 0.95 else 0.0
        if name == "triplet_margin_loss":
            given["p"] = float(rng.choice([1, 2, 3]))
            given["eps"] = float(rng.choice([1e-6, 0.1]))

        def call(t: Any, *xs: Any, given: Any = given) -> Any:
            return getattr(t.nn.functional, name)(*xs, **given)

        agree(call, *xs, names=False, tolerance=1e-5)
        fits = all(x.shape == shape for x in xs) and xs[0].size and given["margin"] > 0
        if fits and dtype == "float64":
            compare(call, xs)


def test_a_distance_of_ones_own() -> None:
    xs = [np.random.default_rng(n).normal(size=(3, 4)) for n in range(3)]

    def call(t: Any, *xs: Any) -> Any:
        return t.nn.functional.triplet_margin_with_distance_loss(
            *xs, distance_function=lambda a, b: 1 - t.nn.functional.cosine_similarity(a, b), swap=True
        )

    agree(call, *xs, names=False)
    compare(call, xs)
    agree(
        lambda t, *xs: t.nn.functional.triplet_margin_with_distance_loss(*xs, reduction="other"),
        *xs, names=False,
    )  # fmt: skip


MODULES: list[tuple[Callable[[Any], Any], int]] = [
    (lambda t: t.nn.PairwiseDistance(1, 0.1, True), 2),
    (lambda t: t.nn.PairwiseDistance(), 2),
    (lambda t: t.nn.CosineSimilarity(0, 0.1), 2),
    (lambda t: t.nn.CosineSimilarity(), 2),
    (lambda t: t.nn.CosineEmbeddingLoss(0.2, reduction="sum"), 3),
    (lambda t: t.nn.TripletMarginLoss(2.0, 1, 0.1, True, None, None, "sum"), 3),
    (lambda t: t.nn.TripletMarginLoss(size_average=False), 3),
    (lambda t: t.nn.TripletMarginWithDistanceLoss(margin=2.0, swap=True, reduction="none"), 3),
    (lambda t: t.nn.TripletMarginWithDistanceLoss(distance_function=t.nn.PairwiseDistance(1)), 3),
    (lambda t: t.nn.TripletMarginWithDistanceLoss(distance_function=lambda a, b: (a - b).abs().sum(1)), 3),
    (lambda t: t.nn.TripletMarginLoss(margin=0), 3),
    (lambda t: t.nn.TripletMarginWithDistanceLoss(margin=-1), 3),
]


@pytest.mark.parametrize("case", range(len(MODULES)))
def test_modules(case: int) -> None:
    make, count = MODULES[case]
    xs = [np.random.default_rng(n).normal(size=(4, 3)) for n in range(count)]

    def call(t: Any, *xs: Any) -> Any:
        module = make(t)
        if "CosineEmbedding" in repr(module):
            xs = (*xs[:2], t.tensor([1, -1, 1, -1]))
        return module(*xs), repr(module)

    agree(call, *xs, names=False)


def test_everything_is_there() -> None:
    for name in ("pdist", "pairwise_distance", "cosine_similarity"):
        assert hasattr(gradviz, name)
