"""A training step of LeNet and of an MLP (forward, loss, backward, SGD) in every library that is installed.

python -m tests.benchmarks.bench_peers [--batches 1 16] [--rounds 11]

One thread, on one core where the system allows that. Peers are PyTorch (eager), JAX (jit) and HIPS autograd
(convolution as a product with shifted slices). Peak memory is that of a process with one library alone.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

from pathlib import Path
from typing import Any

import numpy as np
from gradviz.engine.compiled import compile_program

import gradviz
import gradviz.nn.functional as F
from gradviz.models import MLP, LeNet
from tests.benchmarks.side_by_side import compare

RATE = 0.01
MODELS = ("lenet", "mlp")
SIZES = ((784, 128), (128, 10))  # of the MLP
Step = Callable[[], object]


def data(model: str, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Random samples and classes."""
    rng = np.random.default_rng(0)
    shape = (size, 1, 32, 32) if model == "lenet" else (size, 784)
    return rng.normal(size=shape).astype(np.float32), rng.integers(0, 10, size)


def weights(model: str) -> list[np.ndarray]:
    """Weights and biases, one after the other, for libraries without modules."""
    net = LeNet() if model == "lenet" else MLP(784, 128, 10)
    return [p.detach().numpy().copy() for p in net.parameters()]


def compiled(model: str, size: int) -> Step:
    """gradviz's executor."""
    x, y = data(model, size)
    net = LeNet() if model == "lenet" else MLP(784, 128, 10)
    optimizer = gradviz.optim.SGD(net.parameters(), lr=RATE)
    for _ in range(2):
        with gradviz.record() as recorder:
            given, target = gradviz.from_numpy(x), gradviz.from_numpy(y)
            optimizer.zero_grad()
            F.cross_entropy(net(given), target).backward()
            optimizer.step()
    program = compile_program(recorder.program())
    inputs = {"given": x, "target": y}
    return lambda: program.step(inputs)


def eager(model: str, size: int) -> Step:
    """gradviz, op by op."""
    x, y = (gradviz.from_numpy(each) for each in data(model, size))
    net = LeNet() if model == "lenet" else MLP(784, 128, 10)
    optimizer = gradviz.optim.SGD(net.parameters(), lr=RATE)

    def step() -> None:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()

    return step


def pytorch(model: str, size: int) -> Step:
    """PyTorch, op by op."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    x, y = (torch.from_numpy(each) for each in data(model, size))
    layers: list[nn.Module] = [nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10)]
    if model == "lenet":
        layers = [nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU()]
        layers += [nn.MaxPool2d(2), nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84)]
        layers += [nn.ReLU(), nn.Linear(84, 10)]
    net = nn.Sequential(*layers)
    optimizer = torch.optim.SGD(net.parameters(), lr=RATE)

    def step() -> None:
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()

    return step


def jax(model: str, size: int) -> Step:
    """JAX, the whole step compiled for this batch."""
    import jax
    from jax import lax
    from jax import numpy as jnp

    x, y = map(jnp.asarray, data(model, size))

    def convolved(x: Any, w: Any, b: Any) -> Any:
        x = lax.conv_general_dilated(x, w, (1, 1), "VALID", dimension_numbers=("NCHW", "OIHW", "NCHW"))
        x = jax.nn.relu(x + b[:, None, None])
        return lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")

    def loss(params: list[Any]) -> Any:
        h, rest = x, params
        while rest[0].ndim == 4:
            h, rest = convolved(h, *rest[:2]), rest[2:]
        h = h.reshape(size, -1)
        for w, b in zip(rest[:-2:2], rest[1:-2:2], strict=True):
            h = jax.nn.relu(h @ w.T + b)
        scores = jax.nn.log_softmax(h @ rest[-2].T + rest[-1])
        return -scores[jnp.arange(size), y].mean()

    @jax.jit
    def update(params: list[Any]) -> list[Any]:
        return [p - RATE * g for p, g in zip(params, jax.grad(loss)(params), strict=True)]

    params = [jnp.asarray(p) for p in weights(model)]

    def step() -> None:
        nonlocal params
        params = update(params)
        params[0].block_until_ready()

    return step


def hips(model: str, size: int) -> Step:
    """HIPS autograd on numpy."""
    import autograd
    from autograd import numpy as anp

    x, y = data(model, size)

    def convolved(x: Any, w: Any, b: Any) -> Any:
        rows, columns = x.shape[2] - 4, x.shape[3] - 4
        parts = [x[:, :, i : i + rows, j : j + columns] for i in range(5) for j in range(5)]
        patches = anp.stack(parts, 2).reshape(size, -1, rows * columns)
        z = anp.maximum(anp.matmul(w.reshape(len(w), -1), patches) + b[:, None], 0)
        return anp.max(z.reshape(size, len(w), rows // 2, 2, columns // 2, 2), axis=(3, 5))

    def loss(params: list[Any]) -> Any:
        h, rest = x, params
        while rest[0].ndim == 4:
            h, rest = convolved(h, *rest[:2]), rest[2:]
        h = h.reshape(size, -1)
        for w, b in zip(rest[:-2:2], rest[1:-2:2], strict=True):
            h = anp.maximum(anp.dot(h, w.T) + b, 0)
        scores = anp.dot(h, rest[-2].T) + rest[-1]
        scores = scores - anp.max(scores, axis=1, keepdims=True)
        scores = scores - anp.log(anp.sum(anp.exp(scores), axis=1, keepdims=True))
        return -anp.mean(scores[anp.arange(size), y])

    gradient = autograd.grad(loss)
    params = weights(model)

    def step() -> None:
        nonlocal params
        params = [p - RATE * g for p, g in zip(params, gradient(params), strict=True)]

    return step


CONTENDERS: dict[str, Callable[[str, int], Step]] = {
    "PyTorch": pytorch,
    "JAX, jit": jax,
    "HIPS autograd": hips,
    "gradviz, compiled": compiled,
    "gradviz, eager": eager,
}


def own_peak() -> int:
    """This process's peak memory in kB. What `getrusage` says counts the process that started it, too."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if "VmHWM" in line)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def peak(name: str, model: str, size: int) -> str:
    """The peak memory of a process that does nothing else."""
    command = [sys.executable, "-m", "tests.benchmarks.bench_peers", "--alone", name, model, str(size)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else "failed"


def main() -> None:
    """Print a table for each model and batch."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--alone", nargs=3, metavar=("NAME", "MODEL", "SIZE"), help="one contender's memory")
    options = parser.parse_args()
    if options.alone:
        name, model, size = options.alone
        step = CONTENDERS[name](model, int(size))
        for _ in range(200):
            step()
        print(f"{own_peak() / 1024:.0f} MB")
        return
    for model in MODELS:
        for size in options.batches:
            steps: dict[str, Step] = {}
            for name, make in CONTENDERS.items():
                try:
                    steps[name] = make(model, size)
                except ImportError as error:
                    print(f"{name}: no comparison ({error})")
            print(f"{model}, batch {size}, one thread")
            for result in compare(steps, options.rounds, clock=time.process_time):
                print(result, f"  peak {peak(result.name, model, size)}")


if __name__ == "__main__":
    main()
