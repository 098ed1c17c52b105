"""The overview in the corner."""

from __future__ import annotations

import pytest
from gradviz.ui.graph.canvas import GraphCanvas
from gradviz.ui.graph.minimap import Minimap
from gradviz.ui.graph.state import NodeState
from PyQt6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from .layouts import many, rows
from .mouse import move

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def minimap(canvas: GraphCanvas) -> Minimap:
    made = Minimap(canvas)
    made.refresh()
    return made


def test_it_is_hidden_while_everything_is_in_sight(canvas: GraphCanvas, minimap: Minimap) -> None:
    assert not minimap.isVisible()
    canvas.move_camera(canvas.camera.zoomed(3.0))
    assert minimap.isVisible()
    canvas.fit()
    assert not minimap.isVisible()


def test_it_stays_in_its_corner(canvas: GraphCanvas, minimap: Minimap) -> None:
    canvas.move_camera(canvas.camera.zoomed(3.0))
    canvas.resize(500, 700)
    assert canvas.rect().contains(minimap.geometry())
    assert canvas.width() - minimap.geometry().right() < 20
    assert canvas.height() - minimap.geometry().bottom() < 20


def test_its_frame_is_what_the_canvas_shows(canvas: GraphCanvas, minimap: Minimap) -> None:
    canvas.move_camera(canvas.camera.zoomed(4.0))
    frame, camera = minimap.frame(), minimap.camera
    seen = canvas.camera.visible()
    assert camera.world(frame.left(), frame.top()) == pytest.approx((seen.x, seen.y))
    assert frame.width() / camera.scale == pytest.approx(seen.width)


def test_a_click_and_a_drag_look_elsewhere(qtbot: QtBot, canvas: GraphCanvas, minimap: Minimap) -> None:
    canvas.move_camera(canvas.camera.zoomed(4.0))
    place = QPoint(minimap.width() // 3, minimap.height() // 4)
    qtbot.mousePress(minimap, LEFT, pos=place)
    assert (canvas.camera.x, canvas.camera.y) == pytest.approx(minimap.camera.world(place.x(), place.y()))
    move(minimap, place + QPoint(9, 30), LEFT)
    expected = minimap.camera.world(place.x() + 9, place.y() + 30)
    assert (canvas.camera.x, canvas.camera.y) == pytest.approx(expected)
    qtbot.mouseRelease(minimap, LEFT, pos=place)
    before = canvas.camera
    move(minimap, place, Qt.MouseButton.RightButton)
    assert canvas.camera == before


def test_even_a_huge_graph_lies_within_it(canvas: GraphCanvas, minimap: Minimap) -> None:
    model = many(3000)
    canvas.set_graph(model, rows(model, canvas.measure(model), columns=1))
    minimap.refresh()
    bounds = minimap.camera.screen_rect(canvas.bounds)
    assert bounds.y >= 0
    assert bounds.y + bounds.height <= minimap.height()


def test_it_shows_states(canvas: GraphCanvas, minimap: Minimap) -> None:
    canvas.move_camera(canvas.camera.zoomed(3.0))
    before = minimap.grab().toImage()
    canvas.set_states({node.id: NodeState("done") for node in canvas.scene.model.nodes})
    assert minimap.grab().toImage() != before
