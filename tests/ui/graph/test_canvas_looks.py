"""What the canvas shows: rings, states, another graph, many nodes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from gradviz.engine.program import Phase, Program
from gradviz.ui.graph.canvas import GraphCanvas
from gradviz.ui.graph.state import NodeState
from gradviz.ui.theme import DARK, LIGHT
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QColor, QImage
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradviz.app.graph.build import build_graph
from gradviz.app.graph.model import GraphGroup, GraphModel, GraphNode
from gradviz.app.layout.types import Layout, Rect

from .layouts import many, rows
from .mouse import spot, wheel

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
ALT = Qt.KeyboardModifier.AltModifier


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
