"""What training leaves in its log agrees with what the engine computes."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from gradviz.assets.examples.training_step import training_step

from gradviz.app.evaluator import accuracy_of
from gradviz.app.experiment import Experiment, ExperimentSpec
from gradviz.app.experiment_parts import Parts, build
from gradviz.app.experiment_table import RECIPE
from gradviz.app.train_arguments import main
from gradviz.app.train_command import read_run
from gradviz.app.train_log import TrainLog

MOONS = ExperimentSpec(model="mlp", data="moons", learning_rate=0.1)


def test_every_iteration_is_in_the_log() -> None:
    experiment = Experiment(MOONS)
    first = experiment.record()
    rows = experiment.train(8)
    log = experiment.log
    assert [row.iteration for row in log.rows] == list(range(1, 10))
    assert [row.loss for row in log.rows] == [first.metrics.loss, *(row.loss for row in rows)]
    assert all(row.lr == 0.1 for row in log.rows)


def test_the_batch_s_accuracy_is_that_of_the_recomputed_iteration() -> None:
    experiment = Experiment(MOONS)
    rows = experiment.train(10)
    for row in (rows[0], rows[-1]):
        program = experiment.history.program_at(row.iteration)
        chosen = experiment.trainer.batches.at(row.iteration - 1)
        targets = experiment.trainer.samples.targets[chosen]
        scores = next(
            program.values[instr.output]
            for instr in reversed(program.instrs)
            if instr.site.phase.name == "FORWARD"
        )
        assert row.accuracy == pytest.approx(accuracy_of(scores, targets))


def test_an_epoch_ends_with_a_look_at_the_test_samples() -> None:
    experiment = Experiment(MOONS)
    trainer = experiment.trainer
    per_epoch = trainer.left_of_epoch
    assert per_epoch == 10  # 320 samples in batches of 32
    experiment.train(2 * per_epoch + 1)
    one, two = experiment.log.epochs
    assert (one.epoch, one.iteration, two.epoch, two.iteration) == (1, 10, 2, 20)
    again = Experiment(MOONS)
    again.train(per_epoch)
    test, judge = again.trainer.test, again.evaluator()
    assert one.test_loss == pytest.approx(judge.loss(test.inputs, test.targets), rel=1e-5)
    assert one.test_accuracy == judge.accuracy(test.inputs, test.targets)
    assert np.sum(one.confusion) == len(test)
    assert np.trace(one.confusion) == round(one.test_accuracy * len(test))
    assert one.train_loss == pytest.approx(np.mean([row.loss for row in again.log.rows]), rel=1e-6)
    assert trainer.left_of_epoch == 9


def test_a_loop_and_a_split_of_one_s_own() -> None:
    steps: list[int] = []

    def forgetful(model, criterion, optimizer, x, target):  # type: ignore[no-untyped-def]
        steps.append(len(target))
        return training_step(model, criterion, optimizer, x, target)

    def make(spec: ExperimentSpec) -> Parts:
        train, test = np.arange(40), np.arange(40, 50)
        return replace(build(spec), step=forgetful, split=(train, test))

    experiment = Experiment(replace(MOONS, train_batch=4), make)
    assert (len(experiment.trainer.samples), len(experiment.trainer.test)) == (40, 10)
    experiment.train(1)
    assert steps == [4]


def test_the_iteration_at_which_it_diverged() -> None:
    experiment = Experiment(replace(MOONS, learning_rate=1e30))
    rows = experiment.train(12)
    first = next(row.iteration for row in rows if not np.isfinite(row.loss))
    assert experiment.trainer.diverged == first
    assert Experiment(MOONS).trainer.diverged is None


@pytest.mark.slow
def test_lenet_reads_98_of_100_test_digits(tmp_path: Path) -> None:
    """`gradviz train --model lenet --data digits`, with nothing else said: the recipe of the Train panel."""
    assert main(["--model", "lenet", "--data", "digits", "--out", str(tmp_path)]) == 0
    settings = read_run(tmp_path).spec
    assert (settings.optimizer, settings.learning_rate, read_run(tmp_path).epochs) == RECIPE
    log = TrainLog.from_json(json.loads((tmp_path / "metrics.json").read_text("utf-8")))
    assert log.epochs[-1].test_accuracy >= 0.98
