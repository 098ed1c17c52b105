"""The ledger in the inspector: its numbers, += and =, what would follow, and where its rows lead."""

import numpy as np
import pytest
from gradviz.engine.program import Program
from gradviz.engine.recorder import record
from gradviz.ui.panels.inspector.panel import InspectorPanel
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

import gradviz as torch
from gradviz.app.inside.ledger import overwritten
from gradviz.app.numerals import number
from gradviz.app.session import Session
from tests.ui.fakes import lenet, recording
from tests.ui.panels.inspecting import program, shown


def two_paths() -> Program:
    """a·b + a, followed by a step of SGD."""
    a = torch.tensor(2.0, requires_grad=True)
    b = torch.tensor(-3.0, requires_grad=True)
    optimizer = torch.optim.SGD([a, b], lr=0.5)
    with record() as recorder:
        c = a * b + a
        (c * c).backward()
        optimizer.step()
    return recorder.program()


@pytest.fixture
def session() -> Session:
    made = Session()
    made.load(recording(program=two_paths()))
    assert made.timeline is not None
    made.timeline.end()
    made.timeline.go(made.timeline.length)
    return made


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> InspectorPanel:
    return shown(qtbot, session)


def cells(panel: InspectorPanel, column: int) -> list[str]:
    model = panel.ledger.table.terms
    return [model.data(model.index(row, column)) for row in range(model.rowCount())]


def look(session: Session, panel: InspectorPanel, slot: int) -> None:
    session.select_slot(slot)
    panel.refresh()


def test_terms_shares_and_sums(session: Session, panel: InspectorPanel) -> None:
    made = program(session)
    a = made.instrs[0].inputs[0]
    look(session, panel, a)
    rows = made.gradients[a]
    assert cells(panel, 1) == [number(float(made.values[row.grad])) for row in rows]
    assert cells(panel, 3) == [number(float(made.values[row.total])) for row in rows]
    sizes = [abs(float(made.values[row.grad])) for row in rows]
    assert cells(panel, 2) == [f"{number(100 * size / sum(sizes), 3)} %" for size in sizes]
    assert "mul" in "".join(cells(panel, 0))
    assert f"<b>{number(float(made.values[rows[-1].total]))}</b>" in panel.ledger.total.text()


def test_the_same_ledger_for_a_term_and_for_grad(session: Session, panel: InspectorPanel) -> None:
    made = program(session)
    a = made.instrs[0].inputs[0]
    kept = next(i.output for i in made.instrs if i.op == "accumulate_grad")
    for slot in (made.gradients[a][0].grad, made.gradients[a][-1].total, kept):
        look(session, panel, slot)
        assert panel.ledger.shown is not None
        assert len(panel.ledger.shown.entries) >= 1
    look(session, panel, made.gradients[a][-1].total)
    assert panel.ledger.shown is not None
    assert panel.ledger.shown.slot == a


def test_overwriting(qtbot: QtBot, session: Session, panel: InspectorPanel) -> None:
    made = program(session)
    a = made.instrs[0].inputs[0]
    look(session, panel, a)
    assert not panel.ledger.follow.isVisible()
    panel.ledger.overwrite.click()
    last = float(made.values[made.gradients[a][-1].grad])
    assert cells(panel, 3)[-1] == number(last)
    right = float(made.values[made.gradients[a][-1].total])
    assert f"<b>{number(right)}</b>" in panel.ledger.total.text()
    assert f"<b>{number(last)}</b>" in panel.ledger.total.text()
    with qtbot.waitSignal(panel.ledger.worker.finished):
        panel.ledger.follow.click()
    expected = overwritten(made, a)
    assert [each.slot for each in panel.ledger.consequences] == [each.slot for each in expected]
    for found, wanted in zip(panel.ledger.consequences, expected, strict=True):
        assert np.array_equal(found.wrong, wanted.wrong)
        assert number(float(found.wrong)) in panel.ledger.result.text()
    panel.ledger.add.click()
    assert not panel.ledger.result.isVisible()
    assert cells(panel, 3)[-1] == number(right)


def test_a_row_leads_to_its_node(qtbot: QtBot, session: Session, panel: InspectorPanel) -> None:
    made = program(session)
    a = made.instrs[0].inputs[0]
    table = panel.ledger.table
    for row, press in ((0, "click"), (1, "Enter")):
        look(session, panel, a)
        place = table.terms.index(row, 0)
        if press == "click":
            table.clicked.emit(place)
        else:
            table.setCurrentIndex(place)
            qtbot.keyClick(table, Qt.Key.Key_Return)
        grad = made.gradients[a][row].grad
        assert session.selection.slot == grad
        assert session.graph is not None
        assert session.selection.node_id == session.graph.node_of_instr[made.producers[grad]]


def test_lenet_by_element_and_by_norm(qtbot: QtBot) -> None:
    session = Session()
    session.load(lenet())
    panel = shown(qtbot, session)
    made = program(session)
    assert session.timeline is not None
    session.timeline.go(len(made))
    slot = next(i for i, each in enumerate(made.slots) if each.name == "fc1.weight")
    session.select_slot(slot)
    session.select_element((3, 7))
    panel.refresh()
    grad = made.values[made.gradients[slot][-1].total]
    assert cells(panel, 3) == [number(float(grad[3, 7]))]
    assert "fc1.weight[3, 7]" in panel.ledger.title.text()
    panel.ledger.whole.click()
    assert cells(panel, 3) == [number(float(np.linalg.norm(grad.astype(np.float64).ravel())))]


def test_nothing_where_there_is_no_gradient(session: Session, panel: InspectorPanel) -> None:
    made = program(session)
    assert panel.ledger.isVisible() or session.selection.slot is None
    rate = next(i for i, each in enumerate(made.slots) if each.name == "lr")
    look(session, panel, rate)
    assert not panel.ledger.isVisible()


def test_the_end_of_the_story_is_grad(qtbot: QtBot) -> None:
    w = torch.tensor(3.0, requires_grad=True)
    (w * w).backward()
    with record() as recorder:
        (w * 2).backward()
    session = Session()
    session.load(recording(program=recorder.program()))
    panel = shown(qtbot, session)
    made = program(session)
    assert session.timeline is not None
    index = next(i for i, each in enumerate(made.instrs) if each.op == "accumulate_grad")
    session.timeline.go(index + 1)
    panel.refresh()
    assert panel.story.isVisible()
    assert not panel.story.rows["upstream"][0].isVisible()
    texts = [panel.story.rows[part][2].text() for part in ("contribution", "total")]
    assert texts == ["2", "8"]
    assert cells(panel, 1) == ["2", "6"]
    assert cells(panel, 3) == ["2", "8"]
