"""Networks of scalars learn two moons."""

import random

import numpy as np
import pytest

from gradviz import Value
from gradviz.scalar import MLP, Layer, Module, Neuron


def moons(count: int) -> tuple[np.ndarray, np.ndarray]:
    half = count // 2
    t = np.linspace(0, np.pi, half)
    upper = np.column_stack([np.cos(t), np.sin(t)])
    points = np.vstack([upper, [1.0, 0.5] - upper])
    noise = np.random.default_rng(1).normal(size=points.shape) * 0.1
    return points + noise, np.repeat([1, -1], half)


def train(count: int, steps: int) -> float:
    """micrograd's demo: max-margin loss with a penalty on the weights; returns the accuracy."""
    random.seed(1337)
    points, targets = moons(count)
    model = MLP(2, [16, 16, 1])
    accuracy = 0.0
    for k in range(steps):
        inputs = [list(map(Value, row)) for row in points.tolist()]
        scores = list(map(model, inputs))
        losses = [(1 + -yi * score).relu() for yi, score in zip(targets.tolist(), scores, strict=True)]
        penalty = 1e-4 * sum(p * p for p in model.parameters())
        total = sum(losses) * (1.0 / len(losses)) + penalty
        accuracy = sum((yi > 0) == (score.data > 0) for yi, score in zip(targets, scores, strict=True)) / len(
            scores
        )
        model.zero_grad()
        total.backward()
        rate = 1.0 - 0.9 * k / 100
        for p in model.parameters():
            p.data -= rate * p.grad
    return accuracy


def test_forty_points_are_told_apart() -> None:
    assert train(40, 40) >= 0.99


@pytest.mark.slow
def test_micrograds_demo() -> None:
    assert train(100, 100) >= 0.99


def test_how_networks_look() -> None:
    assert repr(Neuron(2)) == "ReLUNeuron(2)"
    assert repr(Neuron(3, nonlin=False)) == "LinearNeuron(3)"
    assert repr(Layer(2, 2)) == "Layer of [ReLUNeuron(2), ReLUNeuron(2)]"
    assert (
        repr(MLP(2, [2, 1])) == "MLP of [Layer of [ReLUNeuron(2), ReLUNeuron(2)], Layer of [LinearNeuron(2)]]"
    )
    assert len(MLP(2, [16, 16, 1]).parameters()) == 337
    assert Module().parameters() == []


def test_a_neuron() -> None:
    neuron = Neuron(2)
    assert all(-1 <= w.data < 1 for w in neuron.w)
    assert neuron.b.data == 0
    for w, number in zip(neuron.parameters(), (2.0, -3.0, 0.5), strict=True):
        w.data = number
    assert neuron([1.0, 0.5]).data == 1.0
    assert neuron([0.0, Value(0.5)]).data == 0
    assert isinstance(Layer(2, 1)([1.0, 2.0]), Value)
    assert len(Layer(2, 3)([1.0, 2.0])) == 3


def test_zero_grad() -> None:
    model = MLP(1, [2, 1])
    model([1.0]).backward()
    assert any(p.grad for p in model.parameters())
    model.zero_grad()
    assert [p.grad for p in model.parameters()] == [0] * len(model.parameters())
