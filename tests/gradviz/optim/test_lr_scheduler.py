"""Schedulers by hand: a few epochs of each, state, messages. Many more are compared with PyTorch's."""

from __future__ import annotations

from typing import Any

import pytest

import gradviz as torch
from gradviz.optim import SGD, lr_scheduler


def optimizer(lr: Any = 1.0) -> SGD:
    return SGD([torch.ones(1, requires_grad=True)], lr=lr, momentum=0.9)


def rates(scheduler: Any, epochs: int = 5) -> list[float]:
    found = [float(scheduler.get_last_lr()[0])]
    for _ in range(epochs):
        scheduler.optimizer.step()
        scheduler.step()
        found.append(float(scheduler.optimizer.param_groups[0]["lr"]))
    return found


EPOCHS = {
    "StepLR": ({"step_size": 2, "gamma": 0.5}, [1, 1, 0.5, 0.5, 0.25, 0.25]),
    "MultiStepLR": ({"milestones": [1, 4], "gamma": 0.1}, [1, 0.1, 0.1, 0.1, 0.01, 0.01]),
    "ConstantLR": ({"factor": 0.5, "total_iters": 2}, [0.5, 0.5, 1, 1, 1, 1]),
    "LinearLR": ({"start_factor": 0.5, "total_iters": 4}, [0.5, 0.625, 0.75, 0.875, 1, 1]),
    "ExponentialLR": ({"gamma": 0.5}, [1, 0.5, 0.25, 0.125, 0.0625, 0.03125]),
    "PolynomialLR": ({"total_iters": 4, "power": 1}, [1, 0.75, 0.5, 0.25, 0, 0]),
    "CosineAnnealingLR": ({"T_max": 2, "eta_min": 0.2}, [1, 0.6, 0.2, 0.6, 1, 0.6]),
    "CosineAnnealingWarmRestarts": ({"T_0": 2}, [1, 0.5, 1, 0.5, 1, 0.5]),
    "LambdaLR": ({"lr_lambda": lambda epoch: 1 / (1 + epoch)}, [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5, 1 / 6]),
    "MultiplicativeLR": ({"lr_lambda": lambda epoch: 0.5}, [1, 0.5, 0.25, 0.125, 0.0625, 0.03125]),
    "CyclicLR": ({"base_lr": 0.1, "max_lr": 0.5, "step_size_up": 2}, [0.1, 0.3, 0.5, 0.3, 0.1, 0.3]),
    "OneCycleLR": (
        {"max_lr": 1.0, "total_steps": 6, "pct_start": 0.5, "anneal_strategy": "linear", "div_factor": 5.0},
        [0.2, 0.6, 1, 0.6666733333333333, 0.3333466666666667, 0.00002],
    ),
}


@pytest.mark.parametrize("name", EPOCHS)
def test_rates(name: str) -> None:
    options, expected = EPOCHS[name]
    assert rates(getattr(lr_scheduler, name)(optimizer(), **options)) == pytest.approx(expected)


def test_momentum_goes_the_other_way() -> None:
    scheduler = lr_scheduler.CyclicLR(optimizer(), 0.1, 0.5, step_size_up=1)
    group = scheduler.optimizer.param_groups[0]
    seen = [group["momentum"]]
    for _ in range(2):
        scheduler.optimizer.step()
        scheduler.step()
        seen.append(group["momentum"])
    assert seen == pytest.approx([0.9, 0.8, 0.9])


def test_a_plateau_lowers_the_rate() -> None:
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer(), factor=0.5, patience=1)
    found = []
    for loss in (3.0, 2.0, 2.0, 2.0, 2.0, 2.0):
        scheduler.step(torch.tensor(loss))
        found.append(scheduler.get_last_lr()[0])
    assert found == [1, 1, 1, 0.5, 0.5, 0.25]


def test_one_after_another() -> None:
    o = optimizer()
    parts = [lr_scheduler.ConstantLR(o, 0.1, 2), lr_scheduler.ExponentialLR(o, 0.5)]
    assert rates(lr_scheduler.SequentialLR(o, parts, [2])) == pytest.approx([0.1, 0.1, 1, 0.5, 0.25, 0.125])
    o = optimizer()
    parts = [lr_scheduler.ConstantLR(o, 0.1, 2), lr_scheduler.ExponentialLR(o, 0.5)]
    chained = lr_scheduler.ChainedScheduler(parts, optimizer=o)
    assert rates(chained, 3) == pytest.approx([0.1, 0.05, 0.25, 0.125])


def test_a_rate_that_is_a_tensor_stays_the_same_tensor() -> None:
    rate = torch.tensor(1.0)
    scheduler = lr_scheduler.ExponentialLR(optimizer(rate), 0.5)
    assert rates(scheduler, 2) == [1, 0.5, 0.25]
    assert scheduler.optimizer.param_groups[0]["lr"] is rate
    assert rate.item() == 0.25
    assert scheduler.get_last_lr()[0] is not rate


def test_saved_and_resumed() -> None:
    scheduler = lr_scheduler.StepLR(optimizer(), 2, gamma=0.5)
    rates(scheduler, 3)
    fresh = lr_scheduler.StepLR(optimizer(), 7)
    fresh.optimizer.load_state_dict(scheduler.optimizer.state_dict())
    fresh.load_state_dict(scheduler.state_dict())
    assert (fresh.step_size, fresh.last_epoch) == (2, 3)
    assert rates(fresh, 2) == [0.5, 0.25, 0.25]
    with pytest.raises(KeyError, match=r"'initial_lr' is not specified in param_groups\[0\]"):
        lr_scheduler.StepLR(optimizer(), 2, last_epoch=3)


def test_the_order_of_steps_is_watched() -> None:
    scheduler = lr_scheduler.StepLR(optimizer(), 2)
    with pytest.warns(UserWarning, match="Detected call of `lr_scheduler.step\\(\\)` before"):
        scheduler.step()
    with pytest.warns(UserWarning, match="please use `get_last_lr\\(\\)`"):
        scheduler.get_lr()
    with pytest.raises(TypeError, match="int is not an Optimizer"):
        lr_scheduler.StepLR(3, 2)  # type: ignore[arg-type]
