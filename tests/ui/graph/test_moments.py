"""From moments to states: compared with what StateView says, on random walks."""

from __future__ import annotations

import numpy as np
import pytest
from gradviz.engine.program import Phase, Program
from gradviz.ui.graph import moments
from gradviz.ui.graph.moments import Moments
from gradviz.ui.graph.state import NodeState
from gradviz.ui.graph.summaries import Summaries, heat, summarise
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz.app.graph.build import all_modules, build_graph
from gradviz.app.graph.model import GraphModel
from gradviz.app.state import StateView
from tests.programs import lenet_like, neuron, resnet_like

LENET, NEURON = lenet_like(), neuron(update=True)
RESNET = resnet_like()  # its skip connections make gradients of several terms


def expected(program: Program, graph: GraphModel, moment: int) -> dict[str, NodeState]:
    """The states of all nodes, worked out one by one."""
    state = StateView(program, moment)
    current = graph.node_of_instr.get(moment - 1)
    gradients = {slot for row in program.contributions for slot in (row.grad, row.total)}
    found = {}
    for node in graph.nodes:
        run = all(index < moment for index in node.instrs)
        status = "current" if node.id == current else "done" if run else "pending"
        text, size = "", None
        if status != "pending" and state.written(node.slot):
            text = summarise(program.values[node.slot]).text
        if node.phase in (Phase.FORWARD, Phase.LOSS):
            slot = state.gradient_slot(node.slot)
            size = None if slot is None else summarise(program.values[slot]).heat
        elif node.phase is Phase.BACKWARD and node.slot in gradients and state.written(node.slot):
            size = summarise(program.values[node.slot]).heat
        found[node.id] = NodeState(status, text, size)
    return found


def test_jumping_anywhere_in_any_order_shows_the_same_as_going_there_afresh() -> None:
    @settings(max_examples=25)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        program = data.draw(st.sampled_from([LENET, NEURON, RESNET]))
        modules = sorted(all_modules(program))
        opened = data.draw(st.sets(st.sampled_from(modules))) if modules else set()
        graph = build_graph(program, frozenset(opened))
        made = Moments(graph, program, Summaries(program))
        shown: dict[str, NodeState] = {}
        for moment in data.draw(st.lists(st.integers(0, len(program)), min_size=1, max_size=5)):
            shown.update(made.at(moment, graph.node_of_instr.get(moment - 1)))
            while made.unfinished:
                shown.update(made.rest())
            assert shown == expected(program, graph, moment)

    check()


def test_a_gradient_of_several_terms_grows_as_they_arrive() -> None:
    graph = build_graph(RESNET, all_modules(RESNET))
    slot, rows = next((s, r) for s, r in RESNET.gradients.items() if len({row.total for row in r}) > 1)
    node = next(n.id for n in graph.nodes if n.slot == slot and n.phase is Phase.FORWARD)
    summaries = Summaries(RESNET)
    made, heats = Moments(graph, RESNET, summaries), []
    for row in rows:
        told = made.at(RESNET.producers[row.total] + 1, None)
        while made.unfinished:
            told.update(made.rest())
        heats.append(told[node].heat)
    assert heats == [summaries.get(row.total).heat for row in rows]
    assert len(set(heats)) > 1


def test_a_step_tells_of_the_nodes_that_change_only() -> None:
    graph = build_graph(NEURON)
    made = Moments(graph, NEURON, Summaries(NEURON))
    assert set(made.at(3, graph.node_of_instr[2])) == {node.id for node in graph.nodes}
    assert made.at(3, graph.node_of_instr[2]) == {}
    told = made.at(4, graph.node_of_instr[3])
    assert set(told) == {graph.node_of_instr[2], graph.node_of_instr[3]}


def test_without_time_the_texts_come_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "BUDGET", -1.0)
    graph = build_graph(LENET)
    made = Moments(graph, LENET, Summaries(LENET))
    end = len(LENET)
    shown = made.at(end, None)
    assert {state.status for state in shown.values()} == {"done"}
    assert {state.value_text for state in shown.values()} == {""}
    assert made.unfinished
    monkeypatch.setattr(moments, "BUDGET", 1.0)
    shown.update(made.rest())
    assert not made.unfinished
    assert shown == expected(LENET, graph, end) | {
        graph.node_of_instr[end - 1]: shown[graph.node_of_instr[end - 1]]
    }
    assert made.rest() == {}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.array(2.5), "= 2.5"),
        (np.array([3], dtype=np.int64), "= 3"),
        (np.array([1.0, 2.0, 6.0]), "mean 3"),
        (np.array([True, False]), "mean 0.5"),
        (np.array([1.0, np.nan]), "has NaN or ∞"),
        (np.array(np.inf), "= ∞"),
        (np.zeros((0, 3)), "empty"),
        (np.full(10, 3e38, dtype=np.float32), "mean 3e38"),
    ],
)
def test_summaries(value: np.ndarray, text: str) -> None:
    assert summarise(value).text == text


def test_heat_counts_factors_of_ten() -> None:
    assert heat(1.0) == heat(50.0) == 1.0
    assert heat(1e-3) == pytest.approx(0.5)
    assert heat(1e-9) == heat(0.0) == 0.0
    assert summarise(np.array([np.nan, 1.0])).heat == 1.0
