"""The graph as arrays: states, culling, hits, neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from gradviz.engine.program import Phase, Program
from gradviz.ui.graph.hits import Hit, edge_at, hit_test
from gradviz.ui.graph.scene import CURRENT, DONE, PENDING, Changed, Scene
from gradviz.ui.graph.state import NodeState
from gradviz.ui.graph.walk import neighbour
from hypothesis import given
from hypothesis import strategies as st

from gradviz.app.graph.build import build_graph
from gradviz.app.graph.model import GraphEdge, GraphGroup, GraphModel, GraphNode
from gradviz.app.layout.types import Layout, Rect

from .layouts import many, rows

NOWHERE = Rect(0, 0, -1, -1)


def sized(model: GraphModel) -> dict[str, tuple[float, float]]:
    return {node.id: (80.0, 40.0) for node in model.nodes}


def diamond(sideways: bool = False) -> Scene:
    """a -> b, a -> c, b -> d, c -> d; rows from top to bottom or, sideways, from left to right."""
    names = "abcd"
    places = {"a": (100, 0), "b": (0, 150), "c": (200, 150), "d": (100, 300)}
    nodes = tuple(GraphNode(n, "op", n, "", Phase.FORWARD, "", (i,), i) for i, n in enumerate(names))
    edges = tuple(GraphEdge(s + t, s, t, 0, 0, "", Phase.FORWARD) for s, t in ("ab", "ac", "bd", "cd"))
    spots = {n: (y, x) if sideways else (x, y) for n, (x, y) in places.items()}
    boxes = {n: Rect(x - 20, y - 10, 40, 20) for n, (x, y) in spots.items()}
    lines = {}
    for edge in edges:
        (x0, y0), (x1, y1) = spots[edge.source], spots[edge.target]
        lines[edge.id] = tuple((x0 + (x1 - x0) * t / 3, y0 + (y1 - y0) * t / 3) for t in range(4))
    return Scene(GraphModel(nodes, edges), Layout(boxes, lines))


def test_states_change_only_what_they_name() -> None:
    scene = diamond()
    assert (
        scene.set_states({"a": NodeState("done", "mean 1", 0.5), "c": NodeState("current")}) is Changed.STATUS
    )
    assert scene.status.tolist() == [DONE, PENDING, CURRENT, PENDING]
    assert scene.values == ["mean 1", "", "", ""]
    assert scene.heat[0] == 0.5
    assert np.isnan(scene.heat[1:]).all()
    assert scene.edge_done.tolist() == [False, True, False, False]


def test_versions_grow_only_where_something_looks_different() -> None:
    scene = diamond()
    state = NodeState("done", "mean 1")
    scene.set_states({"a": state})
    before = scene.versions.copy()
    assert scene.set_states({"a": state}) is Changed.NOTHING
    assert scene.set_states({"a": NodeState("done", "mean 1")}) is Changed.NOTHING
    assert scene.set_states({"nobody": state}) is Changed.NOTHING
    assert (scene.versions == before).all()
    assert scene.set_states({"a": NodeState("done", "mean 2")}) is Changed.LOOKS
    assert (scene.versions - before).tolist() == [1, 0, 0, 0]


@given(st.floats(-300, 5e3), st.floats(-300, 5e3), st.floats(0, 2e3), st.floats(0, 2e3))
def test_culling_finds_just_what_touches(x: float, y: float, width: float, height: float) -> None:
    model = many(60)
    scene = Scene(model, rows(model, sized(model), columns=8))
    area = Rect(x, y, width, height)
    expected = [
        number
        for number, (left, top, w, h) in enumerate(scene.rects.tolist())
        if left <= x + width and left + w >= x and top <= y + height and top + h >= y
    ]
    assert scene.nodes_in(area).tolist() == expected


def test_bounds_hold_nodes_groups_and_edges(graph: GraphModel) -> None:
    scene = Scene(graph, rows(graph, sized(graph)))
    inside = scene.bounds
    boxes = [*scene.layout.nodes.values(), *scene.layout.groups.values()]
    assert min(box.x for box in boxes) >= inside.x
    assert max(box.y + box.height for box in boxes) <= inside.y + inside.height + 1e-9
    assert Scene(GraphModel((), ()), Layout({}, {})).bounds == Rect(0, 0, 0, 0)


def test_a_module_and_its_frame_stand_for_each_other(lenet: Program) -> None:
    closed, opened = build_graph(lenet), build_graph(lenet, frozenset({"conv2"}))
    one, other = (Scene(model, rows(model, sized(model))) for model in (closed, opened))
    assert one.counterpart("m:conv2:forward", other) == "g:conv2:forward"
    assert other.counterpart("g:conv2:backward", one) == "m:conv2:backward"
    assert one.counterpart("m:fc1:forward", other) == "m:fc1:forward"
    inside = next(node.id for node in opened.nodes if node.title == "conv2d")
    assert other.counterpart(inside, one) is None


def hit(scene: Scene, x: float, y: float) -> Hit:
    corner = Rect(0, 0, 5, 5)
    return hit_test(scene, x, y, 4.0, lambda n: NOWHERE, lambda n: corner, lambda n: Rect(0, 0, 2, 2))


def test_hits() -> None:
    scene = diamond()
    assert hit(scene, 100, 0) == Hit("node", "a")
    assert hit(scene, 120, 10) == Hit("node", "a")
    assert hit(scene, 51, 75) == Hit("edge", "ab")
    assert hit(scene, 100, 150).part == "nothing"
    assert hit(scene, -500, 0) == Hit()


def test_of_overlapping_nodes_the_one_on_top_is_hit() -> None:
    nodes = tuple(GraphNode(n, "op", n, "", Phase.FORWARD, "", (i,), i) for i, n in enumerate("ab"))
    scene = Scene(GraphModel(nodes, ()), Layout({"a": Rect(10, 10, 50, 50), "b": Rect(30, 30, 50, 50)}, {}))
    assert hit(scene, 40, 40).id == "b"
    assert hit(scene, 20, 20).id == "a"


def test_a_frame_is_hit_at_its_title_only() -> None:
    node = GraphNode("n", "op", "n", "", Phase.FORWARD, "m", (0,), 0)
    group = GraphGroup("g", "m", "m", Phase.FORWARD, "")
    model = GraphModel((node,), (), (group,), {"n": "g"})
    scene = Scene(model, Layout({"n": Rect(40, 40, 10, 10)}, {}, {"g": Rect(0, 0, 100, 100)}))
    assert hit(scene, 1, 1) == Hit("group_fold", "g")
    assert hit(scene, 4, 4) == Hit("group", "g")
    assert hit(scene, 45, 45) == Hit("node", "n")
    assert hit(scene, 80, 80).part == "nothing"


@given(st.floats(0, 200), st.floats(0, 200), st.floats(0.5, 60))
def test_the_nearest_edge_is_hit(x: float, y: float, reach: float) -> None:
    scene = diamond()
    ends = {
        e.id: (scene.centres[scene.index[e.source]], scene.centres[scene.index[e.target]])
        for e in scene.model.edges
    }

    def distance(name: str) -> float:
        start, end = ends[name]
        along = end - start
        share = np.clip(np.dot(np.array([x, y]) - start, along) / np.dot(along, along), 0, 1)
        return float(np.hypot(*(np.array([x, y]) - start - share * along)))

    found = edge_at(scene, x, y, reach)
    nearest = min(ends, key=distance)
    if found is None:
        assert distance(nearest) > reach - 1e-6
    else:
        name = scene.model.edges[found].id
        assert distance(name) <= reach + 1e-6
        assert distance(name) == pytest.approx(distance(nearest), abs=1e-6)


@pytest.mark.parametrize(
    ("start", "direction", "expected"),
    [
        ("a", "down", "b"),
        ("b", "down", "d"),
        ("d", "up", "b"),
        ("b", "right", "c"),
        ("c", "left", "b"),
        ("b", "left", None),
        ("a", "up", None),
        ("d", "down", None),
        ("a", "left", "b"),  # nothing beside it: along the edge that leads there
    ],
)
def test_arrows_follow_edges(start: str, direction: str, expected: str | None) -> None:
    scene = diamond()
    found = neighbour(scene, scene.index[start], direction)  # type: ignore[arg-type]
    assert (None if found is None else scene.model.nodes[found].id) == expected


def test_in_a_graph_that_runs_sideways_right_follows_the_edges() -> None:
    scene = diamond(sideways=True)
    found = neighbour(scene, scene.index["a"], "right")
    assert scene.model.nodes[found or 0].id == "b"
    found = neighbour(scene, scene.index["b"], "down")
    assert scene.model.nodes[found or 0].id == "c"


def test_from_any_node_one_can_walk_back_and_forth(graph: GraphModel) -> None:
    scene = Scene(graph, rows(graph, sized(graph)))
    for number in range(len(scene)):
        forward = neighbour(scene, number, "down")
        assert (forward is None) == (not (scene.sources == number).any())
        if forward is not None:
            assert neighbour(scene, forward, "up") is not None
