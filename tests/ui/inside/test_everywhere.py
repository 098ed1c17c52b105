"""Looking inside works on LeNet, ResNet-18, a user's script and a scalar graph, in the window: reading.

What the window shows is compared with the engine's numbers, feature by feature.
"""

from __future__ import annotations

import numpy as np
import pytest
from gradviz.engine.rerun import rerun
from gradviz.ui.app import Gradviz
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gradviz.app.inside.hints import hint
from gradviz.app.inside.ledger import overwritten
from gradviz.app.inside.predict import predict
from gradviz.app.numerals import number
from tests.ui.inside.subjects import Subject, at, largest, look, scalar

Key = Qt.Key


def summary(value: np.ndarray) -> str:
    """How the story tells a tensor."""
    if value.size == 1:
        return number(float(value.reshape(())))
    return f"mean |g| {number(float(np.abs(value).mean()), 3)}"


def test_1_the_step_is_one_story(g: Gradviz, about: Subject) -> None:
    """Upstream gradient, contribution and sum, in the inspector, on the canvas and in the sentence."""
    program = about.program
    row = program.gradients[about.leaf][-1]
    index = program.producers[row.grad]
    at(g, index)
    story = g.window.inspector.story
    assert story.isVisible()
    facts = g.window.inspector.facts
    assert facts is not None
    assert facts.story is not None
    assert facts.story.contribution == row.grad
    upstream = facts.story.upstream
    assert upstream is not None
    assert upstream == program.gradient_slot(program.instrs[row.instr].output)
    assert story.rows["upstream"][2].text() == summary(program.values[upstream])
    assert story.rows["contribution"][2].text() == summary(program.values[row.grad])
    session, canvas = g.session, g.window.graph.canvas
    node = session.current_node
    assert node is not None
    assert canvas.scene.index[node] >= 0
    sentence = g.window.status.sentence.text()
    assert sentence
    assert canvas.accessibleDescription() == sentence
    if about.forked is not None:  # the sum, which grows term by term
        rows = program.gradients[about.forked]
        for n, term in enumerate(rows[1:], 2):
            at(g, program.producers[term.total])
            assert f"{n} of {len(rows)}" in story.rows["total"][1].text()
            assert story.rows["total"][2].text() == summary(program.values[term.total])


def test_2_the_ledger_adds_up(g: Gradviz, about: Subject, qtbot: QtBot) -> None:
    """Every term with its number; = gives the last term alone, with what follows from it."""
    program = about.program
    slot = about.forked if about.forked is not None else about.leaf
    rows = program.gradients[slot]
    element = largest(program.values[rows[-1].total])
    look(g, slot, element)
    ledger = g.window.inspector.ledger
    model = ledger.table.terms

    def column(place: int) -> list[str]:
        return [model.data(model.index(row, place)) for row in range(model.rowCount())]

    assert ledger.isVisible()
    assert column(1) == [number(scalar(program, row.grad, element)) for row in rows]
    assert column(3) == [number(scalar(program, row.total, element)) for row in rows]
    ledger.overwrite.click()
    last = number(scalar(program, rows[-1].grad, element))
    assert column(3)[-1] == last
    assert f"<b>{last}</b>" in ledger.total.text()
    assert f"<b>{number(scalar(program, rows[-1].total, element))}</b>" in ledger.total.text()
    assert ledger.follow.isVisible() == (len(rows) > 1)
    if len(rows) > 1:
        with qtbot.waitSignal(ledger.worker.finished):
            ledger.follow.click()
        expected = overwritten(program, slot)
        assert [each.slot for each in ledger.consequences] == [each.slot for each in expected]
        for found, wanted in zip(ledger.consequences, expected, strict=True):
            np.testing.assert_array_equal(found.wrong, wanted.wrong)
    ledger.add.click()
    ledger.table.clicked.emit(model.index(0, 0))
    assert g.session.selection.slot == rows[0].grad


@pytest.mark.parametrize("gradient", [False, True], ids=["value", "gradient"])
def test_3_the_microscope_opens_any_element(g: Gradviz, about: Subject, qtbot: QtBot, gradient: bool) -> None:
    """Its graph's result is the engine's number, and so is that of whatever one goes on to."""
    program = about.program
    slot = about.gradient if gradient else about.output
    value = program.values[slot]
    look(g, slot, largest(value))
    canvas, microscope = g.window.graph.canvas, g.window.microscope
    canvas.setFocus()
    qtbot.keyClick(canvas, Key.Key_E)
    for _ in range(3):
        qtbot.waitUntil(lambda: not microscope.worker.busy)
        graph = microscope.view.graph
        assert graph is not None
        assert graph.engine == scalar(program, graph.slot, graph.index)
        assert graph.agrees
        assert graph.nodes[0].value == pytest.approx(graph.engine, rel=1e-4, abs=1e-6)
        assert microscope.foot.verdict.text().startswith("✓")
        onward = next((i for i, node in enumerate(graph.nodes) if i and node.computed), None)
        if onward is None:
            break
        microscope.view.go_to(onward)
        qtbot.keyClick(microscope.view, Key.Key_Return)
    else:
        assert microscope.trail is not None
        assert len(microscope.trail.steps) > 1
    qtbot.keyClick(microscope.view, Key.Key_Escape)
    assert not microscope.is_open


def test_4_the_lens_lights_both_ways(g: Gradviz, about: Subject, qtbot: QtBot) -> None:
    """The factors are derivatives: of the output by what it is made from, and by what it reaches."""
    program = about.program
    index = program.producers[about.output]
    instr = program.instrs[index]
    element = largest(program.values[about.output])
    at(g, index)
    look(g, about.output, element)
    tensors = g.window.inspector.tensors
    lens = tensors.lens

    def lit() -> dict[int, dict[tuple[int, ...], float]]:
        lens.light()
        qtbot.waitUntil(lambda: not lens.worker.busy)
        assert lens.look is not None
        assert lens.isVisible()
        return {row.value.slot: dict(row.factors) for row in lens.look.rows}

    back = lit()
    assert "is made from" in lens.title.text()
    assert set(back) <= set(instr.inputs)
    read = instr.inputs[0]
    for slot, factors in back.items():  # one of them, checked by moving the input
        place = max(factors, key=lambda each: abs(factors[each]))
        wide = [v.astype(np.float64) if v.dtype.kind == "f" else v for v in program.values]
        moved = np.array(wide[slot])
        moved[place] += 0.5
        after = rerun(program, {slot: moved.astype(program.values[slot].dtype)}, index + 1)
        change = scalar(after, about.output, element) - scalar(program, about.output, element)
        assert change == pytest.approx(0.5 * factors[place], rel=2e-3, abs=1e-5)
    if len(set(instr.inputs)) == len(instr.inputs) and tensors.tabs.isTabEnabled(2):
        tensors.choose_tab("inputs")
        shown_slot, cell = tensors.subject or (-1, ())
        assert shown_slot == read
        ahead = lit()
        assert "reaches" in lens.title.text()
        assert set(ahead) == {about.output}
        assert all(np.isfinite(x) for x in ahead[about.output].values())
        if cell in back[read]:
            assert ahead[about.output][element] == pytest.approx(back[read][cell])


@pytest.mark.parametrize("right", [True, False], ids=["right", "wrong"])
def test_5_predict_then_reveal(g: Gradviz, about: Subject, qtbot: QtBot, right: bool) -> None:
    """A right answer, and a computed mistake, which gets the hint that fits."""
    program = about.program
    slot = about.forked if about.forked is not None else about.leaf
    total = program.gradient_slot(slot)
    assert total is not None
    element = largest(program.values[total])
    look(g, slot, element)
    canvas, card = g.window.graph.canvas, g.window.inspector.predict
    canvas.setFocus()
    qtbot.keyClick(canvas, Key.Key_P)
    if not g.window.quiz.wants_gradient:  # of what is computed the value comes first
        g.window.quiz.choose_gradient(True)
    asked = g.window.quiz.prediction
    assert asked is not None
    assert (asked.slot, asked.element) == (total, element)
    assert g.session.veil.slots(program)
    if right:
        given, kind = scalar(program, total, element), ""
    else:
        kind, answers = predict(program, total, element, "number").wrong[0]
        given = answers[0]
    card.field.setText(repr(given))
    qtbot.keyClick(card.field, Key.Key_Return)
    qtbot.waitUntil(lambda: g.window.quiz.revealed)
    outcome = g.window.quiz.outcome
    assert outcome is not None
    assert outcome.correct == right
    assert outcome.mistake == kind
    assert card.hint.text() == ("Right." if right else hint(kind))
    assert card.score.text() == f"{int(right)} / 1"
    assert not g.session.veil.slots(program)
