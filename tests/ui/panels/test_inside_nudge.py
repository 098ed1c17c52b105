"""Nudging in the window: the card's list and the notes on the cards of the graph say what `nudge` says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gradviz.engine.program import Program
from gradviz.engine.recorder import record
from gradviz.ui.app import Gradviz
from gradviz.ui.panels.inside.effect_list import MARKS
from gradviz.ui.panels.inside.nudge_card import NudgeCard
from gradviz.ui.panels.inside.nudge_notes import notes_of_nudge
from gradviz.ui.theme import ThemeManager
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

import gradviz as torch
from gradviz.app.inside.nudge import nudge
from gradviz.app.inside.subject import title_of
from gradviz.app.numerals import number
from gradviz.app.recording import parameter_slots
from gradviz.app.state import StateView
from tests.ui.window import running


def cubic(x: float) -> Program:
    w = torch.tensor([x, 1.0], requires_grad=True)
    with record() as recorder:
        (w**3).sum().backward()
    return recorder.program()


@pytest.fixture
def card(qtbot: QtBot) -> Iterator[NudgeCard]:
    made = NudgeCard(ThemeManager("dark"))
    qtbot.addWidget(made)
    made.resize(320, 500)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.shut_down()


def show(qtbot: QtBot, card: NudgeCard, program: Program) -> int:
    slot = program.instrs[0].inputs[0]
    with qtbot.waitSignal(card.nudged):
        card.show_subject(StateView(program, len(program)), slot, (0,))
    return slot


def rows(card: NudgeCard) -> list[tuple[str, ...]]:
    found = []
    for row in range(card.table.rowCount()):
        items = [card.table.item(row, column) for column in range(4)]
        found.append(tuple(item.text() if item is not None else "" for item in items))
    return found


def test_the_list_is_what_nudge_says_with_the_loss_first(card: NudgeCard, qtbot: QtBot) -> None:
    program = cubic(2.0)
    slot = show(qtbot, card, program)
    expected = nudge(program, slot, (0,), card.epsilon)
    assert expected.listed[0].slot == program.loss
    assert rows(card) == [
        (title_of(program, e.slot), number(e.sizes[0], 3), number(e.sizes[1], 3), MARKS[e.level])
        for e in expected.listed
    ]
    assert card.headline.text().startswith("Loss: predicted 0.12, true 0.1206")


@pytest.mark.parametrize(("epsilon", "mark"), [(0.001, ""), (0.1, "!"), (1.0, "‼")])
def test_it_shows_where_linearity_ends(card: NudgeCard, qtbot: QtBot, epsilon: float, mark: str) -> None:
    show(qtbot, card, cubic(2.0))
    with qtbot.waitSignal(card.nudged):
        card.set_epsilon(epsilon)
    assert card.nudge is not None
    assert card.nudge.epsilon == epsilon
    assert rows(card)[0][3] == mark
    assert rows(card)[0][2] == number((2 + epsilon) ** 3 - 8, 3)
    notes = notes_of_nudge(card.nudge)
    loss = card.nudge.program.loss
    assert loss is not None
    assert notes[loss].level == MARKS.index(mark)
    assert notes[loss].text.startswith(f"∂ {number(12 * epsilon, 3)}  Δ {rows(card)[0][2]}")


def test_field_and_slider_follow_each_other(card: NudgeCard, qtbot: QtBot) -> None:
    show(qtbot, card, cubic(2.0))
    with qtbot.waitSignal(card.nudged):
        card.slider.setValue(-3 * 20)
    assert card.epsilon == 0.001
    card.field.setText("-0.1")
    with qtbot.waitSignal(card.nudged):
        qtbot.keyClick(card.field, Qt.Key.Key_Return)
    assert card.slider.value() == -20
    with qtbot.waitSignal(card.nudged):
        card.slider.setValue(0)
    assert card.epsilon == -1.0  # the sign stays
    before = card.nudge
    card.field.setText("nan")
    qtbot.keyClick(card.field, Qt.Key.Key_Return)
    assert "must be finite" in card.problem.text()
    assert card.nudge is before


def test_whole_numbers_cannot_be_nudged(card: NudgeCard) -> None:
    with record() as recorder:
        torch.tensor([1, 2]) + 1
    program = recorder.program()
    card.show_subject(StateView(program, 1), 0, (0,))
    assert "whole numbers" in card.problem.text()
    assert card.body.isHidden()


def test_every_node_that_moves_has_its_note(qtbot: QtBot, tmp_path: Path) -> None:
    with running(qtbot, tmp_path) as g:
        walk(g, qtbot)


def walk(g: Gradviz, qtbot: QtBot) -> None:
    session, canvas, card = g.session, g.window.graph.canvas, g.window.inspector.experiments.nudge
    program = session.program
    assert program is not None
    slot, _ = parameter_slots(program)["fc1.weight"]
    gradient = program.values[program.gradient_slot(slot) or 0]
    element = tuple(int(i) for i in np.unravel_index(np.abs(gradient).argmax(), gradient.shape))
    session.select_slot(slot)
    session.select_element(element)
    g.window.inspector.refresh()
    with qtbot.waitSignal(card.nudged, timeout=20_000):
        qtbot.keyClick(canvas, Qt.Key.Key_N)
    expected = notes_of_nudge(nudge(program, slot, element, card.epsilon))
    loss = next(n.id for n in canvas.scene.model.nodes if n.slot == program.loss)
    assert program.loss is not None
    assert canvas.focus.notes[loss] == expected[program.loss]
    drawn = {n.slot for n in canvas.scene.model.nodes if n.id in canvas.focus.notes}
    assert drawn <= set(expected)
    session.open_all()
    qtbot.waitUntil(lambda: len(canvas.scene.model.nodes) > 30 and len(canvas.focus.notes) > len(drawn))
    names = {node.id: node.slot for node in canvas.scene.model.nodes}
    assert {names[name]: note for name, note in canvas.focus.notes.items()} == {
        names[name]: expected[names[name]] for name in canvas.focus.notes
    }
    canvas.grab()
    # A row leads to its node; what is nudged stays.
    card.table.cellClicked.emit(2, 0)
    assert session.selection.slot == card.nudge.listed[2].slot  # type: ignore[union-attr]
    assert canvas.focus.notes
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.focus.notes == {}
    assert card.isHidden()
    assert session.selection.slot is not None  # the first Escape ends the nudge, the second lets go
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert session.selection.slot is None
