"""How the cost of a compiled step grows with batch, width and depth, and that of eager ops with their number.

python -m tests.benchmarks.bench_growth
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from statistics import median

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from gradviz.engine.compiled import compile_program

import gradviz
import gradviz.nn.functional as F
from gradviz.models import MLP
from gradviz.scalar import Replay, Value


def timed(run: Callable[[], object], rounds: int = 7) -> float:
    """Seconds of processor time for one call: the median of some rounds of about 20 ms."""
    run()
    start = time.process_time()
    run()
    calls = max(1, int(0.02 / max(time.process_time() - start, 1e-6)))
    found = []
    for _ in range(rounds):
        start = time.process_time()
        for _ in range(calls):
            run()
        found.append((time.process_time() - start) / calls)
    return median(found)


def mlp(batch: int, width: int, depth: int) -> Callable[[], object]:
    """A compiled training step of an MLP with `depth` hidden layers."""
    gradviz.manual_seed(0)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(batch, 64)).astype(np.float32), rng.integers(0, 10, batch)
    net = MLP(64, *[width] * depth, 10)
    optim = gradviz.optim.SGD(net.parameters(), lr=0.01)
    for _ in range(2):
        with gradviz.record() as recorder:
            given, target = gradviz.from_numpy(x), gradviz.from_numpy(y)
            optim.zero_grad()
            F.cross_entropy(net(given), target).backward()
            optim.step()
    compiled = compile_program(recorder.program())
    inputs = {"given": x, "target": y}
    return lambda: compiled.step(inputs)


def eager(count: int) -> Callable[[], object]:
    """A chain of eager ops on 4 elements, forward and backward."""
    a, b = (gradviz.full((4,), value, requires_grad=True) for value in (0.5, 0.9))

    def run() -> None:
        x = a
        for _ in range(count):
            x = x * b
        x.sum().backward()
        a.grad = b.grad = None

    return run


def scalars(count: int) -> Callable[[], object]:
    """A chain of scalars, replayed forward and backward."""
    x, factor = Value(1.0), Value(0.999)
    y = x
    for _ in range(count):
        y = y * factor
    replay = Replay(y)

    def run() -> None:
        replay.forward()
        replay.backward()

    return run


def table(title: str, unit: str, make: Callable[[int], Callable[[], object]], sizes: list[int]) -> None:
    """One line for each size: the time, and the time for one unit."""
    print(title)
    for size in sizes:
        seconds = timed(make(size))
        print(f"  {size:9,}  {seconds * 1e6:12.1f} µs   {seconds / size * 1e6:10.3f} µs for each {unit}")


def main() -> None:
    """Print the tables."""
    table("MLP 64-128-10, by batch", "sample", lambda n: mlp(n, 128, 1), [1, 4, 16, 64, 256, 1024])
    table("MLP 64-n-10, batch 16, by width", "unit", lambda n: mlp(16, n, 1), [16, 64, 256, 1024])
    table("MLP 64-64-…-10, batch 16, by depth", "layer", lambda n: mlp(16, 64, n), [1, 2, 4, 8, 16, 32])
    table("eager ops, forward and backward", "op", eager, [10, 100, 1_000, 10_000])
    table("scalars, replayed", "value", scalars, [1_000, 10_000, 100_000, 1_000_000])


if __name__ == "__main__":
    main()
