"""From the start of the process to the first training step of LeNet, with and without compiled kernels.

python -m tests.benchmarks.bench_start
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time

EAGER = """
import gradviz, gradviz.nn.functional as F
from gradviz.models import LeNet
net = LeNet()
optim = gradviz.optim.SGD(net.parameters(), lr=0.01)
x, y = gradviz.randn(1, 1, 32, 32), gradviz.tensor([3])
F.cross_entropy(net(x), y).backward()
optim.step()
"""
COMPILED = """
import gradviz, gradviz.nn.functional as F
from gradviz.models import LeNet
from gradviz.engine.compiled import compile_program
net = LeNet()
optim = gradviz.optim.SGD(net.parameters(), lr=0.01)
x, y = gradviz.randn(1, 1, 32, 32), gradviz.tensor([3])
for _ in range(2):
    with gradviz.record() as recorder:
        optim.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optim.step()
compile_program(recorder.program()).step({})
"""
TORCH = """
import torch
from torch import nn
net = nn.Sequential(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(),
    nn.MaxPool2d(2), nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
    nn.Linear(84, 10))
optim = torch.optim.SGD(net.parameters(), lr=0.01)
nn.functional.cross_entropy(net(torch.randn(1, 1, 32, 32)), torch.tensor([3])).backward()
optim.step()
"""


def started(code: str, **environment: str) -> tuple[float, float]:
    """Seconds on the clock and of processor time, for a process that runs `code`."""
    before, start = os.times(), time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, **environment})
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - start, used


def show(name: str, code: str, runs: int, **environment: str) -> None:
    """The fastest of some starts, as the others met something else."""
    found = [started(code, **environment) for _ in range(runs)]
    wall, used = min(each[0] for each in found), min(each[1] for each in found)
    print(f"  {name:36s} {wall:6.2f} s   {used:6.2f} s of processor time")


def main() -> None:
    """Print the table."""
    print("process start to the end of the first training step of LeNet, one sample")
    try:
        show("PyTorch", TORCH, 3)
    except subprocess.CalledProcessError:
        print("  PyTorch is not installed: no comparison")
    for name, code in (("eager", EAGER), ("compiled", COMPILED)):
        with tempfile.TemporaryDirectory() as folder:
            show(f"gradviz {name}, nothing compiled yet", code, 1, GRADVIZ_CACHE_DIR=folder)
            show(f"gradviz {name}, kernels there", code, 3, GRADVIZ_CACHE_DIR=folder)


if __name__ == "__main__":
    main()
