"""ResNet-18, forward and backward, and a training step of an MLP, compiled, against PyTorch.

python -m tests.benchmarks.bench_resnet [--rounds 9] [--threads 1] [resnet18] [mlp]
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from gradviz.engine.compiled import compile_program

import gradviz
import gradviz.nn.functional as F
from gradviz import nn
from gradviz.models import MLP, resnet18
from tests.benchmarks.side_by_side import compare


def ours(net: nn.Module, x: np.ndarray, y: np.ndarray, update: bool, threads: int) -> Callable[[], object]:
    """The compiled step."""
    optim = gradviz.optim.SGD(net.parameters(), lr=0.01)
    for _ in range(2):
        with gradviz.record() as recorder:
            given, target = gradviz.from_numpy(x), gradviz.from_numpy(y)
            optim.zero_grad()
            F.cross_entropy(net(given), target).backward()
            if update:
                optim.step()
    compiled = compile_program(recorder.program(), threads=threads)
    inputs = {"given": x, "target": y}
    return lambda: compiled.step(inputs)


def pytorchs(net: object, x: np.ndarray, y: np.ndarray, update: bool) -> Callable[[], object]:
    """The same in eager PyTorch, with the same numbers of channels, blocks and units."""
    import torch

    optim = torch.optim.SGD(net.parameters(), lr=0.01)
    given, target = torch.from_numpy(x), torch.from_numpy(y)

    def step() -> None:
        optim.zero_grad()
        torch.nn.functional.cross_entropy(net(given), target).backward()
        if update:
            optim.step()

    return step


def pytorch_resnet18() -> object:
    """ResNet-18, without torchvision."""
    import torch
    from torch import nn

    class Block(nn.Module):
        def __init__(self, before: int, after: int, stride: int) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
            self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
            self.bn1, self.bn2 = nn.BatchNorm2d(after), nn.BatchNorm2d(after)
            self.down = nn.Identity()
            if stride != 1:
                self.down = nn.Sequential(
                    nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after)
                )

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y = torch.relu(self.bn1(self.conv1(x)))
            return torch.relu(self.bn2(self.conv2(y)) + self.down(x))

    blocks = []
    for before, after in ((64, 64), (64, 128), (128, 256), (256, 512)):
        blocks += [Block(before, after, 1 if before == after else 2), Block(after, after, 1)]
    return nn.Sequential(
        nn.Conv2d(3, 64, 7, 2, 3, bias=False),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, 1),
        *blocks,
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(512, 1000),
    )


def pytorch_mlp() -> object:
    """784-128-10."""
    from torch import nn

    return nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", nargs="*", default=["resnet18", "mlp"])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    cases = {
        "resnet18": (lambda: resnet18(num_classes=1000), pytorch_resnet18, (1, 3, 64, 64), 1000, False),
        "mlp": (lambda: MLP(784, 128, 10), pytorch_mlp, (64, 784), 10, True),
    }
    for name in options.which:
        make, other, shape, classes, update = cases[name]
        x, y = rng.normal(size=shape).astype(np.float32), rng.integers(0, classes, shape[0])
        contenders: dict[str, Callable[[], object]] = {}
        try:
            import torch

            torch.set_num_threads(options.threads)
            contenders["PyTorch"] = pytorchs(other(), x, y, update)
        except ImportError:
            print("PyTorch is not installed: no comparison")
        contenders["gradviz, compiled"] = ours(make(), x, y, update, options.threads)
        what = "training step" if update else "forward and backward"
        print(f"{name}, input {shape}, {options.threads} thread(s), {what}")
        for result in compare(contenders, options.rounds, 0.2):
            print(result)


if __name__ == "__main__":
    main()
