"""Training through the compiled executor gives the numbers of eager training, and says when it cannot."""

from dataclasses import replace

import numpy as np
import pytest
from gradviz.engine.jit import jit_disabled
from gradviz.engine.tensor import Tensor

from gradviz.app.experiment import LEARNING_RATES, OPTIMIZERS, Experiment, ExperimentSpec
from gradviz.app.fast_training import FastTraining

SMALL = ExperimentSpec(model="mlp", data="digits", train_batch=8)
needs_jit = pytest.mark.skipif(jit_disabled(), reason="nothing is compiled then")


def eager(spec: ExperimentSpec) -> Experiment:
    experiment = Experiment(spec)
    experiment.trainer.fast.problem = "not wanted"
    return experiment


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_same_as_eagerly(optimizer: str) -> None:
    spec = replace(SMALL, optimizer=optimizer, learning_rate=LEARNING_RATES[optimizer])
    fast, slow = Experiment(spec), eager(spec)
    for rate in (spec.learning_rate, spec.learning_rate / 2):
        for experiment in (fast, slow):
            experiment.choose_learning_rate(rate)
        one, two = fast.train(7), slow.train(7)
        assert [row.loss for row in one] == pytest.approx([row.loss for row in two], rel=1e-4)
        assert one[-1].gradient_norms == pytest.approx(two[-1].gradient_norms, rel=1e-3)
        assert one[-1].update_ratios == pytest.approx(two[-1].update_ratios, rel=1e-3)
        a, b = fast.record(), slow.record()  # goes on from the same numbers
        assert a.metrics.loss == pytest.approx(b.metrics.loss, rel=1e-4)
        assert a.metrics.gradient_norms == pytest.approx(b.metrics.gradient_norms, rel=1e-3)
    assert fast.slow_because is None or jit_disabled()


@needs_jit
def test_two_recorded_iterations_are_enough() -> None:
    experiment = Experiment(SMALL)
    experiment.record()
    experiment.train(2)
    assert experiment.trainer.fast._compiled is not None
    seen = []
    experiment.train(2, lambda row, done: seen.append(experiment.trainer.fast.compiled is not None) or True)
    assert seen == [True, True]
    assert experiment.trainer.fast.compiled is None  # the numbers are back


@needs_jit
def test_code_that_computes_something_else_each_time_is_run_eagerly() -> None:
    w = Tensor._from_node(Experiment(SMALL).trainer.parameters[0][1]._node)
    count = 0

    def run(x: Tensor, target: Tensor) -> Tensor:
        nonlocal count
        count += 1
        return (x * count).sum() + w.sum()

    training = FastTraining(run)
    x = np.ones((2, 3), np.float32)
    found = [training.step(x, np.zeros(2, np.int64), {}) for _ in range(6)]
    assert np.diff(found) == pytest.approx(6.0, rel=1e-4)
    assert training.problem is not None
    assert "its value, which the code has put in" in training.problem


@needs_jit
def test_another_batch_size_is_compiled_anew() -> None:
    experiment = Experiment(SMALL)
    fast = experiment.trainer.fast
    rng = np.random.default_rng(0)
    for size in (4, 6):
        for _ in range(4):
            x = rng.normal(size=(size, *experiment.data.inputs.shape[1:])).astype(np.float32)
            loss = fast.step(x, rng.integers(0, 10, size), {"lr": 0.1})
            assert np.isfinite(loss)
        assert fast.compiled is not None
        assert fast.compiled.value(fast.compiled.slot("x")).shape[0] == size
    fast.end()
