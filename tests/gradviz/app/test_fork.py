"""A fork begins exactly where a past iteration began; both futures stay."""

from dataclasses import replace

import numpy as np
import pytest
from gradviz.engine.jit import jit_disabled
from gradviz.engine.program import Program

from gradviz.app.experiment import Experiment, ExperimentSpec
from gradviz.app.recording import parameter_slots
from gradviz.app.restoring import beginning

SMALL = ExperimentSpec(model="mlp", data="digits", train_batch=300, learning_rate=0.01)
needs_jit = pytest.mark.skipif(jit_disabled(), reason="nothing is compiled then")


def begun(program: Program) -> dict[str, bytes]:
    """What an iteration began with, by name: weights, the optimizer's state, its samples."""
    inputs = {name: program.values[program.bound(name, 0) or 0] for name in ("x", "target")}
    return {name: value.tobytes() for name, value in {**beginning(program), **inputs}.items()}


@needs_jit
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "rmsprop"])
def test_it_begins_bit_for_bit_as_the_iteration_did(optimizer: str) -> None:
    experiment = Experiment(replace(SMALL, optimizer=optimizer))
    experiment.train(8)
    experiment.record()
    experiment.train(4)
    fork = experiment.fork(11)
    trainer = fork.trainer
    assert (trainer.count, trainer.batch, trainer.epochs) == (10, 9, 1)
    rows = fork.train(3)
    assert [row.iteration for row in rows] == [11, 12, 13]
    assert begun(fork.at(11).program) == begun(experiment.at(11).program)
    one, two = experiment.log, fork.log
    np.testing.assert_allclose(one.column("loss"), two.column("loss"), rtol=1e-5)
    assert one.column("loss")[:10].tolist() == two.column("loss")[:10].tolist()
    assert one.epochs[0] == two.epochs[0]
    assert one.epochs[1].iteration == two.epochs[1].iteration == 11
    assert one.epochs[1].train_loss == pytest.approx(two.epochs[1].train_loss, rel=1e-5)
    for number in (1, 6, 9, 10):  # the past that both have
        assert (
            fork.at(number).program.values[0].tobytes() == experiment.at(number).program.values[0].tobytes()
        )


@needs_jit
def test_both_futures_stay() -> None:
    experiment = Experiment(SMALL)
    experiment.train(12)
    before = {name: value.tobytes() for name, value in experiment.trainer.values().items()}
    fork = experiment.fork(6, optimizer="adam", rate=0.002)
    fork.train(9)
    assert (fork.spec.optimizer, fork.spec.learning_rate) == ("adam", 0.002)
    assert fork.history.span == (1, 14)
    assert experiment.history.span == (1, 12)
    assert fork.history.numbers == tuple(range(1, 15))
    assert [row.lr for row in fork.log.rows] == [0.01] * 5 + [0.002] * 9
    one, two = experiment.at(6).program, fork.at(6).program
    for name, (start, _) in parameter_slots(one).items():
        assert one.values[start].tobytes() == two.values[parameter_slots(two)[name][0]].tobytes()
    assert fork.at(9).metrics.loss != experiment.at(9).metrics.loss
    assert {name: value.tobytes() for name, value in experiment.trainer.values().items()} == before
    deeper = fork.fork(10)
    deeper.train(1)
    assert deeper.history.span == (1, 10)
    assert deeper.at(8).metrics.loss == fork.at(8).metrics.loss
    assert deeper.at(3).metrics.loss == experiment.at(3).metrics.loss
    assert deeper.history.nbytes > fork.history.nbytes > experiment.history.nbytes


def test_it_begins_with_weights_of_one_s_own() -> None:
    experiment = Experiment(SMALL)
    experiment.record()
    program = experiment.record().program
    slot = program.bound("layers.0.bias", 0)
    assert slot is not None
    values = list(program.values)
    values[slot] = np.full_like(values[slot], 0.25)
    fork = experiment.fork(2, program=replace(program, values=tuple(values)))
    np.testing.assert_array_equal(fork.trainer.values()["layers.0.bias"], values[slot])
    fork.train(1)
    assert fork.log.rows[-1].iteration == 2
