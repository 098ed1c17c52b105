"""The canvas under mouse and keyboard: clicks, folding, tooltips, menus, walking along edges."""

from __future__ import annotations

import pytest
from gradviz.ui.graph.canvas import GraphCanvas
from gradviz.ui.graph.cards import fold_rect
from gradviz.ui.graph.state import NodeState
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QToolTip
from pytestqt.qtbot import QtBot

from .mouse import ask_menu, linger, move, spot

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
ALT = Qt.KeyboardModifier.AltModifier


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
