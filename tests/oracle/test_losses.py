"""Losses agree with PyTorch over random shapes, dtypes, reductions and settings, at kinks and limits."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import gradviz  # noqa: E402
from tests.oracle.both import agree  # noqa: E402
from tests.oracle.draws import array, rng_for, shape_of  # noqa: E402
from tests.oracle.same import compare  # noqa: E402

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore")]
Rng = np.random.Generator
Options = dict[str, Any]
REDUCTIONS = ["mean", "sum", "none"]
LEGACY = [(True, None), (False, None), (None, True), (None, False), (True, False), (False, False)]
FLOATS = ["float32", "float64"]


def _numbers(rng: Rng, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    return array(rng, shape, dtype, special=False)


def _rough(rng: Rng, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Round numbers: many differences of 0, ½, 1."""
    x = np.round(rng.normal(size=shape) * 4) / 2
    return np.asarray(x * (100 if rng.random() < 0.1 else 1)).astype(dtype)


def _share(rng: Rng, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    return np.asarray(rng.uniform(0.02, 0.98, shape)).astype(dtype)


def _signs(rng: Rng, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    return np.asarray(rng.choice([-1.0, 1.0], shape)).astype(dtype)


def _counts(rng: Rng, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    return np.asarray(rng.integers(1, 6, shape)).astype(dtype)


class Loss(NamedTuple):
    """How the inputs of a loss are drawn (those that have a gradient, then the others), and its options."""

    inputs: tuple[Callable[..., np.ndarray], ...]
    others: tuple[Callable[..., np.ndarray], ...] = ()
    options: dict[str, Callable[[Rng], Any]] = {}  # noqa: RUF012
    broadcasts: bool = False
    legacy: bool = True


def _uniform(low: float, high: float) -> Callable[[Rng], float]:
    return lambda rng: round(float(rng.uniform(low, high)), 2)


def _flag(rng: Rng) -> bool:
    return bool(rng.random() < 0.5)


LOSSES = {
    "mse_loss": Loss((_numbers, _numbers), broadcasts=True),
    "l1_loss": Loss((_rough, _rough), broadcasts=True),
    "smooth_l1_loss": Loss(
        (_rough, _rough), (), {"beta": lambda rng: float(rng.choice([0, 0.5, 1, 2]))}, True
    ),
    "huber_loss": Loss(
        (_rough, _rough), (), {"delta": lambda rng: float(rng.choice([0.5, 1, 2]))}, True, False
    ),
    "binary_cross_entropy": Loss((_share, _share)),
    "binary_cross_entropy_with_logits": Loss((_numbers, _share)),
    "kl_div": Loss((_numbers, _share), (), {"log_target": _flag}, True),
    "poisson_nll_loss": Loss(
        (_share, _counts), (), {"log_input": _flag, "full": _flag, "eps": _uniform(1e-6, 0.1)}, True
    ),
    "hinge_embedding_loss": Loss(
        (_rough,), (_signs,), {"margin": lambda rng: float(rng.choice([0.5, 1, 2]))}
    ),
    "soft_margin_loss": Loss((_numbers,), (_signs,), {}, True),
    "margin_ranking_loss": Loss(
        (_rough, _rough), (_signs,), {"margin": lambda rng: float(rng.choice([0, 0.5, 1]))}
    ),
    "multilabel_soft_margin_loss": Loss((_numbers, _share)),
    "gaussian_nll_loss": Loss(
        (_numbers, _numbers, _share), (), {"full": _flag, "eps": _uniform(1e-6, 0.5)}, False, False
    ),
}
# PyTorch has other names for what is put together from other ops here, or none.
COMPOSED = {"hinge_embedding_loss", "soft_margin_loss", "gaussian_nll_loss", "multilabel_soft_margin_loss"}


def settings(name: str, rng: Rng) -> Options:
    loss = LOSSES[name]
    given = {key: draw(rng) for key, draw in loss.options.items() if rng.random() < 0.7}
    given["reduction"] = str(rng.choice([*REDUCTIONS, "batchmean"] if name == "kl_div" else REDUCTIONS))
    if rng.random() < 0.1:
        given["reduction"] = str(rng.choice(["other", "elementwise_mean"]))
    if loss.legacy and rng.random() < 0.15:
        del given["reduction"]
        given["size_average"], given["reduce"] = LEGACY[int(rng.integers(len(LEGACY)))]
    return given


def function(library: Any, name: str) -> Any:
    return getattr(library.nn.functional, name)


def call(name: str, given: Options) -> Callable[..., Any]:
    return lambda t, *xs: function(t, name)(*xs, **given)


def drawn(name: str, rng: Rng, dtype: str, empty: float = 0.05) -> list[np.ndarray]:
    loss = LOSSES[name]
    shape = shape_of(rng, 1 if name == "multilabel_soft_margin_loss" else 0, empty=empty)
    found = []
    order = "F" if rng.random() < 0.3 and name != "poisson_nll_loss" else "C"
    for i, draw in enumerate((*loss.inputs, *loss.others)):
        cut = shape[1:] if loss.broadcasts and i and len(shape) > 1 and rng.random() < 0.15 else shape
        x = draw(rng, cut, dtype)
        found.append(np.array(x, order=order))  # type: ignore[call-overload]
    return found


@pytest.mark.parametrize("name", LOSSES)
def test_values_and_gradients(name: str) -> None:
    gradient_of_all = not LOSSES[name].others
    for n in range(200):
        rng = rng_for(name, n)
        dtype = str(rng.choice([*FLOATS, *FLOATS, "float16"]))
        inputs, given = drawn(name, rng, dtype), settings(name, rng)
        if gradient_of_all:
            agree(call(name, given), *inputs, names=False, tolerance=1e-5)
            continue

        def with_fixed(t: Any, *xs: Any, given: Options = given) -> Any:
            kept = len(LOSSES[name].inputs)
            return function(t, name)(*xs[:kept], *(x.detach() for x in xs[kept:]), **given)

        agree(with_fixed, *inputs, names=False, tolerance=1e-5)


@pytest.mark.parametrize("name", LOSSES)
def test_gradients_of_gradients(name: str) -> None:
    kept = len(LOSSES[name].inputs)
    for n in range(40):
        rng = rng_for(name, 1000 + n)
        inputs, given = drawn(name, rng, str(rng.choice(FLOATS)), empty=0), settings(name, rng)
        if given.get("reduction") in ("other", "elementwise_mean"):
            continue

        def with_fixed(t: Any, *xs: Any, given: Options = given, inputs: Any = inputs) -> Any:
            return function(t, name)(*xs, *(t.tensor(x) for x in inputs[kept:]), **given)

        compare(with_fixed, inputs[:kept], tolerance=2e-5)


@pytest.mark.parametrize("name", [n for n in LOSSES if n not in ("margin_ranking_loss", "gaussian_nll_loss")])
def test_dtypes(name: str) -> None:
    for n in range(60):
        rng = rng_for(name, 2000 + n)
        a, b = (str(d) for d in rng.choice(["float32", "float64", "float16", "int64", "bool"], 2))
        shape = shape_of(rng, 1, empty=0)
        x = (
            np.asarray(rng.integers(0, 2, shape)) if a in ("int64", "bool") else _share(rng, shape, a)
        ).astype(a)
        y = (
            np.asarray(rng.integers(0, 2, shape)) if b in ("int64", "bool") else _share(rng, shape, b)
        ).astype(b)
        if name == "poisson_nll_loss" and "bool" in (a, b):
            continue
        given = {"reduction": str(rng.choice(REDUCTIONS))}
        agree(call(name, given), x, y, grads=False)


LIMITS = np.array([0, 1, 100, -100, 1e30, -1e30, np.inf, -np.inf, np.nan, 0.5, -0.5, -1])


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "kl_div",
                                  "hinge_embedding_loss", "soft_margin_loss", "poisson_nll_loss",
                                  "binary_cross_entropy_with_logits"])  # fmt: skip
def test_far_out(name: str) -> None:
    x, y = (each.reshape(-1) for each in np.meshgrid(LIMITS, np.array([0.0, 1.0, -1.0])))
    for dtype in FLOATS:
        for reduction in REDUCTIONS:
            a, b = x.astype(dtype), y.astype(dtype)

            def fixed(t: Any, a: Any, b: Any, reduction: str = reduction) -> Any:
                return function(t, name)(a, b.detach(), reduction=reduction)

            agree(fixed, a, b, names=False)


def test_probabilities_of_0_and_1() -> None:
    x, y = (each.reshape(-1) for each in np.meshgrid([0, 1, 0.5, 1e-30, 1e-8], [0, 1, 0.3]))
    for dtype in FLOATS:
        for reduction in REDUCTIONS:

            def fixed(t: Any, a: Any, b: Any, reduction: str = reduction) -> Any:
                return t.nn.functional.binary_cross_entropy(a, b.detach(), reduction=reduction)

            agree(fixed, x.astype(dtype), y.astype(dtype))
    for wrong in (-0.1, 1.1, np.nan):
        one = np.array([wrong], np.float32)
        agree(lambda t, a: t.nn.functional.binary_cross_entropy(a, t.ones(1)), one)
        agree(lambda t, a: t.nn.functional.binary_cross_entropy(t.ones(1), a.detach()), one)


@pytest.mark.parametrize("name", ["binary_cross_entropy", "binary_cross_entropy_with_logits"])
def test_weights_of_binary_losses(name: str) -> None:
    for n in range(150):
        rng = rng_for(name, 3000 + n)
        shape = shape_of(rng)
        dtype = str(rng.choice(FLOATS))
        draw = _share if name == "binary_cross_entropy" else _numbers
        x, y = draw(rng, shape, dtype), _share(rng, shape, dtype)

        def weights(rng: Rng = rng, shape: Any = shape, dtype: str = dtype) -> np.ndarray:
            cut = shape[int(rng.integers(0, len(shape) + 1)) :]
            return _share(rng, (2, *shape) if rng.random() < 0.1 else cut, dtype)

        arrays = {"weight": weights()} if rng.random() < 0.6 else {}
        if name.endswith("logits") and rng.random() < 0.6:
            arrays["pos_weight"] = weights()
        reduction = str(rng.choice(REDUCTIONS))

        def weighed(t: Any, x: Any, y: Any, arrays: Any = arrays, reduction: str = reduction) -> Any:
            given = {key: t.tensor(value) for key, value in arrays.items()}
            return function(t, name)(x, y, **given, reduction=reduction)

        agree(weighed, x, y, names=False, tolerance=1e-5)
        if x.size and all(w.ndim <= x.ndim for w in arrays.values()):
            compare(weighed, [x, y])


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "huber_loss"])
def test_weights_of_differences(name: str) -> None:
    for n in range(80):
        rng = rng_for(name, 4000 + n)
        shape = shape_of(rng)
        x, y, w = (_numbers(rng, shape, "float32") for _ in range(3))
        w = np.ones((2, 2), np.float32) if rng.random() < 0.1 else np.abs(w)
        reduction = str(rng.choice([*REDUCTIONS, "other"]))

        def weighed(t: Any, x: Any, y: Any, w: Any, reduction: str = reduction) -> Any:
            return function(t, name)(x, y, reduction=reduction, weight=w)

        agree(weighed, x, y, np.asarray(w), names=False, tolerance=1e-5)


def test_variances() -> None:
    for n in range(100):
        rng = rng_for("variances", n)
        shape = shape_of(rng, 1)
        x, y = (_numbers(rng, shape, "float32") for _ in range(2))
        kind = int(rng.integers(5))
        shapes = [shape, shape[:-1], (*shape[:-1], 1), (1,) * len(shape), (3, 3)]
        v = _share(rng, shapes[kind], "float32") * float(rng.choice([1, 1e-5]))
        if rng.random() < 0.1:
            v = -v
        reduction = str(rng.choice([*REDUCTIONS, "other"]))
        agree(lambda t, x, y, v, r: t.nn.functional.gaussian_nll_loss(x, y, v, reduction=r), x, y,
              np.asarray(v, np.float32), reduction, names=False, tolerance=1e-5)  # fmt: skip
    x = np.ones((2, 3), np.float32)
    for number in (0.5, -0.5, 1):
        agree(lambda t, x, v: t.nn.functional.gaussian_nll_loss(x, x * 2, v), x, number, names=False)


def test_warnings() -> None:
    for t in (gradviz, torch):
        F = t.nn.functional
        x, y = t.rand(2, 3), t.rand(3)
        for name in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"):
            with pytest.warns(UserWarning, match=r"Using a target size \(torch.Size\(\[3\]\)\) that is"):
                getattr(F, name)(x, y)
        with pytest.warns(UserWarning, match="reduction: 'mean' divides the total loss by both"):
            F.kl_div(x, x)
        with pytest.warns(UserWarning, match="please use reduction='sum' instead"):
            F.mse_loss(x, x, size_average=False)
        with pytest.warns(UserWarning, match="reduction='elementwise_mean' is deprecated"):
            F.smooth_l1_loss(x, x, reduction="elementwise_mean")
