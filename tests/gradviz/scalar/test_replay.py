"""A graph of values computed again: the same numbers as Python's, and many samples side by side."""

import math
import random

import numpy as np
import pytest

from gradviz import Value
from gradviz.scalar import MLP, Replay


def everything(x: Value, y: Value) -> Value:
    """Every operation once."""
    z = (x * y + 3) ** 2 - x / y + (x - y).relu() + (y - x).relu()
    return z.tanh() * x.exp() + (y * y + 1).log() * 2**x + (x * 3).sigmoid() + (-y).sigmoid() + z**-0.5


def test_numbers_and_gradients_are_pythons_bit_for_bit() -> None:
    rng = random.Random(0)
    x, y = Value(0.3), Value(0.7)
    replay = Replay(everything(x, y))
    for _ in range(20):
        u, v = rng.uniform(0.1, 2.0), rng.uniform(0.1, 2.0)
        replay.set(x, u)
        replay.set(y, v)
        a, b = Value(u), Value(v)
        expected = everything(a, b)
        expected.backward()
        assert replay.forward() == expected.data
        replay.backward()
        assert replay.gradients(x).tolist() == [a.grad]
        assert replay.gradients(y).tolist() == [b.grad]


def test_samples_side_by_side_are_the_mean_of_each_alone() -> None:
    rng = np.random.default_rng(0)
    xs = rng.uniform(0.1, 2.0, 11)
    x, y = Value(1.0), Value(0.7)
    replay = Replay(everything(x, y) + y * y, {x: xs})
    mean, slope, slopes = 0.0, 0.0, []
    for number in xs.tolist():
        a, b = Value(number), Value(0.7)
        each = (everything(a, b) + b * b) * (1 / 11)
        each.backward()
        mean, slope = mean + each.data, slope + b.grad
        slopes.append(a.grad)
    assert replay.forward() == pytest.approx(mean, rel=1e-13)
    replay.backward()
    assert replay.gradients(y).tolist() == pytest.approx([slope], rel=1e-12)
    assert replay.gradients(x).tolist() == pytest.approx(slopes, rel=1e-12)
    assert len(replay.numbers(x)) == 11


def test_what_all_samples_share_is_computed_once() -> None:
    x, w = Value(2.0), Value(3.0)
    replay = Replay(x * w + w * w, {x: [1.0, 2.0, 3.0]})
    assert replay.forward() == 2 * 3 + 9
    replay.backward()
    assert replay.gradients(w).tolist() == pytest.approx([2.0 + 6.0], rel=1e-15)


def test_training_by_steps_is_training_by_hand() -> None:
    random.seed(3)
    model = MLP(2, [4, 1])
    points, targets = [[0.5, -1.0], [1.5, 2.0], [-0.3, 0.8]], [1.0, -1.0, 1.0]

    def loss_of(inputs: list[Value], target: Value) -> Value:
        return (1 + -target * model(inputs)).relu() + 1e-2 * sum(p * p for p in model.parameters())

    a, b, t = Value(0.0), Value(0.0), Value(1.0)
    columns = [[p[0] for p in points], [p[1] for p in points], targets]
    replay = Replay(loss_of([a, b], t), dict(zip((a, b, t), columns, strict=True)))
    leaves = replay.places(model.parameters())
    for _ in range(5):
        total = sum(
            loss_of([Value(u), Value(v)], Value(s)) for (u, v), s in zip(points, targets, strict=True)
        ) * (1 / 3)
        model.zero_grad()
        total.backward()
        assert replay.step(leaves, 0.05) == pytest.approx(total.data, rel=1e-12)
        for p in model.parameters():
            p.data -= 0.05 * p.grad
    for p in model.parameters():
        assert replay.numbers(p).tolist() == pytest.approx([p.data], rel=1e-11)


def test_writing_back() -> None:
    x, w = Value(2.0), Value(3.0)
    y = x * w
    replay = Replay(y)
    replay.step(replay.places([w]), 0.5)
    assert (w.data, w.grad) == (3.0, 0)
    replay.write_back()
    assert (w.data, w.grad, x.grad, y.data) == (2.0, 2.0, 3.0, 6.0)


def test_nan_and_infinity_stay() -> None:
    x = Value(1.0)
    replay = Replay(x.relu() * 2)
    replay.set(x, math.nan)
    assert math.isnan(replay.forward())
    y = Value(1.0)
    replay = Replay(1 / y)
    replay.set(y, 0.0)
    assert replay.forward() == math.inf


def test_a_long_chain_needs_no_recursion() -> None:
    x = Value(1.0)
    y = x
    for _ in range(50_000):
        y = y * 0.9999
    replay = Replay(y)
    assert replay.forward() == y.data
    replay.backward()
    assert replay.gradients(x)[0] == pytest.approx(0.9999**50_000, rel=1e-9)


def test_what_is_refused() -> None:
    x, w = Value(2.0), Value(3.0)
    y = x * w
    with pytest.raises(ValueError, match="only values that were not computed can differ"):
        Replay(y + 1, {y: [1.0]})
    with pytest.raises(ValueError, match="as many numbers"):
        Replay(y, {x: [1.0], w: [1.0, 2.0]})
    replay = Replay(y, {x: [1.0, 2.0]})
    with pytest.raises(ValueError, match="there are 2 samples, but 3 numbers"):
        replay.set_samples(x, [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="the same for all samples"):
        replay.set_samples(w, [1.0, 2.0])
    with pytest.raises(ValueError, match="can be trained"):
        replay.places([x])
    with pytest.raises(ValueError, match="can be set"):
        replay.set(y, 1.0)
    with pytest.raises(ValueError, match="the user's own"):
        Replay(Value(1.0, (x,), "mine"))
