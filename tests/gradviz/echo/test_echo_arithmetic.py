"""Arithmetic between tensors on the way to the loss: residual networks, losses written by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from gradviz.engine.jit import jit_disabled

import gradviz
import gradviz.nn.functional as F
from gradviz import nn, optim

from .loops import ROUNDS, Loop, both, ready

pytestmark = pytest.mark.skipif(jit_disabled(), reason="the executor is machine code")


@pytest.fixture(autouse=True)
def _ready(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with ready(monkeypatch):
        yield


class Residual(nn.Module):
    """Adds what its layers make to what they are given."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.inner = nn.Linear(5, 40), nn.Linear(40, 40)
        self.scale = nn.Parameter(gradviz.full((40,), 0.5))
        self.last = nn.Linear(40, 4)

    def forward(self, x: Any) -> Any:
        h = F.relu(self.first(x))
        h = h + F.relu(self.inner(h)) * self.scale
        return self.last(2 * h - h / 3 + 1 - (1 - h))


def _script(loss_of: Callable[[Any, Any], Any]) -> Callable[[Loop], None]:
    def script(loop: Loop) -> None:
        for number in range(2 * ROUNDS):
            x, y = loop.batch(2 if number % 9 == 8 else 3)
            loop.optimizer.zero_grad()
            loss = loss_of(loop.net(x), y)
            loss.backward()
            loop.optimizer.step()
            loop.note(loss.item())

    return script


def _usual(out: Any, y: Any) -> Any:
    return F.cross_entropy(out, y)


def _squares(out: Any, y: Any) -> Any:
    return ((out - F.one_hot(y, 4).float()) ** 2).mean()


def _with_penalty(out: Any, y: Any) -> Any:
    return F.cross_entropy(out, y) + 0.01 * (out * out).sum() - out.mean() / 7


@pytest.mark.parametrize("loss_of", [_usual, _squares, _with_penalty])
def test_a_residual_network(loss_of: Callable[[Any, Any], Any]) -> None:
    both(_script(loss_of), None, Residual)


@pytest.mark.parametrize("loss_of", [_squares, _with_penalty])
def test_losses_written_by_hand(loss_of: Callable[[Any, Any], Any]) -> None:
    both(_script(loss_of), lambda params: optim.Adam(params, lr=0.01))


def test_another_operator_and_another_number_are_noticed() -> None:
    chosen = ["a"]

    def loss_of(out: Any, y: Any) -> Any:
        loss = F.cross_entropy(out, y)
        if chosen[0] == "a":
            return loss + 0.5 * out.mean()
        return loss - 0.5 * out.mean() if chosen[0] == "b" else loss + 0.25 * out.mean()

    def script(loop: Loop) -> None:
        for number in range(3 * ROUNDS):
            chosen[0] = {ROUNDS: "b", ROUNDS + 4: "c"}.get(number, "a")
            x, y = loop.batch()
            loop.optimizer.zero_grad()
            loss = loss_of(loop.net(x), y)
            loss.backward()
            loop.optimizer.step()
            loop.note(loss.item())

    both(script)


def test_many_operators_of_small_tensors_stay_on_tapes() -> None:
    loop = Loop()
    for _ in range(2 * ROUNDS):
        x, y = loop.batch()
        loop.optimizer.zero_grad()
        h = loop.net(x)
        for _ in range(40):
            h = h + h * 0.01
        loss = loop.criterion(h, y)
        loss.backward()
        loop.optimizer.step()
    assert loop.rounds == 0
