"""The projection of programs onto graphs: what is folded, what is shown, and how it is called."""

from itertools import pairwise

import pytest
from gradviz.engine.program import Phase, Program, SlotKind

from gradviz.app.graph.build import all_modules, build_graph
from gradviz.app.graph.model import GraphModel
from tests.effort import effort
from tests.program_builder import Builder
from tests.programs import chain, lenet_like, mlp_like, neuron, resnet_like, scalar_mlp

FORWARD = (Phase.FORWARD, Phase.LOSS)
PROGRAMS = {
    "lenet": lenet_like(),
    "lenet forward": lenet_like(backward=False),
    "mlp": mlp_like(),
    "resnet": resnet_like(),
    "neuron": neuron(update=True),
    "scalar mlp": scalar_mlp(),
}


def titles(graph: GraphModel, *phases: Phase) -> list[str]:
    return [node.title for node in graph.nodes if node.phase in phases and node.kind in ("op", "module")]


def opened(program: Program, fraction: int) -> frozenset[str]:
    return frozenset(sorted(all_modules(program))[::fraction]) if fraction else frozenset()


def test_folded_lenet_is_what_a_learner_would_draw() -> None:
    graph = build_graph(lenet_like())
    assert titles(graph, *FORWARD) == [
        *("conv1", "relu", "max_pool2d", "conv2", "relu", "max_pool2d", "flatten"),
        *("fc1", "relu", "fc2", "relu", "fc3", "cross_entropy"),
    ]
    assert [node.title for node in graph.nodes if not node.instrs] == ["x", "target"]
    assert titles(graph, Phase.BACKWARD) == [
        *("∂ cross_entropy", "∂ fc3", "relu_grad", "∂ fc2", "relu_grad", "∂ fc1", "reshape"),
        *("max_pool2d_grad", "relu_grad", "∂ conv2", "max_pool2d_grad", "relu_grad", "∂ conv1"),
    ]
    assert titles(graph, Phase.UPDATE) == [f"{m} ← update" for m in ("conv1", "conv2", "fc1", "fc2", "fc3")]
    assert not graph.groups
    assert not graph.membership


def test_subtitles_are_shapes_of_what_is_passed_on() -> None:
    graph = build_graph(lenet_like())
    texts = {node.id: node.subtitle for node in graph.nodes}
    assert texts["m:conv1:forward"] == "1×6×28×28"
    assert texts["m:cross_entropy:loss"] == "scalar"
    assert texts["m:fc1:backward"] == "1×400"  # the gradient for what comes before fc1
    assert texts["m:conv1:backward"] == "6×1×5×5"  # nothing is passed on: its weight's gradient
    assert texts["m:fc1:update"] == "weight, bias"
    resnet = {node.id: node.subtitle for node in build_graph(resnet_like()).nodes}
    assert resnet["m:layer1:update"] == "12 parameters"


def test_twins() -> None:
    graph = build_graph(lenet_like(), frozenset({"fc1"}))
    assert graph.by_id["m:conv1:backward"].twin == "m:conv1:forward"
    assert graph.by_id["m:cross_entropy:backward"].twin == "m:cross_entropy:loss"
    assert graph.by_id["m:conv1:update"].twin == "m:conv1:forward"
    linear = next(node for node in graph.nodes if node.title == "linear")
    weight = next(node for node in graph.nodes if node.kind == "parameter" and node.title == "weight")
    assert {node.title for node in graph.nodes if node.twin == linear.id} == {
        *("matmul", "t", "∂weight · matmul", "∂bias · sum"),
    }
    assert {node.title for node in graph.nodes if node.twin == weight.id} == {
        *("weight.grad =", "mul", "weight ← sub"),
    }


def test_opening_a_module_shows_its_parameters_in_a_frame_for_each_phase() -> None:
    graph = build_graph(lenet_like(), frozenset({"fc1"}))
    assert [(group.id, group.title) for group in graph.groups] == [
        ("g:fc1:forward", "fc1 · Linear"),
        ("g:fc1:backward", "∂ fc1 · Linear"),
        ("g:fc1:update", "fc1 ← update"),
    ]
    inside = [n.title for n in graph.nodes if graph.membership.get(n.id) == "g:fc1:forward"]
    assert inside == ["weight", "bias", "linear"]
    assert not any(node.id.startswith("m:fc1:") for node in graph.nodes)
    assert sum(node.kind == "parameter" for node in graph.nodes) == 2
    rate = [node for node in graph.nodes if node.title == "lr"]
    assert [graph.membership[node.id] for node in rate] == ["g:fc1:update"]


def test_the_learning_rate_is_shown_once_in_each_open_update() -> None:
    program = lenet_like()
    graph = build_graph(program, all_modules(program))
    rates = [node for node in graph.nodes if node.title == "lr"]
    assert len(rates) == 5
    assert len({node.slot for node in rates}) == 1
    for edge in graph.edges:
        if edge.source in {node.id for node in rates}:
            assert graph.membership[edge.source] == graph.membership[edge.target]


def test_nested_modules_open_one_level_at_a_time() -> None:
    program = resnet_like()
    graph = build_graph(program, frozenset({"layer2"}))
    inside = [n for n in graph.nodes if graph.membership.get(n.id) == "g:layer2:forward"]
    assert [n.title for n in inside] == ["0 · BasicBlock", "1 · BasicBlock"]
    # An inner module that is open does not show while the one around it is closed.
    assert build_graph(program, frozenset({"layer2.0"})).key == build_graph(program).key
    deep = build_graph(program, frozenset({"layer2", "layer2.0"}))
    frames = {group.id: group for group in deep.groups}
    assert frames["g:layer2.0:forward"].parent == "g:layer2:forward"
    assert frames["g:layer2.0:backward"].parent == "g:layer2:backward"
    assert frames["g:layer2.0:forward"].title == "0 · BasicBlock"
    assert "m:layer2.0.downsample:forward" in deep.by_id


def test_all_modules_have_instructions() -> None:
    assert all_modules(lenet_like()) == {"conv1", "conv2", "fc1", "fc2", "fc3", "cross_entropy"}
    assert "layer2.0.relu#2" in all_modules(resnet_like())
    assert all_modules(neuron()) == frozenset()


def test_a_neuron_is_called_as_in_the_code() -> None:
    graph = build_graph(neuron(update=True))
    assert titles(graph, *FORWARD) == ["x1w1 · mul", "x2w2 · mul", "x1w1x2w2 · add", "n · add", "o · tanh"]
    back = titles(graph, Phase.BACKWARD)
    assert back[:4] == ["∂o · ones_like", "mul", "sub · 1", "∂n · mul"]  # 1 − o² has its number in the title
    assert "∂w1 · mul" in back
    assert "w1.grad =" in back
    assert titles(graph, Phase.UPDATE)[:2] == ["mul · lr", "x1 ← sub"]
    assert not [node for node in graph.nodes if node.kind == "constant"]
    assert not any(node.subtitle for node in graph.nodes)  # every shape is ()


def test_accumulating_twice_is_told_apart_from_once() -> None:
    b = Builder()
    w = b.leaf((), "w", SlotKind.PARAMETER)
    first = b.op("accumulate_grad", [b.op("ones_like", [w], ())], ())
    b.phase = Phase.BACKWARD
    stored = b.op("accumulate_grad", [first], (), called="w.grad")
    b.op("accumulate_grad", [stored, first], (), called="w.grad")
    ends = [node.title.split()[-1] for node in build_graph(b.program()).nodes if "grad" in node.title]
    assert ends == ["=", "=", "+="]


def test_inputs_are_ordered_and_parallel() -> None:
    b = Builder()
    a = b.leaf((2,), "a")
    twice = b.op("add", [a, a], (2,))
    b.op("sub", [twice, a], (2,))
    graph = build_graph(b.program())
    assert [(e.source, e.target, e.position) for e in graph.edges] == [
        ("s0", "i0", 0),
        ("s0", "i0", 1),
        ("i0", "i1", 0),
        ("s0", "i1", 1),
    ]
    assert len({edge.id for edge in graph.edges}) == 4


def test_a_tensor_that_is_read_often_in_a_folded_module_has_one_arrow_into_it() -> None:
    graph = build_graph(lenet_like())
    into = [e for e in graph.edges if e.target == "m:fc1:backward" and not e.saved]
    assert [e.label for e in into] == ["1×120"]  # read by two products and a sum


def test_many_arrows_between_two_folded_modules_are_bundled() -> None:
    graph = build_graph(resnet_like())
    between = [e for e in graph.edges if (e.source, e.target) == ("m:layer1:backward", "m:layer1:update")]
    assert [e.label for e in between] == ["×12"]
    few = [e for e in graph.edges if (e.source, e.target) == ("m:bn1:backward", "m:bn1:update")]
    assert len(few) == 2


def test_saved_edges_lead_from_forward_to_later_phases() -> None:
    graph = build_graph(lenet_like(), frozenset({"fc1"}))
    for edge in graph.edges:
        start, end = graph.by_id[edge.source].phase, graph.by_id[edge.target].phase
        assert edge.saved == (start in FORWARD and end not in FORWARD)
        assert edge.phase is end
    assert any(e.saved and e.source == "m:conv1:forward" for e in graph.edges)
    stored = next(e for e in graph.edges if e.target == "m:fc2:update")
    assert not stored.saved


def test_a_module_that_is_called_twice() -> None:
    b = Builder()
    w = b.leaf((3, 3), "fc.weight", SlotKind.PARAMETER)
    x = b.leaf((1, 3), "x")
    scope = ("fc", "Linear", "Linear(3, 3)")
    h = b.call(scope, "linear", [b.call(scope, "linear", [x, w], (1, 3)), w], (1, 3))
    program = b.finish(b.op("sum", [h], (), called="loss"), True, True)
    graph = build_graph(program)
    assert titles(graph, *FORWARD) == ["fc", "fc#2", "loss · sum"]
    assert titles(graph, Phase.UPDATE) == ["fc ← update"]
    opened_second = build_graph(program, frozenset({"fc#2"}))
    assert [n.title for n in opened_second.nodes if n.kind == "parameter"] == ["weight"]
    both = build_graph(program, frozenset({"fc", "fc#2"}))
    assert [n.id for n in both.nodes if n.kind == "parameter"] == ["s0"]


def test_what_an_optimizer_computes_from_nameless_state_joins_the_module_that_reads_it() -> None:
    b = Builder()
    w = b.leaf((3,), "fc.weight", SlotKind.PARAMETER)
    b.call(("fc", "Linear", ""), "linear", [w], (3,))
    b.phase = Phase.UPDATE
    velocity = b.leaf((3,))  # no name, no gradient
    moved = b.op("mul", [velocity, b.number(0.9)], (3,))
    b.op("sub", [w, moved], (3,))
    graph = build_graph(b.program())
    assert [n.id for n in graph.nodes] == ["m:fc:forward", "m:fc:update"]
    assert graph.by_id["m:fc:update"].instrs == (1, 2)


def test_what_concerns_several_modules_stays_outside() -> None:
    b = Builder()
    leaves = []
    for name in ("a", "b"):
        leaves.append(b.leaf((3,), f"{name}.weight", SlotKind.PARAMETER))
        b.call((name, "Linear", ""), "linear", [leaves[-1]], (3,))
    b.phase = Phase.UPDATE
    norms = [b.op("norm", [leaf], ()) for leaf in leaves]
    b.op("add", norms, ())
    graph = build_graph(b.program())
    assert titles(graph, Phase.UPDATE) == ["a ← update", "b ← update", "add"]


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("fraction", [0, 1, 2, 3])
def test_every_graph_is_whole(name: str, fraction: int) -> None:
    program = PROGRAMS[name]
    graph = build_graph(program, opened(program, fraction))
    ids = [node.id for node in graph.nodes]
    assert len(set(ids)) == len(ids)
    assert len({edge.id for edge in graph.edges}) == len(graph.edges)
    assert sorted(graph.node_of_instr) == list(range(len(program)))  # each instruction is in exactly one node
    assert sum(len(node.instrs) for node in graph.nodes) == len(program)
    place = {id: number for number, id in enumerate(ids)}
    for edge in graph.edges:
        assert edge.source != edge.target
        if graph.by_id[edge.source].instrs:
            assert place[edge.source] < place[edge.target]
    for node in graph.nodes:
        assert node.twin == "" or node.twin in place
        assert node.title
        assert node.phase is (program.instrs[node.instrs[0]].site.phase if node.instrs else node.phase)
    groups = [group.id for group in graph.groups]
    assert set(graph.membership.values()) <= set(groups)
    for group in graph.groups:
        assert group.parent == "" or groups.index(group.parent) < groups.index(group.id)


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_value_flows_along_edges(name: str) -> None:
    """With all modules open each input of each op has its edge, but for numbers, which stand in the title."""
    program = PROGRAMS[name]
    graph = build_graph(program, all_modules(program))
    drawn = {(edge.target, edge.position, edge.slot) for edge in graph.edges}
    for index, instr in enumerate(program.instrs):
        for position, slot in enumerate(instr.inputs):
            info = program.slots[slot]
            number = info.kind is SlotKind.CONSTANT or (info.name == "lr" and not program.scopes)
            assert ((f"i{index}", position, slot) in drawn) != number


def test_ids_and_titles_are_the_same_for_the_next_iteration() -> None:
    one, other = (build_graph(lenet_like(seed=seed), frozenset({"fc2"})) for seed in (1, 2))
    assert one.key == other.key


def test_ids_do_not_change_while_folding() -> None:
    program = lenet_like()
    stages = [frozenset(), frozenset({"fc1"}), frozenset({"fc1", "conv2"}), all_modules(program)]
    for before, after in pairwise(stages):
        old, new = build_graph(program, before), build_graph(program, after)
        for node in old.nodes:
            if node.kind != "module":
                assert new.by_id[node.id].title == node.title
            elif node.module not in after:
                assert new.by_id[node.id] == node


def test_large_programs_take_work_in_proportion() -> None:
    small, large = chain(300), chain(3_000)
    assert len(build_graph(large, all_modules(large)).nodes) == len(large) + 1  # and x
    assert effort(lambda: build_graph(large)) < 15 * effort(lambda: build_graph(small))
