"""Schedulers set the same rates (and momenta) as PyTorch's, epoch by epoch, with random arguments."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import gradviz  # noqa: E402

pytestmark = pytest.mark.oracle

Rng = np.random.Generator
Make = Callable[[Any, Any, Any], Any]
EPOCHS = 23


def some(rng: Rng, *values: Any) -> Any:
    return values[int(rng.integers(len(values)))]


def one_cycle(rng: Rng) -> dict[str, Any]:
    return {
        "max_lr": some(rng, 0.5, [0.5, 0.1]),
        "total_steps": some(rng, 30, 24),
        "pct_start": some(rng, 0.3, 0.25, 0.5),
        "anneal_strategy": some(rng, "cos", "linear"),
        "cycle_momentum": some(rng, True, True, False),
        "base_momentum": some(rng, 0.85, 0.5),
        "max_momentum": some(rng, 0.95, [0.9, 0.8]),
        "div_factor": some(rng, 25.0, 4.0),
        "final_div_factor": some(rng, 1e4, 10.0),
        "three_phase": some(rng, False, True),
    }


def cyclic(rng: Rng) -> dict[str, Any]:
    return {
        "base_lr": some(rng, 0.01, [0.01, 0.02]),
        "max_lr": some(rng, 0.1, [0.3, 0.1]),
        "step_size_up": some(rng, 3, 5),
        "step_size_down": some(rng, None, 2, 6),
        "mode": some(rng, "triangular", "triangular2", "exp_range"),
        "gamma": some(rng, 1.0, 0.9),
        "cycle_momentum": some(rng, True, False),
        "scale_fn": some(rng, None, None, lambda x: 1 / (1 + x)),
        "scale_mode": some(rng, "cycle", "iterations"),
    }


DRAWN: dict[str, Callable[[Rng], dict[str, Any]]] = {
    "StepLR": lambda rng: {"step_size": some(rng, 1, 3, 10), "gamma": some(rng, 0.1, 0.5)},
    "MultiStepLR": lambda rng: {
        "milestones": some(rng, [2, 5], [3, 3, 9], [1]),
        "gamma": some(rng, 0.1, 0.3),
    },
    "ConstantLR": lambda rng: {"factor": some(rng, 1 / 3, 0.5, 1.0), "total_iters": some(rng, 5, 1, 8)},
    "LinearLR": lambda rng: {
        "start_factor": some(rng, 1 / 3, 0.1, 1.0),
        "end_factor": some(rng, 1.0, 0.2, 0.0),
        "total_iters": some(rng, 5, 10),
    },
    "ExponentialLR": lambda rng: {"gamma": some(rng, 0.9, 0.5)},
    "PolynomialLR": lambda rng: {"total_iters": some(rng, 5, 12, 40), "power": some(rng, 1.0, 2.0, 0.5)},
    "CosineAnnealingLR": lambda rng: {"T_max": some(rng, 4, 10, 50), "eta_min": some(rng, 0.0, 0.01)},
    "CosineAnnealingWarmRestarts": lambda rng: {
        "T_0": some(rng, 3, 5),
        "T_mult": some(rng, 1, 2),
        "eta_min": some(rng, 0.0, 0.01),
    },
    "OneCycleLR": one_cycle,
    "CyclicLR": cyclic,
    "LambdaLR": lambda rng: {
        "lr_lambda": some(rng, lambda e: 0.9**e, [lambda e: 1 / (1 + e), lambda e: 1.0])
    },
    "MultiplicativeLR": lambda rng: {
        "lr_lambda": some(rng, lambda e: 0.95, [lambda e: 1 / (1 + e), lambda e: 0.5])
    },
}


def optimizer_of(t: Any, rng: Rng) -> Any:
    a, b = t.ones(2, requires_grad=True), t.ones(1, requires_grad=True)
    a.grad, b.grad = t.ones(2), t.ones(1)
    first = some(rng, 0.1, 0.1, t.tensor(0.1))
    groups = [{"params": [a], "lr": first}, {"params": [b], "lr": 0.02}]
    if some(rng, True, False):
        return t.optim.SGD(groups, momentum=0.9)
    return t.optim.AdamW(groups)


def seen(optimizer: Any, scheduler: Any) -> list[Any]:
    """The rates and momenta of all groups."""
    found: list[Any] = [float(rate) for rate in scheduler.get_last_lr()]
    for group in optimizer.param_groups:
        found += [float(group["lr"]), group.get("momentum"), group.get("betas")]
        found.append(type(group["lr"]).__name__)
    return found


def agree(ours: Any, theirs: Any) -> None:
    for a, b in zip(ours, theirs, strict=True):
        for x, y in zip(a, b, strict=True):
            if isinstance(y, (float, tuple)):
                np.testing.assert_allclose(x, y, rtol=1e-12, atol=1e-18)
            else:
                assert x == y


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("name", DRAWN)
def test_rates(name: str, seed: int) -> None:
    def run(t: Any) -> list[Any]:
        rng = np.random.default_rng([seed, *name.encode()])
        optimizer = optimizer_of(t, rng)
        scheduler = getattr(t.optim.lr_scheduler, name)(optimizer, **DRAWN[name](rng))
        found = [seen(optimizer, scheduler)]
        for _ in range(EPOCHS):
            optimizer.step()
            scheduler.step()
            found.append(seen(optimizer, scheduler))
        return found

    agree(run(gradviz), run(torch))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", DRAWN)
def test_saved_and_resumed(name: str, seed: int) -> None:
    """Through state_dicts of both, and with `last_epoch`."""

    def run(t: Any) -> list[Any]:
        rng = np.random.default_rng([seed, *name.encode()])
        start = np.random.default_rng([9, seed])
        make = getattr(t.optim.lr_scheduler, name)
        options = DRAWN[name](rng)
        optimizer = optimizer_of(t, start)
        scheduler = make(optimizer, **options)
        for _ in range(6):
            optimizer.step()
            scheduler.step()
        saved = scheduler.state_dict()
        found = [[sorted(saved)]]
        other = optimizer_of(t, np.random.default_rng([9, seed]))
        fresh = make(other, **options)
        other.load_state_dict(optimizer.state_dict())
        fresh.load_state_dict(dict(saved))
        third = make(other, **options, last_epoch=3)
        found.append(seen(other, third))
        for _ in range(8):
            other.step()
            fresh.step()
            found.append(seen(other, fresh))
        for _ in range(4):
            third.step()
            found.append(seen(other, third))
        return found

    agree(run(gradviz), run(torch))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", sorted(set(DRAWN) - {"OneCycleLR"}))
def test_given_epochs_use_the_closed_form(name: str, seed: int) -> None:
    def run(t: Any) -> list[Any]:
        rng = np.random.default_rng([seed, *name.encode()])
        optimizer = optimizer_of(t, rng)
        scheduler = getattr(t.optim.lr_scheduler, name)(optimizer, **DRAWN[name](rng))
        optimizer.step()
        found = []
        for epoch in (1, 2, 7, 3, 12):
            if name == "CosineAnnealingWarmRestarts":
                scheduler.step(epoch + 0.5)
            else:
                with pytest.warns(UserWarning, match="The epoch parameter in `scheduler.step"):
                    scheduler.step(epoch)
            found.append(seen(optimizer, scheduler))
        return found

    agree(run(gradviz), run(torch))


@pytest.mark.parametrize("seed", range(12))
def test_plateau(seed: int) -> None:
    def run(t: Any) -> list[Any]:
        rng = np.random.default_rng(seed)
        optimizer = optimizer_of(t, rng)
        scheduler = t.optim.lr_scheduler.ReduceLROnPlateau(
            optimizer,
            mode=some(rng, "min", "max"),
            factor=some(rng, 0.1, 0.5),
            patience=some(rng, 0, 1, 3),
            threshold=some(rng, 1e-4, 0.1),
            threshold_mode=some(rng, "rel", "abs"),
            cooldown=some(rng, 0, 2),
            min_lr=some(rng, 0, 0.01, [0.01, 0.001]),
            eps=some(rng, 1e-8, 1e-3),
        )
        found = []
        for step in range(30):
            value = rng.normal() + some(rng, 0, 1, step * 0.1)
            scheduler.step(some(rng, value, t.tensor(value)))
            state = scheduler.state_dict()
            found.append([*seen(optimizer, scheduler), float(state["best"]), scheduler.num_bad_epochs])
            if step == 15:
                scheduler.load_state_dict(state)
        return [[sorted(scheduler.state_dict())], *found]

    agree(run(gradviz), run(torch))


@pytest.mark.filterwarnings("ignore:Detected call of")  # by a SequentialLR within another
@pytest.mark.parametrize("seed", range(12))
def test_one_after_another_and_all_at_once(seed: int) -> None:
    simple = ["StepLR", "ConstantLR", "LinearLR", "ExponentialLR", "PolynomialLR", "CosineAnnealingLR"]

    def run(t: Any) -> list[Any]:
        rng = np.random.default_rng([5, seed])
        module = t.optim.lr_scheduler
        optimizer = optimizer_of(t, rng)

        def any_of() -> Any:
            name = some(rng, *simple)
            return getattr(module, name)(optimizer, **DRAWN[name](rng))

        if seed % 2:
            parts = [any_of() for _ in range(3)]
            scheduler = module.SequentialLR(optimizer, parts, milestones=some(rng, [4, 9], [2, 3], [5, 30]))
        elif seed % 4:
            inner = module.SequentialLR(optimizer, [any_of(), any_of()], milestones=[3])
            scheduler = module.SequentialLR(optimizer, [inner, any_of()], milestones=[8])
        else:
            scheduler = module.ChainedScheduler([any_of(), any_of()], optimizer=optimizer)
        found = [seen(optimizer, scheduler)]
        for step in range(EPOCHS):
            optimizer.step()
            scheduler.step()
            found.append(seen(optimizer, scheduler))
            if step == 10:
                saved = scheduler.state_dict()
                found.append([sorted(saved), [sorted(part) for part in saved["_schedulers"]]])
                scheduler.load_state_dict(saved)
        return found

    agree(run(gradviz), run(torch))


MISTAKES: list[Callable[[Any, Any], Any]] = [
    lambda m, o: m.StepLR("no", 3),
    lambda m, o: m.StepLR(o, 3, last_epoch=4),
    lambda m, o: m.ConstantLR(o, factor=2.0),
    lambda m, o: m.LinearLR(o, start_factor=0.0),
    lambda m, o: m.LinearLR(o, end_factor=1.5),
    lambda m, o: m.LambdaLR(o, [lambda e: 1.0]),
    lambda m, o: m.MultiplicativeLR(o, [lambda e: 1.0]),
    lambda m, o: m.MultiplicativeLR(o, 3),
    lambda m, o: m.CosineAnnealingWarmRestarts(o, 0),
    lambda m, o: m.CosineAnnealingWarmRestarts(o, 3, T_mult=0),
    lambda m, o: m.CosineAnnealingWarmRestarts(o, 3, eta_min="x"),
    lambda m, o: m.CosineAnnealingWarmRestarts(o, 3).step(-1),
    lambda m, o: m.OneCycleLR(o, 0.1),
    lambda m, o: m.OneCycleLR(o, 0.1, total_steps=0),
    lambda m, o: m.OneCycleLR(o, 0.1, epochs=3, steps_per_epoch=0),
    lambda m, o: m.OneCycleLR(o, 0.1, total_steps=5, pct_start=2.0),
    lambda m, o: m.OneCycleLR(o, 0.1, total_steps=5, anneal_strategy="x"),
    lambda m, o: m.OneCycleLR(o, [0.1], total_steps=5),
    lambda m, o: m.CyclicLR(o, 0.1, 0.2, mode="x"),
    lambda m, o: m.CyclicLR(o, [0.1], 0.2),
    lambda m, o: m.ReduceLROnPlateau(o, factor=1.0),
    lambda m, o: m.ReduceLROnPlateau(o, mode="x"),
    lambda m, o: m.ReduceLROnPlateau(o, threshold_mode="x"),
    lambda m, o: m.ReduceLROnPlateau(o, min_lr=[0.1]),
    lambda m, o: m.SequentialLR(o, [], []),
    lambda m, o: m.SequentialLR(o, [m.ExponentialLR(o, 0.9)], [3]),
    lambda m, o: m.SequentialLR(o, [m.ReduceLROnPlateau(o)], []),
    lambda m, o: m.ChainedScheduler([]),
    lambda m, o: m.ChainedScheduler([3], o),
]


@pytest.mark.parametrize("call", MISTAKES)
def test_mistakes(call: Callable[[Any, Any], Any]) -> None:
    messages = []
    for t in (gradviz, torch):
        optimizer = optimizer_of(t, np.random.default_rng(0))
        with pytest.raises((ValueError, TypeError, KeyError)) as caught:
            call(t.optim.lr_scheduler, optimizer)
        messages.append((type(caught.value), str(caught.value)))
    assert messages[0] == messages[1]


def test_warnings_about_the_order() -> None:
    def run(t: Any) -> list[str]:
        optimizer = optimizer_of(t, np.random.default_rng(0))
        scheduler = t.optim.lr_scheduler.StepLR(optimizer, 3)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            scheduler.step()
            scheduler.step()
            scheduler.get_lr()
            other = t.optim.lr_scheduler.StepLR(optimizer_of(t, np.random.default_rng(0)), 3)
            other.optimizer.step = lambda: None
            other.step()
        return [str(warning.message) for warning in caught]

    assert run(gradviz) == run(torch)
