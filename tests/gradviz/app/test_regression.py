"""A regression through everything that an experiment does; and settings that change the update."""

from dataclasses import replace

import numpy as np
import pytest

from gradviz.app.experiment import Experiment, ExperimentError, ExperimentSpec

SINE = ExperimentSpec(model="mlp", data="sine", optimizer="adam", learning_rate=0.01)


def test_a_regression_learns_without_accuracy() -> None:
    experiment = Experiment(SINE)
    recording = experiment.recording()
    assert recording.classes == ()
    experiment.train(120)
    last = experiment.log.epochs[-1]
    assert np.isnan(last.test_accuracy)
    assert last.confusion == ()
    test = experiment.trainer.test
    outputs = experiment.evaluator().outputs(test.inputs)
    assert np.mean((outputs - test.targets) ** 2) < 0.1 < np.mean(test.targets**2)
    assert experiment.slow_because is None or experiment.slow_because == "NUMBA_DISABLE_JIT"


def test_gradients_are_clipped() -> None:
    experiment = Experiment(replace(SINE, clip=0.01))
    for row in experiment.train(5):
        assert sum(n**2 for n in row.gradient_norms.values()) ** 0.5 <= 0.0101


def test_weight_decay_shrinks_weights() -> None:
    plain, decayed = (Experiment(replace(SINE, optimizer="sgd", weight_decay=d)) for d in (0.0, 1.0))
    for experiment in (plain, decayed):
        experiment.train(20)
    a, b = (experiment.evaluator().weights()["layers.2.weight"] for experiment in (plain, decayed))
    assert np.linalg.norm(b) < np.linalg.norm(a)


@pytest.mark.parametrize("wrong", [{"clip": -1.0}, {"weight_decay": float("nan")}])
def test_wrong_settings(wrong: dict[str, float]) -> None:
    with pytest.raises(ExperimentError, match="0 or larger"):
        Experiment(replace(SINE, **wrong))  # type: ignore[arg-type]
