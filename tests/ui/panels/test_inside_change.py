"""Numbers changed by hand in the window: typed, turned, drawn; computed again, undone, reset, refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gradviz.engine.interpret import run
from gradviz.engine.program import Program
from gradviz.engine.recorder import record
from gradviz.ui.app import Gradviz
from gradviz.ui.panels.inside.cell_field import step_of
from gradviz.ui.panels.inspector.panel import InspectorPanel
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QMouseEvent, QWheelEvent
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

import gradviz as torch
from gradviz.app.inside.alterations import alter
from gradviz.app.recording import Iteration, Recording, metrics_of
from gradviz.app.session import Session
from gradviz.app.settings import Settings
from tests.ui.panels.inspecting import shown
from tests.ui.window import running

Key = Qt.Key


def small() -> Program:
    x = torch.tensor([[0.5, -1.0], [2.0, 0.25]])
    w = torch.tensor([[1.0, 0.5], [-0.5, 2.0]], requires_grad=True)
    with record() as recorder:
        loss = (x @ w).tanh().sum()
        loss.backward()
        with torch.no_grad():
            assert w.grad is not None
            w -= 0.1 * w.grad
    return recorder.program()


@pytest.fixture
def session() -> Session:
    made = Session(Settings())
    program = small()
    made.load(Recording("small", tuple(Iteration(n, program, metrics_of(program, n)) for n in (1, 2))))
    return made


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> Iterator[InspectorPanel]:
    made = shown(qtbot, session)
    session.select_slot(leaf(session))
    session.select_element((0, 1))
    made.refresh()
    yield made
    made.shut_down()


def leaf(session: Session) -> int:
    assert session.program is not None
    return session.program.instrs[0].inputs[0]


def program(session: Session) -> Program:
    assert session.program is not None
    return session.program


def value(session: Session, element: tuple[int, int]) -> float:
    return float(program(session).values[leaf(session)][element])


def open_field(qtbot: QtBot, panel: InspectorPanel, element: tuple[int, int]) -> None:
    heatmap = panel.tensors.view.heatmap
    place = heatmap.lens.rect_of(element).center().toPoint()
    qtbot.mouseDClick(heatmap, Qt.MouseButton.LeftButton, pos=place)
    assert panel.changing.editing.field.isVisible()


def type_number(qtbot: QtBot, panel: InspectorPanel, text: str) -> None:
    field = panel.changing.editing.field
    field.clear()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Key.Key_Return)


def computed(qtbot: QtBot, panel: InspectorPanel) -> None:
    qtbot.waitUntil(lambda: not panel.changing.editor.busy)
    panel.refresh()


def test_a_typed_number_is_computed_forward_backward_and_updated(
    panel: InspectorPanel, session: Session, qtbot: QtBot
) -> None:
    first, slot = program(session), leaf(session)
    assert session.timeline is not None
    session.timeline.go(2)
    selection, graph = session.selection, session.graph
    open_field(qtbot, panel, (0, 1))
    type_number(qtbot, panel, "3.25")
    computed(qtbot, panel)
    expected = np.array(first.values[slot])
    expected[0, 1] = 3.25
    interpreted = run(first, {slot: expected})
    assert [x.tobytes() for x in program(session).values] == [x.tobytes() for x in interpreted]
    assert (session.selection, session.graph, session.timeline.moment) == (selection, graph, 2)
    assert session.timeline.programs[1] is first
    assert not panel.changing.editing.field.isVisible()
    strip = panel.changing.strip
    assert strip.isVisible()
    assert strip.text.text().startswith("1 number changed by hand: ")
    assert strip.note.isVisible()  # a later iteration is left as it was
    assert panel.changing.editing.marks.indices == ((0, 1),)
    session.undo()
    panel.refresh()
    assert program(session) is first
    assert not strip.isVisible()
    assert panel.changing.editing.marks.indices == ()
    session.redo()
    assert value(session, (0, 1)) == 3.25


def test_back_to_what_was_recorded(panel: InspectorPanel, session: Session, qtbot: QtBot) -> None:
    first = program(session)
    for element, text in (((0, 0), "7"), ((1, 1), "-8")):
        open_field(qtbot, panel, element)
        type_number(qtbot, panel, text)
        computed(qtbot, panel)
    assert (value(session, (0, 0)), value(session, (1, 1))) == (7.0, -8.0)
    qtbot.mouseClick(panel.changing.strip.reset, Qt.MouseButton.LeftButton)
    computed(qtbot, panel)
    assert program(session) is first
    session.undo()
    assert (value(session, (0, 0)), value(session, (1, 1))) == (7.0, -8.0)
    session.undo()
    assert (value(session, (0, 0)), value(session, (1, 1))) == (7.0, 0.25)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nan", "must be finite"),
        ("1e39", "must lie between"),
        ("inf", "must be finite"),
        ("x", "not a number"),
    ],
)
def test_what_makes_no_sense_is_refused(
    panel: InspectorPanel, session: Session, qtbot: QtBot, text: str, problem: str
) -> None:
    first, told = program(session), []
    panel.told.connect(lambda words, level: told.append((words, level)))
    open_field(qtbot, panel, (0, 1))
    type_number(qtbot, panel, text)
    assert panel.changing.editing.field.isVisible()  # to be mended
    assert problem in told[0][0]
    assert told[0][1] == "warning"
    qtbot.keyClick(panel.changing.editing.field, Key.Key_Escape)
    assert not panel.changing.editing.field.isVisible()
    assert program(session) is first
    assert session.undo_text is None


def test_what_is_computed_cannot_be_changed(panel: InspectorPanel, session: Session, qtbot: QtBot) -> None:
    told: list[str] = []
    panel.told.connect(lambda words, level: told.append(words))
    assert session.timeline is not None
    session.timeline.go(1)
    session.select_slot(program(session).instrs[0].output)
    panel.refresh()
    panel.changing.editing.edit()
    assert not panel.changing.editing.field.isVisible()
    assert "is computed" in told[0]


def test_keys_and_wheel_change_a_little(panel: InspectorPanel, session: Session, qtbot: QtBot) -> None:
    heatmap, view = panel.tensors.view.heatmap, panel.tensors.view
    step = step_of(program(session).values[leaf(session)])
    assert step == 0.04
    assert view.element == (0, 1)
    heatmap.setFocus()
    qtbot.keyClick(heatmap, Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    computed(qtbot, panel)
    assert value(session, (0, 1)) == np.float32(-0.96)
    place = heatmap.lens.rect_of((1, 0)).center()
    wheel = QWheelEvent(
        place,
        heatmap.mapToGlobal(place),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ShiftModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(heatmap, wheel)
    computed(qtbot, panel)
    assert value(session, (1, 0)) == np.float32(1.96)
    qtbot.keyClick(heatmap, Key.Key_F2)
    field = panel.changing.editing.field
    assert field.text() == "-0.96"
    qtbot.keyClick(field, Key.Key_Down)
    assert field.text() == "-1"
    qtbot.keyClick(field, Key.Key_Return)
    computed(qtbot, panel)
    assert value(session, (0, 1)) == -1.0
    assert panel.changing.editing.marks.indices == ((1, 0),)  # -1 is what it was


def test_the_table_is_changed_too(panel: InspectorPanel, session: Session, qtbot: QtBot) -> None:
    view = panel.tensors.view
    view.as_table.setChecked(True)
    panel.refresh()
    view.table.setCurrentIndex(view.table.numbers.cell((1, 0)))
    qtbot.keyClick(view.table, Key.Key_F2)
    type_number(qtbot, panel, "5,5")
    computed(qtbot, panel)
    assert value(session, (1, 0)) == 5.5
    assert session.undo_text is not None
    assert "[1, 0]" in session.undo_text


def test_changes_that_come_while_one_is_computed(
    panel: InspectorPanel, session: Session, qtbot: QtBot
) -> None:
    first, slot = program(session), leaf(session)
    editor = panel.changing.editor
    for number, element in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)], 3):
        assert editor.change(slot, {element: float(number)})
    assert editor.busy
    computed(qtbot, panel)
    qtbot.waitUntil(lambda: value(session, (1, 1)) == 6.0)
    assert program(session).values[slot].tolist() == [[3.0, 4.0], [5.0, 6.0]]
    changes = {slot: {(0, 0): 3.0, (0, 1): 4.0, (1, 0): 5.0, (1, 1): 6.0}}
    fresh = alter(first, changes).program.values
    assert [x.tobytes() for x in program(session).values] == [x.tobytes() for x in fresh]


def test_the_same_number_is_no_change(panel: InspectorPanel, session: Session) -> None:
    assert panel.changing.editor.change(leaf(session), {(0, 1): -1.0})
    assert not panel.changing.editor.busy
    assert session.undo_text is None


def test_giving_up_and_another_recording(panel: InspectorPanel, session: Session, qtbot: QtBot) -> None:
    first, slot = program(session), leaf(session)
    editor = panel.changing.editor
    editor.change(slot, {(0, 0): 9.0})
    editor.cancel()
    assert not editor.busy
    editor.change(slot, {(0, 0): 9.0})
    other = small()
    session.load(Recording("other", (Iteration(1, other, metrics_of(other, 1)),)))
    computed(qtbot, panel)
    assert program(session) is other
    assert first is not other
    assert session.undo_text is None


def test_drawing_on_a_picture_of_the_window(qtbot: QtBot, tmp_path: Path) -> None:
    with running(qtbot, tmp_path) as g:
        draw(g, qtbot)


def draw(g: Gradviz, qtbot: QtBot) -> None:
    session, panel = g.session, g.window.inspector
    made = program(session)
    x = next(i for i, row in enumerate(made.slots) if row.name == "x")
    session.select_slot(x)
    panel.refresh()
    assert panel.experiments.buttons["draw"].isVisible()
    panel.experiments.buttons["draw"].click()
    heatmap = panel.tensors.view.heatmap
    cells = [(0, 0, 1, 1), (0, 0, 1, 2), (0, 0, 2, 2)]
    places = [heatmap.lens.rect_of(cell).center().toPoint() for cell in cells]
    qtbot.mousePress(heatmap, Qt.MouseButton.LeftButton, pos=places[0])
    seen = g.window.graph.canvas.mover.goal
    for place in places[1:]:
        move(heatmap, place)
    qtbot.mouseRelease(heatmap, Qt.MouseButton.LeftButton, pos=places[-1])
    qtbot.waitUntil(lambda: not panel.changing.editor.busy)
    assert g.window.graph.canvas.mover.goal == seen  # nobody has moved
    brightest = made.values[x].max()
    assert [program(session).values[x][cell] for cell in cells] == [brightest] * 3
    assert program(session).loss is not None
    assert program(session).values[made.loss or 0] != made.values[made.loss or 0]
    node = next(n.id for n in g.window.graph.canvas.scene.model.nodes if n.slot == x)
    assert g.window.graph.canvas.focus.notes[node].text == "✎ 3"
    while session.undo_text is not None:
        g.window.commands["undo"].trigger()
    assert program(session) is made
    assert g.window.graph.canvas.focus.notes == {}
    # Typed, by way of the window's key.
    panel.experiments.buttons["draw"].click()
    session.select_element((0, 0, 16, 16))
    panel.refresh()
    g.window.graph.canvas.setFocus()
    qtbot.keyClick(g.window.graph.canvas, Key.Key_F2)
    type_number(qtbot, panel, "0.5")
    qtbot.waitUntil(lambda: float(program(session).values[x][0, 0, 16, 16]) == 0.5)
    changed = np.array(made.values[x])
    changed[0, 0, 16, 16] = 0.5
    interpreted = run(made, {x: changed})
    assert [v.tobytes() for v in program(session).values] == [v.tobytes() for v in interpreted]


def move(heatmap: QWidget, place: QPoint) -> None:
    """A move with the left button held, which qtbot cannot do."""
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(place),
        QPointF(place),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(heatmap, event)
