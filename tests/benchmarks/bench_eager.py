"""Ops run eagerly, one by one: a chain of products and sums of 4 elements, and a whole step of LeNet.

python -m tests.benchmarks.bench_eager
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from gradviz.engine.jit import warm_up
from gradviz.engine.tape_machine import prepare

import gradviz
from tests.benchmarks.side_by_side import compare

OPS = 32


def chain(library: Any, back: bool) -> Callable[[], object]:
    """The chain in a library with PyTorch's API."""
    a = library.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    b = library.tensor([0.5, 0.5, 0.5, 0.5], requires_grad=True)

    def run() -> object:
        x = a
        for _ in range(OPS // 2):
            x = x * b
            x = x + a
        if back:
            x.sum().backward()
            a.grad = b.grad = None
        return x

    return run


def hips(back: bool) -> Callable[[], object] | None:
    """The same in HIPS autograd, which always records for a gradient; None if it is not installed."""
    try:
        import autograd
    except ImportError:
        return None
    a, b = np.array([1.0, 2.0, 3.0, 4.0]), np.full(4, 0.5)

    def total(a: Any, b: Any) -> Any:
        x = a
        for _ in range(OPS // 2):
            x = x * b
            x = x + a
        return x.sum()

    gradient = autograd.grad(total, (0, 1))
    return (lambda: gradient(a, b)) if back else None


def lenet(library: Any) -> Callable[[], object]:
    """A step of training on one sample, written with a library that has PyTorch's API."""
    functional = library.nn.functional

    class Net(library.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.conv1, self.conv2 = library.nn.Conv2d(1, 6, 5), library.nn.Conv2d(6, 16, 5)
            self.fc1, self.fc2 = library.nn.Linear(400, 120), library.nn.Linear(120, 84)
            self.fc3 = library.nn.Linear(84, 10)

        def forward(self, x: Any) -> Any:
            x = functional.max_pool2d(functional.relu(self.conv1(x)), (2, 2))
            x = functional.max_pool2d(functional.relu(self.conv2(x)), 2)
            x = functional.relu(self.fc1(library.flatten(x, 1)))
            return self.fc3(functional.relu(self.fc2(x)))

    library.manual_seed(0)
    net, criterion = Net(), library.nn.CrossEntropyLoss()
    optimizer = library.optim.SGD(net.parameters(), lr=0.01)
    x, target = library.randn(1, 1, 32, 32), library.tensor([3])

    def step() -> object:
        optimizer.zero_grad()
        loss = criterion(net(x), target)
        loss.backward()
        optimizer.step()
        return loss

    return step


def main() -> None:
    """Print the time of the whole chain, and of LeNet's step, in processor time."""
    try:
        import torch

        torch.set_num_threads(1)
    except ImportError:
        torch = None
        print("PyTorch is not installed: no comparison")
    prepare()  # what a script that runs many small ops does by itself after a while
    warm_up()  # kernels that are there after the first start
    for back in (False, True):
        contenders: dict[str, Callable[[], object]] = {}
        if torch is not None:
            contenders["PyTorch"] = chain(torch, back)
        contenders["gradviz"] = chain(gradviz, back)
        if (other := hips(back)) is not None:
            contenders["HIPS autograd"] = other
        print(f"{OPS} ops on 4 elements, {'forward and backward' if back else 'forward, recorded'}")
        for result in compare(contenders, rounds=21, clock=time.process_time):
            print(result, f"  {result.seconds / OPS * 1e6:.2f} µs an op")
    print("a step of LeNet with one sample: forward, backward and update")
    peers = {} if torch is None else {"PyTorch": lenet(torch)}
    for result in compare(peers | {"gradviz": lenet(gradviz)}, rounds=21, clock=time.process_time):
        print(result)


if __name__ == "__main__":
    main()
