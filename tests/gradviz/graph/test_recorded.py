"""Graphs of what the engine really records."""

from typing import Any

import numpy as np
import pytest
from gradviz.engine.program import Phase, Program

import gradviz as torch
from gradviz import nn, optim
from gradviz.app.graph.build import all_modules, build_graph
from gradviz.app.graph.model import GraphModel
from gradviz.models import MLP, LeNet, resnet18


def step(net: nn.Module, shape: tuple[int, ...], optimizer: Any = optim.SGD, passes: int = 1) -> Program:
    """One training step on noise."""
    rng = np.random.default_rng(0)
    x = torch.tensor(rng.standard_normal(shape).astype("float32"))
    y = torch.tensor(rng.integers(0, 2, shape[0]))
    optimiser = optimizer(net.parameters(), lr=0.01)
    with torch.record() as recorder:
        recorder.name(x, "x")
        recorder.name(y, "target")
        for _ in range(passes):
            loss = nn.CrossEntropyLoss()(net(x), y)
            loss.backward()
        optimiser.step()
        recorder.name_values({"loss": loss})
    return recorder.program()


def titles(graph: GraphModel, phase: Phase) -> list[str]:
    return [node.title for node in graph.nodes if node.phase is phase and node.instrs]


@pytest.fixture(scope="module")
def lenet() -> Program:
    return step(LeNet(), (1, 1, 32, 32))


def test_lenet(lenet: Program) -> None:
    graph = build_graph(lenet)
    forward = titles(graph, Phase.FORWARD)
    assert [t for t in forward if t not in ("flatten", "reshape")] == [
        *("conv1", "relu", "max_pool2d", "conv2", "relu", "max_pool2d", "fc1", "relu", "fc2", "relu", "fc3"),
    ]
    assert len(forward) == 12
    assert titles(graph, Phase.LOSS) == ["cross_entropy"]
    backward = titles(graph, Phase.BACKWARD)
    assert [t for t in backward if t.startswith("∂")] == [
        *("∂ cross_entropy", "∂ fc3", "∂ fc2", "∂ fc1", "∂ max_pool2d", "∂ conv2", "∂ max_pool2d", "∂ conv1"),
    ]
    assert len(backward) == 13
    modules = ("conv1", "conv2", "fc1", "fc2", "fc3")
    assert titles(graph, Phase.UPDATE) == [f"{name} ← update" for name in modules]
    assert [node.title for node in graph.nodes if not node.instrs] == ["x", "target"]
    for node in graph.nodes:
        if node.instrs and node.phase in (Phase.BACKWARD, Phase.UPDATE):
            assert node.twin in graph.by_id


def test_open_lenet_shows_every_gradient_by_name(lenet: Program) -> None:
    graph = build_graph(lenet, all_modules(lenet))
    stored = [node for node in graph.nodes if node.title.endswith(".grad =")]
    assert len(stored) == 10
    for node in stored:
        name = f"{node.module}.{node.title.removesuffix(' =')}"
        assert lenet.bound(name, len(lenet)) == node.slot
    written = [node for node in graph.nodes if node.phase is Phase.UPDATE and "←" in node.title]
    assert len(written) == 10
    for node in written:
        name = f"{node.module}.{node.title.split(' ←')[0]}"
        assert lenet.bound(name, len(lenet)) == node.slot
        assert graph.by_id[node.twin].kind == "parameter"


def test_adam_counts_parameters_not_its_own_state() -> None:
    program = step(LeNet(), (1, 1, 32, 32), optim.Adam)
    steps = [node for node in build_graph(program).nodes if node.phase is Phase.UPDATE]
    assert [node.subtitle for node in steps] == ["weight, bias"] * 5
    opened = build_graph(program, frozenset({"fc3"}))
    inside = [n for n in opened.nodes if opened.membership.get(n.id) == "g:fc3:update"]
    assert {"weight.exp_avg", "bias.exp_avg_sq", "lr", "weight ← sub"} <= {n.title for n in inside}


def test_resnet() -> None:
    program = step(resnet18(num_classes=2), (2, 3, 32, 32))
    graph = build_graph(program)
    assert titles(graph, Phase.FORWARD)[:8] == [
        *("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4"),
    ]
    assert len(graph.nodes) < 40
    assert graph.by_id["m:layer3:update"].subtitle == "15 parameters"
    everything = build_graph(program, all_modules(program))
    assert sum(len(node.instrs) for node in everything.nodes) == len(program)
    assert not [n for n in everything.nodes if n.phase is Phase.UPDATE and n.id not in everything.membership]


def test_two_passes_accumulate() -> None:
    program = step(MLP(2, 8, 2), (4, 2), passes=2)
    graph = build_graph(program, all_modules(program))
    assert sum(node.title.endswith(".grad +=") for node in graph.nodes) == sum(
        node.title.endswith(".grad =") for node in graph.nodes
    )
    folded = build_graph(program)
    assert [t for t in titles(folded, Phase.UPDATE) if "#" in t] == []


def test_updates_by_hand_are_updates() -> None:
    net = nn.Linear(2, 1)
    x = torch.tensor([[1.0, 2.0]])
    with torch.record() as recorder:
        recorder.name(x, "x")
        net(x).sum().backward()
        for parameter in net.parameters():
            parameter.data.sub_(parameter.grad.data * 0.01)
    graph = build_graph(recorder.program())
    assert titles(graph, Phase.UPDATE) == ["mul · 0.01", "weight ← sub", "mul · 0.01", "bias ← sub"]
