"""Looking inside works on LeNet, ResNet-18, a user's script and a scalar graph, in the window: changing.

What the window shows is compared with the engine's numbers, feature by feature.
"""

from __future__ import annotations

import numpy as np
import pytest
from gradviz.engine.interpret import run
from gradviz.engine.program import Phase
from gradviz.ui.app import Gradviz
from gradviz.ui.panels.code_style import SELECTED
from gradviz.ui.panels.inside.nudge_notes import notes_of_nudge
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gradviz.app.code_lines import CodeMap, gradient_text, value_text
from gradviz.app.inside.activations import TITLES, activations, other_activation
from gradviz.app.inside.check import STEPS, Verdict, check
from gradviz.app.inside.compare import fork, one_number, relative
from gradviz.app.inside.cost import costs
from gradviz.app.inside.memory import Memory
from gradviz.app.inside.nudge import nudge
from gradviz.app.numerals import number
from tests.ui.inside.subjects import Subject, at, largest, look, scalar
from tests.ui.test_comparing import entry

Key = Qt.Key


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
    with qtbot.waitSignal(comparing.changed):
        entry(comparing.menu(), ": 0 instead of").trigger()
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


def test_9_another_activation(g: Gradviz, about: Subject, qtbot: QtBot) -> None:
    """Every activation becomes another one, forward and backward; the inspector has both numbers."""
    program, session = about.program, g.session
    timeline = session.timeline
    assert timeline is not None
    start = timeline.start_of(len(timeline.programs) - 1)
    timeline.go(start + 1 if start else 0)
    moment = timeline.locate()[1]
    ((op, indices), *_) = activations(program, moment).items()
    comparing = g.tracing.comparing
    with qtbot.waitSignal(comparing.changed):
        entry(comparing.menu(), f"Every {TITLES[op]} becomes sigmoid").trigger()
    rules, without = other_activation(program, indices, "sigmoid")
    expected = fork(program, moment, {}, None, rules)
    timeline.go(timeline.length)
    graph = session.graph
    assert graph is not None
    shown = g.window.graph.canvas.focus.differences
    assert any(shown[node.id].share for node in graph.nodes if node.id in shown)
    for node in graph.nodes:
        if node.slot in without:
            assert node.id not in shown
        elif node.slot >= 0:
            apart = relative(program.values[node.slot], expected.values[node.slot])
            assert shown[node.id].share == pytest.approx(min(apart, 1.0))
    element = largest(program.values[about.gradient])
    look(g, about.leaf, element)
    texts = [label.text() for label in g.window.inspector.pair.rows[1]]
    assert texts[1:3] == [number(scalar(run_, about.gradient, element)) for run_ in (program, expected)]
