"""The lens in the inspector: pointing at a cell lights others, with the factors that the engine has."""

from collections.abc import Iterator

import numpy as np
import pytest
from gradviz.ui.panels.inside.lens_strip import LensStrip
from gradviz.ui.panels.inspector.panel import InspectorPanel
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gradviz.app.session import Session
from gradviz.app.settings import Settings
from tests.ui.fakes import lenet
from tests.ui.panels.inspecting import find, go, program, shown

Key = Qt.Key


@pytest.fixture
def session() -> Session:
    made = Session(Settings())
    made.load(lenet())
    return made


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> Iterator[InspectorPanel]:
    made = shown(qtbot, session)
    yield made
    made.shut_down()


def lit(panel: InspectorPanel) -> dict[str, dict[tuple[int, ...], float]]:
    """What is lit now, by the tensor's title."""
    lens = panel.tensors.lens
    lens.light()
    assert lens.look is not None
    return {row.value.title: dict(row.factors) for row in lens.look.rows}


def lens_of(panel: InspectorPanel) -> LensStrip:
    return panel.tensors.lens


def test_a_cell_of_conv1_lights_its_pixels_and_weights(session: Session, panel: InspectorPanel) -> None:
    index = find(session, "conv2d")
    go(session, panel, index + 1)
    x, weight = (program(session).values[slot] for slot in program(session).instrs[index].inputs[:2])
    heatmap = panel.tensors.view.heatmap
    heatmap.element_hovered.emit((0, 2, 10, 6))
    found = lit(panel)
    assert found["x"] == {
        (0, 0, 10 + i, 6 + j): float(weight[2, 0, i, j]) for i in range(5) for j in range(5)
    }
    assert found["conv1.weight"] == {
        (2, 0, i, j): float(x[0, 0, 10 + i, 6 + j]) for i in range(5) for j in range(5)
    }
    assert found["conv1.bias"] == {(2,): 1.0}
    lens = lens_of(panel)
    assert lens.isVisible()
    assert "is made from" in lens.title.text()
    assert "[0, 2, 10, 6]" in lens.title.text()
    assert "25 cells, largest factor" in lens.accessibleDescription()
    assert set(lens.maps[0].marked()) == set(found["x"])
    weights = lens.maps[1]  # of all kernels the one that is used
    assert weights.row == 2
    assert weights.place((0, 0, 1, 4)) == (2, 0, 1, 4)
    assert weights.factors[(0, 0, 1, 4)] == found["conv1.weight"][(2, 0, 1, 4)]
    weights.element_hovered.emit((0, 0, 1, 4))
    assert weights.toolTip().startswith("[2, 0, 1, 4]: factor ")
    heatmap.element_hovered.emit(None)  # the pointer has gone: the chosen element counts
    assert panel.facts is not None
    assert (0, 0, *(panel.facts.element or ())[2:]) in lit(panel)["x"]


def test_the_keyboard_moves_it(session: Session, panel: InspectorPanel, qtbot: QtBot) -> None:
    index = find(session, "conv2d")
    go(session, panel, index + 1)
    session.select_slot(program(session).instrs[index].output)
    session.select_element((0, 1, 3, 3))
    panel.refresh()
    panel.tensors.view.heatmap.setFocus()
    qtbot.keyClick(panel.tensors.view.heatmap, Key.Key_Right)
    panel.refresh()
    assert min(lit(panel)["x"]) == (0, 0, 3, 4)


def test_a_pixel_lights_the_outputs_that_it_reaches(session: Session, panel: InspectorPanel) -> None:
    index = find(session, "conv2d")
    go(session, panel, index + 1)
    panel.tensors.choose_tab("inputs")
    panel.tensors.view.heatmap.element_hovered.emit((0, 0, 9, 20))
    weight = program(session).values[program(session).instrs[index].inputs[1]]
    expected = {
        (0, c, 9 - i, 20 - j): float(weight[c, 0, i, j]) for c in range(6) for i in range(5) for j in range(5)
    }
    (found,) = lit(panel).values()
    assert found == pytest.approx(expected)
    assert "reaches" in lens_of(panel).title.text()


def test_a_gradient_flows_the_other_way_by_the_same_factors(session: Session, panel: InspectorPanel) -> None:
    made = program(session)
    index = find(session, "conv2d", "conv2")
    go(session, panel, len(made))
    session.select_slot(made.instrs[index].output)
    panel.refresh()
    panel.tensors.choose_tab("gradient")
    panel.tensors.view.heatmap.element_hovered.emit((0, 3, 2, 2))
    rows = lit(panel)
    assert "reaches" in lens_of(panel).title.text()
    weight = made.values[made.instrs[index].inputs[1]]
    title = next(name for name in rows if name.startswith("∂L/∂max_pool2d"))
    assert rows[title][(0, 5, 3, 4)] == float(weight[3, 5, 1, 2])
    assert rows["∂L/∂conv2.bias"] == {(3,): 1.0}


def test_an_upstream_gradient_in_a_backward_operation(session: Session, panel: InspectorPanel) -> None:
    made = program(session)
    index = find(session, "conv2d_input_grad")
    go(session, panel, index + 1)
    panel.tensors.choose_tab("inputs")
    assert panel.tensors.view.facts is not None
    assert panel.tensors.view.facts.slot == made.instrs[index].inputs[0]
    panel.tensors.view.heatmap.element_hovered.emit((0, 7, 4, 4))
    (factors,) = lit(panel).values()
    weight = made.values[made.instrs[index].inputs[1]]
    assert factors[(0, 2, 4, 8)] == pytest.approx(float(weight[7, 2, 0, 4]))
    assert len(factors) == 6 * 25


def test_the_winner_of_a_pool_counts_and_its_rivals_do_not(session: Session, panel: InspectorPanel) -> None:
    index = find(session, "max_pool2d")
    go(session, panel, index + 1)
    panel.tensors.view.heatmap.element_hovered.emit((0, 3, 5, 5))
    factors = lit(panel)["x"]
    assert set(factors) == {(0, 3, 10 + i, 10 + j) for i in range(2) for j in range(2)}
    assert sorted(factors.values()) == [0.0, 0.0, 0.0, 1.0]


def test_the_receptive_field_on_the_digit(session: Session, panel: InspectorPanel, qtbot: QtBot) -> None:
    index = find(session, "conv2d", "conv2")
    go(session, panel, index + 1)
    session.select_slot(program(session).instrs[index].output)
    session.select_element((0, 12, 1, 5))
    panel.refresh()
    lens = lens_of(panel)
    lens.light()
    assert not lens.field.isHidden()
    lens.field.button.setChecked(True)
    qtbot.waitUntil(lambda: lens.field.field is not None)
    field = lens.field.field
    assert field is not None
    expected = np.zeros((32, 32), bool)
    expected[2:16, 10:24] = True
    assert np.array_equal(field.cells[0, 0], expected)
    assert "of the data's 1024 elements it depends on 196 cells" in lens.field.label.text().lower()
    assert len(lens.field.heat.factors) == 196
    assert not lens.grab().isNull()
    go(session, panel, 0)  # the data itself: nothing is behind it
    assert lens.isHidden()
    assert lens.field.isHidden()


def test_large_operations_are_looked_at_in_a_thread(
    session: Session, panel: InspectorPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradviz.app.inside.lens.SLOW", 10)
    index = find(session, "linear")
    go(session, panel, index + 1)
    lens = lens_of(panel)
    with qtbot.waitSignal(lens.worker.finished):
        lens.light()
    assert lens.look is not None
    assert sorted(len(row.factors) for row in lens.look.rows) == [1, 400, 400]
