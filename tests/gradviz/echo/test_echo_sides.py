"""Old values of parameters are there for those who still use them, and copied for nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from gradviz.engine.echo import Follower
from gradviz.engine.echo_memory import Arena
from gradviz.engine.jit import jit_disabled

import gradviz
from gradviz import optim
from gradviz.optim import echoing

from .loops import ROUNDS, Loop, Net, both, ready

pytestmark = pytest.mark.skipif(jit_disabled(), reason="the executor is machine code")


@pytest.fixture(autouse=True)
def _ready(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with ready(monkeypatch):
        yield


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """On which sides values were copied."""
    found: list[int] = []
    copy = Arena.copy

    def noted(self: Arena, side: int) -> np.ndarray:
        found.append(side)
        return copy(self, side)

    monkeypatch.setattr(Arena, "copy", noted)
    return found


def _adam(params: Any) -> optim.Optimizer:
    return optim.Adam(params, lr=0.01)


@pytest.mark.parametrize("make", [None, _adam])
def test_nothing_is_copied_in_a_usual_loop(copies: list[int], make: Any) -> None:
    loop = Loop(make, Net)
    for _ in range(2 * ROUNDS):
        loop.round()
    assert loop.rounds > ROUNDS
    assert copies == []


def test_graphs_that_are_held_keep_their_values(copies: list[int]) -> None:
    def script(loop: Loop) -> None:
        held: list[Any] = []
        for number in range(2 * ROUNDS):
            x, y = loop.batch()
            loop.optimizer.zero_grad()
            out = loop.net(x)
            loss = loop.criterion(out, y)
            loss.backward()
            loop.optimizer.step()
            if number > ROUNDS and number % 7 < 3:
                held.append(out)
            if number % 7 == 5:
                loop.note(*held)
                held.clear()
        loop.note(*held)

    both(script, _adam, Net)
    assert len(copies) > 3


def test_weights_changed_on_either_side() -> None:
    def script(loop: Loop) -> None:
        kept: list[Any] = []
        for number in range(2 * ROUNDS):
            if number > ROUNDS and number % 5 in (0, 1, 3):
                kept.append(loop.net.fc2.weight.detach().clone())
                with gradviz.no_grad():
                    loop.net.fc2.weight *= 0.9
            loop.note(loop.round().item())
            if number % 4 == 3:
                loop.note(*(each.detach().clone() for each in loop.net.parameters()))
        loop.note(*kept)

    both(script, lambda params: optim.SGD(params, lr=0.1, momentum=0.9), Net)


def test_a_loss_computed_beforehand_uses_the_present_side() -> None:
    def script(loop: Loop) -> None:
        for _ in range(2 * ROUNDS):
            x, y = loop.batch()
            loop.optimizer.zero_grad()
            loss = loop.criterion(loop.net(x), y)
            loop.note(loss.item())
            loss.backward()
            loop.optimizer.step()

    both(script, _adam, Net)


def test_a_step_that_is_interrupted_has_not_been_made(monkeypatch: pytest.MonkeyPatch) -> None:
    replace, interruptions = Follower._replace, []

    def interrupted(self: Follower, tensors: list[Any]) -> None:
        if self.rounds == 10 and not interruptions:
            interruptions.append(1)
            raise KeyboardInterrupt
        replace(self, tensors)

    monkeypatch.setattr(Follower, "_replace", interrupted)
    skipped: list[int] = []

    def script(loop: Loop, skip: int) -> None:
        for number in range(2 * ROUNDS):
            x, y = loop.batch()
            loop.optimizer.zero_grad()
            loss = loop.criterion(loop.net(x), y)
            loss.backward()
            loop.note(loss.item())
            try:
                if number != skip:
                    loop.optimizer.step()
            except KeyboardInterrupt:
                skipped.append(number)

    def make(params: Any) -> optim.Optimizer:
        return optim.SGD(params, lr=0.1, momentum=0.9)

    echoed = Loop(make, Net)
    script(echoed, -1)
    assert len(skipped) == 1
    assert echoed.rounds > 10
    monkeypatch.setenv(echoing.SWITCH, "0")
    plain = Loop(make, Net)
    script(plain, skipped[0])
    np.testing.assert_allclose(echoed.numbers, plain.numbers, rtol=1e-5)
