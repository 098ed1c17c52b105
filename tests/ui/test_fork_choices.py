"""Forks by every kind, in the window; the inspector shows both numbers beside each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gradviz.engine.program import Program
from gradviz.ui.app import Gradviz
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gradviz.app.experiment import Experiment, ExperimentSpec
from gradviz.app.inside.activations import activations, other_activation
from gradviz.app.inside.compare import fork, other_inputs
from gradviz.app.inside.variations import initialised, noisy, shifted
from gradviz.app.numerals import number
from tests.ui.test_comparing import choose, entry
from tests.ui.window import running


@pytest.fixture
def g(qtbot: QtBot, tmp_path: Path) -> Iterator[Gradviz]:
    with running(qtbot, tmp_path) as made:
        yield made


def second(g: Gradviz) -> Program:
    assert g.tracing.comparing.comparison is not None
    return g.tracing.comparing.comparison.second


def same(one: Program, two: Program) -> bool:
    return [x.tobytes() for x in one.values] == [x.tobytes() for x in two.values]


def test_every_kind_is_what_the_engine_computes(g: Gradviz, qtbot: QtBot) -> None:
    program = g.session.program
    assert program is not None
    choose(g, qtbot, "Every ReLU becomes tanh")
    rules, _ = other_activation(program, activations(program)["relu"], "tanh")
    assert same(second(g), fork(program, 0, {}, None, rules))
    for text, changes in (
        ("Kaiming", initialised(program, "kaiming")),
        ("All weights zero", initialised(program, "zeros")),
        ("With noise", noisy(program)),
        ("moved two pixels", shifted(program)),
    ):
        choose(g, qtbot, text)
        assert same(second(g), fork(program, 0, changes))
    shares = [pair.share for pair in g.window.graph.canvas.focus.differences.values()]
    assert shares
    entry(g.tracing.comparing.menu(), "Stop comparing").trigger()
    assert g.tracing.comparing.comparison is None
    assert g.window.inspector.pair.isHidden()


def test_a_single_activation(g: Gradviz, qtbot: QtBot) -> None:
    program = g.session.program
    assert program is not None
    index = activations(program)["relu"][1]
    g.session.select_slot(program.instrs[index].output)
    choose(g, qtbot, "Only this ReLU becomes sigmoid")
    rules, _ = other_activation(program, (index,), "sigmoid")
    assert same(second(g), fork(program, 0, {}, None, rules))


def test_a_sample_that_is_not_recorded(g: Gradviz, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    program = g.session.program
    assert program is not None
    experiment = Experiment(ExperimentSpec())
    monkeypatch.setattr(g.window.lab, "_experiment", experiment)
    monkeypatch.setattr(g.window.lab, "shows_own", lambda recording: True)
    choose(g, qtbot, "Sample 2, which is not recorded")
    x, target = (tensor.numpy() for tensor in experiment.batch(2))
    changes = other_inputs(program, {"x": x, "target": target})
    assert len(changes) == 2
    assert same(second(g), fork(program, 0, changes))
    entry(g.tracing.comparing.menu(), "Another sample").trigger()
    with qtbot.waitSignal(g.tracing.comparing.changed):
        g.tracing.comparing.entry.field.setText("5")
        g.tracing.comparing.entry.button.click()
    assert "Sample 5" in g.tracing.comparing.note.label.text()


def test_a_number_of_ones_own(g: Gradviz, qtbot: QtBot) -> None:
    program, timeline = g.session.program, g.session.timeline
    assert program is not None
    assert timeline is not None
    entry(g.tracing.comparing.menu(), "Another learning rate").trigger()
    asked = g.tracing.comparing.entry
    assert asked.isVisible()
    asked.field.setText("lots")
    qtbot.keyClick(asked.field, Qt.Key.Key_Return)
    assert asked.isVisible()
    assert "not a number" in asked.problem.text()
    asked.field.setText("0,125")
    with qtbot.waitSignal(g.tracing.comparing.changed):
        qtbot.keyClick(asked.field, Qt.Key.Key_Return)
    assert not asked.isVisible()
    rate = program.bound("lr", len(program))
    assert rate is not None
    assert float(second(g).values[rate]) == 0.125
    entry(g.tracing.comparing.menu(), "Another learning rate").trigger()
    qtbot.keyClick(asked.field, Qt.Key.Key_Escape)
    assert not asked.isVisible()


def test_both_numbers_and_their_difference_in_the_inspector(g: Gradviz, qtbot: QtBot) -> None:
    program, timeline = g.session.program, g.session.timeline
    assert program is not None
    assert timeline is not None
    choose(g, qtbot, "Every ReLU becomes GELU")
    timeline.end()
    timeline.go(timeline.length)
    slot = next(i for i, row in enumerate(program.slots) if row.name == "conv2.bias")
    total = program.gradient_slot(slot)
    assert total is not None
    g.session.select_slot(slot)
    g.session.select_element((3,))
    card = g.window.inspector.pair
    assert card.isVisible()
    one, two = (float(each.values[total][3]) for each in (program, second(g)))
    assert [label.text() for label in card.rows[1]][1:3] == [number(one), number(two)]
    assert card.rows[1][3].text().lstrip("+") == number(np.float64(two) - one)
    assert number(two) in card.accessibleDescription()
    g.session.select_element(None)
    size = float(np.linalg.norm(second(g).values[total].astype(np.float64)))
    assert card.rows[1][2].text() == number(size)
    qtbot.mouseClick(card.close_button, Qt.MouseButton.LeftButton)
    assert g.tracing.comparing.comparison is None
    assert not g.window.graph.canvas.focus.differences
