"""The first walk, as its user takes it: every number of a training step, by keyboard, in the real window.

What the inspector shows is compared with a training step that ran without any recorder, bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gradviz.engine.interpret import run
from gradviz.engine.program import Phase
from gradviz.ui.app import Gradviz
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import gradviz
from gradviz.app.experiment import Experiment, ExperimentSpec
from gradviz.app.experiment_parts import build
from gradviz.nn import functional as F
from tests.ui.window import running

SPEC = ExperimentSpec(model="lenet", data="digits", sample=7, learning_rate=0.05, seed=3)


@pytest.fixture
def g(qtbot: QtBot, tmp_path: Path) -> Iterator[Gradviz]:
    with running(qtbot, tmp_path, load=0) as made:
        made.session.load(Experiment(SPEC).recording())
        qtbot.waitUntil(lambda: len(made.window.graph.canvas.scene) > 0)
        yield made


class Eager:
    """The same training step without a recorder: parameters before and after, gradients, loss."""

    def __init__(self) -> None:
        parts = build(SPEC)
        sample = parts.data.select(np.array([SPEC.sample]))
        self.images = parts.prepare(sample.inputs)
        self.targets = sample.targets
        model: Any = parts.model
        self.before = {name: p.detach().numpy().copy() for name, p in model.named_parameters()}
        loss = F.cross_entropy(model(gradviz.from_numpy(self.images)), gradviz.from_numpy(self.targets))
        loss.backward()
        self.loss = loss.item()
        self.gradients = {name: p.grad.numpy().copy() for name, p in model.named_parameters()}
        parts.optimizer.step()
        self.after = {name: p.detach().numpy().copy() for name, p in model.named_parameters()}


def press(qtbot: QtBot, g: Gradviz, key: Qt.Key) -> None:
    target = QApplication.focusWidget() or g.window
    qtbot.keyClick(target, key)


def shown(g: Gradviz) -> np.ndarray:
    """The values that the inspector's heat map and table show."""
    g.window.inspector.refresh()
    facts = g.window.inspector.tensors.shown()
    assert facts is not None
    assert facts.value is not None
    return facts.value


def test_every_number_on_the_way_there_and_back(g: Gradviz, qtbot: QtBot) -> None:
    eager = Eager()
    session = g.session
    timeline, program = session.timeline, session.program
    assert timeline is not None
    assert program is not None
    g.window.graph.canvas.setFocus()
    on_the_way: list[np.ndarray] = []
    gradients: dict[str, np.ndarray] = {}
    for index in range(timeline.length):
        press(qtbot, g, Qt.Key.Key_Right)
        assert timeline.moment == index + 1
        instr = program.instrs[index]
        node = session.current_node
        assert session.graph is not None
        assert node is not None
        assert index in session.graph.by_id[node].instrs
        assert g.window.graph.canvas.scene.index[node] >= 0
        values = shown(g)
        np.testing.assert_array_equal(values, program.values[instr.output])
        on_the_way.append(values)
        state = session.state
        assert state is not None
        for name in eager.before:
            gradient = state.named(f"{name}.grad")
            if gradient is not None and name not in gradients:
                gradients[name] = gradient
                np.testing.assert_array_equal(values, gradient)  # it is what was computed just now

    # The end of the walk is what PyTorch's learner gets by running the step at once.
    assert set(gradients) == set(eager.gradients)
    for name, gradient in gradients.items():
        np.testing.assert_array_equal(gradient, eager.gradients[name])
    state = session.state
    assert state is not None
    for name, value in eager.after.items():
        np.testing.assert_array_equal(state.named(name), value)
    assert program.loss is not None
    assert float(program.values[program.loss]) == eager.loss

    # And back, to the same numbers, down to the weights as they were.
    for index in reversed(range(timeline.length)):
        np.testing.assert_array_equal(shown(g), on_the_way[index])
        press(qtbot, g, Qt.Key.Key_Left)
        assert timeline.moment == index
    assert session.current_node is None
    state = session.state
    assert state is not None
    for name, value in eager.before.items():
        np.testing.assert_array_equal(state.named(name), value)
        assert state.named(f"{name}.grad") is None


def test_the_interpreter_gets_the_same_numbers(g: Gradviz) -> None:
    program = g.session.program
    assert program is not None
    for again, recorded in zip(run(program), program.values, strict=True):
        np.testing.assert_array_equal(again, recorded)


def test_every_gradient_is_the_sum_of_its_contributions(g: Gradviz) -> None:
    program = g.session.program
    assert program is not None
    assert program.gradients
    for rows in program.gradients.values():
        total = sum(program.values[row.grad].astype(np.float64) for row in rows)
        np.testing.assert_allclose(program.values[rows[-1].total], total, rtol=1e-5, atol=1e-7)


@pytest.mark.oracle
def test_every_gradient_that_is_shown_is_pytorchs(g: Gradviz) -> None:
    torch = pytest.importorskip("torch")
    eager = Eager()
    theirs = {name: torch.tensor(value, requires_grad=True) for name, value in eager.before.items()}
    functional = torch.nn.functional
    x = torch.from_numpy(eager.images)
    for layer in ("conv1", "conv2"):
        x = functional.conv2d(x, theirs[f"{layer}.weight"], theirs[f"{layer}.bias"])
        x = functional.max_pool2d(functional.relu(x), 2)
    x = torch.flatten(x, 1)
    for layer in ("fc1", "fc2", "fc3"):
        x = functional.linear(x, theirs[f"{layer}.weight"], theirs[f"{layer}.bias"])
        x = functional.relu(x) if layer != "fc3" else x
    functional.cross_entropy(x, torch.from_numpy(eager.targets)).backward()
    session = g.session
    program = session.program
    assert program is not None
    compared = 0
    for index, instr in enumerate(program.instrs):
        if instr.site.phase is not Phase.BACKWARD or instr.op != "accumulate_grad":
            continue
        assert session.timeline is not None
        session.timeline.go(index + 1)
        facts = g.window.inspector
        facts.refresh()
        assert session.state is not None
        name = next(n for n in theirs if session.state.slot_of(f"{n}.grad") == instr.output)
        np.testing.assert_allclose(shown(g), theirs[name].grad.numpy(), rtol=1e-5, atol=1e-5)
        compared += 1
    assert compared == len(theirs)
