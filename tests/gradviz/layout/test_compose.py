"""Columns from parts: what is not opened or closed is not laid out anew, and stays as it is."""

import pytest

from gradviz.app.graph.build import all_modules, build_graph
from gradviz.app.graph.model import GraphModel
from gradviz.app.layout.column import NO_HINTS
from gradviz.app.layout.compose import Memory, compose
from gradviz.app.layout.job import BACKWARD, FORWARD, EdgeJob, GroupJob, Job, NodeJob, Placed, make_job
from gradviz.app.layout.library import dot_layout, draw
from tests.gradviz.layout.pictures import check, sizes
from tests.programs import resnet_like

OPEN = frozenset({"layer1", "layer1.0", "layer1.0.bn1", "layer3", "layer3.1"})


class Counting(Memory):
    """Counts what Graphviz is asked for."""

    def __init__(self) -> None:
        self.sources: list[str] = []

        def counted(source: str) -> str:
            self.sources.append(source)
            return draw(source)

        super().__init__(counted)


def laid_out(modules: frozenset[str], memory: Memory) -> tuple[GraphModel, Job, Placed]:
    model = build_graph(resnet_like(), modules)
    request = make_job(model, sizes(model))
    return model, request, dot_layout(request, memory)


def inside(model: GraphModel, placed: Placed, frame: str) -> dict[str, tuple[float, float]]:
    """The places of a frame's nodes, seen from its upper left corner."""
    frames = [group.id for group in model.groups]
    x, y, _, _ = placed.groups[frames.index(frame)]
    parents = {group.id: group.parent for group in model.groups}
    found = {}
    for node, (left, top, _, _) in zip(model.nodes, placed.nodes, strict=True):
        group = model.membership.get(node.id, "")
        while group and group != frame:
            group = parents[group]
        if group:
            found[node.id] = left - x, top - y
    return found


def test_opening_a_module_asks_for_it_and_what_is_around_it_only() -> None:
    memory = Counting()
    laid_out(OPEN, memory)
    memory.sources.clear()
    _, request, placed = laid_out(OPEN | {"layer3.1.bn2"}, memory)
    check(request, placed)
    # Forward and backward: the module, layer3.1, layer3 and the column; updates as a whole.
    assert len(memory.sources) <= 9
    assert memory.sources
    memory.sources.clear()
    laid_out(OPEN | {"layer3.1.bn2"}, memory)
    assert memory.sources == []


@pytest.mark.parametrize("other", ["layer3.1.bn2", "layer4", "layer2", "conv1"])
def test_other_open_modules_keep_their_inside(other: str) -> None:
    memory = Memory(draw)
    before, _, first = laid_out(OPEN, memory)
    after, request, second = laid_out(OPEN | {other}, memory)
    check(request, second)
    for frame in ("g:layer1.0.bn1:forward", "g:layer1.0:forward", "g:layer1:forward"):
        was, now = inside(before, first, frame), inside(after, second, frame)
        assert len(was) > 4
        assert now == {name: pytest.approx(place, abs=0.5) for name, place in was.items()}


@pytest.mark.parametrize("column", [FORWARD, BACKWARD])
def test_arrows_run_in_one_piece_through_all_borders(column: int) -> None:
    model = build_graph(resnet_like(), all_modules(resnet_like()))
    request = make_job(model, sizes(model))
    made = compose(request, column, NO_HINTS, Memory(draw))
    own = [
        number
        for number, edge in enumerate(request.edges)
        if request.nodes[edge.source].column == request.nodes[edge.target].column == column
    ]
    assert set(own) == set(made.edges)
    for number in own:
        points = made.edges[number]
        assert len(points) % 3 == 1
        for before, joint, after in zip(points[2::3], points[3::3], points[4::3], strict=False):
            turn = (joint[0] - before[0]) * (after[0] - joint[0]) + (joint[1] - before[1]) * (
                after[1] - joint[1]
            )
            assert turn > -4.0  # it never turns back


def row(group: int = -1, leaf: bool = False) -> NodeJob:
    return NodeJob(60, 30, FORWARD, group, -1, leaf, False)


def test_modules_side_by_side_are_laid_out_together() -> None:
    nodes = (row(), row(0), row(0), row(1), row(1), row())
    edges = tuple(EdgeJob(a, b, False, 0) for a, b in ((0, 1), (1, 2), (0, 3), (3, 4), (2, 5), (4, 5)))
    request = Job(nodes, edges, (GroupJob(-1, FORWARD, 30), GroupJob(-1, FORWARD, 30)))
    memory = Counting()
    placed = dot_layout(request, memory)
    check(request, placed)
    assert len(memory.sources) == 1
    assert placed.nodes[1][1] == placed.nodes[3][1]


def test_a_leaf_beside_an_open_module_moves_below_it() -> None:
    nodes = (row(), row(0), row(0), row(leaf=True), row())
    edges = tuple(EdgeJob(a, b, False, 0) for a, b in ((0, 1), (1, 2), (2, 4), (3, 4)))
    request = Job(nodes, edges, (GroupJob(-1, FORWARD, 30),))
    memory = Counting()
    placed = dot_layout(request, memory)
    check(request, placed)
    assert len(memory.sources) == 2
    _, top, _, height = placed.groups[0]
    assert placed.nodes[3][1] > top + height
