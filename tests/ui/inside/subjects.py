"""What looking inside is tried on: LeNet with a real digit, ResNet-18, a user's script and a scalar graph."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from gradviz.engine.program import Program
from gradviz.ui.app import Gradviz
from pytestqt.qtbot import QtBot

from gradviz.app.experiment import Experiment, ExperimentSpec
from gradviz.app.recording import Recording
from gradviz.app.show import make_recording
from gradviz.scalar.value import Value
from tests.gradviz.app.scripts import TRAINING, Script
from tests.ui.fakes import lenet
from tests.ui.window import running

Index = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Subject:
    """A recording, and what in it is looked at: a leaf whose gradient is known, and an op's output."""

    name: str
    recording: Recording
    leaf_name: str
    op: str

    @property
    def program(self) -> Program:
        """The last recorded iteration."""
        return self.recording.iterations[-1].program

    @property
    def leaf(self) -> int:
        """The parameter (or number) whose gradient is looked at."""
        return next(i for i, row in enumerate(self.program.slots) if row.name == self.leaf_name)

    @property
    def gradient(self) -> int:
        """Where its gradient is."""
        found = self.program.gradient_slot(self.leaf)
        assert found is not None
        return found

    @property
    def output(self) -> int:
        """What the op has computed first."""
        return next(x.output for x in self.program.instrs if x.op == self.op)

    @property
    def forked(self) -> int | None:
        """A value whose gradient is a sum of several terms, if there is one."""
        return next((slot for slot, rows in self.program.gradients.items() if len(rows) > 1), None)


def largest(value: np.ndarray) -> Index:
    """The place of the largest magnitude."""
    return tuple(int(i) for i in np.unravel_index(int(np.abs(value).argmax()), value.shape))


def _resnet() -> Recording:
    experiment = Experiment(ExperimentSpec(model="resnet18"))
    made = experiment.recording(experiment.record())
    assert made.iterations[0].program.values[made.iterations[0].program.bound("x", 0) or 0].shape == (
        1,
        3,
        64,
        64,
    )
    return made


def _script() -> Recording:
    with tempfile.TemporaryDirectory() as folder:
        return Script(Path(folder))(TRAINING).recording


def _scalars() -> Recording:
    a, b = Value(1.375), Value(-2.25)
    c = a * b
    loss = (c + a).tanh() * b + c**2
    return make_recording((loss,), {"a": a, "b": b, "c": c, "loss": loss})


@lru_cache(maxsize=4)
def subject(name: str) -> Subject:
    """One of lenet, resnet, script, scalars; recorded once."""
    return {
        "lenet": lambda: Subject("lenet", lenet(), "conv1.weight", "conv2d"),
        "resnet": lambda: Subject("resnet", _resnet(), "layer4.1.bn2.weight", "conv2d"),
        "script": lambda: Subject("script", _script(), "fc1.weight", "linear"),
        "scalars": lambda: Subject("scalars", _scalars(), "a", "mul"),
    }[name]()


SUBJECTS = ("lenet", "resnet", "script", "scalars")


@contextmanager
def shown(qtbot: QtBot, folder: Path, about: Subject) -> Iterator[Gradviz]:
    """The window with the subject's recording, at the end of its last iteration, without movement."""
    with running(qtbot, folder, load=0) as made:
        made.session.settings.reduced_motion = True
        made.window.graph.apply_settings()
        made.session.load(about.recording)
        qtbot.waitUntil(lambda: len(made.window.graph.canvas.scene) > 0)
        assert made.session.timeline is not None
        made.session.timeline.go(made.session.timeline.length)
        yield made


def at(g: Gradviz, index: int) -> None:
    """Right after an instruction of the last iteration."""
    timeline = g.session.timeline
    assert timeline is not None
    timeline.go(timeline.start_of(len(timeline.programs) - 1) + index + 1)
    g.window.inspector.refresh()


def look(g: Gradviz, slot: int, element: tuple[int, ...] | None = None) -> None:
    g.session.select_slot(slot)
    if element is not None:
        g.session.select_element(element)
    g.window.inspector.refresh()


def scalar(program: Program, slot: int, element: tuple[int, ...] = ()) -> float:
    return float(program.values[slot][element])
