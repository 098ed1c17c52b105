"""Repeated blocks folded as one box: recognised by what they compute, every instruction still reachable."""

from __future__ import annotations

from gradviz.engine.program import Phase, Program
from hypothesis import given, settings
from hypothesis import strategies as st

import gradviz
from gradviz import nn
from gradviz.app.graph.build import all_modules, build_graph
from gradviz.app.graph.limits import opened_within
from gradviz.app.graph.repeats import find_repeats
from gradviz.nn.modules.container import Sequential
from tests.programs import lenet_like, neuron, resnet_like


def recorded(net: nn.Module, *shape: int) -> Program:
    """One forward and backward pass."""
    gradviz.manual_seed(0)
    x = gradviz.randn(*shape)
    with gradviz.record() as recorder:
        found = net(x)
        (found[0] if isinstance(found, tuple) else found).sum().backward()
    return recorder.program()


def blocks(count: int) -> Program:
    """So many equal blocks of two layers, then another layer."""
    made = [Sequential(nn.Linear(4, 4), nn.Tanh()) for _ in range(count)]
    return recorded(Sequential(Sequential(*made), nn.Linear(4, 2)), 3, 4)


def runs(program: Program, at_least: int = 3) -> list[tuple[str, ...]]:
    """The members of each run."""
    return [repeat.members for repeat in find_repeats(program, at_least) if not repeat.rest]


def test_equal_blocks_in_a_row_are_found() -> None:
    assert runs(blocks(4)) == [("0.0", "0.1", "0.2", "0.3")]
    assert runs(blocks(2)) == []
    assert runs(blocks(2), 2) == [("0.0", "0.1")]


def test_the_steps_of_an_rnn_are_found() -> None:
    assert runs(recorded(nn.RNN(3, 4), 6, 1, 3)) == [tuple(f"t{n}" for n in range(6))]


def test_layers_of_different_sizes_are_no_repeats() -> None:
    assert runs(lenet_like(), 2) == []
    assert runs(neuron(), 2) == []


def test_a_run_opens_to_its_ends_and_the_rest() -> None:
    program = blocks(8)
    (run, rest) = find_repeats(program, 3)
    assert rest.members == run.members[1:-1]
    graph = build_graph(program, frozenset({"0"}), 3)
    box = next(node for node in graph.nodes if node.module == run.id and node.phase is Phase.FORWARD)
    assert box.title == "0…7 ×8"
    assert box.parts == tuple(n for n in range(8) for _ in range(2))
    assert box.count == 8
    graph = build_graph(program, frozenset({"0", run.id}), 3)
    forward = [node.title for node in graph.nodes if node.phase is Phase.FORWARD and node.kind == "module"]
    assert forward[:3] == ["0 · Sequential", "… 6 more", "7 · Sequential"]
    graph = build_graph(program, frozenset({"0", run.id, rest.id}), 3)
    shown = {node.module for node in graph.nodes if node.phase is Phase.FORWARD}
    assert {f"0.{n}" for n in range(8)} <= shown


def test_in_every_state_of_folding_every_instruction_is_drawn_once() -> None:
    programs = [blocks(6), recorded(nn.RNN(3, 4, num_layers=2), 6, 1, 3), resnet_like(), neuron()]

    @settings(max_examples=30)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        program = data.draw(st.sampled_from(programs))
        known = sorted(all_modules(program, 2))
        opened = data.draw(st.sets(st.sampled_from(known))) if known else set()
        graph = build_graph(program, frozenset(opened), 2)
        drawn = [index for node in graph.nodes for index in node.instrs]
        assert sorted(drawn) == list(range(len(program)))
        assert {end for edge in graph.edges for end in (edge.source, edge.target)} <= set(graph.by_id)
        everything = build_graph(program, all_modules(program, 2), 2)
        assert not [node for node in everything.nodes if node.kind == "module"]

    check()


def test_what_cannot_be_laid_out_stays_folded() -> None:
    program = blocks(6)
    everything = all_modules(program, 3)
    assert opened_within(program, frozenset(), 3) == (everything, True)
    count = len(build_graph(program, everything, 3).nodes)
    opened, whole = opened_within(program, frozenset(), 3, largest=count - 1)
    assert not whole
    assert opened < everything
    assert 0 < len(build_graph(program, opened, 3).nodes) < count
    assert opened_within(program, frozenset({"1"}), 3, largest=1) == (frozenset({"1"}), False)
    assert opened_within(neuron(), frozenset(), 3, largest=1) == (frozenset(), True)
