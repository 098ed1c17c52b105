"""Looking inside works on LeNet, ResNet-18, a user's script and a scalar graph, in the window.

What the window shows is compared with the engine's numbers, feature by feature.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gradviz.engine.interpret import run
from gradviz.engine.program import Phase, Program
from gradviz.engine.rerun import rerun
from gradviz.ui.app import Gradviz
from gradviz.ui.panels.code_style import SELECTED
from gradviz.ui.panels.inside.nudge_notes import notes_of_nudge
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gradviz.app.code_lines import CodeMap, gradient_text, value_text
from gradviz.app.inside.check import STEPS, Verdict, check
from gradviz.app.inside.compare import fork, one_number, relative
from gradviz.app.inside.cost import costs
from gradviz.app.inside.hints import hint
from gradviz.app.inside.ledger import overwritten
from gradviz.app.inside.memory import Memory
from gradviz.app.inside.nudge import nudge
from gradviz.app.inside.origin import Origins
from gradviz.app.inside.predict import predict
from gradviz.app.numerals import number
from gradviz.app.recording import Iteration, Recording, metrics_of
from tests.ui.inside.subjects import SUBJECTS, Subject, largest, shown, subject

Key = Qt.Key


@pytest.fixture(params=SUBJECTS)
def about(request: pytest.FixtureRequest) -> Subject:
    return subject(request.param)


@pytest.fixture
def g(qtbot: QtBot, tmp_path: Path, about: Subject) -> Iterator[Gradviz]:
    with shown(qtbot, tmp_path, about) as made:
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


def test_6_check_nudge_and_change(g: Gradviz, about: Subject, qtbot: QtBot) -> None:
    """A finite difference, a small move on every node, and a number changed by hand, undone and redone."""
    program, slot = about.program, about.leaf
    gradient = program.values[about.gradient]
    element = largest(gradient)
    look(g, slot, element)
    canvas, panel = g.window.graph.canvas, g.window.inspector
    canvas.setFocus()
    qtbot.keyClick(canvas, Key.Key_G)
    card = panel.experiments.check
    qtbot.waitUntil(lambda: card.check is not None and len(card.check.double) >= 6, timeout=120_000)
    assert card.check is not None
    assert repr(card.check.double[4:6]) == repr(check(program, slot, element, STEPS[4:6]).double)
    assert card.check.verdict is Verdict.AGREES
    assert card.rows["engine"][1].text() == number(float(gradient[element]), 6)
    card.leave()

    moving = panel.experiments.nudge
    with qtbot.waitSignal(moving.nudged, timeout=60_000):
        canvas.setFocus()
        qtbot.keyClick(canvas, Key.Key_N)
    expected = notes_of_nudge(nudge(program, slot, element, moving.epsilon))
    qtbot.waitUntil(lambda: bool(canvas.focus.notes))
    slots = {node.id: node.slot for node in canvas.scene.model.nodes}
    assert canvas.focus.notes == {name: expected[slots[name]] for name in canvas.focus.notes}
    assert program.loss is None or program.loss in {slots[name] for name in canvas.focus.notes}
    moving.leave()

    value = 0.8125
    panel.refresh()
    canvas.setFocus()
    qtbot.keyClick(canvas, Key.Key_F2)
    field = panel.changing.editing.field
    assert field.isVisible()
    field.setText(repr(value))
    qtbot.keyClick(field, Key.Key_Return)
    qtbot.waitUntil(lambda: g.session.program is not program, timeout=60_000)
    changed = np.array(program.values[slot])
    changed[element] = value
    after = [x.tobytes() for x in run(program, {slot: changed})]
    assert g.session.program is not None
    assert [x.tobytes() for x in g.session.program.values] == after
    g.window.commands["undo"].trigger()
    assert g.session.program is program
    g.window.commands["redo"].trigger()
    assert [x.tobytes() for x in g.session.program.values] == after


def test_8_code_and_graph(g: Gradviz, about: Subject, qtbot: QtBot) -> None:
    """A node lights its line, a line its nodes; beside it stand its variables at this moment."""
    program = about.program
    index = program.producers[about.output]
    at(g, index)
    code, canvas = g.window.code, g.window.graph.canvas
    g.window.docks.show_code()
    g.session.select_slot(about.output)
    qtbot.waitUntil(lambda: code.editor is not None)
    code.refresh()
    assert code.editor is not None
    known = CodeMap(program, about.recording.sources)
    line = known.line_of(index)
    assert line is not None
    assert code.file == line[0]
    assert line[1] in code.editor.marked(SELECTED)
    code.editor.line_clicked.emit(line[1])
    chosen = frozenset(known.instrs[line])
    assert g.tracing.lamp.instrs == chosen
    graph = g.session.graph
    assert graph is not None
    assert canvas.focus.lit_ids == {graph.node_of_instr[i] for i in chosen}
    assert code.editor.notes()[line[1]][0].value == value_text(program.values[about.output])
    at(g, len(program) - 1)
    code.refresh()
    code.show_line(*line)
    own = [i for i in known.instrs[line] if program.instrs[i].site.phase is not Phase.BACKWARD]
    newest = program.instrs[own[-1]].output
    total = program.gradient_slot(newest)
    (note,) = code.editor.notes()[line[1]]
    assert note.value == value_text(program.values[newest])
    assert note.gradient == (gradient_text(program.values[total]) if total is not None else "")


def test_9_two_runs(g: Gradviz, about: Subject, qtbot: QtBot) -> None:
    """A fork with one number changed: every node says by how much it is apart."""
    program, session = about.program, g.session
    timeline = session.timeline
    assert timeline is not None
    start = timeline.start_of(len(timeline.programs) - 1)
    reader = next(i for i, x in enumerate(program.instrs) if about.leaf in x.inputs)
    timeline.go(max(start + reader, start + 1 if start else 0))  # its very start is the end of the one before
    moment = timeline.locate()[1]
    element = largest(program.values[about.gradient])
    look(g, about.leaf, element)
    comparing = g.tracing.comparing
    action = next(x for x in comparing.menu().actions() if "0 instead of" in x.text())
    with qtbot.waitSignal(comparing.changed):
        action.trigger()
    expected = fork(program, moment, one_number(program, about.leaf, element, 0.0))
    timeline.end()
    timeline.go(timeline.length)
    graph = session.graph
    assert graph is not None
    shares = {n.slot: g.window.graph.canvas.focus.differences[n.id].share for n in graph.nodes if n.slot >= 0}
    assert len(shares) > 5
    for slot, share in shares.items():
        apart = relative(program.values[slot], expected.values[slot])
        assert share == pytest.approx(min(apart, 1.0))
    assert any(shares.values())
    look(g, about.gradient, element)
    for run_ in (program, expected):
        assert number(scalar(run_, about.gradient, element)) in comparing.note.label.text()
    comparing.note.close_button.click()
    assert not g.window.graph.canvas.focus.differences


def test_10_memory_and_cost(g: Gradviz, about: Subject) -> None:
    """The strip tells what is in memory and what each instruction costs."""
    program = about.program
    strip = g.window.timeline.strip
    strip.show()
    profile = strip.profile()
    assert profile is not None
    memory = Memory(program)
    np.testing.assert_array_equal(profile.memory.total, memory.total)
    assert [cost.count for cost in profile.costs] == [cost.count for cost in costs(program)]
    strip.go_to_peak()
    timeline = g.session.timeline
    assert timeline is not None
    assert timeline.locate()[1] == memory.peak
    assert strip.text() == "\n".join(profile.lines(memory.peak))
    assert strip.accessibleDescription() == strip.text()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("trouble", ["nan", "infinity", "exploding", "vanishing"])
def test_11_where_it_started(g: Gradviz, about: Subject, qtbot: QtBot, trouble: str) -> None:
    """F8 moves the cursor to where it began, selects it and lights what led there."""
    program = broken(about, trouble)
    origins = Origins(program)
    origin = origins.first()
    assert origin is not None
    assert origin.trouble == trouble
    recording = about.recording
    made = Recording(recording.title, (Iteration(1, program, metrics_of(program, 1)),), recording.sources)
    with qtbot.waitSignal(g.tracing.origins.found):
        g.session.load(made)
    canvas = g.window.graph.canvas
    canvas.setFocus()
    qtbot.keyClick(canvas, Key.Key_F8)
    session = g.session
    qtbot.waitUntil(lambda: session.selection.slot == origin.slot)
    timeline = session.timeline
    assert timeline is not None
    assert timeline.moment == origin.instr + 1
    if origin.element is not None:
        assert session.selection.element == origin.element
        assert not np.isfinite(scalar(program, origin.slot, origin.element))
    graph = session.graph
    assert graph is not None
    led = origin.ancestry or {index for index, _ in program.consumers[origin.slot][:1]}
    lit = {graph.node_of_instr.get(i, "") for i in led} | {graph.node_of_slot.get(origin.slot, "")}
    assert canvas.focus.lit_ids == lit - {""} != set()
    (message, *_) = g.window.messages.messages
    assert message.level == "warning"


# What to multiply by what. Two factors that undo one another leave forward as it was, but not the gradients.
_SCALED = {
    "lenet": {"vanishing": {"fc1.weight": 1e-9}, "exploding": {"fc1.weight": 1e6, "fc2.weight": 1e-6}},
    "resnet": {
        "vanishing": {"fc.weight": 1e-10},
        "exploding": {"layer4.1.bn2.weight": 1e6, "fc.weight": 1e-6},
    },
    "script": {"vanishing": {"fc2.weight": 1e-9}, "exploding": {"X": 1e6, "fc1.weight": 1e-6}},
    "scalars": {"vanishing": {"a": 1e-10}, "exploding": {"a": 1e4}},
}
_OVERFLOWS = {
    "lenet": "conv2.weight",
    "resnet": "layer4.1.bn2.weight",
    "script": "fc1.weight",
    "scalars": "b",
}


def broken(about: Subject, trouble: str) -> Program:
    """The subject's program, computed again with numbers that make it go wrong in this way."""
    program = about.program
    if trouble == "nan":
        changed = np.array(program.values[about.leaf])
        changed[largest(changed)] = np.nan
        return rerun(program, {about.leaf: changed})
    if trouble == "infinity":
        slot = leaf(program, _OVERFLOWS[about.name])
        value = program.values[slot]
        return rerun(program, {slot: np.full_like(value, np.finfo(value.dtype).max)})
    changes = {}
    for name, factor in _SCALED[about.name][trouble].items():
        slot = leaf(program, name)
        changes[slot] = program.values[slot] * program.values[slot].dtype.type(factor)
    return rerun(program, changes)


def leaf(program: Program, name: str) -> int:
    return next(i for i, row in enumerate(program.slots) if row.name == name and program.producers[i] < 0)
