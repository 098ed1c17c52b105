"""Networks of scalars learn two moons."""

import math
import random

import numpy as np
import pytest

from gradviz import Value
from gradviz.scalar import MLP, Layer, Module, Neuron
from gradviz.scalar.order import behind


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


def spelled_out(model: MLP, x: list[Value]) -> list[Value]:
    """What the network computes, with every product and sum written out."""
    for layer in model.layers:
        acts = [(sum((w * v for w, v in zip(n.w, x, strict=True)), n.b), n.nonlin) for n in layer.neurons]
        x = [act.relu() if nonlin else act for act, nonlin in acts]
    return x


def whole_graph(model: MLP, root: Value) -> list[tuple[object, ...]]:
    """Operation, number and gradient of everything behind a value, and of the parameters."""
    values = [*behind([root]), *model.parameters()]
    return [(v._op, v.data, v.grad, type(v.data), type(v.grad)) for v in values]


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("looks_in_between", [False, True])
def test_a_neuron_is_the_sum_of_its_products_to_the_bit(whole: bool, looks_in_between: bool) -> None:
    random.seed(3)
    models, inputs = [MLP(3, [4, 5, 2]) for _ in range(2)], []
    for mine, other in zip(models[0].parameters(), models[1].parameters(), strict=True):
        mine.data = other.data = round(8 * other.data) if whole else other.data + 0.1
    losses = []
    for model, forward in zip(models, (MLP.__call__, spelled_out), strict=True):
        x = [Value(2), Value(-1), Value(3)] if whole else [Value(0.3), Value(-1.7), Value(0.9)]
        inputs.append(x)
        a, b = forward(model, x)
        loss = (a * b + x[0] * a).relu() + a * a
        loss.backward()
        loss.backward()  # micrograd's gradients on the way add up, and are passed on again
        for p in model.parameters():
            p.data -= p.grad
        if looks_in_between:
            assert a._op == "+"
            assert len(a._prev) == 2
            loss.backward()
        losses.append(loss)
    assert models[0].parameters()[0].grad != 0
    assert whole_graph(models[0], losses[0]) == whole_graph(models[1], losses[1])
    assert [x.grad for x in inputs[0]] == [x.grad for x in inputs[1]]


def test_backward_by_hand_takes_one_step_at_a_time() -> None:
    neuron = Neuron(2, nonlin=False)
    act = neuron([Value(2.0), Value(3.0)])
    act.grad = 1.0
    act._backward()
    assert [v.grad for v in act._prev] == [1.0, 1.0]
    assert [p.grad for p in neuron.parameters()] == [0, 0, 0]


def test_one_may_give_a_neurons_sum_a_rule_of_ones_own() -> None:
    neuron, x = Neuron(2, nonlin=False), [Value(2.0), Value(3.0)]
    act = neuron(x)
    act._backward = lambda: None
    (act * 2).backward()
    assert [p.grad for p in neuron.parameters()] == [0, 0, 0]
    assert act.grad == 2


def test_weights_that_were_computed_get_their_gradients_on() -> None:
    base, neuron, x = Value(1.5), Neuron(2, nonlin=False), [Value(2.0), Value(3.0)]
    neuron.w, neuron.b = [base * 2, base * base], base.exp()
    neuron(x).backward()
    assert base.grad == pytest.approx(2 * 2.0 + 2 * 1.5 * 3.0 + math.exp(1.5))


def test_numbers_other_lengths_and_a_hundred_thousand_layers() -> None:
    neuron = Neuron(2, nonlin=False)
    assert neuron([2, 3]).data == pytest.approx(2 * neuron.w[0].data + 3 * neuron.w[1].data)
    assert neuron([Value(2.0)]).data == 2 * neuron.w[0].data
    assert neuron([]) is neuron.b
    layer, start = Layer(1, 1, nonlin=False), Value(1.0)
    layer.neurons[0].w[0].data = 1.0
    x = start
    for _ in range(100_000):
        x = layer([x])
    x.backward()
    assert start.grad == 1
    assert layer.neurons[0].b.grad == 100_000
    del x  # and falls apart without recursion
