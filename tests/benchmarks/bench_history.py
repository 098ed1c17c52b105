"""What remembering costs while LeNet is trained: weights now and then, or everything in a ring.

python -m tests.benchmarks.bench_history [--batches 1 16]
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from gradviz.engine.compiled import compile_program
from gradviz.engine.compiled.ring import Remembering, Ring
from gradviz.engine.program import Program

import gradviz
import gradviz.nn.functional as F
from gradviz.app.history import History
from gradviz.models import LeNet
from tests.benchmarks.side_by_side import compare

RING = 64 * 2**20


def recorded(x: np.ndarray, y: np.ndarray) -> Program:
    """The second iteration of LeNet on a batch."""
    gradviz.manual_seed(0)
    net = LeNet()
    optim = gradviz.optim.SGD(net.parameters(), lr=0.01)
    for _ in range(2):
        with gradviz.record() as recorder:
            given, target = gradviz.from_numpy(x), gradviz.from_numpy(y)
            optim.zero_grad()
            F.cross_entropy(net(given), target).backward()
            optim.step()
    return recorder.program()


def contenders(size: int) -> list[dict[str, Callable[[], object]]]:
    """The plain step, beside each of the steps that remember: the large ring would take the caches from the
    others."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(size, 1, 32, 32)).astype(np.float32), rng.integers(0, 10, size)
    program = recorded(x, y)
    inputs = {"given": x, "target": y}
    plain = compile_program(program)  # the same one with and without, as where its memory lies matters too
    history = History(lambda chosen: inputs)
    history.begin(plain, 1)
    rates = {"lr": 0.01}
    count = 0

    def keyframes() -> None:
        nonlocal count
        count += 1
        plain.step(inputs, history.note(count, count, rates))  # by the number of the batch, as training does

    kept = Remembering(program)
    ring = Ring(kept, RING)
    nothing = {"nothing": lambda: plain.step(inputs)}
    return [
        {**nothing, "weights, now and then": keyframes},
        {**nothing, "everything, in a ring": lambda: _step(kept, ring, inputs)},
    ]


def _step(compiled: Remembering, ring: Ring, inputs: dict[str, np.ndarray]) -> None:
    for name, value in inputs.items():
        compiled.set_input(compiled.slot(name), value)
    compiled.run()
    ring.take()
    compiled.advance()


def main() -> None:
    """Print a table for each batch size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--rounds", type=int, default=101)
    arguments = parser.parse_args()
    for size in arguments.batches:
        print(f"LeNet, batch {size}: what is remembered, and its cost")
        # Blocks long enough for copies of the weights, and rounds enough for one per cent to show.
        for pair in contenders(size):
            for result in compare(pair, rounds=arguments.rounds, block=0.1, clock=time.thread_time):
                cost, margin = (1 / result.ratio - 1) * 100, result.margin / result.ratio**2 * 100
                print(result, f"  {cost:+.1f} % ± {margin:.1f}")


if __name__ == "__main__":
    main()
