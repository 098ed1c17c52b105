"""A number that is not finite is told of, and one command leads to where it began."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gradviz.engine.program import Program
from gradviz.engine.rerun import rerun
from gradviz.ui.app import Gradviz
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

import gradviz as torch
from gradviz.app.inside.origin import Origins
from gradviz.app.recording import Iteration, Recording, metrics_of
from tests.ui.fakes import lenet
from tests.ui.window import running

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@pytest.fixture
def g(qtbot: QtBot, tmp_path: Path) -> Iterator[Gradviz]:
    with running(qtbot, tmp_path) as made:
        yield made


def recorded(*programs: Program) -> Recording:
    return Recording("t", tuple(Iteration(n, p, metrics_of(p, n)) for n, p in enumerate(programs, 1)))


def entropy(first: float) -> Program:
    p = torch.tensor([first, 0.5], requires_grad=True)
    with torch.record() as recorder:
        recorder.name(p, "p")
        (p * torch.log(p)).sum().backward()
    return recorder.program()


def load(g: Gradviz, qtbot: QtBot, recording: Recording) -> None:
    with qtbot.waitSignal(g.tracing.origins.found):
        g.session.load(recording)
    qtbot.waitUntil(lambda: g.window.graph.placing.pending is None)


def test_all_is_well(g: Gradviz, qtbot: QtBot) -> None:
    load(g, qtbot, recorded(entropy(0.5)))
    assert g.tracing.origins.badge.isHidden()
    assert g.window.messages.messages == []
    g.window.commands["find-origin"].trigger()
    (message,) = g.window.messages.messages
    assert "Every number is finite" in message.text


def test_trouble_is_told_and_found(g: Gradviz, qtbot: QtBot) -> None:
    program = entropy(0.0)
    load(g, qtbot, recorded(entropy(0.5), program))
    badge = g.tracing.origins.badge
    assert badge.isVisible()
    (message,) = g.window.messages.messages
    assert message.level == "warning"
    assert message.text.startswith("Iteration 2. An infinity begins at log")
    assert message.text in badge.toolTip()

    message.action_buttons[0].click()
    log = next(i for i, x in enumerate(program.instrs) if x.op == "log")
    assert g.session.timeline is not None
    assert g.session.timeline.current == (1, log)
    assert g.session.selection.slot == program.instrs[log].output
    assert g.session.selection.element == (0,)
    assert program.values[program.instrs[log].output][0] == -np.inf
    canvas, graph = g.window.graph.canvas, g.session.graph
    assert graph is not None
    assert canvas.focus.lit_ids == {graph.node_of_instr[log]}
    loss = program.producers[program.loss or 0]
    assert graph.node_of_instr[loss] in canvas.focus.follower_ids
    for name in canvas.focus.follower_ids:
        assert not np.isfinite(program.values[graph.by_id[name].slot]).all()
    assert [m.text for m in g.window.messages.messages] == [message.text]

    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.focus.lit_ids == frozenset()
    qtbot.mouseClick(badge, Qt.MouseButton.LeftButton)
    assert canvas.focus.lit_ids
    load(g, qtbot, recorded(entropy(0.5)))
    assert badge.isHidden()
    assert canvas.focus.lit_ids == frozenset()


def test_in_lenet_the_module_is_opened(g: Gradviz, qtbot: QtBot) -> None:
    iteration = lenet().iterations[0]
    program = iteration.program
    weight = program.bound("conv2.weight", 0)
    assert weight is not None
    broken = np.array(program.values[weight])
    broken[3] = np.float32(3e38)
    load(g, qtbot, recorded(rerun(program, {weight: broken})))
    g.window.commands["find-origin"].trigger()
    shown = g.session.program
    assert shown is not None
    conv = [i for i, x in enumerate(shown.instrs) if x.op == "conv2d"][1]
    assert g.session.timeline is not None
    assert g.session.timeline.current == (0, conv)
    assert "conv2" in g.session.open_modules
    element = g.session.selection.element
    assert element is not None
    assert element[1] == 3  # the channel of the weight
    assert not np.isfinite(shown.values[shown.instrs[conv].output][element])


def test_a_large_recording_is_looked_at_in_the_background(
    g: Gradviz, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradviz.ui.origin_search.AT_ONCE", 0)
    load(g, qtbot, recorded(entropy(0.0)))
    assert g.tracing.origins.badge.isVisible()
    g.session.load(recorded(entropy(0.0)))  # looked at while the window closes


def test_whoever_asks_too_early_is_led_there_later(
    g: Gradviz, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradviz.ui.origin_search.AT_ONCE", 0)
    program = entropy(0.0)
    g.session.load(recorded(program))
    g.window.commands["find-origin"].trigger()
    log = next(x for x in program.instrs if x.op == "log")
    qtbot.waitUntil(lambda: g.session.selection.slot == log.output)


def test_gradients_of_a_large_recording_are_looked_at_in_the_background(
    g: Gradviz, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradviz.ui.origin_search.AT_ONCE", 0)
    load(g, qtbot, recorded(entropy(1e-30)))
    origins = g.tracing.origins
    with qtbot.waitSignal(origins.worker.finished):
        g.window.commands["find-origin"].trigger()
        assert origins.worker.busy
    p = torch.tensor([2e4], requires_grad=True)
    with torch.record() as recorder:
        (p * p).sum().backward()
    program = recorder.program()
    load(g, qtbot, recorded(program))
    with qtbot.waitSignal(origins.worker.finished):
        g.window.commands["find-origin"].trigger()
    origin = Origins(program).exploding()
    assert origin is not None
    assert g.session.selection.slot == origin.slot
    assert g.window.messages.messages[-1].level == "warning"


def test_a_parameter_that_is_not_drawn_lights_what_reads_it(g: Gradviz, qtbot: QtBot) -> None:
    program = lenet().iterations[0].program
    weight = program.bound("conv2.weight", 0)
    assert weight is not None
    broken = np.array(program.values[weight])
    broken[3, 1, 2, 2] = np.nan
    load(g, qtbot, recorded(rerun(program, {weight: broken})))
    g.window.commands["find-origin"].trigger()
    assert g.session.selection.slot == weight
    assert g.session.selection.element == (3, 1, 2, 2)
    graph = g.session.graph
    assert graph is not None
    reader = next(i for i, x in enumerate(program.instrs) if weight in x.inputs)
    assert graph.node_of_instr[reader] in g.window.graph.canvas.focus.lit_ids
