"""The first walk: all of LeNet, forwards and back in the real window, with the numbers of plain training."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gradviz.assets.examples.training_step import training_step
from gradviz.engine.program import Phase
from gradviz.ui.app import Gradviz
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

import gradviz
from gradviz.app.experiment import ExperimentSpec
from gradviz.app.experiment_parts import build
from tests.ui.window import running

Key = Qt.Key


class Eager:
    """The same iteration without any recording: parameters before and after, and their gradients."""

    def __init__(self) -> None:
        parts = build(ExperimentSpec())
        batch = parts.data.select(np.arange(1))
        named = list(parts.model.named_parameters())
        self.before = {name: parameter.detach().numpy().copy() for name, parameter in named}
        x, target = gradviz.from_numpy(parts.prepare(batch.inputs)), gradviz.from_numpy(batch.targets)
        self.loss = float(training_step(parts.model, parts.criterion, parts.optimizer, x, target))
        self.after = {name: parameter.detach().numpy() for name, parameter in named}
        self.gradients = {name: parameter.grad.numpy() for name, parameter in named}


@pytest.fixture
def g(qtbot: QtBot, tmp_path: Path) -> Iterator[Gradviz]:
    with running(qtbot, tmp_path) as made:
        yield made


def shown_gradient(g: Gradviz, qtbot: QtBot, slot: int) -> np.ndarray | None:
    """The gradient that the inspector shows for a value."""
    inspector = g.window.inspector
    g.session.select_slot(slot)
    qtbot.waitUntil(lambda: inspector.facts is not None and inspector.facts.output.slot == slot)
    assert inspector.facts is not None
    if inspector.facts.gradient is None:
        return None
    inspector.tensors.choose_tab("gradient")
    shown = inspector.tensors.shown()
    assert shown is not None
    assert shown.slot == inspector.facts.gradient.slot
    return shown.value


def test_every_gradient_shown_is_backward_s(g: Gradviz, qtbot: QtBot) -> None:
    eager, session = Eager(), g.session
    program, timeline, canvas = session.program, session.timeline, g.window.graph.canvas
    assert program is not None
    assert timeline is not None
    canvas.setFocus()
    compared = []
    while timeline.moment < timeline.length:
        qtbot.keyClick(canvas, Key.Key_Right)
        instr = program.instrs[timeline.moment - 1]
        assert session.current_node is not None
        if instr.op == "accumulate_grad":
            name = next(
                row.name.removesuffix(".grad") for row in program.bindings if row.slot == instr.output
            )
            slot = program.bound(name, 0)
            assert slot is not None
            shown = shown_gradient(g, qtbot, slot)
            assert shown is not None
            np.testing.assert_array_equal(shown, eager.gradients[name], err_msg=name)
            compared.append(name)
            session.select_node(None)
            canvas.setFocus()
    assert sorted(compared) == sorted(eager.gradients)
    state = session.state
    assert state is not None
    for name, after in eager.after.items():
        np.testing.assert_array_equal(state.named(name), after, err_msg=name)
    assert program.loss is not None
    assert float(program.values[program.loss]) == eager.loss


def test_back_to_the_start_nothing_is_known_again(g: Gradviz, qtbot: QtBot) -> None:
    eager, session = Eager(), g.session
    timeline, canvas = session.timeline, g.window.graph.canvas
    assert timeline is not None
    assert session.program is not None
    canvas.setFocus()
    timeline.end()
    forwards = {}
    timeline.start()
    while timeline.moment < timeline.length:
        qtbot.keyClick(canvas, Key.Key_Right)
        forwards[timeline.moment] = (session.current_node, g.window.status.sentence.text())
    while timeline.moment > 0:
        assert forwards[timeline.moment] == (session.current_node, g.window.status.sentence.text())
        qtbot.keyClick(canvas, Key.Key_Left)
    state = session.state
    assert state is not None
    for name, before in eager.before.items():
        np.testing.assert_array_equal(state.named(name), before, err_msg=name)
        slot = session.program.bound(name, 0)
        assert slot is not None
        assert shown_gradient(g, qtbot, slot) is None
    statuses = {canvas.scene.state_of(node.id).status for node in canvas.scene.model.nodes if node.instrs}
    assert statuses == {"pending"}


def test_the_phases_are_walked_by_page_keys(g: Gradviz, qtbot: QtBot) -> None:
    timeline, canvas = g.session.timeline, g.window.graph.canvas
    assert timeline is not None
    assert g.session.program is not None
    canvas.setFocus()
    phases = []
    while timeline.moment < timeline.length:
        qtbot.keyClick(canvas, Key.Key_End)
        phases.append(g.session.program.instrs[timeline.moment - 1].site.phase)
    assert phases == [Phase.FORWARD, Phase.LOSS, Phase.BACKWARD, Phase.UPDATE]


def test_inside_every_open_module(g: Gradviz, qtbot: QtBot) -> None:
    timeline, canvas = g.session.timeline, g.window.graph.canvas
    assert timeline is not None
    qtbot.keyClick(canvas, Key.Key_O, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert g.session.graph is not None
    wanted = len(g.session.graph.nodes)
    qtbot.waitUntil(lambda: len(canvas.scene) == wanted, timeout=30_000)
    assert all(node.kind != "module" for node in canvas.scene.model.nodes)
    while timeline.moment < timeline.length:
        qtbot.keyClick(canvas, Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
        node = g.session.current_node
        assert node is not None
        assert canvas.scene.state_of(node).status == "current"
