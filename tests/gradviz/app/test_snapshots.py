"""Snapshots of real iterations agree with numpy on the recorded values."""

import numpy as np
import pytest
from gradviz.engine.program import Program

import gradviz as torch
import gradviz.nn as nn
from gradviz.app.recording import last_gradients, parameter_slots
from gradviz.app.snapshots import activation_slots, dead_share, snapshot_of, state_norms
from tests.ui.fakes import lenet


def recorded(net: nn.Module, optimizer: torch.optim.Optimizer | None = None, width: int = 3) -> Program:
    with torch.record() as recorder:
        x = torch.ones(4, width)
        if optimizer is not None:
            optimizer.zero_grad()
        loss = (net(x) ** 2).mean()
        loss.backward()
        if optimizer is not None:
            optimizer.step()
    return recorder.program()


def test_lenet_as_numpy_sees_it() -> None:
    program = lenet().iterations[0].program
    found = snapshot_of(program, 7)
    assert found.iteration == 7
    weights = parameter_slots(program)
    assert list(found.weights) == list(found.gradients) == list(weights)
    for name, (before, _) in weights.items():
        values = program.values[before].astype(np.float64)
        assert found.weights[name].mean == pytest.approx(values.mean(), abs=1e-9)
        assert found.weights[name].std == pytest.approx(values.std())
        gradient = program.values[last_gradients(program)[name]].astype(np.float64)
        assert found.gradients[name].high == gradient.max()
        assert found.gradients[name].zeros == np.mean(gradient == 0)
    expected = "conv1 relu max_pool2d conv2 relu#2 max_pool2d#2 fc1 relu#3 fc2 relu#4 fc3"
    assert list(found.activations) == expected.split()
    assert list(found.dead) == ["relu", "relu#2", "relu#3", "relu#4"]
    hidden = program.values[activation_slots(program)["relu#3"]]
    assert found.dead["relu#3"] == np.mean(hidden[0] == 0)
    assert found.activations["relu#3"].zeros == np.mean(hidden == 0)
    assert found.state == {}


def test_dead_units_are_channels_that_are_zero_everywhere() -> None:
    values = np.zeros((2, 4, 3, 3))
    values[1, 2, 0, 1] = 1.0
    values[0, 3] = 1.0
    assert dead_share(values) == 0.5
    assert dead_share(np.array([[0.0, 1.0], [0.0, 0.0]])) == 0.5
    assert dead_share(np.array([0.0, 0.0, 0.0, 2.0])) == 0.75
    assert dead_share(np.zeros((0, 3))) == 0.0


def test_a_module_of_many_operations_counts_as_one() -> None:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.norm, self.last = nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Linear(3, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.last(torch.relu(torch.relu(self.norm(self.first(x))) - 0.5))

    program = recorded(nn.Sequential(Block(), nn.Tanh()))
    slots = activation_slots(program)
    assert list(slots) == ["0.first", "0.norm", "0.relu", "0", "0.relu#2", "0.last", "1", "pow", "mean"]
    assert program.instrs[program.producers[slots["0.relu#2"]]].op == "relu"
    assert program.slots[slots["0.norm"]].shape == (4, 3)


def test_saturated_units_are_those_of_squashing_activations() -> None:
    net = nn.Sequential(nn.Linear(3, 2, bias=False), nn.Tanh(), nn.Sigmoid())
    with torch.no_grad():
        net[0].weight.copy_(torch.tensor([[9.0, 9.0, 9.0], [0.1, 0.1, 0.1]]))
    found = snapshot_of(recorded(net), 1)
    assert found.activations["1"].saturated == 0.5
    assert found.activations["2"].saturated == 0.0
    assert found.activations["0"].saturated == 0.0


@pytest.mark.parametrize(
    ("make", "kinds"),
    [
        (lambda p: torch.optim.SGD(p, lr=0.1), []),
        (lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9), ["momentum_buffer"]),
        (lambda p: torch.optim.Adam(p, lr=0.1), ["exp_avg", "exp_avg_sq"]),
    ],
)
def test_the_optimizers_state(make, kinds: list[str]) -> None:
    net = nn.Sequential(nn.Linear(3, 2))
    optimizer = make(net.parameters())
    for _ in range(2):
        program = recorded(net, optimizer)
        found = state_norms(program)
        weight = net[0].weight
        assert list(found.get("0.weight", {})) == kinds
        for kind in kinds:
            held = optimizer.state[weight][kind].numpy().astype(np.float64)
            assert found["0.weight"][kind] == pytest.approx(np.linalg.norm(held))
