"""The search field's language against numbers worked out one by one."""

from __future__ import annotations

import numpy as np
import pytest
from gradviz.engine.program import Phase, Program

from gradviz.app.graph.build import all_modules, build_graph
from gradviz.app.graph.measures import Measures, measure
from gradviz.app.graph.query import Finder, fits, parse
from gradviz.app.state import StateView
from tests.programs import lenet_like, neuron

LENET = lenet_like()


def found(text: str, moment: int | None = None, opened: bool = True, program: Program = LENET) -> list[str]:
    """The ids of the nodes that a text finds."""
    graph = build_graph(program, all_modules(program) if opened else frozenset())
    finder = Finder(parse(text), graph, program, Measures(program))
    return [hit.node for hit in finder.hits(StateView(program, len(program) if moment is None else moment))]


@pytest.mark.parametrize(
    ("pattern", "shape", "good"),
    [
        ("1x6x28x28", (1, 6, 28, 28), True),
        ("1x6x28x28", (11, 6, 28, 28), False),
        ("28x28", (1, 6, 28, 28), True),
        ("6x14", (1, 6, 28, 28), False),
        ("*x10", (1, 10), True),
        ("*x10", (5, 10, 10), False),
        ("*x10", (10,), False),
        ("1x*x*x28", (1, 6, 28, 28), True),
        ("...x5x5", (16, 6, 5, 5), True),
        ("...x5x5", (5, 5), True),
        ("...x5x5", (5,), False),
    ],
)
def test_shapes(pattern: str, shape: tuple[int, ...], good: bool) -> None:
    assert fits(pattern, shape) is good


@pytest.mark.parametrize("text", ["norm>1", "mean<=0.05", "max>=2", "norm=0"])
def test_conditions_compare_the_values_of_the_moment(text: str) -> None:
    graph, moment = build_graph(LENET, all_modules(LENET)), 9
    state = StateView(LENET, moment)
    name = text[:4].rstrip("<>=")
    wanted = set()
    for node in graph.nodes:
        if state.written(node.slot):
            value = np.abs(LENET.values[node.slot].astype(np.float64))
            size = {"norm": np.sqrt((value**2).sum()), "mean": value.mean(), "max": value.max()}[name]
            holds = {
                "norm>1": size > 1,
                "mean<=0.05": size <= 0.05,
                "max>=2": size >= 2,
                "norm=0": size == 0,
            }
            if holds[text]:
                wanted.add(node.id)
    assert set(found(text, moment)) == wanted


def test_gradients_count_as_soon_as_they_are_known() -> None:
    graph = build_graph(LENET, all_modules(LENET))
    before = next(i for i, instr in enumerate(LENET.instrs) if instr.site.phase is Phase.BACKWARD)
    assert found("grad>=0 phase:forward", before) == []
    state = StateView(LENET, len(LENET))
    norms = {
        node.id: float(np.linalg.norm(gradient.astype(np.float64)))
        for node in graph.nodes
        if node.phase is Phase.FORWARD and (gradient := state.gradient(node.slot)) is not None
    }
    middle = sorted(norms.values())[len(norms) // 2]
    assert set(found(f"grad>{middle!r} phase:forward")) == {n for n, x in norms.items() if x > middle}
    assert 0 < len(found(f"grad>{middle!r} phase:forward")) < len(norms)


def test_hits_in_closed_modules_lead_to_them() -> None:
    assert found("op:conv2d phase:forward", opened=False) == ["m:conv1:forward", "m:conv2:forward"]
    graph = build_graph(LENET)
    finder = Finder(parse("op:conv2d"), graph, LENET, Measures(LENET))
    hits = finder.hits(StateView(LENET, len(LENET)))
    assert [LENET.instrs[i].op for hit in hits for i in hit.instrs] == ["conv2d", "conv2d"]


def test_terms_have_to_hold_together() -> None:
    assert found("module:fc1 phase:backward")
    nodes = build_graph(LENET, all_modules(LENET)).by_id
    for name in found("module:fc1 phase:backward"):
        assert nodes[name].phase is Phase.BACKWARD
        assert "fc1" in nodes[name].module
    assert found("fc1 op:conv2d") == []


@pytest.mark.parametrize("text", ["norm>abc", "phase:sideways", "grad<1e"])
def test_what_makes_no_sense_is_told(text: str) -> None:
    assert parse(f"relu {text}").wrong == text


@pytest.mark.parametrize("text", ["", "  ", "norm>"])
def test_what_is_not_typed_yet_finds_nothing(text: str) -> None:
    assert found(text) == []


def test_a_scalar_graph_can_be_searched() -> None:
    program = neuron()
    assert found("tanh", program=program)
    assert found("zero-grad phase:forward", program=program) == [
        node.id
        for node in build_graph(program).nodes
        if node.phase is Phase.FORWARD
        and (gradient := StateView(program, len(program)).gradient(node.slot)) is not None
        and not gradient.any()
    ]


def test_measures_hold_at_the_edges() -> None:
    assert measure(np.array([3.0, -4.0])).norm == 5.0
    assert measure(np.array([3e200, 4e200])).norm == pytest.approx(5e200)
    assert measure(np.array([3e-200, 4e-200])).norm == pytest.approx(5e-200)
    assert measure(np.full(4, 3e38, dtype=np.float32)).norm == pytest.approx(6e38, rel=1e-6)
    assert measure(np.zeros(3)).zero
    assert not measure(np.zeros(0)).zero
    broken = measure(np.array([np.nan, np.inf]))
    assert broken.nan
    assert broken.inf
    assert measure(np.array([1.0, -np.inf])).inf
    assert measure(np.array([True, False])).mean == 0.5
