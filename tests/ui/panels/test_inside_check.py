"""The gradient check's card: the engine's number, the difference, the curve; what it says where it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gradviz.engine.program import Program
from gradviz.engine.recorder import record
from gradviz.ui.app import Gradviz
from gradviz.ui.panels.inside.check_card import CheckCard
from gradviz.ui.panels.inside.latest import Latest
from gradviz.ui.theme import ThemeManager
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

import gradviz as torch
from gradviz.app.i18n import set_language
from gradviz.app.inside.check import STEPS, check
from gradviz.app.numerals import number
from gradviz.app.recording import parameter_slots
from gradviz.app.state import StateView
from tests.ui.window import running


@pytest.fixture
def g(qtbot: QtBot, tmp_path: Path) -> Iterator[Gradviz]:
    with running(qtbot, tmp_path) as made:
        yield made


def square(x: float, dtype: torch.dtype = torch.float32) -> Program:
    w = torch.tensor([x, 2 * x], dtype=dtype, requires_grad=True)
    with record() as recorder:
        (w.relu() ** 3).sum().backward()
    return recorder.program()


@pytest.fixture
def card(qtbot: QtBot) -> Iterator[CheckCard]:
    made = CheckCard(ThemeManager("light"))
    qtbot.addWidget(made)
    made.resize(320, 600)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.worker.shut_down()


def finished(qtbot: QtBot, card: CheckCard) -> None:
    qtbot.waitUntil(
        lambda: not card.worker.busy and card.check is not None and len(card.check.double) == len(STEPS),
        timeout=20_000,
    )


def show(qtbot: QtBot, card: CheckCard, program: Program, element: tuple[int, ...] = (0,)) -> int:
    slot = program.instrs[0].inputs[0]
    card.show_subject(StateView(program, len(program)), slot, element)
    finished(qtbot, card)
    return slot


def test_key_g_checks_the_chosen_element(g: Gradviz, qtbot: QtBot) -> None:
    session, card = g.session, g.window.inspector.experiments.check
    program = session.program
    assert program is not None
    assert session.timeline is not None
    session.timeline.end()
    slot, _ = parameter_slots(program)["fc3.bias"]
    session.select_slot(slot)
    session.select_element((4,))
    g.window.inspector.refresh()
    assert card.isHidden()
    qtbot.keyClick(g.window, Qt.Key.Key_G)
    assert not card.isHidden()
    finished(qtbot, card)
    total = program.gradient_slot(slot)
    assert total is not None
    expected = check(program, slot, (4,))
    assert card.subject.text() == "∂L/∂fc3.bias[4]"
    assert card.rows["engine"][1].text() == number(float(program.values[total][4]), 6)
    place = STEPS.index(card.step)
    assert card.rows["numeric"][1].text() == number(expected.single[place].slope, 6)
    assert card.rows["double"][1].text() == number(expected.double[place].slope, 6)
    assert card.verdict.text() == "✓  The gradient agrees"
    assert repr(card.check) == repr(expected)  # by their text, as NaN equals nothing
    # Another element: the open card follows.
    session.select_element((5,))
    qtbot.waitUntil(lambda: card.subject.text() == "∂L/∂fc3.bias[5]")
    finished(qtbot, card)
    assert card.check is not None
    assert card.check.gradient == float(program.values[total][5])
    card.close_button.click()
    assert card.isHidden()


def test_the_gradient_itself_is_checked_as_its_value_is(g: Gradviz, qtbot: QtBot) -> None:
    session, panel = g.session, g.window.inspector
    program = session.program
    assert program is not None
    assert session.timeline is not None
    session.timeline.end()
    slot, _ = parameter_slots(program)["fc3.bias"]
    total = program.gradient_slot(slot)
    session.select_slot(total)
    panel.refresh()
    g.window.commands["check-gradient"].trigger()
    finished(qtbot, panel.experiments.check)
    biggest = int(np.abs(program.values[total or 0]).argmax())
    assert panel.experiments.check.subject.text() == f"∂L/∂fc3.bias[{biggest}]"


def test_the_slider_moves_the_mark(card: CheckCard, qtbot: QtBot) -> None:
    show(qtbot, card, square(1.5))
    assert card.check is not None
    assert card.curve.chosen == card.check.best
    for place in (0, 7, len(STEPS) - 1):
        card.slider.setValue(len(STEPS) - 1 - place)
        assert card.curve.chosen == place
        slope = card.check.single[place].slope
        assert card.rows["numeric"][1].text() == ("lost to rounding" if np.isnan(slope) else number(slope, 6))
    at = card.curve.place(STEPS[4], 1e-3).toPoint()
    qtbot.mouseClick(card.curve, Qt.MouseButton.LeftButton, pos=at)
    assert card.curve.chosen == 4
    assert card.slider.value() == len(STEPS) - 5
    qtbot.keyClick(card.slider, Qt.Key.Key_Left)
    assert card.curve.chosen == 5
    assert "Step" in card.curve.accessibleDescription()


def test_the_curve_has_what_was_computed(card: CheckCard, qtbot: QtBot) -> None:
    program = square(1.5)
    slot = show(qtbot, card, program)
    expected = check(program, slot, (0,))
    curves = card.curve.curves
    assert np.array_equal(curves.own, expected.errors(wide=False), equal_nan=True)
    assert curves.double is not None
    assert np.array_equal(curves.double, expected.errors(wide=True), equal_nan=True)
    assert curves.bend == pytest.approx(1.0, rel=1e-2)  # L''' / 6 of x³
    assert card.curve.place(STEPS[0], 1e-2).x() > card.curve.place(STEPS[1], 1e-2).x()
    assert card.curve.place(STEPS[0], 1e-2).y() < card.curve.place(STEPS[0], 1e-4).y()
    show(qtbot, card, square(1.5, torch.float64))
    assert card.curve.curves.double is None
    assert card.rows["double"][1].isHidden()


def test_a_kink_is_explained(card: CheckCard, qtbot: QtBot) -> None:
    w = torch.tensor([0.0], requires_grad=True)
    with record() as recorder:
        w.relu().sum().backward()
    show(qtbot, card, recorder.program())
    assert card.verdict.text() == "∧  There is a kink here"
    assert "relu has a corner" in card.explanation.text()


def test_where_nothing_can_be_checked(card: CheckCard) -> None:
    program = square(1.0)
    late = program.instrs[1].output
    card.show_subject(StateView(program, 0), late, (0,))
    assert "not computed yet" in card.problem.text()
    assert card.body.isHidden()
    assert not card.worker.busy


def test_what_is_stale_is_dropped(card: CheckCard, qtbot: QtBot) -> None:
    first, second = square(1.5), square(-2.0)
    slot = first.instrs[0].inputs[0]
    card.show_subject(StateView(first, len(first)), slot, (0,))
    card.show_subject(StateView(second, len(second)), slot, (1,))
    finished(qtbot, card)
    assert repr(card.check) == repr(check(second, slot, (1,)))
    card.show_subject(StateView(first, len(first)), slot, (0,))
    card.stop.click()
    assert not card.worker.busy
    card.begin_anew()
    card.show_subject(StateView(first, len(first)), slot, (0,))
    assert card.worker.busy
    card.leave()
    assert not card.worker.busy
    assert card.check is None


def test_languages_and_escape(card: CheckCard, qtbot: QtBot) -> None:
    show(qtbot, card, square(1.5))
    try:
        set_language("zh_CN")
        card.retranslate()
        assert card.title.text() == "梯度检验"
        assert card.verdict.text() == "✓  梯度吻合"
    finally:
        set_language("en")
    with qtbot.waitSignal(card.closed):
        qtbot.keyClick(card.slider, Qt.Key.Key_Escape)
    assert card.isHidden()


def test_only_the_newest_work_is_heard_of(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    latest = Latest(parent)
    heard: list[object] = []
    latest.finished.connect(heard.append)
    latest.failed.connect(lambda message, details: heard.append(message))
    latest.run(lambda report: "old")
    latest.run(lambda report: "new")
    qtbot.waitUntil(lambda: heard == ["new"])

    def fails(report: object) -> None:
        raise ValueError("no")

    latest.run(fails)
    qtbot.waitUntil(lambda: heard == ["new", "no"])
    latest.run(lambda report: "never")
    latest.cancel()
    assert not latest.busy
    latest.shut_down()
    assert heard == ["new", "no"]
