"""Activations and losses as modules agree with PyTorch: arguments, reprs, state, values, gradients."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import gradviz  # noqa: E402
from tests.oracle.both import agree  # noqa: E402
from tests.oracle.draws import rng_for  # noqa: E402

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore")]
Rng = np.random.Generator
Make = Callable[[Any, Rng], Any]

ACTIVATIONS: dict[str, Make] = {
    "ReLU": lambda t, r: t.nn.ReLU(*_flags(r)),
    "ReLU6": lambda t, r: t.nn.ReLU6(*_flags(r)),
    "Hardtanh": lambda t, r: t.nn.Hardtanh(-_number(r), _number(r), *_flags(r)),
    "Hardsigmoid": lambda t, r: t.nn.Hardsigmoid(*_flags(r)),
    "Hardswish": lambda t, r: t.nn.Hardswish(*_flags(r)),
    "Hardshrink": lambda t, r: t.nn.Hardshrink(*_numbers(r)),
    "Softshrink": lambda t, r: t.nn.Softshrink(*_numbers(r)),
    "LeakyReLU": lambda t, r: t.nn.LeakyReLU(*_numbers(r)),
    "RReLU": lambda t, r: t.nn.RReLU(0.1, 0.1 + _number(r), *_flags(r)).eval(),
    "PReLU": lambda t, r: t.nn.PReLU(int(r.choice([1, 4])), _number(r), dtype=t.float64),
    "Threshold": lambda t, r: t.nn.Threshold(_number(r), _number(r), *_flags(r)),
    "ELU": lambda t, r: t.nn.ELU(*_numbers(r)),
    "CELU": lambda t, r: t.nn.CELU(*_numbers(r)),
    "SELU": lambda t, r: t.nn.SELU(*_flags(r)),
    "GELU": lambda t, r: t.nn.GELU(str(r.choice(["none", "tanh"]))),
    "SiLU": lambda t, r: t.nn.SiLU(*_flags(r)),
    "Mish": lambda t, r: t.nn.Mish(*_flags(r)),
    "Softplus": lambda t, r: t.nn.Softplus(*_numbers(r)),
    "Softsign": lambda t, r: t.nn.Softsign(),
    "LogSigmoid": lambda t, r: t.nn.LogSigmoid(),
    "Tanhshrink": lambda t, r: t.nn.Tanhshrink(),
    "Sigmoid": lambda t, r: t.nn.Sigmoid(),
    "Tanh": lambda t, r: t.nn.Tanh(),
    "GLU": lambda t, r: t.nn.GLU(int(r.integers(-2, 2))),
    "Softmax": lambda t, r: t.nn.Softmax(_dim(r)),
    "LogSoftmax": lambda t, r: t.nn.LogSoftmax(_dim(r)),
    "Softmin": lambda t, r: t.nn.Softmin(_dim(r)),
    "Softmax2d": lambda t, r: t.nn.Softmax2d(),
}


def _number(rng: Rng) -> float:
    return round(float(rng.uniform(0.1, 2)), 2)


def _numbers(rng: Rng) -> list[float]:
    return [_number(rng)] if rng.random() < 0.6 else []


def _flags(rng: Rng) -> list[bool]:
    return [bool(rng.random() < 0.5)] if rng.random() < 0.6 else []


def _dim(rng: Rng) -> int | None:
    return None if rng.random() < 0.3 else int(rng.integers(-2, 2))


def described(module: Any) -> tuple[str, list[tuple[str, list[Any]]], list[str], list[str]]:
    """What can be seen of a module."""
    state = [(name, value.tolist()) for name, value in module.state_dict().items()]
    return (
        repr(module),
        state,
        [name for name, _ in module.named_parameters()],
        [name for name, _ in module.named_buffers()],
    )


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(name: str) -> None:
    for n in range(25):
        ours, theirs = (ACTIVATIONS[name](t, rng_for(name, n)) for t in (gradviz, torch))
        assert described(ours) == described(theirs)
        rng = rng_for(name, n)
        shape = (2, 4, 2, 2) if rng.random() < 0.4 or name == "Softmax2d" else (2, 4)
        x = rng.normal(size=shape) * 2
        agree(lambda t, x, pair: pair[t is torch](x * 1), x, (ours, theirs), names=False)
    for parameter, expected in zip(ours.parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(parameter.grad.numpy(), expected.grad.numpy())


def _reduced(rng: Rng) -> dict[str, Any]:
    if rng.random() < 0.15:
        return {"size_average": bool(rng.random() < 0.5), "reduce": bool(rng.random() < 0.7)}
    return {"reduction": str(rng.choice(["mean", "sum", "none"]))}


def _weight(t: Any, rng: Rng, size: int = 3) -> dict[str, Any]:
    w = rng.uniform(0.3, 2, size)
    return {"weight": t.tensor(w)} if rng.random() < 0.5 else {}


def _margin(rng: Rng) -> dict[str, Any]:
    return {"margin": _number(rng)} if rng.random() < 0.6 else {}


LOSSES: dict[str, tuple[Make, str]] = {
    "L1Loss": (lambda t, r: t.nn.L1Loss(**_reduced(r)), "xy"),
    "MSELoss": (lambda t, r: t.nn.MSELoss(**_reduced(r)), "xy"),
    "SmoothL1Loss": (lambda t, r: t.nn.SmoothL1Loss(**_reduced(r), beta=_number(r)), "xy"),
    "HuberLoss": (lambda t, r: t.nn.HuberLoss(str(r.choice(["mean", "sum", "none"])), _number(r)), "xy"),
    "BCELoss": (lambda t, r: t.nn.BCELoss(**_weight(t, r), **_reduced(r)), "pp"),
    "BCEWithLogitsLoss": (
        lambda t, r: t.nn.BCEWithLogitsLoss(
            **_weight(t, r), **_reduced(r), pos_weight=t.tensor(r.uniform(0.5, 2, 3))
        ),
        "xp",
    ),
    "NLLLoss": (
        lambda t, r: t.nn.NLLLoss(**_weight(t, r), **_reduced(r), ignore_index=int(r.integers(-1, 3))),
        "xc",
    ),
    "CrossEntropyLoss": (
        lambda t, r: t.nn.CrossEntropyLoss(**_weight(t, r), **_reduced(r), label_smoothing=_number(r) / 2),
        "xc",
    ),
    "KLDivLoss": (lambda t, r: t.nn.KLDivLoss(**_reduced(r), log_target=bool(r.random() < 0.5)), "xp"),
    "PoissonNLLLoss": (
        lambda t, r: t.nn.PoissonNLLLoss(*[bool(b) for b in r.integers(0, 2, 2)], **_reduced(r)),
        "pp",
    ),
    "GaussianNLLLoss": (
        lambda t, r: t.nn.GaussianNLLLoss(full=bool(r.integers(0, 2)), eps=_number(r), reduction="sum"),
        "xyp",
    ),
    "HingeEmbeddingLoss": (lambda t, r: t.nn.HingeEmbeddingLoss(**_margin(r), **_reduced(r)), "xs"),
    "SoftMarginLoss": (lambda t, r: t.nn.SoftMarginLoss(**_reduced(r)), "xs"),
    "MarginRankingLoss": (lambda t, r: t.nn.MarginRankingLoss(**_margin(r), **_reduced(r)), "xys"),
    "MultiMarginLoss": (
        lambda t, r: t.nn.MultiMarginLoss(
            int(r.integers(1, 3)), **_margin(r), **_weight(t, r), **_reduced(r)
        ),
        "xc",
    ),
    "MultiLabelMarginLoss": (lambda t, r: t.nn.MultiLabelMarginLoss(**_reduced(r)), "xl"),
    "MultiLabelSoftMarginLoss": (
        lambda t, r: t.nn.MultiLabelSoftMarginLoss(**_weight(t, r), **_reduced(r)),
        "xp",
    ),
}
DRAWS: dict[str, Callable[[Rng], np.ndarray]] = {
    "x": lambda r: r.normal(size=(4, 3)),
    "y": lambda r: r.normal(size=(4, 3)),
    "p": lambda r: r.uniform(0.05, 0.95, (4, 3)),
    "s": lambda r: r.choice([-1, 1], (4, 3)),
    "c": lambda r: r.integers(0, 3, 4),
    "l": lambda r: r.integers(-1, 3, (4, 3)),
}


@pytest.mark.parametrize("name", LOSSES)
def test_losses(name: str) -> None:
    make, inputs = LOSSES[name]
    for n in range(40):
        ours, theirs = (make(t, rng_for(name, n)) for t in (gradviz, torch))
        assert described(ours) == described(theirs)
        assert ours.reduction == theirs.reduction
        rng = rng_for(name, 1000 + n)
        arrays = [DRAWS[kind](rng) for kind in inputs]
        agree(_calling(ours, theirs), *arrays, names=False, tolerance=1e-6)


def _calling(ours: Any, theirs: Any) -> Callable[..., Any]:
    return lambda t, *xs: (theirs if t is torch else ours)(*xs)


def test_positions_of_arguments() -> None:
    """The arguments of old stand where they always stood."""
    for t in (gradviz, torch):
        w = t.ones(3)
        assert t.nn.CrossEntropyLoss(w, None, 2, None, "sum", 0.1).label_smoothing == 0.1
        assert t.nn.NLLLoss(w, None, 2, None, "sum").ignore_index == 2
        assert t.nn.SmoothL1Loss(None, None, "sum", 2.0).beta == 2.0
        assert t.nn.KLDivLoss(None, None, "sum", True).log_target
        assert t.nn.PoissonNLLLoss(True, False, None, 0.1, None, "sum").eps == 0.1
        assert t.nn.MarginRankingLoss(0.5, None, None, "sum").margin == 0.5
        assert t.nn.MultiMarginLoss(2, 0.5, w, None, None, "sum").weight is w
        assert t.nn.BCEWithLogitsLoss(w, None, None, "sum", w).pos_weight is w
        assert t.nn.Hardtanh(-2, 2, True, None, None).inplace
        with pytest.raises(TypeError):
            t.nn.GaussianNLLLoss(True)


def test_weights_move_with_the_module() -> None:
    for t in (gradviz, torch):
        loss = t.nn.BCEWithLogitsLoss(pos_weight=t.ones(2)).double()
        assert str(loss.pos_weight.dtype) == "torch.float64"
        other = t.nn.BCEWithLogitsLoss(pos_weight=t.zeros(2))
        other.load_state_dict(loss.state_dict())
        assert other.pos_weight.tolist() == [1, 1]
