"""The parts of the inspector: elements, tabs, the story of backward, links, languages, widths."""

from collections.abc import Iterator

import pytest
from gradviz.engine.recorder import record
from gradviz.ui.panels.inspector.panel import InspectorPanel
from PyQt6.QtCore import QEvent, QPoint, Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

import gradviz
from gradviz.app.facts import numbers_for_element
from gradviz.app.i18n import set_language
from gradviz.app.numerals import number
from gradviz.app.session import Session
from tests.programs import neuron
from tests.ui.fakes import lenet, recording
from tests.ui.panels.inspecting import find, go, program, shown

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def session() -> Session:
    made = Session()
    made.load(lenet())
    return made


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> Iterator[InspectorPanel]:
    yield shown(qtbot, session)
    set_language("en")


# Elements.


def test_a_click_chooses_the_element_of_the_formula(
    qtbot: QtBot, panel: InspectorPanel, session: Session
) -> None:
    index = find(session, "conv2d", "conv1")
    go(session, panel, index + 1)
    QApplication.processEvents()
    heatmap = panel.tensors.view.heatmap
    wanted = (0, 2, 7, 9)
    QTest.mouseClick(heatmap, LEFT, pos=heatmap.lens.rect_of(wanted).center().toPoint())
    assert session.selection.element == wanted
    assert session.selection.slot == program(session).instrs[index].output
    panel.refresh()
    assert panel.formulas.numbers.text() == numbers_for_element(program(session), index, wanted)
    assert "[0, 2, 7, 9]" in panel.formulas.numbers_title.text()


def test_inputs_show_what_the_element_is_made_from(panel: InspectorPanel, session: Session) -> None:
    index = find(session, "conv2d", "conv1")
    go(session, panel, index + 1)
    session.select_slot(program(session).instrs[index].output)
    session.select_element((0, 2, 7, 9))
    panel.refresh()
    panel.tensors.choose_tab("inputs")
    assert set(panel.tensors.view.heatmap.marked()) == {
        (0, 0, 7 + i, 9 + j) for i in range(5) for j in range(5)
    }
    panel.tensors.choose_tab("weights")
    assert set(panel.tensors.view.heatmap.marked()) == {(2, 0, i, j) for i in range(5) for j in range(5)}


def test_reading_an_input_leaves_the_selection_alone(panel: InspectorPanel, session: Session) -> None:
    index = find(session, "conv2d", "conv1")
    go(session, panel, index + 1)
    panel.tensors.choose_tab("inputs")
    QApplication.processEvents()
    heatmap = panel.tensors.view.heatmap
    QTest.mouseClick(heatmap, LEFT, pos=heatmap.lens.rect_of((0, 0, 3, 4)).center().toPoint())
    assert session.selection.slot is None
    assert "[0, 0, 3, 4]" in panel.tensors.view.readout.text()


# Tabs.


def test_the_tab_is_kept_over_instructions_that_lack_it(panel: InspectorPanel, session: Session) -> None:
    conv, relu = find(session, "conv2d", "conv1"), find(session, "relu")
    go(session, panel, conv + 1)
    panel.tensors.choose_tab("weights")
    go(session, panel, relu + 1)
    assert not panel.tensors.tabs.isTabEnabled(3)
    assert panel.tensors.tabs.currentIndex() == 0
    go(session, panel, conv + 1)
    assert panel.tensors.tabs.currentIndex() == 3


def test_weights_and_their_gradients_can_be_chosen(panel: InspectorPanel, session: Session) -> None:
    made = program(session)
    index = find(session, "conv2d", "conv1")
    session.select_slot(made.instrs[index].output)
    go(session, panel, len(made))
    panel.tensors.choose_tab("weights")
    choice = panel.tensors.choice
    names = [choice.itemText(i) for i in range(choice.count())]
    assert names == ["conv1.weight", "∂L/∂conv1.weight", "conv1.bias", "∂L/∂conv1.bias"]
    for row in range(choice.count()):
        choice.setCurrentIndex(row)
        choice.activated.emit(row)
        facts = panel.tensors.shown()
        assert facts is not None
        expected = made.instrs[index].inputs[1 + row // 2]
        slot = made.gradient_slot(expected) if row % 2 else expected
        assert facts.slot == slot or facts.value is made.values[slot]  # type: ignore[index]


# Backward.


def test_the_story_leads_from_upstream_to_the_contribution(panel: InspectorPanel, session: Session) -> None:
    index = find(session, "conv2d_weight_grad", "conv1")
    go(session, panel, index + 1)
    assert panel.story.isVisible()
    assert "conv1 · conv2d" in panel.story.title.text()
    _, upstream, _ = panel.story.rows["upstream"]
    _, contribution, _ = panel.story.rows["contribution"]
    assert "<b>contribution to conv1.weight</b>" in contribution.text()
    upstream.linkActivated.emit("#")
    made = program(session)
    origin = made.instrs[made.instrs[index].site.origin]
    assert session.selection.slot == made.gradients[origin.output][-1].total
    session.select_node(None)
    go(session, panel, find(session, "conv2d") + 1)
    assert not panel.story.isVisible()


def test_contributions_are_listed_with_their_sum(qtbot: QtBot) -> None:
    session = Session()
    session.load(recording(program=neuron()))
    panel = shown(qtbot, session)
    made = program(session)
    assert session.timeline is not None
    session.timeline.end()
    slot = next(s for s, rows in made.gradients.items() if made.slots[s].name == "n")
    session.select_slot(slot)
    panel.refresh()
    model = panel.ledger.table.terms
    assert model.rowCount() == len(made.gradients[slot])
    row = made.gradients[slot][0]
    assert model.data(model.index(0, 1)) == number(float(made.values[row.grad]))
    assert model.data(model.index(0, 3)) == number(float(made.values[row.total]))
    panel.ledger.table.clicked.emit(model.index(0, 0))
    assert session.selection.slot == row.grad


# The rest.


def test_follow_lets_go_of_the_selection(qtbot: QtBot, panel: InspectorPanel, session: Session) -> None:
    go(session, panel, 5)
    assert not panel.header.follow.isVisible()
    session.select_slot(0)
    panel.refresh()
    assert panel.header.follow.isVisible()
    qtbot.mouseClick(panel.header.follow, LEFT)
    assert session.selection.slot is None
    panel.refresh()
    assert panel.facts is not None
    assert panel.facts.instr is not None
    assert panel.facts.instr.index == 4


def test_source_line_is_requested(qtbot: QtBot, panel: InspectorPanel, session: Session) -> None:
    index = find(session, "conv2d")
    go(session, panel, index + 1)
    site = program(session).instrs[index].site
    assert panel.header.source.text().endswith(f":{site.line}")
    with qtbot.waitSignal(panel.source_requested) as blocker:
        qtbot.mouseClick(panel.header.source, LEFT)
    assert blocker.args == [site.file, site.line]


def test_folded_modules_list_what_is_inside(panel: InspectorPanel, session: Session) -> None:
    go(session, panel, len(program(session)))
    assert session.graph is not None
    node = next(n for n in session.graph.nodes if n.kind == "module" and len(n.instrs) > 1)
    session.select_node(node.id)
    panel.refresh()
    assert panel.details.inside.isVisible()
    first = program(session).instrs[node.instrs[0]].output
    assert f'href="{first}"' in panel.details.inside.text()
    panel.details.inside.linkActivated.emit(str(first))
    assert session.selection.slot == first


def test_formula_is_copied_as_latex(panel: InspectorPanel, session: Session) -> None:
    go(session, panel, find(session, "conv2d") + 1)
    panel.formulas.copy()
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text().startswith("$y_{n,o")
    assert r"\partial" in clipboard.text()


def test_local_derivatives_stay_open(qtbot: QtBot, panel: InspectorPanel, session: Session) -> None:
    go(session, panel, find(session, "conv2d") + 1)
    assert not any(label.isVisible() for label in panel.formulas.derivatives)
    qtbot.mouseClick(panel.formulas.fold, LEFT)
    assert sum(label.isVisible() for label in panel.formulas.derivatives) == 3
    go(session, panel, find(session, "relu") + 1)
    assert sum(label.isVisible() for label in panel.formulas.derivatives) == 1


@pytest.mark.parametrize(("size", "text"), [(30_000, "29994\u00a0more"), (300_000, "too\u00a0many")])
def test_long_sums_are_written_out_when_the_cursor_rests(qtbot: QtBot, size: int, text: str) -> None:
    with record() as recorder:
        gradviz.rand(size).sum()
    session = Session()
    session.load(recording(program=recorder.program()))
    panel = shown(qtbot, session)
    assert session.timeline is not None
    session.timeline.end()
    panel.refresh()
    assert panel.formulas.numbers.text() == "…"
    qtbot.waitUntil(lambda: text in panel.formulas.numbers.text())


def test_empty_states_say_what_to_do(qtbot: QtBot) -> None:
    session = Session()
    panel = shown(qtbot, session)
    assert panel.empty.isVisible()
    assert "Record" in panel.empty.text()
    weight = gradviz.tensor([1.0], requires_grad=True)
    with record() as recorder:
        (weight * 2).sum()
    session.load(recording(program=recorder.program()))  # has no input that could be shown instead
    qtbot.waitUntil(lambda: "Nothing has run" in panel.empty.text())
    assert panel.empty.isVisible()
    session.load(lenet())
    qtbot.waitUntil(lambda: not panel.empty.isVisible())
    assert panel.header.title.text() == "x"


def test_language_is_switched_while_running(panel: InspectorPanel, session: Session) -> None:
    go(session, panel, find(session, "conv2d") + 1)
    english = panel.header.sentence.text()
    set_language("zh_CN")
    assert panel.header.sentence.text() != english
    assert any("\u4e00" <= c <= "\u9fff" for c in panel.header.sentence.text())
    set_language("en")
    assert panel.header.sentence.text() == english


def test_controls_have_names_and_tips(panel: InspectorPanel, session: Session) -> None:
    go(session, panel, find(session, "conv2d_weight_grad") + 1)
    for kind in (QAbstractButton, QComboBox):
        for widget in panel.findChildren(kind):
            if (
                widget.isVisible()
                and not widget.objectName().startswith("qt_")
                and widget.parent() is not None
            ):
                if isinstance(widget, QAbstractButton) and type(widget).__name__ == "QAbstractButton":
                    continue  # a table's corner
                parent = type(widget.parent()).__name__
                if parent in ("QTabBar", "QSpinBox"):
                    continue
                assert widget.accessibleName(), widget
                assert widget.toolTip(), widget


@pytest.mark.parametrize("width", [300, 420])
def test_nothing_is_cut_off_at_the_usual_widths(qtbot: QtBot, session: Session, width: int) -> None:
    panel = shown(qtbot, session, width)
    for op in ("conv2d", "conv2d_weight_grad", "accumulate_grad", "sub"):
        go(session, panel, find(session, op) + 1)
        for _ in range(20):
            QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        page = panel._page
        right = page.mapTo(panel, QPoint(page.width(), 0)).x()
        assert right <= width
        for child in page.findChildren(QWidget):
            if child.isVisible() and child.parent() is page:
                assert child.geometry().right() <= page.width(), (op, child)


def test_hidden_panel_does_no_work(qtbot: QtBot, panel: InspectorPanel, session: Session) -> None:
    go(session, panel, 3)
    panel.hide()
    assert session.timeline is not None
    session.timeline.go(5)
    QApplication.processEvents()
    assert panel.facts is not None
    assert panel.facts.moment == 3
    panel.show()
    assert panel.facts.moment == 5
