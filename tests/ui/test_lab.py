"""The lab records and trains in the background, and keeps the window's choices sensible."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from gradviz.engine.jit import jit_disabled
from gradviz.ui import lab as lab_module
from gradviz.ui.jobs import JobStrip
from gradviz.ui.lab import Lab
from gradviz.ui.messages import MessageBar
from gradviz.ui.theme import ThemeManager
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gradviz.app.experiment import FITS, Experiment, ExperimentSpec
from gradviz.app.session import Session
from gradviz.app.settings import Settings
from tests.ui.fakes import recording

Make = Callable[[ExperimentSpec], Experiment]


class Bench:
    """A lab with what it needs around it."""

    def __init__(self, qtbot: QtBot, folder: Path, make: Make = Experiment) -> None:
        themes = ThemeManager("light")
        self.qtbot = qtbot
        self.session = Session(Settings(folder=folder))
        self.messages, self.jobs = MessageBar(themes), JobStrip(themes)
        for widget in (self.messages, self.jobs):
            qtbot.addWidget(widget)
            widget.show()
        self.lab = Lab(self.session, self.messages, self.jobs, make=make)

    def wait(self) -> None:
        self.qtbot.waitUntil(lambda: not self.lab.busy, timeout=120_000)

    @property
    def recorded(self) -> int:
        return len(self.session.recording.iterations) if self.session.recording is not None else 0


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path)
    made.lab.start_over()
    made.wait()
    yield made
    made.lab.shut_down()


def test_it_begins_with_lenet_on_a_digit(bench: Bench) -> None:
    recording = bench.session.recording
    assert recording is not None
    assert "LeNet" in recording.title
    assert bench.recorded == 1
    assert bench.session.graph is not None
    assert bench.lab.samples == 1797
    assert bench.messages.messages == []


def test_recording_again_appends(bench: Bench) -> None:
    bench.lab.record()
    bench.wait()
    assert bench.recorded == 2
    assert [row.iteration for row in bench.session.metrics] == [1, 2]
    assert bench.session.timeline is not None
    assert bench.session.timeline.locate() == (1, 1), "it stands where the new iteration has begun"


def test_training_ends_with_a_recorded_iteration(bench: Bench) -> None:
    bench.lab.train(5)
    bench.wait()
    assert [row.iteration for row in bench.session.metrics] == [1, 2, 3, 4, 5, 6]
    assert bench.recorded == 2


def test_both_ways_to_train_do_the_same(qtbot: QtBot, tmp_path: Path) -> None:
    """The toolbar's Train and the panel's: as many changes of the weights, on the same batches."""
    found = []
    for way in (lambda lab: lab.train(7), lambda lab: lab.training.run(iterations=7)):
        bench = Bench(qtbot, tmp_path)
        bench.lab.start_over()
        bench.wait()
        way(bench.lab)
        bench.wait()
        experiment = bench.lab.experiment
        assert experiment is not None
        assert (experiment.trainer.count, experiment.trainer.batch) == (8, 7)
        found.append(experiment.trainer.values())
        bench.lab.shut_down()
    assert found[0].keys() == found[1].keys()
    for name, value in found[0].items():
        np.testing.assert_array_equal(value, found[1][name])


def test_training_can_be_stopped(bench: Bench) -> None:
    bench.lab.train(100_000)
    bench.qtbot.waitUntil(lambda: "loss" in bench.jobs.jobs[0].text, timeout=60_000)
    bench.qtbot.mouseClick(bench.jobs.jobs[0].stop_button, Qt.MouseButton.LeftButton)
    bench.wait()
    assert 1 < len(bench.session.metrics) < 100_000
    assert bench.recorded == 2, "where it was stopped is shown"
    assert bench.jobs.jobs == []


def test_only_one_job_at_a_time(bench: Bench) -> None:
    bench.lab.record()
    bench.lab.record()
    assert [message.level for message in bench.messages.messages] == ["warning"]
    bench.wait()
    assert bench.recorded == 2


def test_the_next_sample_keeps_the_weights(bench: Bench) -> None:
    bench.lab.next_sample()
    bench.wait()
    assert bench.session.settings.sample == 1
    assert bench.recorded == 2
    first, second = (one.program for one in bench.session.recording.iterations)  # type: ignore[union-attr]
    end = first.bound("conv1.weight", len(first))
    begin = second.bound("conv1.weight", 0)
    assert end is not None
    assert begin is not None
    assert (first.values[end] == second.values[begin]).all()
    names = {slot.name: i for i, slot in enumerate(second.slots)}
    assert (first.values[names["x"]] != second.values[names["x"]]).any()


def test_the_learning_rate_counts_from_the_next_iteration(bench: Bench) -> None:
    bench.lab.choose_learning_rate(0.25)
    bench.lab.record()
    bench.wait()
    program = bench.session.recording.iterations[1].program  # type: ignore[union-attr]
    rates = [float(program.values[i]) for i, slot in enumerate(program.slots) if slot.name == "lr"]
    assert rates == [0.25]


def test_what_does_not_fit_is_chosen_anew(bench: Bench) -> None:
    with bench.qtbot.waitSignal(bench.lab.choices_changed):
        bench.lab.choose_data("moons")
    settings = bench.session.settings
    assert settings.data in FITS[settings.model]
    bench.wait()
    assert bench.recorded == 1
    bench.lab.choose_model("lenet")
    assert settings.data == "digits"
    bench.wait()


def test_a_folder_without_mnist_is_told_and_taken_back(bench: Bench, tmp_path: Path) -> None:
    before = bench.session.recording
    with bench.qtbot.waitSignal(bench.lab.failed):
        bench.lab.choose_folder(str(tmp_path))
    bench.wait()
    assert [message.level for message in bench.messages.messages] == ["error"]
    assert bench.session.settings.data == "digits"
    assert bench.session.recording is before
    bench.lab.record()
    bench.wait()
    assert bench.recorded == 2


def test_what_is_opened_meanwhile_is_not_replaced(qtbot: QtBot, tmp_path: Path) -> None:
    go_on = threading.Event()

    def slowly(spec: ExperimentSpec) -> Experiment:
        go_on.wait(30)
        return Experiment(spec)

    bench = Bench(qtbot, tmp_path, slowly)
    bench.lab.start_over()
    opened = recording()
    bench.session.load(opened)
    go_on.set()
    bench.wait()
    assert bench.session.recording is opened
    bench.lab.train(3)
    bench.wait()
    assert bench.session.recording is not opened
    assert bench.recorded == 2
    assert [row.iteration for row in bench.session.metrics] == [1, 2, 3, 4]
    bench.lab.train(3)
    bench.session.load(opened)
    bench.wait()
    assert bench.session.recording is opened


def test_old_iterations_are_let_go_before_memory_runs_out(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab_module, "BUDGET", 1)
    bench.lab.record()
    bench.wait()
    assert bench.recorded == 1
    assert bench.session.recording.iterations[0].number == 2  # type: ignore[union-attr]


def test_choices_of_another_version_are_replaced(qtbot: QtBot, tmp_path: Path) -> None:
    settings = Settings(folder=tmp_path, model="gpt", data="imagenet", optimizer="magic", learning_rate=0.0)
    session = Session(settings)
    themes = ThemeManager("light")
    messages, jobs = MessageBar(themes), JobStrip(themes)
    qtbot.addWidget(messages)
    qtbot.addWidget(jobs)
    Lab(session, messages, jobs)
    assert (settings.model, settings.data, settings.optimizer) == ("lenet", "digits", "sgd")
    assert settings.learning_rate > 0


def test_going_back_to_an_iteration_that_was_trained(bench: Bench) -> None:
    bench.lab.train(6)
    bench.wait()
    losses = {row.iteration: row.loss for row in bench.session.metrics}
    assert bench.lab.history is not None
    assert bench.lab.history.span == (1, 7)
    assert [number for number in range(10) if number in bench.lab.history] == list(range(1, 8))
    bench.lab.go_to(4)
    bench.wait()
    if jit_disabled():
        assert bench.messages.messages
        return
    assert bench.session.iteration is not None
    assert bench.session.iteration.number == 4
    assert bench.session.iteration.metrics.loss == pytest.approx(losses[4], rel=1e-5)
    assert [row.iteration for row in bench.session.metrics] == list(range(1, 8)), "the curves stay"
    bench.lab.record()
    bench.wait()
    assert bench.recorded == 3
    assert [row.iteration for row in bench.session.metrics] == list(range(1, 9))
