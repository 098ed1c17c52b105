"""The simple layout: the same columns and frames, quick at any size, and never without an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.app.graph.build import all_modules, build_graph
from gradviz.app.layout.fallback import simple_layout
from gradviz.app.layout.job import BACKWARD, EdgeJob, GroupJob, Job, NodeJob, Placed, make_job
from tests.effort import effort
from tests.gradviz.layout.pictures import boxes, check, graphs, job, overlapping, sizes
from tests.programs import chain, scalar_mlp


@pytest.mark.parametrize("name", list(graphs()))
def test_every_picture_is_sound(name: str) -> None:
    request = job(name)
    placed = simple_layout(request)
    check(request, placed)
    assert placed.method == "simple"
    assert placed == simple_layout(request)


@pytest.mark.parametrize("name", ["lenet", "resnet", "mlp"])
def test_twins_stand_side_by_side(name: str) -> None:
    model, placed = graphs()[name], simple_layout(job(name))
    y = {node.id: top for node, (_, top, _, _) in zip(model.nodes, placed.nodes, strict=True)}
    pairs = [(n.id, n.twin) for n in model.nodes if n.kind == "module" and n.twin]
    assert len(pairs) > 3
    assert sum(abs(y[a] - y[b]) < 1 for a, b in pairs) >= 0.9 * len(pairs)


def test_ten_thousand_nodes_take_work_in_proportion() -> None:
    efforts = []
    for length in (500, 5000):  # both so long that they have frames
        program = chain(length)
        model = build_graph(program, all_modules(program))
        assert len(model.nodes) == pytest.approx(4 * length, rel=0.02)
        request = make_job(model, sizes(model))
        placed: list[Placed] = []
        efforts.append(effort(lambda request=request, placed=placed: placed.append(simple_layout(request))))
        assert len(placed[0].nodes) == len(request.nodes)
    assert efforts[1] < 15 * efforts[0]


def test_a_wide_graph() -> None:
    program = scalar_mlp(10, 40)
    model = build_graph(program, all_modules(program))
    request = make_job(model, sizes(model))
    check(request, simple_layout(request))


def test_nothing_and_little() -> None:
    assert simple_layout(Job((), (), ())).nodes == []
    one = Job(
        (NodeJob(50, 30, BACKWARD, -1, -1, False, False),), (EdgeJob(0, 0, False, 0),), (GroupJob(-1, 0, 9),)
    )
    placed = simple_layout(one)
    assert placed.nodes == [(0.0, -15.0, 50.0, 30.0)]
    assert len(placed.edges[0]) == 4
    assert placed.groups == [(0.0, 0.0, 0.0, 0.0)]


@st.composite
def jobs(draw: st.DrawFn) -> Job:
    groups: list[GroupJob] = []
    for index in range(draw(st.integers(0, 4))):
        parent = draw(st.integers(-1, index - 1))
        column = groups[parent].column if parent >= 0 else draw(st.integers(0, 2))
        groups.append(GroupJob(parent, column, 40.0))
    nodes = []
    count = draw(st.integers(1, 12))
    for _ in range(count):
        group = draw(st.integers(-1, len(groups) - 1))
        column = groups[group].column if group >= 0 else draw(st.integers(0, 2))
        leaf = draw(st.booleans())
        nodes.append(NodeJob(60.0, 30.0, column, group, draw(st.integers(-1, count - 1)), leaf, not leaf))
    ends = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1), st.booleans())
    edges = [EdgeJob(a, b, saved, 20.0) for a, b, saved in draw(st.lists(ends, max_size=20))]
    return Job(tuple(nodes), tuple(edges), tuple(groups))


@given(jobs())
def test_any_job_gets_an_answer(request: Job) -> None:
    request.check()
    placed = simple_layout(request)
    assert len(placed.nodes) == len(request.nodes)
    assert [len(points) for points in placed.edges] == [4] * len(request.edges)
    assert not list(overlapping(boxes(placed)))
