"""The inspector shows, at every moment of a real LeNet, exactly what the program holds."""

from collections.abc import Iterator

import numpy as np
import pytest
from gradviz.engine.program import Phase
from gradviz.ui.panels.inspector.panel import InspectorPanel
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradviz.app.facts import numbers_for_element
from gradviz.app.i18n import set_language
from gradviz.app.numerals import number
from gradviz.app.recording import parameter_slots
from gradviz.app.session import Session
from tests.ui.fakes import lenet
from tests.ui.panels.inspecting import find, go, program, shown


@pytest.fixture
def session() -> Session:
    made = Session()
    made.load(lenet())
    return made


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> Iterator[InspectorPanel]:
    yield shown(qtbot, session)
    set_language("en")


def pixels_show(panel: InspectorPanel, array: np.ndarray) -> bool:
    """Whether the heat map's cells have the colours of the array's numbers, at some places."""
    heatmap = panel.tensors.view.heatmap
    facts = panel.tensors.view.facts
    assert facts is not None
    assert facts.value is array
    image = heatmap.grab().toImage()
    colours, scale = heatmap._map, panel.tensors.view._scale
    for flat in np.linspace(0, array.size - 1, 7).astype(int):
        index = tuple(int(i) for i in np.unravel_index(flat, array.shape))
        if index == panel.tensors.view._element or heatmap.reduction() > 1:
            continue
        rect = heatmap.lens.rect_of(index)
        spot = rect.center() + (rect.topLeft() - rect.center()) * 0.5
        if image.pixelColor(spot.toPoint()) != colours.colour(float(array[index]), scale):
            return False
    return True


# The walk.


def test_the_walk_forwards_and_backwards(panel: InspectorPanel, session: Session) -> None:
    made = program(session)
    length = len(made)
    for moment in [*range(1, length + 1), *range(length - 1, 0, -1)]:
        go(session, panel, moment)
        instr = made.instrs[moment - 1]
        facts = panel.tensors.shown()
        assert facts is not None
        assert facts.value is made.values[instr.output]
        assert instr.op in panel.header.title.text()
        assert panel.formulas.numbers.text() == numbers_for_element(
            made,
            moment - 1,
            panel.facts.element,  # type: ignore[union-attr, arg-type]
        )
        element = panel.facts.element  # type: ignore[union-attr]
        assert number(float(made.values[instr.output][element]), 6) in panel.tensors.view.readout.text()
    go(session, panel, 0)
    assert panel.facts is not None
    assert panel.facts.instr is None
    assert panel.header.title.text() == "x"  # the digit that it all starts from


def test_heat_maps_are_painted_from_the_values(panel: InspectorPanel, session: Session) -> None:
    for op in ("conv2d", "max_pool2d", "linear", "log_softmax", "conv2d_weight_grad"):
        index = find(session, op)
        go(session, panel, index + 1)
        QApplication.processEvents()
        assert pixels_show(panel, program(session).values[program(session).instrs[index].output]), op


def test_the_cursor_is_followed_by_itself(qtbot: QtBot, panel: InspectorPanel, session: Session) -> None:
    assert session.timeline is not None
    session.timeline.go(3)
    qtbot.waitUntil(lambda: panel.facts is not None and panel.facts.moment == 3)


def test_phase_is_said_in_words_and_sign(panel: InspectorPanel, session: Session) -> None:
    seen = {}
    for moment in range(1, len(program(session)) + 1):
        go(session, panel, moment)
        seen[program(session).instrs[moment - 1].site.phase] = panel.header.badge.text()
    assert seen[Phase.FORWARD] == "forward"
    assert seen[Phase.BACKWARD] == "backward"
    assert seen[Phase.UPDATE] == "update"


# Time: never stale.


def test_a_selected_value_is_pending_until_it_is_computed(panel: InspectorPanel, session: Session) -> None:
    index = find(session, "conv2d", "conv2")
    slot = program(session).instrs[index].output
    session.select_slot(slot)
    for moment in (0, 1, index, index + 1, index, 0, len(program(session))):
        go(session, panel, moment)
        known = moment > index
        assert panel.tensors.view.pending.isVisible() is not known
        assert panel.tensors.view.heatmap.isVisible() is known
        assert bool(panel.formulas.numbers.text()) is known
        assert panel.tensors.view.readout.isVisible() is known


def test_gradient_is_pending_until_backward_reaches_it(panel: InspectorPanel, session: Session) -> None:
    made = program(session)
    slot = parameter_slots(made)["conv1.weight"][0]
    session.select_slot(slot)
    panel.refresh()
    panel.tensors.choose_tab("gradient")
    ready = made.producers[made.gradients[slot][-1].total] + 1
    for moment, known in ((0, False), (ready - 1, False), (ready, True), (ready - 1, False)):
        go(session, panel, moment)
        facts = panel.tensors.shown()
        assert facts is not None
        assert (facts.value is not None) is known
        assert panel.tensors.view.pending.isVisible() is not known
    go(session, panel, len(made))
    assert panel.tensors.shown().value is made.values[made.gradients[slot][-1].total]  # type: ignore[union-attr]


def test_every_gradient_of_a_parameter_is_the_programs(panel: InspectorPanel, session: Session) -> None:
    made = program(session)
    go(session, panel, len(made))
    for name, (slot, _) in parameter_slots(made).items():
        session.select_slot(slot)
        panel.refresh()
        panel.tensors.choose_tab("gradient")
        facts = panel.tensors.shown()
        assert facts is not None
        assert facts.value is made.values[made.gradient_slot(slot)]  # type: ignore[index]
        assert panel.header.title.text() == name
