"""The losses of classification agree with PyTorch: class numbers, probabilities, margins, what is refused."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.oracle.both import agree  # noqa: E402
from tests.oracle.draws import FLOATS, array, rng_for, shape_of  # noqa: E402
from tests.oracle.same import compare  # noqa: E402

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore")]
Rng = np.random.Generator
Options = dict[str, Any]
REDUCTIONS = ["mean", "sum", "none"]


def function(library: Any, name: str) -> Any:
    return getattr(library.nn.functional, name)


def _rough(rng: Rng, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Round numbers: many differences of 0, ½, 1."""
    x = np.round(rng.normal(size=shape) * 4) / 2
    return np.asarray(x * (100 if rng.random() < 0.1 else 1)).astype(dtype)


def _share(rng: Rng, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    return np.asarray(rng.uniform(0.02, 0.98, shape)).astype(dtype)


def _classes(rng: Rng, classes: int, shape: tuple[int, ...], ignored: int) -> np.ndarray:
    t = np.asarray(rng.integers(0, max(classes, 1), shape))
    return np.where(rng.random(shape) < 0.2, ignored, t) if rng.random() < 0.5 else t


@pytest.mark.parametrize("name", ["cross_entropy", "nll_loss"])
def test_class_numbers(name: str) -> None:
    for n in range(400):
        rng = rng_for(name, n)
        rest = shape_of(rng, 0, 4)
        c = int(rng.integers(1, 5))
        batch = int(rng.integers(0, 4)) if rng.random() < 0.2 else int(rng.integers(1, 4))
        shape = (c,) if rng.random() < 0.15 else (batch, c, *rest)
        dtype = str(rng.choice(FLOATS))
        x = array(rng, shape, dtype)
        if name == "nll_loss":
            x = np.asarray(-np.abs(x))
        given: Options = {"reduction": str(rng.choice(REDUCTIONS))}
        ignored = -100
        if rng.random() < 0.3:
            ignored = given["ignore_index"] = int(rng.integers(-2, c))
        if name == "cross_entropy" and rng.random() < 0.4:
            given["label_smoothing"] = round(float(rng.random()), 2)
        t = _classes(rng, c, shape[:1] + shape[2:] if len(shape) > 1 else (), ignored)
        if rng.random() < 0.05:
            t = np.asarray(t + 1)
        if rng.random() < 0.05 and x.ndim > 1:  # else PyTorch goes forwards, but not back
            t = np.asarray(t[..., None])
        w = np.asarray(rng.uniform(0.2, 2, c + (rng.random() < 0.05))).astype(dtype)
        weighed = rng.random() < 0.4

        def loss(
            lib: Any, x: Any, t: Any, given: Options = given, w: Any = w, weighed: bool = weighed
        ) -> Any:
            extra = {"weight": lib.tensor(w)} if weighed else {}
            return function(lib, name)(x, t, **extra, **given)

        agree(loss, x, t, tolerance=1e-5, names=False)
        try:
            with np.errstate(all="ignore"):
                loss(torch, torch.tensor(x), torch.tensor(t))
        except (RuntimeError, ValueError, IndexError):
            continue
        if x.size and np.isfinite(x).all() and n % 3 == 0:
            compare(loss, [x, t], tolerance=2e-5)


def test_class_probabilities() -> None:
    for n in range(200):
        rng = rng_for("probabilities", n)
        c = int(rng.integers(1, 5))
        shape = (c,) if rng.random() < 0.15 else (int(rng.integers(0, 4)), c, *shape_of(rng, 0, 3))
        dtype = str(rng.choice(FLOATS))
        x, p = array(rng, shape, dtype, special=False), _share(rng, shape, dtype)
        given: Options = {"reduction": str(rng.choice(REDUCTIONS))}
        if rng.random() < 0.4:
            given["label_smoothing"] = round(float(rng.random() * 1.1), 2)
        if rng.random() < 0.05:
            given["ignore_index"] = 1
        w = np.asarray(rng.uniform(0.2, 2, c + (rng.random() < 0.05))).astype(dtype)
        weighed = rng.random() < 0.4

        def loss(
            lib: Any, x: Any, p: Any, given: Options = given, w: Any = w, weighed: bool = weighed
        ) -> Any:
            extra = {"weight": lib.tensor(w)} if weighed else {}
            return lib.nn.functional.cross_entropy(x, p, **extra, **given)

        agree(loss, x, p, tolerance=1e-5, names=False)
        if x.size and len(w) == c and "ignore_index" not in given and given.get("label_smoothing", 0) <= 1:
            compare(loss, [x, p], tolerance=2e-5)


REFUSED: list[Callable[[Any, Any], Any]] = [
    lambda F, t: F.cross_entropy(t.rand(3, 2), t.rand(3)),
    lambda F, t: F.cross_entropy(t.rand(3, 2), t.rand(3, 2), ignore_index=1),
    lambda F, t: F.cross_entropy(t.rand(3, 2), t.rand(3, 2), label_smoothing=1.2),
    lambda F, t: F.cross_entropy(t.rand(3, 2), t.ones(3, 2).long()),
    lambda F, t: F.cross_entropy(t.rand(3)[0], t.rand(3)[0]),
    lambda F, t: F.cross_entropy(t.rand(3, 2), t.ones(3).int()),
    lambda F, t: F.cross_entropy(t.zeros(3, 2), t.ones(3).to(t.uint8)),
    lambda F, t: F.cross_entropy(t.rand(3, 2), t.ones(3).long(), weight=t.ones(2).double()),
    lambda F, t: F.cross_entropy(t.zeros(3, 2).half(), t.ones(3).long()),
    lambda F, t: F.cross_entropy(t.zeros(3, 2).double(), t.ones(3, 2)),
    lambda F, t: F.cross_entropy(t.zeros(3, 2), t.ones(3, 2).double()),
    lambda F, t: F.cross_entropy(t.rand(3, 2), t.tensor([0, 2, 1])),
    lambda F, t: F.cross_entropy(t.rand(3, 2), t.tensor([0, 1])),
    lambda F, t: F.cross_entropy(t.rand(3, 2, 4), t.ones(3, 5).long()),
    lambda F, t: F.cross_entropy(t.zeros(3, 2), -100 * t.ones(3).long(), label_smoothing=0.1),
    lambda F, t: F.cross_entropy(t.zeros(3, 2), -100 * t.ones(3).long(), weight=t.ones(2)),
    lambda F, t: F.nll_loss(t.rand(3)[0], t.tensor(0)),
    lambda F, t: F.nll_loss(t.rand(3, 2), t.tensor([0, 1, 1]), weight=t.ones(3)),
    lambda F, t: F.smooth_l1_loss(t.rand(3), t.rand(3), beta=-1.0),
    lambda F, t: F.huber_loss(t.rand(3), t.rand(3), delta=0.0),
    lambda F, t: F.binary_cross_entropy(t.rand(3), t.rand(2)),
    lambda F, t: F.binary_cross_entropy_with_logits(t.rand(3), t.rand(3, 1)),
    lambda F, t: F.margin_ranking_loss(t.rand(3), t.rand(3), t.rand(3, 1)),
    lambda F, t: F.mse_loss(t.rand(3), t.rand(2)),
    lambda F, t: F.kl_div(t.rand(3), t.ones(3).long()),
    lambda F, t: F.multilabel_soft_margin_loss(t.rand(3)[0], t.rand(3)[0]),
    lambda F, t: F.multi_margin_loss(t.rand(3, 2), t.tensor([0, 1, 2])),
    lambda F, t: F.multi_margin_loss(t.rand(3, 2), t.tensor([0, 1])),
    lambda F, t: F.multi_margin_loss(t.rand(3, 2), t.tensor([0, 1, 1]), p=3),
    lambda F, t: F.multi_margin_loss(t.rand(3, 2), t.tensor([0, 1, 1]), weight=t.ones(3)),
    lambda F, t: F.multi_margin_loss(t.rand(3, 2), t.tensor([0, 1, 1]), weight=t.ones(1, 2)),
    lambda F, t: F.multi_margin_loss(t.rand(3, 2), t.ones(3)),
    lambda F, t: F.multi_margin_loss(t.rand(3, 2, 2), t.tensor([0, 1, 1])),
    lambda F, t: F.multi_margin_loss(t.rand(3, 0), t.tensor([0, 1, 1])),
    lambda F, t: F.multilabel_margin_loss(t.rand(3, 2), t.tensor([0, 1, 1])),
    lambda F, t: F.multilabel_margin_loss(t.rand(1, 2), t.tensor([[0, 7]])),
    lambda F, t: F.multilabel_margin_loss(t.rand(1, 2), t.ones(1, 2)),
]


@pytest.mark.parametrize("case", range(len(REFUSED)))
def test_arguments_at_the_limits(case: int) -> None:
    agree(lambda t: REFUSED[case](t.nn.functional, t), names=False)


def test_margins_of_classes() -> None:
    for n in range(200):
        rng = rng_for("multi", n)
        c = int(rng.integers(1, 5))
        shape = [(), (c,), (int(rng.integers(1, 4)), c)][int(rng.integers(3))]
        dtype = str(rng.choice(FLOATS))
        x = _rough(rng, shape, dtype)
        high = c if shape else 1
        t = np.asarray(rng.integers(0, high, shape[:1] if len(shape) == 2 else ()))
        if t.ndim == 0 and rng.random() < 0.5:
            t = t.reshape(1)
        elif t.shape == (1,) and rng.random() < 0.5:
            t = t.reshape(())
        w = np.asarray(rng.uniform(0.2, 2, high)).astype(dtype)
        given: Options = {"reduction": str(rng.choice(REDUCTIONS)), "p": int(rng.integers(1, 3))}
        given["margin"] = float(rng.choice([0.5, 1, 2]))
        weighed = rng.random() < 0.4

        def loss(
            lib: Any, x: Any, t: Any, given: Options = given, w: Any = w, weighed: bool = weighed
        ) -> Any:
            extra = {"weight": lib.tensor(w)} if weighed else {}
            return lib.nn.functional.multi_margin_loss(x, t, **extra, **given)

        agree(loss, x, t, names=False, tolerance=1e-5)
        labels = np.asarray(rng.integers(-1, high, shape))
        agree(
            lambda lib, x, t, r: lib.nn.functional.multilabel_margin_loss(x, t, reduction=r),
            x, labels, given["reduction"], names=False, tolerance=1e-5,
        )  # fmt: skip
