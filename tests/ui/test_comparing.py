"""A second run is forked at the cursor, and the graph shows how far its values are apart."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gradviz.engine.program import Phase
from gradviz.ui.app import Gradviz
from gradviz.ui.comparing import percent
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from gradviz.app.inside.compare import fork, learning_rate, one_number
from tests.ui.window import running


@pytest.fixture
def g(qtbot: QtBot, tmp_path: Path) -> Iterator[Gradviz]:
    with running(qtbot, tmp_path) as made:
        yield made


def entry(menu: QMenu, text: str) -> QAction:
    """A choice of the menu or of one of its submenus."""
    inner = [m for action in menu.actions() if (m := action.menu()) is not None]
    rows = [action for each in (menu, *inner) for action in each.actions()]
    return next(action for action in rows if text in action.text())


def choose(g: Gradviz, qtbot: QtBot, text: str) -> None:
    menu = g.tracing.comparing.menu()
    with qtbot.waitSignal(g.tracing.comparing.changed):
        entry(menu, text).trigger()


def test_another_learning_rate(g: Gradviz, qtbot: QtBot) -> None:
    session, canvas = g.session, g.window.graph.canvas
    program, timeline, graph = session.program, session.timeline, session.graph
    assert program is not None
    assert timeline is not None
    assert graph is not None
    choose(g, qtbot, "Learning rate × 10")
    assert canvas.focus.differences.keys() == {n.id for n in graph.nodes if not n.instrs}
    timeline.end()
    expected = fork(program, 0, learning_rate(program, 10.0))
    shown = canvas.focus.differences
    assert len(shown) == sum(node.slot >= 0 for node in graph.nodes)
    for node in graph.nodes:
        a, b = program.values[node.slot].astype(float), expected.values[node.slot].astype(float)
        apart = np.linalg.norm(a - b) / (max(np.linalg.norm(a), np.linalg.norm(b)) or 1.0)
        assert shown[node.id].share == pytest.approx(apart, abs=1e-12)
        assert (shown[node.id].text == "0") == (node.phase is not Phase.UPDATE)
    assert g.tracing.comparing.note.isVisible()

    update = next(x for x in program.instrs if x.op == "mul" and x.site.phase is Phase.UPDATE)
    session.select_slot(update.output)
    session.select_element((0,) * len(program.slots[update.output].shape))
    element = session.selection.element
    assert element is not None
    one, two = (float(values[update.output][element]) for values in (program.values, expected.values))
    assert two == pytest.approx(10 * one, rel=1e-5)
    assert "apart by 90 %" in g.tracing.comparing.note.label.text()

    qtbot.mouseClick(g.tracing.comparing.note.close_button, Qt.MouseButton.LeftButton)
    assert canvas.focus.differences == {}
    assert g.tracing.comparing.note.isHidden()


def test_one_weight_changed_in_the_middle(g: Gradviz, qtbot: QtBot) -> None:
    program, timeline = g.session.program, g.session.timeline
    assert program is not None
    assert timeline is not None
    weight = program.bound("conv2.weight", 0)
    assert weight is not None
    second_conv = [i for i, x in enumerate(program.instrs) if x.op == "conv2d"][1]
    timeline.go(second_conv)
    g.session.select_slot(weight)
    g.session.select_element((1, 0, 2, 2))
    choose(g, qtbot, "conv2.weight[1, 0, 2, 2]: 0 instead")
    comparison = g.tracing.comparing.comparison
    assert comparison is not None
    expected = fork(program, second_conv, one_number(program, weight, (1, 0, 2, 2), 0.0))
    for mine, theirs in zip(comparison.second.values, expected.values, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    timeline.go(second_conv + 1)
    graph = g.session.graph
    assert graph is not None
    differences = g.window.graph.canvas.focus.differences
    assert differences[graph.node_of_instr[second_conv]].share > 0
    assert differences[graph.node_of_instr[0]].share == 0


def test_nothing_recorded_nothing_to_compare(qtbot: QtBot, tmp_path: Path) -> None:
    with running(qtbot, tmp_path, load=0) as g:
        assert g.tracing.comparing.choices() == []
        assert not g.window.commands["fork"].isEnabled()


def test_percents() -> None:
    assert [percent(x) for x in (0.0, 1e-5, 0.034, 2.0, float("inf"))] == [
        "0",
        "< 0.1 %",
        "3.4 %",
        "200 %",
        "∞",
    ]
