"""Training in the background: it starts, pauses, goes on and stops, and shows exactly what was trained."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gradviz.ui.training import TrainingNews, TrainingState, thinned
from pytestqt.qtbot import QtBot

from gradviz.app.experiment import Experiment
from gradviz.app.recording import Metrics
from tests.ui.test_lab import Bench


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    made.session.settings.model, made.session.settings.data = "mlp", "moons"
    made.lab.start_over()
    made.wait()
    yield made
    made.lab.shut_down()


def experiment(bench: Bench) -> Experiment:
    assert bench.lab.experiment is not None
    return bench.lab.experiment


def shown(bench: Bench) -> int:
    assert bench.session.recording is not None
    return bench.session.recording.iterations[-1].number


def test_so_many_iterations(bench: Bench) -> None:
    news: list[TrainingNews] = []
    bench.lab.training.advanced.connect(news.append)
    bench.lab.training.run(iterations=12)
    assert bench.lab.training.running
    bench.wait()
    assert bench.lab.training.state is TrainingState.IDLE
    assert bench.lab.log is not None
    assert [row.iteration for row in bench.lab.log.rows] == list(range(1, 14))
    assert [row.iteration for row in bench.session.metrics] == list(range(1, 14))
    assert shown(bench) == 13
    assert (news[-1].done, news[-1].total, news[-1].seconds_left) == (12, 12, 0)
    program = bench.session.recording.iterations[-1].program  # type: ignore[union-attr]
    assert program.loss is not None
    assert float(program.values[program.loss]) == pytest.approx(bench.lab.log.rows[-1].loss, rel=1e-5)
    trained, x = experiment(bench).trainer, program.bound("x", 0)
    assert x is not None
    batch = trained.samples.inputs[trained.batches.at(11)]
    np.testing.assert_array_equal(program.values[x], batch)


def test_pause_and_go_on(bench: Bench) -> None:
    training, trainer = bench.lab.training, experiment(bench).trainer
    training.run(epochs=4000)
    bench.qtbot.waitUntil(lambda: trainer.batch > 5, timeout=60_000)
    assert training.pause()
    bench.wait()
    assert training.paused
    done = trainer.batch
    assert shown(bench) == trainer.count == done + 1
    training.one_iteration()
    bench.wait()
    assert training.paused
    assert trainer.batch == done + 1
    training.resume()
    bench.qtbot.waitUntil(lambda: trainer.batch > done + 3, timeout=60_000)
    training.stop()
    bench.wait()
    assert training.state is TrainingState.IDLE
    assert not training.pause()


def test_without_end_until_it_is_stopped(bench: Bench) -> None:
    training = bench.lab.training
    training.run()
    bench.qtbot.waitUntil(lambda: training.news is not None, timeout=60_000)
    assert training.news is not None
    assert training.news.seconds_left is None
    assert training.news.rate > 0
    training.stop()
    bench.wait()
    assert not training.paused


def test_to_the_end_of_the_epoch(bench: Bench) -> None:
    trainer = experiment(bench).trainer
    bench.lab.training.one_epoch()
    bench.wait()
    assert (trainer.batch, trainer.epochs) == (10, 1)
    assert len(trainer.log.epochs) == 1


def test_going_back_pauses_first(bench: Bench) -> None:
    training, trainer = bench.lab.training, experiment(bench).trainer
    training.run()
    bench.qtbot.waitUntil(lambda: trainer.batch > 8, timeout=60_000)
    bench.lab.go_to(5)
    bench.qtbot.waitUntil(lambda: shown(bench) == 5 and not bench.lab.busy, timeout=60_000)
    assert training.paused
    training.stop()
    assert not training.paused


def test_the_rate_can_be_changed_meanwhile(bench: Bench) -> None:
    training, trainer = bench.lab.training, experiment(bench).trainer
    training.run()
    bench.qtbot.waitUntil(lambda: trainer.batch > 2, timeout=60_000)
    bench.lab.choose_learning_rate(0.5)
    bench.qtbot.waitUntil(lambda: trainer.log.rows[-1].lr == 0.5, timeout=60_000)
    training.stop()
    bench.wait()


def test_a_run_that_diverges_is_paused(bench: Bench) -> None:
    bench.lab.choose_learning_rate(1e30)
    bench.lab.training.run()
    bench.wait()
    assert bench.lab.training.paused
    number = experiment(bench).trainer.diverged
    assert number is not None
    assert f"iteration {number}" in bench.messages.messages[-1].text
    assert shown(bench) == number


def test_few_points_for_the_session() -> None:
    rows = [Metrics(k, 1.0) for k in range(20_001)]
    few = thinned(rows, 1, len(rows))
    assert len(few) == 5000
    assert few[0].iteration == 1
    assert thinned(rows, 3, 5) == rows[3:5]
    assert thinned(rows, 5, 5) == []
