"""Small ops run eagerly, with gradients: a chain of products and sums of 4 elements, against its peers.

python -m tests.benchmarks.bench_eager
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
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


def main() -> None:
    """Print the time of the whole chain, in processor time."""
    try:
        import torch

        torch.set_num_threads(1)
    except ImportError:
        torch = None
        print("PyTorch is not installed: no comparison")
    prepare()  # what a script that runs many small ops does by itself after a while
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


if __name__ == "__main__":
    main()
