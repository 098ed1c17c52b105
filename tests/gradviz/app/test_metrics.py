"""The numbers of an iteration, from its program."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from gradviz.engine.program import Program

from gradviz.app.recording import metrics_of
from tests.gradviz.app.sessions import (
    PROGRAMS,
)
from tests.programs import lenet_like


def test_metrics_of_a_program() -> None:
    program = PROGRAMS["lenet"]
    metrics = metrics_of(program, 3, 0.25)
    names = [
        f"{layer}.{kind}" for layer in ("conv1", "conv2", "fc1", "fc2", "fc3") for kind in ("weight", "bias")
    ]
    assert sorted(metrics.gradient_norms) == sorted(metrics.update_ratios) == sorted(names)
    assert (metrics.iteration, metrics.seconds) == (3, 0.25)
    assert metrics.loss == float(program.values[program.loss or 0])
    end = len(program)
    weight = program.values[program.bound("fc1.weight", 0) or 0].astype(np.float64)
    after = program.values[program.bound("fc1.weight", end) or 0].astype(np.float64)
    grad = program.values[program.bound("fc1.weight.grad", end) or 0].astype(np.float64)
    assert metrics.gradient_norms["fc1.weight"] == pytest.approx(np.sqrt((grad**2).sum()))
    expected = np.sqrt(((after - weight) ** 2).sum() / (weight**2).sum())
    assert metrics.update_ratios["fc1.weight"] == pytest.approx(expected)


def test_metrics_without_a_loss_or_an_update() -> None:
    assert np.isnan(metrics_of(Program((), (), ()), 1).loss)
    forward = metrics_of(lenet_like(backward=False), 1)
    assert np.isnan(forward.loss)
    assert (forward.gradient_norms, forward.update_ratios) == ({}, {})


def test_an_update_of_a_weight_that_was_zero_is_infinite() -> None:
    program = PROGRAMS["lenet"]
    slot = program.bound("fc1.bias", 0) or 0
    values = tuple(np.zeros_like(v) if i == slot else v for i, v in enumerate(program.values))
    assert metrics_of(replace(program, values=values), 1).update_ratios["fc1.bias"] == float("inf")
