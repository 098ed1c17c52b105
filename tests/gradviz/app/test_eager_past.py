"""Iterations that nothing compiles can be opened too, bit for bit, or it is said why not."""

from dataclasses import replace

import pytest
from gradviz.assets.examples.training_step import training_step
from gradviz.engine.tensor import Tensor

from gradviz.app.eager_past import EVERY
from gradviz.app.experiment import OPTIMIZERS, Experiment, ExperimentError, ExperimentSpec
from gradviz.app.experiment_parts import Parts, build
from gradviz.app.history import History
from gradviz.app.recording import parameter_slots
from gradviz.nn import Dropout, Linear, Sequential
from gradviz.optim import Adam

SMALL = ExperimentSpec(model="mlp", data="digits", train_batch=300, learning_rate=0.01)


def eager(spec: ExperimentSpec, make=build) -> Experiment:  # type: ignore[no-untyped-def]
    experiment = Experiment(spec, make)
    experiment.trainer.fast.problem = "not wanted"
    return experiment


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_iteration_comes_again_bit_for_bit(optimizer: str) -> None:
    experiment = eager(replace(SMALL, optimizer=optimizer))
    experiment.record()
    began: dict[int, dict[str, bytes]] = {2: {n: v.tobytes() for n, v in experiment.trainer.values().items()}}
    losses = {}
    for row in experiment.trainer.run(EVERY + 6):
        now = experiment.trainer.values()
        began[row.iteration + 1] = {name: value.tobytes() for name, value in now.items()}
        losses[row.iteration] = row.loss
        if row.iteration == 7:
            experiment.choose_learning_rate(0.003)
    assert experiment.history.span == (1, EVERY + 7)
    for number in (2, 7, 8, EVERY + 1, EVERY + 2, EVERY + 7):
        program = experiment.at(number).program
        assert program.loss is not None
        assert float(program.values[program.loss]) == losses[number]
        for name, (before, after) in parameter_slots(program).items():
            assert program.values[before].tobytes() == began[number][name]
            assert program.values[after].tobytes() == began[number + 1][name]
    last = {name: value.tobytes() for name, value in experiment.trainer.values().items()}
    assert last == began[EVERY + 8], "looking back changes nothing"
    fork = experiment.fork(8)
    assert {name: value.tobytes() for name, value in fork.trainer.values().items()} == began[8]


def test_random_numbers_come_again() -> None:
    def make(spec: ExperimentSpec) -> Parts:
        parts = build(spec)
        model = Sequential(Linear(64, 32), Dropout(0.5), Linear(32, 10))
        data = replace(parts.data, inputs=parts.data.inputs.reshape(len(parts.data), 64))
        return replace(parts, model=model, optimizer=Adam(model.parameters()), data=data)

    experiment = eager(SMALL, make)
    rows = experiment.train(5)
    assert experiment.at(4).metrics.loss == rows[3].loss
    assert experiment.at(2).metrics.loss == rows[1].loss


def test_what_computes_something_else_each_time_is_not_shown() -> None:
    count = 0

    def step(model, criterion, optimizer, x: Tensor, target: Tensor) -> Tensor:  # type: ignore[no-untyped-def]
        nonlocal count
        count += 1
        return training_step(model, criterion, optimizer, x * float(count), target)

    experiment = eager(SMALL, lambda spec: replace(build(spec), step=step))
    experiment.train(3)
    with pytest.raises(ExperimentError, match="2 cannot be shown: its code computes something else"):
        experiment.at(2)


def test_copies_stay_within_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradviz.app.history.EAGER_EVERY", 1)
    experiment = eager(replace(SMALL, train_batch=16))
    copy = sum(value.nbytes for value in experiment.trainer.values().values())
    experiment.trainer.use(History(experiment.trainer.given, budget=30 * copy))
    experiment.trainer.fast.problem = "not wanted"
    rows = experiment.train(60)
    history = experiment.history
    assert history.nbytes <= history.budget
    assert history.numbers == tuple(range(1, 61))
    for number in (1, 20, 59):
        assert experiment.at(number).metrics.loss == rows[number - 1].loss
