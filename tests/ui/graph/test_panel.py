"""The panel bound to a real session, with layouts that come when the test wants them."""

from __future__ import annotations

from gradviz.ui.graph.panel import GraphPanel
from gradviz.ui.theme import ThemeManager
from gradviz.ui.workers.layout import LayoutClient
from PyQt6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from gradviz.app.graph.build import build_graph
from gradviz.app.recording import Iteration, Recording, metrics_of
from tests.programs import lenet_like, neuron
from tests.ui.fakes import session

from .conftest import MakePanel
from .fakes import layouts_of
from .mouse import spot

LEFT = Qt.MouseButton.LeftButton


# From the session to the canvas.


def test_the_session_s_graph_is_shown_with_its_states(panel: GraphPanel) -> None:
    shown = panel.canvas.scene
    assert shown.model is panel._session.graph
    assert panel.stack.currentWidget() is panel.canvas
    assert shown.state_of("m:conv1:forward").status == "pending"
    assert shown.state_of("s10").value_text.startswith("mean")  # x was there before everything
    assert panel.outline.index_of("m:conv1:forward").isValid()


def test_stepping_changes_states_and_moves_nothing(panel: GraphPanel) -> None:
    timeline = panel._session.timeline
    assert timeline is not None
    layouts, rects = layouts_of(panel), panel.canvas.scene.rects.copy()
    seen = []
    for _ in range(timeline.length):
        timeline.step()
        node = panel._session.current_node
        assert node is not None
        seen.append(node)
        assert panel.canvas.focus.current_id == node
        assert panel.canvas.scene.state_of(node).status == "current"
    assert {panel.canvas.scene.state_of(n.id).status for n in panel.canvas.scene.model.nodes} == {
        "done",
        "current",
    }
    assert len(set(seen)) > 20
    while timeline.moment:
        timeline.step(-1)
    pending = [n for n in panel.canvas.scene.model.nodes if n.instrs]
    assert {panel.canvas.scene.state_of(n.id).status for n in pending} == {"pending"}
    assert (panel.canvas.scene.rects == rects).all()
    assert len(layouts.asked) == 1


def test_gradients_heat_the_forward_nodes(panel: GraphPanel) -> None:
    timeline = panel._session.timeline
    assert timeline is not None
    timeline.end()
    heat = panel.canvas.scene.state_of("m:fc3:forward").heat
    assert heat is not None
    assert 0 < heat <= 1
    timeline.start()
    assert panel.canvas.scene.state_of("m:fc3:forward").heat is None


def test_the_next_iteration_needs_no_new_layout(make_panel: MakePanel) -> None:
    panel = make_panel(iterations=2)
    timeline = panel._session.timeline
    assert timeline is not None
    timeline.go(timeline.start_of(1) + 3)
    assert panel.canvas.focus.current_id == panel._session.current_node
    assert len(layouts_of(panel).asked) == 1


def test_the_next_iteration_shows_its_own_values(panel: GraphPanel) -> None:
    programs = (lenet_like(seed=0), lenet_like(seed=1))
    rows = tuple(Iteration(n, program, metrics_of(program, n)) for n, program in enumerate(programs, 1))
    panel._session.load(Recording("two", rows))
    timeline = panel._session.timeline
    assert timeline is not None
    texts = []
    for iteration in (0, 1):
        timeline.go(timeline.start_of(iteration) + len(programs[iteration]))
        texts.append(panel.canvas.scene.state_of("m:fc1:forward").value_text)
    assert texts[0] != texts[1]


def test_selection_goes_both_ways(qtbot: QtBot, panel: GraphPanel) -> None:
    panel._session.select_node("m:fc1:forward")
    assert panel.canvas.focus.selected_id == "m:fc1:forward"
    panel.canvas.fit()
    qtbot.mouseClick(panel.canvas, LEFT, pos=spot(panel.canvas, "m:fc2:forward"))
    assert panel._session.selection.node_id == "m:fc2:forward"
    qtbot.keyClick(panel.canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert panel._session.selection.node_id == panel.canvas.focus.selected_id != "m:fc2:forward"
    qtbot.mouseClick(panel.canvas, LEFT, pos=QPoint(2, 2))
    assert panel._session.selection.node_id is None
    assert panel.canvas.focus.selected is None


def test_a_click_on_an_edge_selects_what_flows_along_it(panel: GraphPanel) -> None:
    edge = panel.canvas.scene.model.edges[4]
    panel.canvas.edge_clicked.emit(edge.id)
    assert panel._session.selection.slot == edge.slot


def test_breakpoints_are_marked(panel: GraphPanel) -> None:
    panel._session.toggle_breakpoint("m:fc1:forward")
    assert panel.canvas.scene.index["m:fc1:forward"] in panel.canvas.focus.breakpoints
    panel._session.undo()
    assert not panel.canvas.focus.breakpoints


def test_following_can_be_turned_off(panel: GraphPanel) -> None:
    timeline = panel._session.timeline
    assert timeline is not None
    follow = panel.tools.buttons["follow"]
    assert follow.isChecked()
    panel.canvas.move_camera(panel.canvas.camera.zoomed(4.0).panned(3000, 3000))
    follow.setChecked(False)
    before = panel.canvas.camera
    timeline.step(5)
    assert panel.canvas.camera == before
    follow.setChecked(True)
    assert panel.canvas.camera != before


# Folding and layouts.


def test_opening_in_place(qtbot: QtBot, panel: GraphPanel) -> None:
    panel.canvas.focus_node("m:conv2:forward")
    panel.canvas.move_camera(panel.canvas.camera.zoomed(0.5))
    before = spot(panel.canvas, "m:conv2:forward")
    qtbot.mouseDClick(panel.canvas, LEFT, pos=before)
    assert "conv2" in panel._session.open_modules
    assert (spot(panel.canvas, "g:conv2:forward") - before).manhattanLength() <= 2
    panel.canvas.set_selected("g:conv2:forward")
    panel.canvas.node_activated.emit("g:conv2:forward")
    assert "conv2" not in panel._session.open_modules
    assert (spot(panel.canvas, "m:conv2:forward") - before).manhattanLength() <= 3


def test_only_the_newest_layout_counts(make_panel: MakePanel) -> None:
    panel = make_panel(patient=True)
    layouts = layouts_of(panel)
    panel._session.open_all()
    panel._session.close_all()
    panel._session.open_module("fc1")
    assert [token for token, *_ in layouts.asked] == [1, 2, 3, 4]
    layouts.answer(2)
    layouts.answer(1)
    assert len(panel.canvas.scene) == 0
    layouts.answer(4)
    assert panel.canvas.scene.model is panel._session.graph
    layouts.answer(4)
    layouts.answer(3)
    assert panel.canvas.scene.model is panel._session.graph


def test_steps_while_a_layout_is_on_its_way_are_made_up_for(make_panel: MakePanel) -> None:
    panel = make_panel(patient=True)
    layouts, timeline = layouts_of(panel), panel._session.timeline
    assert timeline is not None
    layouts.answer(1)
    panel._session.open_all()
    timeline.step(7)
    layouts.answer(2)
    node = panel._session.current_node
    assert node is not None
    assert panel.canvas.scene.state_of(node).status == "current"
    assert panel.canvas.focus.current == panel.canvas.scene.index[node]


def test_undoing_a_fold_before_its_layout_came_shows_the_old_graph(make_panel: MakePanel) -> None:
    panel = make_panel(patient=True)
    layouts = layouts_of(panel)
    layouts.answer(1)
    shown = panel.canvas.scene
    panel._session.open_all()
    panel._session.undo()
    layouts.answer(2)
    assert panel.canvas.scene is shown
    for token, *_ in layouts.asked[2:]:
        layouts.answer(token)
    assert panel.canvas.scene.model.key == build_graph(panel._session.program or neuron()).key
    timeline = panel._session.timeline
    assert timeline is not None
    timeline.step(3)
    assert panel.canvas.focus.current_id == panel._session.current_node


def test_a_long_wait_and_a_failure_are_told(qtbot: QtBot, make_panel: MakePanel) -> None:
    panel = make_panel(patient=True)
    layouts, corners = layouts_of(panel), panel.corners
    qtbot.waitUntil(corners.waiting.isVisible)
    layouts.failed.emit(1, "Graphviz took longer than 5 s")
    layouts.answer(1)
    assert not corners.waiting.isVisible()
    assert corners.note.isVisible()
    assert "Simple layout" in corners.note.label.text()
    assert corners.note.toolTip() == "Graphviz took longer than 5 s"
    qtbot.mouseClick(corners.note.close_button, LEFT)
    assert not corners.note.isVisible()


def test_text_size_lays_the_graph_out_anew(panel: GraphPanel) -> None:
    layouts = layouts_of(panel)
    panel.refresh_fonts()
    assert len(layouts.asked) == 2
    assert panel.canvas.scene.model is panel._session.graph


def test_with_graphviz_in_its_process(qtbot: QtBot, fonts: None) -> None:
    client = LayoutClient()
    panel = GraphPanel(session(1), ThemeManager("light"), client)
    client.setParent(panel)
    qtbot.addWidget(panel)
    panel.canvas.set_reduced_motion(True)
    try:
        qtbot.waitUntil(lambda: len(panel.canvas.scene) > 0, timeout=20_000)
        assert panel.canvas.scene.layout.method == "dot"
        panel.toggle("m:conv2:forward")
        qtbot.waitUntil(lambda: "g:conv2:forward" in panel.canvas.scene.group_index, timeout=20_000)
    finally:
        client.close()
