"""Loops of training that run twice: with echo and without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from gradviz.engine import echo as engine_echo
from gradviz.engine.compiled import routine
from gradviz.engine.state import state

import gradviz
import gradviz.nn.functional as F
from gradviz import nn, optim
from gradviz.optim import echoing
from gradviz.optim.optimizer import Optimizer

PATIENCE = 3
ROUNDS = 16


class Net(nn.Module):
    """A small convolutional network."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 3)
        self.fc1, self.fc2 = nn.Linear(27, 8), nn.Linear(8, 4)

    def forward(self, x: Any) -> Any:
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        return self.fc2(F.relu(self.fc1(gradviz.flatten(x, 1))))


class Mlp(nn.Module):
    """A small network of weighted sums."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(5, 7), nn.Linear(7, 4)

    def forward(self, x: Any) -> Any:
        return self.two(gradviz.tanh(self.one(x)))


class Loop:
    """A network, an optimizer and batches; `numbers` collects what is to be compared."""

    def __init__(self, make: Callable[[Any], Optimizer] | None = None, kind: type[nn.Module] = Mlp) -> None:
        gradviz.manual_seed(1)
        self.net = kind()
        self.criterion = nn.CrossEntropyLoss()
        params = self.net.parameters()
        self.optimizer = optim.SGD(params, lr=0.1) if make is None else make(params)
        self.numbers: list[np.ndarray] = []
        self._rng = np.random.default_rng(5)

    def batch(self, size: int = 3) -> tuple[Any, Any]:
        """Another batch."""
        shape = (1, 8, 8) if isinstance(self.net, Net) else (5,)
        x = gradviz.tensor(self._rng.normal(size=(size, *shape)).astype(np.float32))
        return x, gradviz.tensor(self._rng.integers(0, 4, size))

    def note(self, *values: Any) -> None:
        """Compare these later."""
        for value in values:
            array = value.detach().numpy() if isinstance(value, gradviz.Tensor) else np.asarray(value)
            self.numbers.append(np.array(array))

    def round(self, size: int = 3) -> Any:
        """The usual round; returns the loss."""
        x, y = self.batch(size)
        self.optimizer.zero_grad()
        loss = self.criterion(self.net(x), y)
        loss.backward()
        self.optimizer.step()
        return loss

    def end(self) -> None:
        """Note all that is left at the end."""
        self.note(*self.net.parameters())
        self.note(*(p.grad for p in self.net.parameters() if p.grad is not None))
        for kept in self.optimizer.state.values():
            self.note(*(value for value in kept.values() if isinstance(value, gradviz.Tensor)))

    @property
    def rounds(self) -> int:
        """How many steps the executor has run."""
        listener = self.optimizer._echo
        return 0 if listener is None or listener.follower is None else listener.follower.rounds


@contextmanager
def ready(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Begin soon, and compile what has not been compiled."""
    monkeypatch.setattr(echoing, "PATIENCE", PATIENCE)
    monkeypatch.setattr(routine, "is_made", lambda *_: True)
    monkeypatch.setattr(routine.CODE, "has", lambda _: True)
    yield
    state.echo = None
    engine_echo.followers.clear()


def both(script: Callable[[Loop], None], *make: Any, least: int = 8, close: float = 2e-6) -> Loop:
    """Run a script both ways: the same numbers, and at least so many rounds by the executor."""
    loops = []
    for setting in ("0", "1"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(echoing.SWITCH, setting)
            loop = Loop(*make)
            script(loop)
            loop.end()
        loops.append(loop)
        state.echo = None
    plain, echoed = loops
    assert len(plain.numbers) == len(echoed.numbers)
    for number, (a, b) in enumerate(zip(plain.numbers, echoed.numbers, strict=True)):
        # A small loss is a difference of logits, of about 1: it is no more exact than those.
        scale = float(np.abs(a).max(initial=0.1)) if a.dtype.kind == "f" else 0
        np.testing.assert_allclose(
            b, a, rtol=close, atol=close * scale + 1e-7, err_msg=f"number {number}", equal_nan=True
        )
    assert plain.rounds == 0
    assert echoed.rounds >= least, echoed.optimizer._echo and echoed.optimizer._echo.problem
    return echoed
