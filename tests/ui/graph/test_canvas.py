"""The canvas as users and other widgets drive it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from gradviz.engine.program import Phase, Program
from gradviz.ui.graph.canvas import GraphCanvas
from gradviz.ui.graph.cards import fold_rect
from gradviz.ui.graph.state import NodeState
from gradviz.ui.theme import DARK, LIGHT
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QColor, QImage
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from gradviz.app.graph.build import build_graph
from gradviz.app.graph.model import GraphGroup, GraphModel, GraphNode
from gradviz.app.layout.types import Layout, Rect
from tests.programs import neuron

from .layouts import many, rows
from .mouse import ask_menu, linger, move, spot, wheel

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def conv2d(canvas: GraphCanvas) -> str:
    """The op inside the open module."""
    return next(n.id for n in canvas.scene.model.nodes if n.title == "conv2d" and n.module == "conv2")


def drag(canvas: GraphCanvas, button: Qt.MouseButton, start: QPoint, end: QPoint) -> None:
    QTest.mousePress(canvas, button, pos=start)
    for share in (0.3, 0.7, 1.0):
        move(
            canvas, start + QPoint(round((end - start).x() * share), round((end - start).y() * share)), button
        )
    QTest.mouseRelease(canvas, button, pos=end)


# Camera.


def test_at_first_everything_is_in_sight_and_stays_so_when_the_window_grows(canvas: GraphCanvas) -> None:
    canvas.move_camera(canvas.camera.zoomed(4.0))
    model = build_graph(neuron())
    canvas.set_graph(model, rows(model, canvas.measure(model)))
    assert canvas.camera.shows_all_of(canvas.bounds)
    small = canvas.camera.scale
    canvas.resize(1000, 900)
    assert canvas.camera.shows_all_of(canvas.bounds)
    assert canvas.camera.scale > small


def test_a_graph_that_would_be_illegible_as_a_whole_begins_at_its_start(canvas: GraphCanvas) -> None:
    model = many(400)
    canvas.set_graph(model, rows(model, canvas.measure(model), columns=1))
    assert canvas.camera.scale > 0.5
    first = canvas.scene.rect("i0")
    assert first is not None
    assert canvas.camera.shows_all_of(first)
    canvas.fit()
    assert canvas.camera.shows_all_of(canvas.bounds)
    canvas.resize(700, 500)
    assert canvas.camera.shows_all_of(canvas.bounds)


def test_the_wheel_zooms_to_the_cursor(canvas: GraphCanvas) -> None:
    place = QPoint(123, 77)
    for modifiers in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier):
        before = canvas.camera
        wheel(canvas, place, notches=2, modifiers=modifiers)
        assert canvas.camera.scale > before.scale * 1.2
        assert canvas.camera.world(123, 77) == pytest.approx(before.world(123, 77))
    before = canvas.camera
    wheel(canvas, place, notches=-1)
    assert canvas.camera.scale < before.scale


def test_two_fingers_pan_and_with_control_they_zoom(canvas: GraphCanvas) -> None:
    before = canvas.camera
    wheel(canvas, QPoint(50, 50), pixels=(13, -8))
    assert canvas.camera == before.panned(13, -8)
    wheel(canvas, QPoint(50, 50), pixels=(0, 60), modifiers=Qt.KeyboardModifier.ControlModifier)
    assert canvas.camera.scale > before.scale


def test_the_wheel_with_shift_pans_sideways(canvas: GraphCanvas) -> None:
    before = canvas.camera
    wheel(canvas, QPoint(50, 50), notches=1, modifiers=Qt.KeyboardModifier.ShiftModifier)
    assert (canvas.camera.y, canvas.camera.scale) == (before.y, before.scale)
    assert canvas.camera.x < before.x


@pytest.mark.parametrize("button", [LEFT, MIDDLE])
def test_dragging_pans_and_is_no_click(qtbot: QtBot, canvas: GraphCanvas, button: Qt.MouseButton) -> None:
    before = canvas.camera
    start = spot(canvas, "m:fc1:forward")
    with qtbot.assertNotEmitted(canvas.node_clicked), qtbot.assertNotEmitted(canvas.background_clicked):
        drag(canvas, button, start, start + QPoint(90, -40))
    expected = before.panned(90, -40)
    assert (canvas.camera.x, canvas.camera.y) == pytest.approx((expected.x, expected.y))
    canvas.resize(900, 700)  # one has looked elsewhere: it is not fitted again
    assert canvas.camera.scale == before.scale


def test_a_trembling_hand_still_clicks(qtbot: QtBot, canvas: GraphCanvas) -> None:
    start, before = spot(canvas, "m:fc1:forward"), canvas.camera
    with qtbot.waitSignal(canvas.node_clicked) as caught:
        drag(canvas, LEFT, start, start + QPoint(2, 1))
    assert caught.args == ["m:fc1:forward"]
    assert canvas.camera == before


def test_zoom_keys_and_buttons(qtbot: QtBot, canvas: GraphCanvas) -> None:
    canvas.setFocus()
    fitted = canvas.camera
    qtbot.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.camera.scale == pytest.approx(fitted.scale * 1.25)
    qtbot.keyClick(canvas, Qt.Key.Key_Minus)
    qtbot.keyClick(canvas, Qt.Key.Key_Minus)
    assert canvas.camera.scale == pytest.approx(fitted.scale / 1.25)
    qtbot.keyClick(canvas, Qt.Key.Key_0)
    assert canvas.camera == fitted


def test_moves_glide_unless_motion_is_unwanted(qtbot: QtBot, canvas: GraphCanvas) -> None:
    canvas.set_reduced_motion(False)
    start = canvas.camera
    canvas.zoom_in()
    assert canvas.camera.scale < start.scale * 1.25
    goal = canvas.mover.goal
    canvas.zoom_in()  # a second one adds to where the first one leads
    assert canvas.mover.goal.scale == pytest.approx(goal.scale * 1.25)
    qtbot.waitUntil(lambda: not canvas.mover.running)
    assert canvas.camera.scale == pytest.approx(start.scale * 1.25**2)


def test_a_glide_ends_where_it_should_although_the_window_grows(qtbot: QtBot, canvas: GraphCanvas) -> None:
    canvas.set_reduced_motion(False)
    canvas.focus_node("m:fc2:forward")
    goal = canvas.mover.goal
    canvas.resize(1000, 900)
    qtbot.waitUntil(lambda: not canvas.mover.running)
    camera = canvas.camera
    assert (camera.x, camera.y, camera.scale) == pytest.approx((goal.x, goal.y, goal.scale))
    assert (camera.width, camera.height) == (1000, 900)


def test_a_hand_on_the_canvas_stops_a_glide(qtbot: QtBot, canvas: GraphCanvas) -> None:
    canvas.set_reduced_motion(False)
    canvas.zoom_in()
    QTest.mousePress(canvas, LEFT, pos=QPoint(5, 5))
    assert not canvas.mover.running
    QTest.mouseRelease(canvas, LEFT, pos=QPoint(5, 5))


def test_focus_node_goes_close_and_keeps_a_closer_scale(canvas: GraphCanvas) -> None:
    canvas.focus_node("m:fc2:forward")
    rect = canvas.scene.rect("m:fc2:forward")
    assert rect is not None
    assert canvas.camera.scale == pytest.approx(0.9)
    assert (canvas.camera.x, canvas.camera.y) == pytest.approx(
        (rect.x + rect.width / 2, rect.y + rect.height / 2)
    )
    canvas.move_camera(canvas.camera.zoomed(2.0))
    canvas.focus_node("m:fc1:forward")
    assert canvas.camera.scale == pytest.approx(1.8)
    canvas.focus_node("nobody")
    assert canvas.camera.scale == pytest.approx(1.8)


def test_the_current_node_comes_into_sight_only_if_it_is_followed(canvas: GraphCanvas) -> None:
    canvas.move_camera(canvas.camera.zoomed(3.0).panned(2000, 2000))
    far = canvas.camera
    canvas.set_current("m:fc3:forward", follow=False)
    assert canvas.camera == far
    canvas.set_current("m:fc3:forward", follow=True)
    rect = canvas.scene.rect("m:fc3:forward")
    assert rect is not None
    assert canvas.camera.shows_all_of(rect)
    assert canvas.camera.scale == far.scale


# Clicks.


def test_clicks(qtbot: QtBot, canvas: GraphCanvas, conv2d: str) -> None:
    with qtbot.waitSignal(canvas.node_clicked) as caught:
        qtbot.mouseClick(canvas, LEFT, pos=spot(canvas, conv2d))
    assert caught.args == [conv2d]
    with qtbot.waitSignal(canvas.background_clicked):
        qtbot.mouseClick(canvas, LEFT, pos=QPoint(3, 3))


def test_a_click_on_an_edge(qtbot: QtBot, canvas: GraphCanvas) -> None:
    canvas.focus_node("m:fc2:forward")
    for number, edge in enumerate(canvas.scene.model.edges):
        x, y = canvas.camera.screen(*canvas.scene.middle(number))
        place = QPoint(round(x), round(y))
        if canvas.rect().contains(place) and canvas.hit(place.toPointF()).id == edge.id:
            break
    else:
        pytest.fail("no edge is in sight")
    with qtbot.waitSignal(canvas.edge_clicked) as caught:
        qtbot.mouseClick(canvas, LEFT, pos=place)
    assert caught.args == [edge.id]


def test_a_double_click_opens_a_module_and_closes_its_frame(qtbot: QtBot, canvas: GraphCanvas) -> None:
    clicks: list[str] = []
    canvas.node_clicked.connect(clicks.append)
    place = spot(canvas, "m:fc1:forward", across=0.3)
    with qtbot.waitSignal(canvas.node_activated) as caught:
        qtbot.mouseClick(canvas, LEFT, pos=place)
        qtbot.mouseDClick(canvas, LEFT, pos=place)
        qtbot.mouseRelease(canvas, LEFT, pos=place)
    assert caught.args == ["m:fc1:forward"]
    assert clicks == ["m:fc1:forward"]  # the first click selects, the second one only opens
    canvas.focus_node("g:conv2:forward")
    box = canvas.painter.frames.title_box(0, canvas.camera)
    with qtbot.waitSignal(canvas.node_activated) as caught:
        qtbot.mouseDClick(canvas, LEFT, pos=QPoint(round(box.right() - 6), round(box.center().y())))
    assert caught.args == ["g:conv2:forward"]


def test_a_double_click_on_an_op_looks_at_it_closely(qtbot: QtBot, canvas: GraphCanvas, conv2d: str) -> None:
    with qtbot.assertNotEmitted(canvas.node_activated):
        qtbot.mouseDClick(canvas, LEFT, pos=spot(canvas, conv2d))
    assert canvas.camera.scale == pytest.approx(0.9)


def test_plus_and_minus_open_and_close(qtbot: QtBot, canvas: GraphCanvas) -> None:
    canvas.focus_node("m:fc1:forward")
    node, rect = canvas.scene.model.by_id["m:fc1:forward"], canvas.scene.rect("m:fc1:forward")
    assert rect is not None
    fold = fold_rect(node, rect, canvas.lettering)
    x, y = canvas.camera.screen(fold.x + fold.width / 2, fold.y + fold.height / 2)
    with qtbot.waitSignal(canvas.node_activated) as caught, qtbot.assertNotEmitted(canvas.node_clicked):
        qtbot.mouseClick(canvas, LEFT, pos=QPoint(round(x), round(y)))
    assert caught.args == ["m:fc1:forward"]
    canvas.focus_node("g:conv2:backward")
    number = canvas.scene.group_index["g:conv2:backward"]
    place = canvas.painter.frames.fold_box(number, canvas.camera).center().toPoint()
    with qtbot.waitSignal(canvas.node_activated) as caught:
        qtbot.mouseClick(canvas, LEFT, pos=place)
    assert caught.args == ["g:conv2:backward"]


def test_from_afar_there_is_no_plus_to_hit(qtbot: QtBot, canvas: GraphCanvas) -> None:
    canvas.move_camera(canvas.camera.zoomed(0.4 / canvas.camera.scale))
    with qtbot.waitSignal(canvas.node_clicked), qtbot.assertNotEmitted(canvas.node_activated):
        qtbot.mouseClick(canvas, LEFT, pos=spot(canvas, "m:fc1:forward", 0.85, 0.2))


def test_hover(qtbot: QtBot, canvas: GraphCanvas) -> None:
    with qtbot.waitSignal(canvas.node_hovered) as caught:
        move(canvas, spot(canvas, "m:fc1:forward"))
    assert caught.args == ["m:fc1:forward"]
    assert canvas.focus.hovered == canvas.scene.index["m:fc1:forward"]
    with qtbot.waitSignal(canvas.node_hovered) as caught:
        move(canvas, QPoint(2, 2))
    assert caught.args == [""]
    assert canvas.focus.hovered is None


def test_the_tooltip_tells_of_the_node(qtbot: QtBot, canvas: GraphCanvas, conv2d: str) -> None:
    canvas.set_states({conv2d: NodeState("done", "mean 0.25")})
    linger(canvas, spot(canvas, conv2d))
    qtbot.waitUntil(QToolTip.isVisible)
    for part in ("conv2d", "1×16×10×10", "mean 0.25", "forward"):
        assert part in QToolTip.text()
    linger(canvas, QPoint(2, 2))
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def test_menus_are_asked_for_by_mouse_and_by_keyboard(qtbot: QtBot, canvas: GraphCanvas) -> None:
    with qtbot.waitSignal(canvas.menu_wanted) as caught:
        ask_menu(canvas, spot(canvas, "m:fc1:forward"))
    assert caught.args[0] == "m:fc1:forward"
    with qtbot.waitSignal(canvas.menu_wanted) as caught:
        ask_menu(canvas, QPoint(1, 1))
    assert caught.args[0] == ""
    canvas.set_selected("m:fc2:forward")
    with qtbot.waitSignal(canvas.menu_wanted) as caught:
        ask_menu(canvas, QPoint(1, 1), keyboard=True)
    assert caught.args[0] == "m:fc2:forward"
    place = canvas.mapFromGlobal(caught.args[1])
    assert abs(place.x() - spot(canvas, "m:fc2:forward", 0.0).x()) <= 1


# Keyboard.


def test_alt_arrows_follow_the_edges(qtbot: QtBot, canvas: GraphCanvas) -> None:
    canvas.set_selected("m:fc2:forward")
    with qtbot.waitSignal(canvas.selection_moved) as caught:
        qtbot.keyClick(canvas, Qt.Key.Key_Up, ALT)
    producers = {e.source for e in canvas.scene.model.edges if e.target == "m:fc2:forward"}
    assert caught.args[0] in producers
    with qtbot.waitSignal(canvas.selection_moved):
        qtbot.keyClick(canvas, Qt.Key.Key_Down, ALT)
    assert canvas.focus.selected_id == "m:fc2:forward"


def test_the_selection_that_moves_stays_in_sight(qtbot: QtBot, canvas: GraphCanvas) -> None:
    canvas.focus_node("s10")
    canvas.move_camera(canvas.camera.zoomed(2.0))
    qtbot.keyClick(canvas, Qt.Key.Key_Down, ALT)
    for _ in range(12):
        qtbot.keyClick(canvas, Qt.Key.Key_Down, ALT)
        rect = canvas.scene.rect(canvas.focus.selected_id)
        assert rect is not None
        assert canvas.camera.shows_all_of(rect)


def test_without_a_selection_the_arrows_begin_at_the_current_node(qtbot: QtBot, canvas: GraphCanvas) -> None:
    canvas.set_current("m:fc3:forward")
    qtbot.keyClick(canvas, Qt.Key.Key_Right, ALT)
    assert canvas.focus.selected_id == "m:fc3:forward"


def test_plain_arrows_are_left_to_the_window(qtbot: QtBot, canvas: GraphCanvas) -> None:
    canvas.set_selected("m:fc2:forward")
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Space, Qt.Key.Key_Home):
        with qtbot.assertNotEmitted(canvas.selection_moved):
            qtbot.keyClick(canvas, key)
    assert canvas.focus.selected_id == "m:fc2:forward"


def test_keys_with_control_are_the_window_s(qtbot: QtBot, canvas: GraphCanvas) -> None:
    canvas.set_selected("m:fc2:forward")
    canvas.move_camera(canvas.camera.zoomed(2.0))
    before = canvas.camera
    for key in (Qt.Key.Key_0, Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_F, Qt.Key.Key_Return):
        with qtbot.assertNotEmitted(canvas.node_activated):
            qtbot.keyClick(canvas, key, Qt.KeyboardModifier.ControlModifier)
    assert canvas.camera == before


def test_enter_opens_the_selected_node_and_escape_lets_go(qtbot: QtBot, canvas: GraphCanvas) -> None:
    canvas.set_selected("m:fc2:forward")
    with qtbot.waitSignal(canvas.node_activated) as caught:
        qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert caught.args == ["m:fc2:forward"]
    with qtbot.waitSignal(canvas.background_clicked):
        qtbot.keyClick(canvas, Qt.Key.Key_Escape)


def test_f_looks_at_the_current_node(qtbot: QtBot, canvas: GraphCanvas) -> None:
    before = canvas.camera
    qtbot.keyClick(canvas, Qt.Key.Key_F)
    assert canvas.camera == before  # there is none
    canvas.set_current("m:fc3:forward", follow=False)
    qtbot.keyClick(canvas, Qt.Key.Key_F)
    assert canvas.camera.scale == pytest.approx(0.9)


def test_a_screen_reader_hears_of_the_selection(canvas: GraphCanvas) -> None:
    assert canvas.accessibleName() == "Graph"
    canvas.set_states({"m:conv1:forward": NodeState("done", "mean 0.12")})
    canvas.set_selected("m:conv1:forward")
    assert canvas.accessibleName() == (
        "Graph: conv1, closed module, forward, output 1×6×28×28, mean 0.12, done"
    )
    assert canvas.accessibleDescription()


# What is shown.


def settle(canvas: GraphCanvas) -> None:
    """Let everything be painted as it is, however loaded the machine."""
    canvas.mover._rest.stop()  # nobody is in a hurry
    canvas.repaint()
    while canvas.painter.unfinished:
        canvas.repaint()
    assert canvas.painter.edges.exact


def image(canvas: GraphCanvas) -> QImage:
    settle(canvas)
    return canvas.grab().toImage()


def colours_near(canvas: GraphCanvas, name: str, reach: int = 6) -> set[str]:
    """The colours within and around a node."""
    picture, start, end = image(canvas), spot(canvas, name, 0, 0), spot(canvas, name, 1, 1)
    return {
        picture.pixelColor(x, y).name()
        for x in range(max(start.x() - reach, 0), min(end.x() + reach, picture.width()))
        for y in range(max(start.y() - reach, 0), min(end.y() + reach, picture.height()))
    }


def test_the_current_node_has_a_ring_and_another_than_the_selected_one(canvas: GraphCanvas) -> None:
    canvas.focus_node("m:fc1:forward")
    accent = LIGHT.accent.name()
    assert accent not in colours_near(canvas, "m:fc1:forward")
    canvas.set_selected("m:fc1:forward")
    selected = image(canvas)
    assert accent not in colours_near(canvas, "m:fc1:forward")
    canvas.set_selected(None)
    canvas.set_current("m:fc1:forward", follow=False)
    canvas.flow.stop()
    assert accent in colours_near(canvas, "m:fc1:forward")
    assert image(canvas) != selected


def test_a_breakpoint_is_drawn_and_taken_away(canvas: GraphCanvas) -> None:
    canvas.focus_node("m:fc1:forward")
    assert LIGHT.error.name() not in colours_near(canvas, "m:fc1:forward")
    canvas.set_breakpoints({"m:fc1:forward", "nobody"})
    assert LIGHT.error.name() in colours_near(canvas, "m:fc1:forward")
    canvas.set_breakpoints(set())
    assert LIGHT.error.name() not in colours_near(canvas, "m:fc1:forward")


def test_another_theme_repaints_everything(canvas: GraphCanvas) -> None:
    assert image(canvas).pixelColor(3, 3) == LIGHT.canvas
    canvas.set_theme(DARK)
    assert image(canvas).pixelColor(3, 3) == DARK.canvas
    canvas.focus_node("m:fc1:forward")
    assert QColor(LIGHT.node_fill).name() not in colours_near(canvas, "m:fc1:forward")


def test_states_repaint_their_nodes(canvas: GraphCanvas) -> None:
    canvas.focus_node("m:fc1:forward")
    pending = image(canvas)
    canvas.set_states({"m:fc1:forward": NodeState("done", "mean 0.1", 0.7)})
    done = image(canvas)
    assert done != pending
    canvas.set_states({"m:fc1:forward": NodeState("pending")})
    assert image(canvas) == pending


def test_values_flow_into_the_current_node_for_a_moment(qtbot: QtBot, canvas: GraphCanvas) -> None:
    canvas.set_reduced_motion(False)
    canvas.set_current("m:fc1:forward")
    qtbot.waitUntil(lambda: canvas.focus.flow is not None and canvas.focus.flow > 0.2)
    qtbot.waitUntil(lambda: canvas.focus.flow is None)
    canvas.set_reduced_motion(True)
    canvas.set_current("m:fc2:forward")
    assert canvas.focus.flow is None


# Another graph.


def both(canvas: GraphCanvas, program: Program) -> tuple[GraphModel, GraphModel]:
    closed = build_graph(program)
    canvas.set_graph(closed, rows(closed, canvas.measure(closed)))
    return closed, build_graph(program, frozenset({"conv2"}))


def test_what_was_opened_stays_where_it_was(canvas: GraphCanvas, lenet: Program) -> None:
    closed, opened = both(canvas, lenet)
    canvas.focus_node("m:conv2:forward")
    canvas.move_camera(canvas.camera.zoomed(0.6).panned(60, 30))
    before, scale = spot(canvas, "m:conv2:forward"), canvas.camera.scale
    canvas.set_graph(opened, rows(opened, canvas.measure(opened)), keep_node="m:conv2:forward")
    assert canvas.camera.scale == scale
    frame = spot(canvas, "g:conv2:forward")
    assert (frame - before).manhattanLength() <= 2
    canvas.set_graph(closed, rows(closed, canvas.measure(closed)), keep_node="g:conv2:forward")
    assert (spot(canvas, "m:conv2:forward") - before).manhattanLength() <= 3


def test_two_graphs_with_next_to_nothing_in_common_are_of_different_programs(canvas: GraphCanvas) -> None:
    one = many(40)
    other = replace(
        one, nodes=tuple(replace(n, title=f"{n.title}b" if n.instrs[0] else n.title) for n in one.nodes)
    )
    for model in (one, other):
        canvas.set_graph(model, rows(model, canvas.measure(model), columns=8))
        assert canvas.camera.shows_all_of(canvas.bounds)
        canvas.move_camera(canvas.camera.zoomed(3.0).panned(70, 30))


@pytest.mark.parametrize(("width", "height"), [(3000, 100), (100, 3000)])
def test_titles_of_frames_go_where_they_would_hide_what_they_name(
    canvas: GraphCanvas, width: float, height: float
) -> None:
    node = GraphNode("n", "op", "n", "", Phase.FORWARD, "m", (0,), 0)
    group = GraphGroup("g", "m", "a rather long title", Phase.FORWARD, "")
    model = GraphModel((node,), (), (group,), {"n": "g"})
    canvas.set_graph(model, Layout({"n": Rect(40, 40, 10, 10)}, {}, {"g": Rect(0, 0, width, height)}))
    frames, near = canvas.painter.frames, replace(canvas.camera, x=0.0, y=0.0, scale=1.0)
    assert not frames.title_box(0, near).isEmpty()
    assert not frames.fold_box(0, near).isEmpty()
    far = replace(near, scale=0.2)
    assert frames.title_box(0, far).isEmpty()
    assert frames.fold_box(0, far).isEmpty()


def test_without_a_wish_the_current_node_stays(canvas: GraphCanvas, lenet: Program) -> None:
    _, opened = both(canvas, lenet)
    canvas.focus_node("m:fc1:forward")
    canvas.move_camera(canvas.camera.panned(20, 10))
    canvas.set_current("m:fc1:forward")
    before = spot(canvas, "m:fc1:forward")
    canvas.set_graph(opened, rows(opened, canvas.measure(opened)))
    assert (spot(canvas, "m:fc1:forward") - before).manhattanLength() <= 2


def test_marks_and_states_survive_another_graph(canvas: GraphCanvas, lenet: Program) -> None:
    closed, opened = both(canvas, lenet)
    state = NodeState("done", "mean 1", 0.5)
    canvas.set_states({"m:fc1:forward": state})
    canvas.set_selected("m:fc1:forward")
    canvas.set_current("m:conv2:forward")
    canvas.set_graph(opened, rows(opened, canvas.measure(opened)))
    assert canvas.scene.state_of("m:fc1:forward") == state
    assert canvas.focus.selected == canvas.scene.index["m:fc1:forward"]
    assert canvas.focus.current is None  # it is open now: not one node any more
    canvas.set_graph(closed, rows(closed, canvas.measure(closed)))
    assert canvas.focus.current == canvas.scene.index["m:conv2:forward"]


def test_no_graph_at_all_can_be_shown_and_used(qtbot: QtBot, canvas: GraphCanvas) -> None:
    empty = GraphModel((), ())
    canvas.set_graph(empty, rows(empty, {}))
    canvas.grab()
    wheel(canvas, QPoint(5, 5), notches=1)
    qtbot.keyClick(canvas, Qt.Key.Key_Down, ALT)
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    canvas.fit()
    assert canvas.render_image(100).width() == 100
    QApplication.processEvents()


# Many nodes.


def test_in_a_hurry_pictures_are_rough_and_at_rest_they_are_not(
    qtbot: QtBot, canvas: GraphCanvas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradviz.ui.graph.edge_layer.CHEAP", 0.0)  # as on a slow machine
    model = many(1500)
    canvas.set_graph(model, rows(model, canvas.measure(model), columns=40))
    canvas.fit()
    canvas.repaint()

    def at_rest() -> bool:
        return canvas.painter.edges.exact and not canvas.painter.unfinished and not canvas.mover.hurried

    qtbot.waitUntil(at_rest, timeout=20_000)
    sharp = image(canvas)
    canvas.move_camera(canvas.camera.zoomed(1.1))
    canvas.repaint()
    assert not canvas.painter.edges.exact
    qtbot.waitUntil(at_rest, timeout=20_000)
    canvas.move_camera(canvas.camera.zoomed(1 / 1.1))
    qtbot.waitUntil(at_rest, timeout=20_000)
    assert image(canvas) == sharp


def test_panning_only_copies_the_edges(
    qtbot: QtBot, canvas: GraphCanvas, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(canvas)
    painted: list[int] = []
    monkeypatch.setattr(type(canvas.painter.edges), "paint_directly", lambda *args: painted.append(1))
    canvas.move_camera(canvas.camera.panned(30, 20))
    canvas.repaint()
    assert not painted
    canvas.set_states({"m:fc1:forward": NodeState("done")})
    qtbot.waitUntil(lambda: bool(painted))


def test_cards_are_painted_once_and_copied_from_then_on(
    qtbot: QtBot, canvas: GraphCanvas, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(canvas)
    painted: list[str] = []
    real = "gradviz.ui.graph.node_layer.paint_card"
    monkeypatch.setattr(real, lambda painter, card, *rest: painted.append(card.node.id))
    canvas.move_camera(canvas.camera.panned(7, 3))
    canvas.repaint()
    assert painted == []
    canvas.set_states({"m:fc1:forward": NodeState("done", "mean 1")})
    canvas.repaint()
    assert painted == ["m:fc1:forward"]


def test_cards_glide_from_where_they_were(qtbot: QtBot, canvas: GraphCanvas, lenet: Program) -> None:
    _, opened = both(canvas, lenet)
    canvas.focus_node("m:conv2:forward")
    canvas.move_camera(canvas.camera.zoomed(0.5))
    before = {name: spot(canvas, name) for name in ("m:conv2:forward", "m:fc1:forward")}
    canvas.set_reduced_motion(False)
    canvas.set_graph(opened, rows(opened, canvas.measure(opened)), keep_node="m:conv2:forward")
    start = canvas.glide._start
    assert start is not None
    inside = canvas.scene.index[next(n for n, g in opened.membership.items() if g == "g:conv2:forward")]
    for name, number in (("m:conv2:forward", inside), ("m:fc1:forward", canvas.scene.index["m:fc1:forward"])):
        x, y, width, height = start[number].tolist()
        place = canvas.camera.screen(x + width / 2, y + height / 2)
        assert place == pytest.approx((before[name].x(), before[name].y()), abs=1.0)
    qtbot.waitUntil(lambda: canvas.glide.now is not None and canvas.glide.now.share > 0.3)
    arrival = canvas.glide.now
    assert arrival is not None
    between = start + (canvas.scene.rects - start) * arrival.share
    np.testing.assert_allclose(arrival.rects, between)
    canvas.grab()
    qtbot.waitUntil(lambda: canvas.glide.now is None)


def test_thousands_of_cards_do_not_glide(canvas: GraphCanvas) -> None:
    canvas.set_reduced_motion(False)
    model = many(1200)
    layout = rows(model, canvas.measure(model), columns=40)
    canvas.set_graph(model, layout)
    canvas.set_graph(model, layout, keep_node="i5")
    assert canvas.glide.now is None
    assert canvas.glide._start is None


def test_however_slow_the_machine_every_card_gets_its_turn(
    qtbot: QtBot, canvas: GraphCanvas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradviz.ui.graph.node_layer.BUDGET", 1e-9)  # one card a frame
    canvas.move_camera(canvas.camera.zoomed(1.01))
    frames = 0
    canvas.repaint()
    while canvas.painter.unfinished:
        frames += 1
        assert frames <= len(canvas.scene)
        canvas.repaint()
    assert frames > 10
