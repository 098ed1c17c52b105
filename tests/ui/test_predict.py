"""Predict, then reveal: hidden everywhere, judged, compared with computed mistakes, and shown."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from gradviz.engine.program import Program
from gradviz.engine.recorder import record
from gradviz.ui.app import Gradviz
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractButton, QLabel, QTableView, QWidget
from pytestqt.qtbot import QtBot

import gradviz as torch
from gradviz.app.inside.hints import hint
from gradviz.app.inside.quiz import Quiz
from gradviz.app.numerals import number, shape_text
from gradviz.app.session import Session
from gradviz.app.settings import Settings
from tests.ui.fakes import recording
from tests.ui.window import running


def chain() -> Program:
    """(w·x + w)² with numbers that occur nowhere else."""
    w = torch.tensor(1.37, requires_grad=True)
    x = torch.tensor(-2.91, requires_grad=True)
    with record() as recorder:
        ((w * x + w) ** 2).backward()
    return recorder.program()


@pytest.fixture
def g(qtbot: QtBot, tmp_path: Path) -> Iterator[Gradviz]:
    with running(qtbot, tmp_path, load=0) as made:
        made.session.load(recording(program=chain()))
        qtbot.waitUntil(lambda: len(made.window.graph.canvas.scene) > 0)
        assert made.session.timeline is not None
        made.session.timeline.go(made.session.timeline.length)
        yield made


def program(g: Gradviz) -> Program:
    assert g.session.program is not None
    return g.session.program


def told(g: Gradviz) -> str:
    """Everything that the window says, seen or spoken, but for the plots."""
    window = g.window
    window.inspector.refresh()
    texts = [window.graph.canvas.accessibleName(), window.graph.canvas.accessibleDescription()]
    for widget in window.findChildren(QWidget):
        if window.plots.isAncestorOf(widget):
            continue
        texts += [widget.accessibleName(), widget.accessibleDescription(), widget.toolTip()]
        if isinstance(widget, QLabel | QAbstractButton):
            texts.append(widget.text())
        if isinstance(widget, QTableView) and (model := widget.model()) is not None and widget.isVisible():
            for row in range(model.rowCount()):
                for column in range(model.columnCount()):
                    place = model.index(row, column)
                    for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
                        texts.append(str(model.data(place, role)))
    scene = window.graph.canvas.scene
    for node in scene.model.nodes:
        texts += [scene.state_of(node.id).value_text, window.graph.canvas.tip(node.id)]
    outline = window.graph.outline
    for row in range(outline.rowCount()):
        top = outline.index(row, 0)
        for inner in range(outline.rowCount(top)):
            for column in range(outline.columnCount()):
                place = outline.index(inner, column, top)
                texts += [str(outline.data(place, Qt.ItemDataRole.DisplayRole))]
                texts += [str(outline.data(place, Qt.ItemDataRole.AccessibleTextRole))]
    return "\n".join(texts)


def gradient(made: Program, slot: int) -> int:
    found = made.gradient_slot(slot)
    assert found is not None
    return found


def test_p_hides_a_gradient_everywhere_until_it_is_answered(qtbot: QtBot, g: Gradviz) -> None:
    made, window = program(g), g.window
    w = made.instrs[0].inputs[0]
    right = float(made.values[gradient(made, w)])
    g.session.select_slot(w)
    assert number(right) in told(g)
    window.graph.canvas.setFocus()
    qtbot.keyClick(window.graph.canvas, Qt.Key.Key_P)
    assert window.quiz.on
    assert number(right) not in told(g)
    card = window.inspector.predict
    assert card.isVisible()
    window.inspector.tensors.choose_tab("gradient")
    window.inspector.tensors.view.as_table.click()
    assert number(right) not in told(g)
    last = float(made.values[made.gradients[w][-1].grad])
    card.field.setText(repr(last))
    qtbot.keyClick(card.field, Qt.Key.Key_Return)
    assert card.hint.text() == hint("overwrote")
    assert number(right).replace("−", "-") in card.values[1].text().replace("−", "-")
    assert card.score.text() == "0 / 1"
    assert number(right) in told(g)


def test_a_value_in_the_status_bar_and_on_the_card(qtbot: QtBot, g: Gradviz) -> None:
    made, window = program(g), g.window
    assert g.session.timeline is not None
    g.session.timeline.go(1)
    value = number(float(made.values[made.instrs[0].output]))
    assert value in window.status.sentence.text()
    assert window.graph.canvas.accessibleDescription() == window.status.sentence.text()
    window.commands["predict"].trigger()
    assert value not in told(g)
    assert "?" in window.status.sentence.text()
    node = g.session.current_node
    assert node is not None
    assert window.graph.canvas.scene.state_of(node).value_text == "?"
    window.inspector.predict.field.setText(repr(float(made.values[made.instrs[0].output])))
    window.inspector.predict.submit()
    assert window.inspector.predict.score.text() == "1 / 1"
    assert value in window.status.sentence.text()
    assert window.graph.canvas.scene.state_of(node).value_text == f"= {value}"


def test_what_cannot_be_read_is_no_answer(g: Gradviz) -> None:
    window = g.window
    window.commands["predict"].trigger()
    card = window.inspector.predict
    card.field.setText("hm")
    card.submit()
    assert card.problem.text()
    assert card.score.text() == "0 / 0"
    assert window.quiz.prediction is not None
    assert not window.quiz.revealed


def test_giving_up_and_asking_on(g: Gradviz) -> None:
    window = g.window
    window.commands["predict"].trigger()
    window.inspector.predict.give_up.click()
    assert window.quiz.revealed
    assert not g.session.veil.slots(program(g))
    assert window.inspector.predict.score.text() == "0 / 1"
    assert g.session.timeline is not None
    g.session.timeline.go(2)
    assert not window.quiz.revealed
    assert g.session.veil.slots(program(g))
    window.inspector.predict.leave()
    assert not window.quiz.on
    assert not g.session.veil.slots(program(g))
    assert not window.commands["predict"].isChecked()


def test_only_the_mode_is_remembered(g: Gradviz, tmp_path: Path) -> None:
    g.window.commands["predict"].trigger()
    assert Settings.load(g.session.settings.path.parent).predict
    g.window.commands["predict"].trigger()
    assert not Settings.load(g.session.settings.path.parent).predict


def test_shapes_are_hidden_on_canvas_and_in_the_inspector(qtbot: QtBot, tmp_path: Path) -> None:
    with running(qtbot, tmp_path) as made:
        session, window = made.session, made.window
        assert session.timeline is not None
        session.timeline.go(1)  # conv1
        window.quiz.choose_kind("shape")
        window.commands["predict"].trigger()
        window.inspector.refresh()
        asked = window.quiz.prediction
        assert asked is not None
        shape = shape_text(asked.program.slots[asked.slot].shape)
        node = session.current_node
        assert node is not None
        scene = window.graph.canvas.scene
        assert scene.state_of(node).shape == "?"
        assert shape not in window.graph.canvas.tip(node)
        assert shape not in window.graph.canvas.accessibleName()
        assert shape not in window.status.sentence.text()
        assert shape not in window.inspector.details.shapes.text()
        assert shape not in window.inspector.tensors.view.shape.text()
        outline = window.graph.outline
        cells = [outline.data(outline.index(0, 1, outline.index(i, 0))) for i in range(outline.rowCount())]
        assert shape not in cells
        window.inspector.predict.field.setText(shape)
        window.inspector.predict.submit()
        assert window.quiz.outcome is not None
        assert window.quiz.outcome.correct
        window.inspector.refresh()
        assert shape in window.inspector.details.shapes.text()
        assert scene.state_of(node).shape is None


def test_another_element_and_signs_without_a_window() -> None:
    session = Session(Settings())
    session.load(recording(program=chain()))
    assert session.timeline is not None
    session.timeline.go(session.timeline.length)
    quiz = Quiz(session)
    assert quiz.prediction is None
    quiz.on = True
    quiz.choose_kind("sign")
    assert quiz.prediction is not None
    right = {1: "+", -1: "-", 0: "0"}[quiz.prediction.answer]
    assert quiz.answer(right).correct
    assert (quiz.right, quiz.asked) == (1, 1)
    quiz.another()  # there is only one
    assert quiz.revealed


def test_a_judgement_that_takes_its_time_is_made_in_the_background(
    qtbot: QtBot, g: Gradviz, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradviz.app.inside.predict.SLOW", 0)
    made, window = program(g), g.window
    w = made.instrs[0].inputs[0]
    g.session.select_slot(w)
    window.commands["predict"].trigger()
    card, asked = window.inspector.predict, window.quiz.prediction
    assert asked is not None
    card.field.setText(repr(float(made.values[made.gradients[w][-1].grad])))
    with qtbot.waitSignal(card.worker.finished):
        card.submit()
        assert card.worker.busy
        assert not window.quiz.revealed
    assert card.hint.text() == hint("overwrote")
    assert card.score.text() == "0 / 1"
    window.quiz.settle(asked, asked.judge("1"))  # too late: it is answered
    assert card.score.text() == "0 / 1"
    g.session.select_slot(made.instrs[0].output)
    card.field.setText("123")
    card.submit()
    g.session.select_slot(made.instrs[0].inputs[1])  # another question before the answer is judged
    assert not card.worker.busy
    assert window.quiz.asked == 1
