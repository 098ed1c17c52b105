"""Pictures that Graphviz helps to make: tidy columns, twins side by side, frames around what is theirs."""

import random
from itertools import pairwise

import pytest

from gradviz.app.graph.build import all_modules, build_graph
from gradviz.app.layout.column import Hints
from gradviz.app.layout.dot import column_source, parse
from gradviz.app.layout.fallback import simple_layout
from gradviz.app.layout.job import (
    BACKWARD,
    COLUMNS,
    FORWARD,
    UPDATE,
    EdgeJob,
    GroupJob,
    Job,
    NodeJob,
    make_job,
)
from gradviz.app.layout.library import dot_layout, draw
from tests.gradviz.layout.pictures import (
    around,
    boxes,
    check,
    frames,
    graphs,
    inside,
    job,
    overlap,
    overlapping,
    samples,
    sizes,
)
from tests.programs import lenet_like, resnet_like

NAMES = list(graphs())


@pytest.mark.parametrize("name", NAMES)
def test_every_picture_is_tidy(name: str) -> None:
    request = job(name)
    placed = dot_layout(request)
    check(request, placed)
    assert placed.method == "dot"
    # Frames hold nothing that is not theirs, and cover one another only if one lies in the other.
    for index, box in enumerate(boxes(placed)):
        for frame, border in enumerate(frames(placed)):
            assert frame in around(request, index) or not overlap(box, border, 0.01)
    for one, other in overlapping(frames(placed)):
        assert one in parents(request, other) or other in parents(request, one)


def parents(request: Job, frame: int) -> list[int]:
    found = []
    while (frame := request.groups[frame].parent) >= 0:
        found.append(frame)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_arrows_between_columns_cross_no_node(name: str) -> None:
    request = job(name)
    placed = dot_layout(request)
    rectangles = boxes(placed)
    for edge, points in zip(request.edges, placed.edges, strict=True):
        if request.nodes[edge.source].column == request.nodes[edge.target].column:
            continue
        others = [box for i, box in enumerate(rectangles) if i not in (edge.source, edge.target)]
        for point in samples(points):
            assert not any(inside(point, box) for box in others)


@pytest.mark.parametrize("name", NAMES)
def test_labels_cover_neither_nodes_nor_one_another(name: str) -> None:
    request = job(name)
    placed = dot_layout(request)
    labels = []
    for edge, (x, y) in placed.labels.items():
        width = request.edges[edge].label
        assert width > 0
        assert not request.edges[edge].saved
        labels.append((x - width / 2, y - 6, x + width / 2, y + 6))
    assert not list(overlapping(labels))
    assert not [1 for label in labels for box in boxes(placed) if overlap(label, box)]
    wanted = sum(edge.label > 0 and not edge.saved for edge in request.edges)
    assert len(labels) >= 0.6 * wanted


@pytest.mark.parametrize("name", ["lenet", "resnet", "mlp", "lenet, two open", "resnet, one open"])
def test_twins_stand_side_by_side_and_chains_are_straight(name: str) -> None:
    model, request = graphs()[name], job(name)
    placed = dot_layout(request)
    centres = {
        node.id: (x + w / 2, y + h / 2) for node, (x, y, w, h) in zip(model.nodes, placed.nodes, strict=True)
    }
    for node in model.nodes:
        if node.id.startswith("m:") and node.twin.startswith("m:") and node.phase == "backward":
            shift = abs(centres[node.id][1] - centres[node.twin][1])
            assert shift < 1 or "downsample" in node.id  # it has a whole branch to stand in
    if "open" not in name:
        for phases in (("forward", "loss"), ("backward",)):
            xs = [centres[n.id][0] for n in model.nodes if n.phase in phases and n.instrs]
            assert max(xs) - min(xs) < 1


def test_an_open_module_keeps_the_chain_straight() -> None:
    model, request = graphs()["lenet, all open"], job("lenet, all open")
    placed = dot_layout(request)
    chain = ("conv2d", "relu", "max_pool2d", "flatten", "linear", "log_softmax")
    xs = [
        x + w / 2
        for node, (x, _, w, _) in zip(model.nodes, placed.nodes, strict=True)
        if node.phase in ("forward", "loss") and node.title in chain
    ]
    assert len(xs) == 13
    assert max(xs) - min(xs) < 2


def test_updates_are_at_the_height_of_their_gradients() -> None:
    model, request = graphs()["resnet, one open"], job("resnet, one open")
    placed = dot_layout(request)
    y = {node.id: top for node, (_, top, _, _) in zip(model.nodes, placed.nodes, strict=True)}
    steps = [node for node in model.nodes if node.phase == "update"]
    assert len(steps) > 10
    for node in steps:
        assert abs(y[node.id] - y[f"m:{node.module}:backward"]) < 2


def test_the_source_carries_sizes_ids_and_frames() -> None:
    request = Job(
        (NodeJob(72, 36, 0, 0, -1, False, False), NodeJob(144, 36, 0, -1, -1, False, False)),
        (EdgeJob(0, 1, False, 0), EdgeJob(0, 1, False, 0)),
        (GroupJob(-1, 0, 50),),
    )
    source = column_source(request, FORWARD)
    assert "n0 [height=0.5000 width=1.0000]" in source
    assert "subgraph cluster_0" in source
    column = parse(draw(source), request, FORWARD)
    assert column.nodes[0][1] < column.nodes[1][1]  # y grows downwards
    assert set(column.edges) == {0, 1}
    assert column.edges[0] != column.edges[1]
    left, top, right, bottom = column.groups[0]
    assert right - left >= 50
    assert inside(column.nodes[0], (left, top, right, bottom))


def test_hints_put_nodes_below_one_another() -> None:
    request = Job(tuple(NodeJob(50, 30, UPDATE, -1, -1, False, False) for _ in range(3)), (), ())
    loose = parse(draw(column_source(request, UPDATE)), request, UPDATE)
    assert len({y for _, y in loose.nodes.values()}) == 1
    tied = parse(draw(column_source(request, UPDATE, Hints(((2, 1), (1, 0))))), request, UPDATE)
    assert tied.nodes[2][1] < tied.nodes[1][1] < tied.nodes[0][1]
    turned = parse(draw(column_source(request, UPDATE, Hints(order=(2, 0, 1)))), request, UPDATE)
    assert turned.nodes[2][0] < turned.nodes[0][0] < turned.nodes[1][0]


def test_backward_runs_upwards() -> None:
    request = Job(tuple(NodeJob(50, 30, BACKWARD, -1, -1, False, False) for _ in range(3)), arrows(3), ())
    placed = dot_layout(request)
    assert [y for _, y, _, _ in placed.nodes] == sorted((y for _, y, _, _ in placed.nodes), reverse=True)
    for points in placed.edges:
        assert points[0][1] > points[-1][1]


def arrows(count: int) -> tuple[EdgeJob, ...]:
    return tuple(EdgeJob(a, b, False, 0.0) for a, b in pairwise(range(count)))


def test_cycles_loops_and_backward_without_twins_are_laid_out_too() -> None:
    nodes = tuple(NodeJob(50, 30, i % 3, -1, -1, False, False) for i in range(9))
    edges = tuple(EdgeJob(a, b, False, 10) for a in range(9) for b in range(9) if (a + b) % 4 == 0)
    placed = dot_layout(Job(nodes, edges, ()))
    assert len(placed.edges) == len(edges)
    assert all(len(points) >= 4 for points in placed.edges)
    alone = Job((NodeJob(50, 30, 1, -1, -1, False, False),), (), ())
    assert len(dot_layout(alone).nodes) == 1
    assert dot_layout(Job((), (), ())).nodes == []


def test_empty_frames_and_deep_ones() -> None:
    depth = 30
    groups = tuple(GroupJob(i - 1, 0, 20) for i in range(depth))
    nodes = (NodeJob(50, 30, 0, depth - 1, -1, False, False), NodeJob(50, 30, 0, -1, -1, False, False))
    placed = dot_layout(Job(nodes, (EdgeJob(0, 1, False, 0),), groups))
    check(Job(nodes, (EdgeJob(0, 1, False, 0),), groups), placed)
    empty = Job(nodes[1:], (), (GroupJob(-1, 0, 20),))
    assert len(dot_layout(empty).groups) == 1


def test_columns_are_complete() -> None:
    request = job("mlp")
    for column in COLUMNS:
        answer = draw(column_source(request, column))
        parse(answer, request, column)
        with pytest.raises(ValueError, match="left nodes out"):
            parse(answer.replace('"name": "n', '"name": "x'), request, column)


@pytest.mark.parametrize("seed", range(12))
def test_any_modules_may_be_open(seed: int) -> None:
    rng = random.Random(seed)
    program = resnet_like((1, 2)) if seed % 2 else lenet_like()
    share = rng.choice((0.3, 0.7))
    model = build_graph(program, frozenset(m for m in sorted(all_modules(program)) if rng.random() < share))
    request = make_job(model, sizes(model))
    for placed in (dot_layout(request), simple_layout(request)):
        check(request, placed)
