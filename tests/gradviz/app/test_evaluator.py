"""The evaluator says what the model itself says, compiled or not, with the weights that one gives it."""

import threading

import numpy as np
import pytest
from gradviz.engine.node import leaf
from gradviz.engine.state import no_grad
from gradviz.engine.tensor import Tensor

from gradviz.app.evaluator import CHUNK, accuracy_of, confusion_of
from gradviz.app.experiment import Experiment, ExperimentSpec
from gradviz.app.recording import Metrics
from gradviz.nn import BatchNorm1d, CrossEntropyLoss, Dropout, Linear, Sequential

MOONS = ExperimentSpec(model="mlp", data="moons", learning_rate=0.1)


def tensor(array: np.ndarray) -> Tensor:
    return Tensor._from_node(leaf(array))


@pytest.mark.parametrize("count", [1, 5, CHUNK, CHUNK + 3])
def test_outputs_are_the_model_s(count: int) -> None:
    experiment = Experiment(MOONS)
    experiment.train(4)
    evaluator = experiment.evaluator()
    inputs, targets = experiment.data.inputs[:count], experiment.data.targets[:count]
    with no_grad():
        wanted = experiment._parts.model(tensor(inputs))
        loss = float(experiment._parts.criterion(wanted, tensor(targets)))
    for _ in range(2):  # the second time compiled
        np.testing.assert_allclose(evaluator.outputs(inputs), wanted.numpy(), rtol=1e-5, atol=1e-6)
        assert evaluator.loss(inputs, targets) == pytest.approx(loss, rel=1e-5)
        right = np.mean(wanted.numpy().argmax(axis=1) == targets)
        assert evaluator.accuracy(inputs, targets) == pytest.approx(right)


def test_it_follows_training_and_takes_other_weights() -> None:
    experiment = Experiment(MOONS)
    evaluator = experiment.evaluator()
    data = experiment.data
    first = evaluator.weights()
    before = evaluator.loss(data.inputs, data.targets)
    experiment.train(60)
    assert evaluator.loss(data.inputs, data.targets) < before
    assert evaluator.loss(data.inputs, data.targets, first) == pytest.approx(before, rel=1e-5)
    assert evaluator.names == tuple(first)
    first[evaluator.names[0]][:] = 0  # a copy: nothing else changes
    assert evaluator.weights()[evaluator.names[0]].any()
    with pytest.raises(ValueError, match="has shape"):
        evaluator.outputs(data.inputs, {evaluator.names[0]: np.zeros(3)})
    with pytest.raises(ValueError, match="no samples"):
        evaluator.outputs(data.inputs[:0])


def test_it_reads_weights_while_another_thread_trains() -> None:
    experiment = Experiment(MOONS)
    evaluator = experiment.evaluator()
    stop = threading.Event()

    def progress(row: Metrics, done: int) -> bool:
        return not stop.is_set()

    thread = threading.Thread(target=experiment.train, args=(100_000, progress))
    thread.start()
    try:
        losses = [evaluator.loss(experiment.data.inputs, experiment.data.targets) for _ in range(20)]
    finally:
        stop.set()
        thread.join()
    assert np.isfinite(losses).all()


def test_eval_mode_with_running_statistics() -> None:
    from gradviz.app.evaluator import Evaluator

    model = Sequential(Linear(2, 4), BatchNorm1d(4), Dropout(0.5), Linear(4, 2))
    values = {n: t._node.array.copy() for n, t in [*model.named_parameters(), *model.named_buffers()]}
    evaluator = Evaluator(model, CrossEntropyLoss(), lambda: values, np.ascontiguousarray)
    x = np.random.default_rng(0).normal(size=(6, 2)).astype(np.float32)
    one, two = evaluator.outputs(x), evaluator.outputs(x)
    np.testing.assert_allclose(one, two, rtol=1e-6)
    values["1.running_mean"] = np.full(4, 3, np.float32)
    assert not np.allclose(evaluator.outputs(x), one)
    assert model.training, "the model itself stays in its mode"


def test_accuracy_and_confusion() -> None:
    outputs = np.array([[2, 1], [0, 1], [3, 1]], np.float32)
    targets = np.array([0, 1, 1])
    assert accuracy_of(outputs, targets) == pytest.approx(2 / 3)
    assert confusion_of(outputs, targets, 2) == ((1, 0), (1, 1))
    numbers = np.zeros((3, 1), np.float32)
    assert np.isnan(accuracy_of(outputs[:, :1], numbers))
    assert confusion_of(outputs[:, :1], numbers, 0) == ()
