"""micrograd's demo (two moons, 2-16-16-1, 100 samples), against micrograd without garbage collection.

python -m tests.benchmarks.bench_scalars
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from gradviz.scalar import MLP, Neuron, Replay, Value
from tests.benchmarks.side_by_side import compare

RATE, PENALTY = 0.001, 1e-4


def moons(count: int = 100) -> tuple[list[list[float]], list[int]]:
    """Two half circles with noise, and their classes −1 and 1."""
    t = np.linspace(0, np.pi, count // 2)
    upper = np.column_stack([np.cos(t), np.sin(t)])
    points = np.vstack([upper, [1.0, 0.5] - upper])
    points += np.random.default_rng(1).normal(size=points.shape) * 0.1
    return points.tolist(), [1] * (count // 2) + [-1] * (count // 2)


POINTS, TARGETS = moons()


def loss_of(model: Any, value: Any) -> Any:
    """The demo's loss: margins and a penalty on the weights."""
    inputs = [list(map(value, row)) for row in POINTS]
    scores = list(map(model, inputs))
    losses = [(1 + -target * score).relu() for target, score in zip(TARGETS, scores, strict=True)]
    return sum(losses) * (1.0 / len(losses)) + PENALTY * sum(p * p for p in model.parameters())


class WrittenOut(Neuron):
    """A neuron as a user writes it: the engine sees single products and sums."""

    def __call__(self, x: Any) -> Value:
        act: Value = sum((w * v for w, v in zip(self.w, x, strict=True)), self.b)
        return act.relu() if self.nonlin else act


def written_out(*sizes: Any) -> MLP:
    """The network of such neurons."""
    model = MLP(*sizes)
    for layer in model.layers:
        for neuron in layer.neurons:
            neuron.__class__ = WrittenOut
    return model


def built(mlp: Any, value: Any) -> Callable[[], float]:
    """A step that builds the graph anew, as the demo does."""
    random.seed(1)
    model = mlp(2, [16, 16, 1])

    def step() -> float:
        total = loss_of(model, value)
        model.zero_grad()
        total.backward()
        for p in model.parameters():
            p.data -= RATE * p.grad
        return float(total.data)

    return step


def replayed() -> Callable[[], float]:
    """A step of the graph as it was recorded once."""
    random.seed(1)
    model = MLP(2, [16, 16, 1])
    replay = Replay(loss_of(model, Value))
    leaves = replay.places(model.parameters())
    return lambda: replay.step(leaves, RATE)


def side_by_side_samples() -> Callable[[], float]:
    """A step of the graph of one sample, with all samples at once."""
    random.seed(1)
    model = MLP(2, [16, 16, 1])
    x, y, target = Value(0.0), Value(0.0), Value(1.0)
    loss = (1 + -target * model([x, y])).relu() + PENALTY * sum(p * p for p in model.parameters())
    xs, ys = ([row[i] for row in POINTS] for i in (0, 1))
    replay = Replay(loss, {x: xs, y: ys, target: [float(t) for t in TARGETS]})
    leaves = replay.places(model.parameters())
    return lambda: replay.step(leaves, RATE)


def million() -> None:
    """How cost and memory grow with the length of a chain."""
    print("operations    build   backward   to arrays   replayed forward   backward   peak memory")
    import resource

    for count in (10_000, 100_000, 1_000_000):
        x, factor = Value(1.0), Value(0.9999999)
        y, marks = x, [time.process_time()]
        for _ in range(count):
            y = y * factor
        marks.append(time.process_time())
        y.backward()
        marks.append(time.process_time())
        replay = Replay(y)
        marks.append(time.process_time())
        replay.forward()
        marks.append(time.process_time())
        replay.backward()
        marks.append(time.process_time())
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        spans = "  ".join(f"{(b - a) * 1e3:9.1f} ms" for a, b in pairwise(marks))
        print(f"{count:10,}  {spans}  {peak:7.0f} MB")


def main() -> None:
    """Print the tables; garbage is not collected while contenders run."""
    million()  # first, as micrograd's graphs take more memory
    contenders: dict[str, Callable[[], object]] = {}
    try:
        from micrograd import nn
        from micrograd.engine import Value as Theirs

        sys.setrecursionlimit(10**6)  # its backward recurses
        contenders["micrograd"] = built(nn.MLP, Theirs)
    except ImportError:
        print("micrograd is not installed: no comparison")
    contenders["gradviz, built anew"] = built(MLP, Value)
    contenders["gradviz, neurons written out"] = built(written_out, Value)
    contenders["gradviz, replayed"] = replayed()
    contenders["gradviz, samples side by side"] = side_by_side_samples()
    print("a training step of micrograd's demo, 65,818 values")
    for result in compare(contenders, rounds=7, block=0.1, clock=time.process_time):
        print(result)


if __name__ == "__main__":
    main()
