"""The element microscope without a screen: any number as a scalar graph that comes to the engine's number."""

from dataclasses import replace

import numpy as np
import pytest
from gradviz.engine.node import leaf
from gradviz.engine.op import REGISTRY
from gradviz.engine.program import Program, SlotKind
from gradviz.engine.recorder import record
from gradviz.engine.tensor import Tensor, apply

import gradviz as torch
import gradviz.nn as nn
import gradviz.nn.functional as F
from gradviz import Value
from gradviz.app.inside.microscope import BUDGET, PAGE, behind
from gradviz.app.inside.scope_texts import as_text, operation, page_text, spoken, verdict
from gradviz.app.inside.titles import Titles
from gradviz.app.inside.trail import Trail
from gradviz.app.numerals import number
from gradviz.app.scalars import program_of_values
from gradviz.models import resnet18
from tests.ui.fakes import lenet


@pytest.fixture(scope="module")
def program() -> Program:
    return lenet().iterations[0].program


def output_of(program: Program, op: str, nth: int = 0) -> int:
    return [instr.output for instr in program.instrs if instr.op == op][nth]


def largest(program: Program, slot: int) -> tuple[int, ...]:
    value = program.values[slot]
    return tuple(int(i) for i in np.unravel_index(int(np.abs(value).argmax()), value.shape))


def check_all(program: Program, each: int) -> int:
    """Look at some elements of every computed slot; how many there were."""
    rng, seen = np.random.default_rng(0), 0
    titles = Titles(program)
    for slot, row in enumerate(program.slots):
        if program.producers[slot] < 0 or not program.values[slot].size:
            continue
        for _ in range(each):
            index = tuple(int(rng.integers(n)) for n in row.shape)
            graph = behind(program, slot, index, titles=titles)
            op = program.instrs[program.producers[slot]].op
            assert graph.trouble == "", op
            assert graph.agrees, (op, index, graph.value, graph.engine, graph.tolerance)
            assert len(graph.nodes) <= BUDGET + 3 * PAGE
            assert len(graph.edges) == len(graph.nodes) - 1
            seen += 1
    return seen


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_op_of_the_registry(dtype: type) -> None:
    rng = np.random.default_rng(3)
    for name, op in REGISTRY.items():
        for sample in list(op.samples(rng))[:3]:
            arrays = [x.astype(dtype) if x.dtype == np.float64 else x for x in sample.inputs]
            with record() as recorder:
                try:
                    out = apply(
                        name, tuple(Tensor._from_node(leaf(np.array(x))) for x in arrays), sample.attrs
                    )
                except TypeError:  # an attribute says double
                    assert dtype is np.float32
                    continue
            made = recorder.program()
            slot = output_of(made, name)
            if not out.numel():
                continue
            index = tuple(int(rng.integers(n)) for n in out.shape)
            graph = behind(made, slot, index)
            assert graph.trouble == "", name
            assert graph.agrees, (name, graph.value, graph.engine, graph.tolerance)
            assert as_text(graph)
            assert spoken(graph)


def test_values_gradients_and_updates_of_lenet(program: Program) -> None:
    assert check_all(program, 2) > 100


def test_an_element_of_conv1(program: Program) -> None:
    slot = output_of(program, "conv2d")
    index = largest(program, slot)
    graph = behind(program, slot, index)
    top = graph.nodes[0]
    assert (top.fn, top.count, top.shown) == ("add", 26, PAGE)
    assert operation(top) == "sum of 26 terms"
    assert graph.engine == float(program.values[slot][index])
    assert graph.agrees
    terms = [graph.nodes[edge.source] for edge in graph.operands(0)]
    assert [term.kind for term in terms[:-1]] == ["op"] * PAGE
    sizes = [abs(term.value) for term in terms[:-1]]
    assert sizes == sorted(sizes, reverse=True)
    assert terms[-1].kind == "rest"
    assert terms[-1].count == 26 - PAGE
    assert sum(term.value for term in terms) == pytest.approx(graph.engine, rel=1e-6)
    for place in range(1, PAGE + 1):
        factors = [graph.nodes[edge.source] for edge in graph.operands(place)]
        assert {factor.title.split("[")[0] for factor in factors} == {"conv1.weight", "x"}
        weight, pixel = sorted(factors, key=lambda node: node.title)
        assert weight.slope == pixel.value  # ∂ sum / ∂ weight
        assert graph.nodes[place].value == weight.value * pixel.value


def test_a_number_that_is_not_the_engines_is_flagged(program: Program) -> None:
    slot = output_of(program, "conv2d")
    index = largest(program, slot)
    wrong = np.array(program.values[slot])
    wrong[index] *= 1.0001
    values = list(program.values)
    values[slot] = wrong
    graph = behind(replace(program, values=tuple(values)), slot, index)
    assert not graph.agrees
    assert verdict(graph).startswith("The graph gives ")


def test_the_winner_of_a_pool_and_its_rivals(program: Program) -> None:
    slot = output_of(program, "max_pool2d")
    graph = behind(program, slot, (0, 2, 3, 4))
    source = program.instrs[program.producers[slot]].inputs[0]
    window = program.values[source][0, 2, 6:8, 8:10]
    assert graph.nodes[0].fn == "max"
    assert [graph.nodes[edge.source].value for edge in graph.operands(0)] == window.ravel().tolist()
    assert [graph.nodes[edge.source].value for edge in graph.operands(0) if edge.chosen] == [window.max()]


def test_paging_shows_each_of_the_401_terms_of_fc1_once(program: Program) -> None:
    slot = output_of(program, "linear")
    trail = Trail(program, slot, (0, 7))
    seen: list[tuple[int, ...]] = []
    total = 0.0
    for page in range(34):
        graph = trail.graph
        top = graph.nodes[0]
        assert (top.page, top.pages, top.count) == (page, 34, 401)
        terms = [graph.nodes[edge.source] for edge in graph.operands(0)]
        seen += [term.path for term in terms if term.kind != "rest"]
        total += sum(term.value for term in terms if term.kind != "rest")
        assert sum(term.value for term in terms) == pytest.approx(graph.value, rel=1e-9)
        rest = next(i for i, node in enumerate(graph.nodes) if node.kind == "rest")
        assert trail.turn(rest, 1)
    assert len(seen) == len(set(seen)) == 401
    assert total == pytest.approx(graph.value, rel=1e-9)
    assert page_text(trail.graph.nodes[0]) == "terms 1 to 12 of 401"
    assert trail.turn(0, -1)
    assert page_text(trail.graph.nodes[0]) == "terms 397 to 401 of 401"
    assert not trail.turn(1, 1)


def test_from_the_loss_down_to_a_pixel(program: Program) -> None:
    assert program.loss is not None
    trail = Trail(program, program.loss, ())
    ways = [0]
    while ways:
        assert trail.graph.agrees
        ways = [i for i, node in enumerate(trail.graph.nodes) if i and node.computed]
        if ways:
            assert trail.enter(ways[0])
    assert trail.crumbs[0] == "loss"
    path = [crumb.split("[")[0] for crumb in trail.crumbs]
    assert path[-4:] == ["conv2", "max_pool2d", "relu", "conv1"]
    ends = {i: node.title.split("[")[0] for i, node in enumerate(trail.graph.nodes) if node.kind == "element"}
    assert set(ends.values()) - {"conv1.bias"} == {"x", "conv1.weight"}
    pixel = next(i for i, name in ends.items() if name == "x")
    assert not trail.enter(pixel)  # that is where it ends
    depth = len(trail.steps)
    assert trail.back()
    assert len(trail.steps) == depth - 1
    assert trail.back_to(0)
    assert trail.crumbs == ["loss"]
    assert not trail.back()


def test_what_came_from_outside_is_an_end(program: Program) -> None:
    slot = next(i for i, row in enumerate(program.slots) if row.kind is SlotKind.PARAMETER)
    graph = behind(program, slot, (0,) * len(program.slots[slot].shape))
    assert graph.trouble == "outside"
    assert len(graph.nodes) == 1
    assert verdict(graph) == "It came from outside: nothing is computed behind it."


def test_an_element_that_is_not_there(program: Program) -> None:
    with pytest.raises(IndexError):
        behind(program, 0, (0, 0))
    with pytest.raises(IndexError):
        behind(program, output_of(program, "conv2d"), (0, 0, 99, 0))


def test_a_batch_norm_sums_over_the_batch() -> None:
    torch.manual_seed(0)
    norm, x = nn.BatchNorm1d(3), torch.randn(4, 3, requires_grad=True)
    with record() as recorder:
        F.cross_entropy(norm(x), torch.tensor([0, 2, 1, 1])).backward()
    made = recorder.program()
    check_all(made, 3)
    graph = behind(made, output_of(made, "mean"), (0, 1))
    assert as_text(graph).splitlines()[1:] == [
        f"  Σ = {number(float(x[:, 1].sum()), 6)}",
        *(f"    x[{i},1] = {number(float(x[i, 1]), 6)}" for i in range(4)),
        "  ÷ 4",
    ]


def test_what_repeats_is_closed_and_can_be_opened() -> None:
    torch.manual_seed(0)
    with record() as recorder:
        torch.randn(4, 3, requires_grad=True).var(0)
    made = recorder.program()
    graph = behind(made, output_of(made, "var"), (1,))
    squares = [node for node in graph.nodes if node.fn == "square"]
    assert len(squares) == 4
    assert sum(node.value for node in squares) / 3 == pytest.approx(graph.engine, rel=1e-5)
    means = [node for node in graph.nodes if node.fn == "div" and node.path]
    assert [node.closed for node in means] == [False, True, True, True]
    trail = Trail(made, graph.slot, graph.index)
    assert trail.toggle(graph.nodes.index(means[-1]))
    opened = next(node for node in trail.graph.nodes if node.path == means[-1].path)
    assert not opened.closed
    assert opened.shown == 2
    assert trail.toggle(trail.graph.nodes.index(opened))
    assert trail.graph.nodes == graph.nodes


def test_a_users_own_loop() -> None:
    torch.manual_seed(1)
    net = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 1))
    x, y = torch.randn(6, 5), torch.randn(6, 1)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    with record() as recorder:
        loss = ((net(x) - y) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert check_all(recorder.program(), 3) > 50


def test_values_of_micrograd() -> None:
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    out = (a * b + a**2).tanh()
    made = program_of_values([out], {})
    assert check_all(made, 1) > 4
    graph = behind(made, output_of(made, "tanh"), ())
    assert graph.value == pytest.approx(np.tanh(-2.0))


def test_text(program: Program) -> None:
    slot = output_of(program, "relu")
    graph = behind(program, slot, largest(program, slot))
    name, value = graph.nodes[0].title, graph.nodes[0].value
    assert name.startswith("relu[0,")
    lines = as_text(graph).splitlines()
    assert lines[0].startswith(f"{name} = {value:.6g}"[:14])
    assert lines[1].startswith("  conv1[0,")
    assert "factor 1" in spoken(graph, 1)
    said = spoken(behind(program, output_of(program, "conv2d"), (0, 3, 5, 11)))
    assert "sum of 26 terms: " in said
    assert " × x[0,0," in said


@pytest.mark.slow
def test_values_and_gradients_of_resnet18() -> None:
    torch.manual_seed(0)
    net, x = resnet18(num_classes=10), torch.randn(1, 3, 64, 64)
    with record() as recorder:
        F.cross_entropy(net(x), torch.tensor([3])).backward()
    assert check_all(recorder.program(), 1) > 200
