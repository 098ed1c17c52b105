"""How edges are painted: each in the colour of what it carries, rough or not."""

from __future__ import annotations

import pytest
from gradviz.engine.program import Phase
from gradviz.ui.graph.camera import Camera
from gradviz.ui.graph.colours import Colours
from gradviz.ui.graph.edge_layer import EdgeLayer
from gradviz.ui.graph.labels import Labels
from gradviz.ui.graph.lettering import Lettering
from gradviz.ui.graph.scene import PHASES, Scene
from gradviz.ui.graph.state import NodeState
from gradviz.ui.theme import LIGHT
from PyQt6.QtGui import QImage, QPainter

from gradviz.app.graph.model import GraphEdge, GraphModel, GraphNode
from gradviz.app.layout.types import Layout, Rect

FORWARD, BACKWARD = PHASES.index(Phase.FORWARD), PHASES.index(Phase.BACKWARD)


def scene() -> Scene:
    """Three edges side by side: forward, backward, and a forward value that backward reads."""
    phases = {"a": Phase.FORWARD, "b": Phase.FORWARD, "c": Phase.BACKWARD, "d": Phase.BACKWARD}
    nodes = tuple(GraphNode(n, "op", n, "", p, "", (i,), i) for i, (n, p) in enumerate(phases.items()))
    edges = (
        GraphEdge("ab", "a", "b", 0, 0, "6×28", Phase.FORWARD),
        GraphEdge("cd", "c", "d", 2, 0, "", Phase.BACKWARD),
        GraphEdge("ad", "a", "d", 0, 1, "", Phase.BACKWARD, saved=True),
    )
    lines = {e.id: tuple((20.0 + 20 * i, 10.0 + 20 * t) for t in range(4)) for i, e in enumerate(edges)}
    boxes = {n: Rect(200.0 * i, 500.0, 10.0, 10.0) for i, n in enumerate(phases)}
    return Scene(GraphModel(nodes, edges), Layout(boxes, lines, labels={"ab": (20.0, 40.0)}))


@pytest.fixture
def layer(fonts: None) -> EdgeLayer:
    made, colours = scene(), Colours(LIGHT)
    return EdgeLayer(made, colours, Labels(made, colours, Lettering()))


def painted(layer: EdgeLayer, rough: bool, scale: float = 1.0) -> dict[int, set[str]]:
    """By edge the colours of its column of pixels."""
    image = QImage(100, 100, QImage.Format.Format_RGB32)
    image.fill(LIGHT.canvas)
    painter = QPainter(image)
    layer.paint_directly(painter, Camera(50 / scale, 50 / scale, scale, 100, 100), rough)
    painter.end()
    columns = {i: range(round((20 + 20 * i) * scale) - 2, round((20 + 20 * i) * scale) + 3) for i in range(3)}
    return {
        i: {image.pixelColor(x, y).name() for x in xs for y in range(100)} - {LIGHT.canvas.name()}
        for i, xs in columns.items()
    }


@pytest.mark.parametrize("rough", [False, True])
def test_each_edge_has_its_own_colour(layer: EdgeLayer, rough: bool) -> None:
    colours = Colours(LIGHT)
    pending = [
        colours.edges[4 * p + 2 * saved].name() for p, saved in ((FORWARD, 0), (BACKWARD, 0), (BACKWARD, 1))
    ]
    done = [
        colours.edges[4 * p + 2 * saved + 1].name()
        for p, saved in ((FORWARD, 0), (BACKWARD, 0), (BACKWARD, 1))
    ]
    assert len({*pending, *done}) == 6
    found = painted(layer, rough)
    for number in range(3):
        assert pending[number] in found[number]
        others = {*pending, *done} - {pending[number]}
        assert not others & found[number]
    layer._scene.set_states({"b": NodeState("done"), "d": NodeState("current")})
    found = painted(layer, rough)
    for number in range(3):
        assert done[number] in found[number]
        assert pending[number] not in found[number]


def test_saved_edges_are_dashed_and_the_others_are_not(layer: EdgeLayer) -> None:
    image = QImage(100, 100, QImage.Format.Format_RGB32)
    image.fill(LIGHT.canvas)
    painter = QPainter(image)
    layer.paint_directly(painter, Camera(50, 50, 1.0, 100, 100))
    painter.end()

    def gaps(x: int) -> int:
        """Rows of the edge's upper part, above label and arrow, in which nothing is painted."""
        near = range(x - 1, x + 2)
        return sum(all(image.pixelColor(i, y) == LIGHT.canvas for i in near) for y in range(11, 30))

    assert gaps(40) == 0
    assert gaps(60) > 4


def test_labels_come_when_one_is_near(layer: EdgeLayer) -> None:
    ink = LIGHT.muted.name()
    assert ink in painted(layer, rough=False)[0]
    assert ink not in painted(layer, rough=True)[0]
    assert ink not in painted(layer, rough=False, scale=0.5)[0]
