"""The update's stages in the inspector: their numbers are the engine's, and each leads to its node."""

import numpy as np
import pytest
from gradviz.engine.program import Phase, Program
from gradviz.ui.panels.inspector.panel import InspectorPanel
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradviz import optim
from gradviz.app.i18n import set_language
from gradviz.app.numerals import number
from gradviz.app.recording import parameter_slots
from gradviz.app.session import Session
from tests.gradviz.app.test_update_ledger import recorded
from tests.ui.fakes import recording
from tests.ui.panels.inspecting import find, go, program, shown


def adamw() -> Program:
    return recorded(lambda p: optim.AdamW(p, lr=0.05, weight_decay=0.1), "norm")


@pytest.fixture
def session() -> Session:
    made = Session()
    made.load(recording(program=adamw()))
    assert made.timeline is not None
    made.timeline.go(made.timeline.length)
    return made


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> InspectorPanel:
    return shown(qtbot, session)


def look(session: Session, panel: InspectorPanel, slot: int, element: tuple[int, ...] | None = None) -> None:
    session.select_slot(slot)
    if element is not None:
        session.select_element(element)
    panel.refresh()


def test_results_of_every_stage_are_the_recorded_numbers(session: Session, panel: InspectorPanel) -> None:
    made = program(session)
    before, after = parameter_slots(made)["weight"]
    look(session, panel, after, (1, 2))
    part = panel.update_ledger
    assert part.isVisible()
    assert part.shown is not None
    assert [stage.kind for stage in part.shown.stages] == [
        *("gradient", "norm", "clip", "step", "shrink", "exp_avg", "exp_avg_sq", "correction", "rate"),
        *("update", "weight"),
    ]
    for row, stage in zip(part.rows, part.shown.stages, strict=True):
        value = made.values[stage.slot]
        element = value[1, 2] if value.ndim else value
        assert row.result.text() == number(float(element), 6)
        assert row.isVisible()
        assert (row.picture.image is not None) == (value.size > 1)
    assert part.rows[-1].property("current") is True
    assert part.rows[0].formula.text().replace("\N{NO-BREAK SPACE}", " ") == "g₀ = ∂L/∂weight"
    assert "weight[1, 2]" in part.title.text()
    look(session, panel, before)  # the parameter itself leads there too
    assert part.shown is not None
    assert part.shown.after == after
    right = max(row.mapTo(panel, row.rect().topRight()).x() for row in part.rows)
    assert right <= panel.width()  # no result is cut off
    part.whole.click()
    assert part.rows[-1].result.text() == number(float(np.linalg.norm(made.values[after])), 6)


def test_a_stage_leads_to_its_node_and_keeps_the_element(
    session: Session, panel: InspectorPanel, qtbot: QtBot
) -> None:
    _, after = parameter_slots(program(session))["weight"]
    look(session, panel, after, (0, 1))
    part = panel.update_ledger
    assert part.shown is not None
    moment = next(i for i, stage in enumerate(part.shown.stages) if stage.kind == "exp_avg")
    slot = part.shown.stages[moment].slot
    qtbot.mouseClick(part.rows[moment], Qt.MouseButton.LeftButton)
    assert session.selection.slot == slot
    assert session.selection.element == (0, 1)
    assert session.graph is not None
    assert session.selection.node_id is not None
    assert program(session).producers[slot] in session.graph.by_id[session.selection.node_id].instrs
    panel.refresh()
    assert part.rows[moment].property("current") is True
    qtbot.keyClick(part.rows[moment + 1], Qt.Key.Key_Return)  # by keyboard
    assert session.selection.slot == part.shown.stages[moment + 1].slot


def test_it_is_there_only_during_an_update(session: Session, panel: InspectorPanel) -> None:
    made = program(session)
    before, after = parameter_slots(made)["weight"]
    forward = next(i for i, x in enumerate(made.instrs) if x.site.phase is Phase.FORWARD)
    look(session, panel, made.instrs[forward].output)
    assert not panel.update_ledger.isVisible()
    look(session, panel, before)
    go(session, panel, forward + 1)  # not yet
    assert not panel.update_ledger.isVisible()
    first = find(session, "mul", "clip_grad")
    go(session, panel, first + 2)
    assert panel.update_ledger.isVisible()
    assert panel.update_ledger.rows[-1].result.text() == "…"
    assert panel.update_ledger.rows[2].result.text() != "…"
    go(session, panel, made.producers[after] + 1)
    element = panel.update_ledger.element
    assert element is not None
    assert panel.update_ledger.rows[-1].result.text() == number(float(made.values[after][element]), 6)


def test_copied_as_text_in_both_languages(session: Session, panel: InspectorPanel, qtbot: QtBot) -> None:
    _, after = parameter_slots(program(session))["weight"]
    look(session, panel, after, (0, 0))
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    with qtbot.waitSignal(panel.told):
        panel.update_ledger.copy.click()
    assert "First moment: m₁ = m₀ + (g₁ − m₀) · 0.1" in clipboard.text()
    set_language("zh_CN")
    assert panel.update_ledger.rows[-1].title.text() != "New weight"
    panel.update_ledger.copy.click()
    assert "m₁ = m₀ + (g₁ − m₀) · 0.1" in clipboard.text()
    assert "First moment" not in clipboard.text()
    set_language("en")


def test_the_ledger_stays_in_sight_while_what_is_above_it_grows(
    qtbot: QtBot, session: Session, panel: InspectorPanel
) -> None:
    look(session, panel, parameter_slots(program(session))["weight"][1])
    ledger = panel.update_ledger

    def seen() -> bool:
        top = ledger.mapTo(panel, QPoint(0, 0)).y()
        return 0 <= top <= panel.height() - ledger.height()

    panel.resize(360, ledger.height() + 60)
    panel.reveal(ledger)
    qtbot.waitUntil(seen)
    before = ledger.y()
    panel.header.setMinimumHeight(900)
    qtbot.waitUntil(lambda: ledger.y() > before + 500)
    qtbot.waitUntil(seen, timeout=10_000)
