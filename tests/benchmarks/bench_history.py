"""What remembering costs while LeNet is trained: weights now and then, or everything in a ring.

python -m tests.benchmarks.bench_history [--batches 1 16] [--rounds 201]
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from gradviz.engine.compiled import Compiled, compile_program
from gradviz.engine.compiled.ring import Remembering, Ring
from gradviz.engine.program import Program

import gradviz
import gradviz.nn.functional as F
from gradviz.app.history import History
from gradviz.app.intervals import EVERY
from gradviz.models import LeNet
from tests.benchmarks.side_by_side import Result, compare

RING = 64 * 2**20

COPIES = 10
"""So many show how often they are made."""


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


def keyframes(program: Program, inputs: dict[str, np.ndarray], rounds: int) -> list[Result]:
    """A step alone, and with copies of the weights as often as uninterrupted training makes them.

    How often is a matter of the time between two copies. It would count the other contender's turns too, so
    it is found first, without turns, and then kept. A turn is as long as from one copy to the next.
    """
    plain = compile_program(program)  # the same one with and without, as where its memory lies matters too
    every = settled(plain, inputs)
    history = History(lambda chosen: inputs, every=every)
    history.begin(plain, 1)
    noting = noted(plain, history, inputs)
    steps = {"nothing": lambda: plain.step(inputs), f"weights, every {every} steps": noting}
    return compare(steps, rounds=rounds, clock=time.thread_time, count=every)


def settled(plain: Compiled, inputs: dict[str, np.ndarray]) -> int:
    """The median number of steps from one copy to the next where nothing else runs in between."""
    history = History(lambda chosen: inputs)
    history.begin(plain, 1)
    step = noted(plain, history, inputs)
    while len(starts := [number for stretch in history._stretches for number in stretch.frames]) < COPIES:
        for _ in range(EVERY):
            step()
    return int(np.median(np.diff(starts)[1:]))  # before the first there was no time to go by


def noted(plain: Compiled, history: History, inputs: dict[str, np.ndarray]) -> Callable[[], None]:
    """A step that is remembered, by the number of its batch, as training does."""
    rates = {"lr": 0.01}
    count = 0

    def step() -> None:
        nonlocal count
        count += 1
        plain.step(inputs, history.note(count, count, rates))

    return step


def ring(program: Program, inputs: dict[str, np.ndarray], rounds: int) -> list[Result]:
    """A step alone, and with everything that it computes."""
    plain, kept = compile_program(program), Remembering(program)
    held = Ring(kept, RING)
    steps = {
        "nothing": lambda: plain.step(inputs),
        "everything, in a ring": lambda: _step(kept, held, inputs),
    }
    return compare(steps, rounds=rounds, clock=time.process_time)


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
    parser.add_argument("--rounds", type=int, default=201)
    arguments = parser.parse_args()
    for size in arguments.batches:
        print(f"LeNet, batch {size}: what is remembered, and its cost")
        rng = np.random.default_rng(0)
        x, y = rng.normal(size=(size, 1, 32, 32)).astype(np.float32), rng.integers(0, 10, size)
        program, inputs = recorded(x, y), {"given": x, "target": y}
        # Apart, so that neither finds the caches as the other left them.
        for results in (keyframes(program, inputs, arguments.rounds), ring(program, inputs, 51)):
            for result in results:
                cost, margin = (1 / result.ratio - 1) * 100, result.margin / result.ratio**2 * 100
                print(result, f"  {cost:+.1f} % ± {margin:.1f}")


if __name__ == "__main__":
    main()
