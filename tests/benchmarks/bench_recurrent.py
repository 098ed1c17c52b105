"""A training step of recurrent networks and of a transformer's layer, compiled, against PyTorch.

python -m tests.benchmarks.bench_recurrent [--rounds 9] [rnn] [lstm] [gru] [transformer]
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from gradviz.engine.compiled import Compiled, compile_program

import gradviz
import gradviz.nn.functional as F
from gradviz import nn
from tests.benchmarks.side_by_side import compare

STEPS, BATCH, UNITS = 20, 16, 32
KINDS = ("rnn", "lstm", "gru", "transformer")


class Network(nn.Module):
    """Reads a sequence and classifies it by its last output."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        layers = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
        self.attends = kind == "transformer"
        if self.attends:
            self.body = nn.TransformerEncoderLayer(UNITS, 4, 2 * UNITS, dropout=0.0, batch_first=True)
        else:
            self.body = layers[kind](UNITS, UNITS, batch_first=True)
        self.head = nn.Linear(UNITS, 10)

    def forward(self, x: gradviz.Tensor) -> gradviz.Tensor:
        out = self.body(x) if self.attends else self.body(x)[0]
        return self.head(out[:, -1])


def compiled_step(kind: str) -> tuple[Compiled, dict[str, np.ndarray]]:
    """A step with gradient descent."""
    gradviz.manual_seed(0)
    net = Network(kind)
    optim = gradviz.optim.SGD(net.parameters(), lr=0.01)
    x, y = batch()
    for _ in range(2):
        with gradviz.record() as recorder:
            given, target = gradviz.from_numpy(x), gradviz.from_numpy(y)
            optim.zero_grad()
            F.cross_entropy(net(given), target).backward()
            optim.step()
    return compile_program(recorder.program()), {"given": x, "target": y}


def batch() -> tuple[np.ndarray, np.ndarray]:
    """Random sequences and classes."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(BATCH, STEPS, UNITS)).astype(np.float32), rng.integers(0, 10, BATCH)


def pytorchs(kind: str) -> Callable[[], object]:
    """The same in eager PyTorch."""
    import torch

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            layers = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
            self.attends = kind == "transformer"
            if self.attends:
                self.body = torch.nn.TransformerEncoderLayer(
                    UNITS, 4, 2 * UNITS, dropout=0.0, batch_first=True
                )
            else:
                self.body = layers[kind](UNITS, UNITS, batch_first=True)
            self.head = torch.nn.Linear(UNITS, 10)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            out = self.body(x) if self.attends else self.body(x)[0]
            return self.head(out[:, -1])

    net = Net()
    optim = torch.optim.SGD(net.parameters(), lr=0.01)
    given, target = (torch.from_numpy(each) for each in batch())

    def step() -> None:
        optim.zero_grad()
        torch.nn.functional.cross_entropy(net(given), target).backward()
        optim.step()

    return step


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", nargs="*", default=KINDS)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    for kind in options.which:
        contenders: dict[str, Callable[[], object]] = {}
        try:
            import torch

            torch.set_num_threads(1)
            contenders["PyTorch"] = pytorchs(kind)
        except ImportError:
            print("PyTorch is not installed: no comparison")
        compiled, inputs = compiled_step(kind)
        contenders["gradviz, compiled"] = lambda compiled=compiled, inputs=inputs: compiled.step(inputs)
        left = dict(compiled.fallbacks) or "nothing"
        print(f"{kind}, {STEPS} steps, {UNITS} units, batch {BATCH}, 1 thread; interpreted: {left}")
        for result in compare(contenders, options.rounds, 0.1, time.process_time):
            print(result)


if __name__ == "__main__":
    main()
