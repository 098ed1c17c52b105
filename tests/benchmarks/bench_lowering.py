"""From a recorded program to its first compiled run: how long lowering takes, with all kernels there.

python -m tests.benchmarks.bench_lowering [--rounds 25]

Every round records and lowers each network anew, by turns; times are this thread's processor time.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from gradviz.engine.compiled import compile_program
from gradviz.engine.program import Program

import gradviz
import gradviz.nn.functional as F
from gradviz import nn
from gradviz.models import LeNet, resnet18
from tests.benchmarks import bench_recurrent

CHAIN = (1_000, 10_000)


def trained(net: nn.Module, x: np.ndarray) -> Program:
    """An iteration of a network that reads such samples."""
    optim = gradviz.optim.SGD(net.parameters(), lr=0.01)
    with gradviz.record() as recorder:
        given, target = gradviz.from_numpy(x), gradviz.from_numpy(np.arange(len(x)) % 10)
        optim.zero_grad()
        F.cross_entropy(net(given), target).backward()
        optim.step()
    return recorder.program()


def images(count: int, channels: int = 1) -> np.ndarray:
    """Random ones."""
    return np.random.default_rng(0).normal(size=(count, channels, 32, 32)).astype(np.float32)


def chain(length: int) -> Program:
    """So many instructions, one after the other, forward and backward."""
    with gradviz.record() as recorder:
        x = y = gradviz.ones(32, requires_grad=True)
        for _ in range(length // 4):
            y = y * x
        y.sum().backward()
    return recorder.program()


def cases() -> dict[str, tuple[Callable[[], Program], int]]:
    """By name: what is recorded, and for how many threads it is lowered."""
    sequences = bench_recurrent.batch()[0]
    return {
        "LeNet, 1 sample": (lambda: trained(LeNet(), images(1)), 1),
        "LeNet, 16 samples": (lambda: trained(LeNet(), images(16)), 1),
        "LeNet, 16 samples, two threads": (lambda: trained(LeNet(), images(16)), 2),
        "RNN, 20 steps": (lambda: trained(bench_recurrent.Network("rnn"), sequences), 1),
        "ResNet-18": (lambda: trained(resnet18(num_classes=10), images(2, 3)), 1),
        **{f"chain of {n:,}": (lambda n=n: chain(n), 1) for n in CHAIN},
    }


def lowered(program: Program, threads: int) -> tuple[float, float]:
    """Milliseconds for lowering, and for the first run."""
    begin = time.thread_time()
    compiled = compile_program(program, threads=threads)
    middle = time.thread_time()
    compiled.run()
    end = time.thread_time()
    compiled.close()
    return 1e3 * (middle - begin), 1e3 * (end - middle)


def main() -> None:
    """Time everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=25)
    rounds = parser.parse_args().rounds
    found: dict[str, list[tuple[float, float]]] = {}
    lengths: dict[str, int] = {}
    for number in range(rounds + 1):
        for name, (record, threads) in cases().items():
            program = record()
            times = lowered(program, threads)
            if number:  # the first time kernels are loaded
                found.setdefault(name, []).append(times)
                lengths[name] = len(program)
    for name, times in found.items():
        low, middle, high = np.percentile([each[0] for each in times], [25, 50, 75])
        first = np.median([each[1] for each in times])
        print(
            f"{name:32s} {lengths[name]:6d} instructions  {middle:7.2f} ms ({low:.2f} to {high:.2f}),"
            f" {1e3 * middle / lengths[name]:.0f} us each; first run {first:.2f} ms"
        )


if __name__ == "__main__":
    main()
