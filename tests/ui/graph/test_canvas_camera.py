"""The canvas's camera: wheel, dragging, keys, following."""

from __future__ import annotations

import pytest
from gradviz.ui.graph.canvas import GraphCanvas
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradviz.app.graph.build import build_graph
from tests.programs import neuron

from .layouts import many, rows
from .mouse import drag, spot, wheel

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
ALT = Qt.KeyboardModifier.AltModifier


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
