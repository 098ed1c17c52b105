"""A training step of LeNet (zero_grad, forward, loss, backward, SGD), compiled, against PyTorch.

python -m tests.benchmarks.bench_lenet [--threads 1] [--batches 1 4 16 64 256] [--optimizer sgd] [--avx2]

With --avx2 neither uses wider vectors; with --processor-time what other processes take does not count, which
is fair with one thread only.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
if "--avx2" in sys.argv:  # before the libraries look
    os.environ.update(
        GRADVIZ_SIMD="avx2",
        ATEN_CPU_CAPABILITY="avx2",
        MKL_ENABLE_INSTRUCTIONS="AVX2",
        ONEDNN_MAX_CPU_ISA="AVX2",
    )

import numpy as np
from gradviz.engine.compiled import compile_program

import gradviz
import gradviz.nn.functional as F
from gradviz.models import LeNet
from tests.benchmarks.side_by_side import compare


def batch(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Random images and classes."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(size, 1, 32, 32)).astype(np.float32), rng.integers(0, 10, size)


def ours(size: int, threads: int, optimizer: str) -> Callable[[], object]:
    """The compiled step."""
    gradviz.manual_seed(0)
    net = LeNet()
    kinds = {"sgd": gradviz.optim.SGD, "adam": gradviz.optim.Adam}
    optim = kinds[optimizer](net.parameters(), lr=0.01)
    x, y = batch(size)
    for _ in range(2):
        with gradviz.record() as recorder:
            given, target = gradviz.from_numpy(x), gradviz.from_numpy(y)
            optim.zero_grad()
            F.cross_entropy(net(given), target).backward()
            optim.step()
    compiled = compile_program(recorder.program(), threads=threads)
    inputs = {"given": x, "target": y}
    return lambda: compiled.step(inputs)


def pytorchs(size: int, optimizer: str) -> Callable[[], object]:
    """The same in eager PyTorch."""
    import torch
    from torch import nn

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1, self.conv2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
            self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = nn.functional.max_pool2d(nn.functional.relu(self.conv1(x)), (2, 2))
            x = nn.functional.max_pool2d(nn.functional.relu(self.conv2(x)), 2)
            x = torch.flatten(x, 1)
            x = nn.functional.relu(self.fc1(x))
            x = nn.functional.relu(self.fc2(x))
            return self.fc3(x)

    net = Net()
    optim = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[optimizer](net.parameters(), lr=0.01)
    x, y = (torch.from_numpy(each) for each in batch(size))

    def step() -> None:
        optim.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optim.step()

    return step


PAUSE = 0.03
"""Seconds in which the other contender's threads go to sleep."""


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 4, 16, 64, 256])
    parser.add_argument("--optimizer", choices=("sgd", "adam"), default="sgd")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--avx2", action="store_true")
    parser.add_argument("--processor-time", action="store_true")
    options = parser.parse_args()
    clock = time.process_time if options.processor_time else time.perf_counter
    try:
        import torch

        torch.set_num_threads(options.threads)
    except ImportError:
        print("PyTorch is not installed: no comparison")
        torch = None
    for size in options.batches:
        contenders: dict[str, Callable[[], object]] = {}
        if torch is not None:
            contenders["PyTorch"] = pytorchs(size, options.optimizer)
        contenders["gradviz, compiled"] = ours(size, options.threads, options.optimizer)
        vectors = ", AVX2" if options.avx2 else ""
        print(f"batch {size}, {options.threads} thread(s), {options.optimizer}{vectors}")
        for result in compare(contenders, options.rounds, clock=clock, pause=PAUSE * (options.threads > 1)):
            print(result)


if __name__ == "__main__":
    main()
