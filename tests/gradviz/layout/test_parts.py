"""The small steps of a layout, one by one."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.app.layout.align import align, longest_increasing, spread
from gradviz.app.layout.column import Column, Rows, stretch
from gradviz.app.layout.job import EdgeJob, GroupJob, Job, NodeJob, Placed, make_job, make_layout
from gradviz.app.layout.updates import nearest
from tests.gradviz.layout.pictures import graphs, sizes

PAIRS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=8)


@given(PAIRS)
def test_longest_increasing_is_the_longest(pairs: list[tuple[int, int]]) -> None:
    found = longest_increasing(pairs)
    assert set(found) <= set(pairs)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(found))
    distinct = sorted(set(pairs))
    for size in range(len(found) + 1, len(distinct) + 1):
        for chosen in combinations(distinct, size):
            assert not all(a < c and b < d for (a, b), (c, d) in pairwise(chosen))


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=8), st.floats(0.5, 30))
def test_nearest_keeps_distances_and_moves_little(wishes: list[float], gap: float) -> None:
    present = [gap * i for i in range(len(wishes))]
    found = nearest(wishes, present)
    assert all(b - a >= gap - 1e-6 for a, b in pairwise(found))
    if all(b - a >= gap for a, b in pairwise(wishes)):
        assert found == pytest.approx(wishes)
    assert sum(found) == pytest.approx(sum(wishes), abs=1e-6)  # the least squares solution has the same mean


def test_spread_keeps_anchors_and_shares_the_room() -> None:
    assert spread([0, 10, 20, 30], [0, 3], [100, 190], [True] * 3) == [100, 130, 160, 190]
    assert spread([0, 10, 20, 30], [0, 3], [100, 190], [False, True, False]) == [100, 110, 180, 190]
    assert spread([0, 10, 20, 30], [0, 3], [100, 190], [False] * 3) == [100, 130, 160, 190]
    assert spread([0, 10, 20, 30], [1, 2], [0, 50], [True] * 3) == [-10, 0, 50, 60]


def node(column: int, twin: int = -1, group: int = -1, height: float = 20) -> NodeJob:
    return NodeJob(40, height, column, group, twin, False, False)


def test_align_puts_twins_in_one_row() -> None:
    request = Job((node(0), node(0), node(0), node(1, 2), node(1), node(1, 0)), (), ())
    forward = Column({0: (0, 0), 1: (0, 40), 2: (0, 80)})
    backward = Column({5: (0, 0), 4: (0, 100), 3: (0, 200)})
    align(request, forward, backward)
    assert forward.nodes[0][1] == backward.nodes[5][1]
    assert forward.nodes[2][1] == backward.nodes[3][1] == 200
    assert forward.nodes[1][1] == 100  # the room is shared


def test_align_without_twins_lets_both_end_at_the_bottom() -> None:
    request = Job((node(0), node(0), node(1)), (), ())
    forward, backward = Column({0: (0, 0), 1: (0, 40)}), Column({2: (0, 7)})
    align(request, forward, backward)
    assert forward.nodes[1][1] == backward.nodes[2][1]


def test_stretching_keeps_nodes_rigid_and_frames_around_them() -> None:
    request = Job((node(0), node(0, group=0)), (EdgeJob(0, 1, False, 0),), (GroupJob(-1, 0, 0),))
    column = Column(
        {0: (0, 0), 1: (0, 50)}, {0: [(0, 10), (0, 20), (0, 30), (0, 40)]}, {0: (-30, 25, 30, 70)}
    )
    stretch(request, column, Rows(request, column), [0, 150])
    assert column.nodes[1] == (0, 150)
    assert column.groups[0] == (-30, 125, 30, 170)
    assert column.edges[0][0] == (0, 10)  # still at the lower side of the first node
    assert column.edges[0][-1] == (0, 140)  # and at the upper side of the second


@pytest.mark.parametrize(
    "broken",
    [
        {"nodes": [[0, 30, 0, -1, -1, False, False]], "edges": [], "groups": []},
        {"nodes": [[float("nan"), 30, 0, -1, -1, False, False]], "edges": [], "groups": []},
        {"nodes": [[50, 30, 3, -1, -1, False, False]], "edges": [], "groups": []},
        {"nodes": [[50, 30, 0, 0, -1, False, False]], "edges": [], "groups": []},
        {"nodes": [], "edges": [[0, 1, False, 0]], "groups": []},
        {"nodes": [], "edges": [], "groups": [[0, 0, 10]]},
        {"nodes": [[1]], "edges": [], "groups": []},
        {"nodes": "what", "edges": [], "groups": []},
        {},
    ],
)
def test_jobs_that_make_no_sense_are_refused(broken: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        Job.from_json(broken)


def test_jobs_and_answers_survive_json() -> None:
    model = graphs()["lenet, two open"]
    request = make_job(model, sizes(model))
    assert Job.from_json(request.to_json()) == request
    assert hash(Job.from_json(request.to_json())) == hash(request)
    answer = Placed([(0, 0, 1, 1)], [], [], {}, "dot")
    with pytest.raises(ValueError, match="wrong size"):
        Placed.from_json(answer.to_json(), request)


def test_the_layout_has_the_graphs_names_and_bounds_around_all() -> None:
    model = graphs()["neuron"]
    count = len(model.nodes)
    points = [(0.0, 0.0), (5.0, 400.0), (6.0, 1.0), (7.0, 1.0)]
    placed = Placed(
        [(10.0 * i, 5.0, 8.0, 8.0) for i in range(count)], [points] * len(model.edges), [], {0: (3, 4)}
    )
    layout = make_layout(model, placed, margin=2)
    assert layout.nodes[model.nodes[1].id].x == 10
    assert layout.labels == {model.edges[0].id: (3, 4)}
    assert layout.edges[model.edges[0].id] == tuple(points)
    assert (layout.bounds.x, layout.bounds.y) == (-2, -2)
    assert layout.bounds.height == 404
    assert layout.bounds.width == 10 * (count - 1) + 8 + 4
