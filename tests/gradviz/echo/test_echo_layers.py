"""Layers and functions whose calls are foreseen as a whole are run when something about them has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from gradviz.engine.compiled import routine
from gradviz.engine.jit import jit_disabled

import gradviz
import gradviz.nn.functional as F
from gradviz import nn, optim

from .loops import ROUNDS, Loop, Mlp, Net, both, ready

pytestmark = pytest.mark.skipif(jit_disabled(), reason="the executor is machine code")


@pytest.fixture(autouse=True, params=["machine code", "Python"])
def _ready(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with ready(monkeypatch):
        if request.param == "Python":
            monkeypatch.setattr(routine, "of_echo", lambda _: None)
        yield


def _changed(change: Callable[[Loop, int], None]) -> Callable[[Loop], None]:
    def script(loop: Loop) -> None:
        for number in range(2 * ROUNDS):
            change(loop, number)
            loop.note(loop.round().item())

    return script


def test_settings_of_a_loss() -> None:
    def change(loop: Loop, number: int) -> None:
        loop.criterion.reduction = "sum" if number % 8 == 7 else "mean"
        loop.criterion.label_smoothing = 0.1 if number == ROUNDS else 0.0

    both(_changed(change))


def test_another_parameter_in_a_layer() -> None:
    def change(loop: Loop, number: int) -> None:
        if number == ROUNDS:
            assert loop.rounds > 5 or loop.optimizer._echo is None
            loop.net.two.weight = nn.Parameter(loop.net.two.weight.detach() * 0.5)

    both(_changed(change), least=0)  # the optimizer's own gets no gradient any more


def test_a_layer_without_its_bias_for_a_while() -> None:
    kept = []

    def change(loop: Loop, number: int) -> None:
        if number == ROUNDS:
            kept.append(loop.net.one.bias)
            loop.net.one.bias = None
        if number == ROUNDS + 3:
            loop.net.one.bias = kept.pop()

    both(_changed(change), least=5)


def test_a_forward_that_is_replaced() -> None:
    def change(loop: Loop, number: int) -> None:
        if number == ROUNDS:
            loop.net.one.forward = lambda x: F.linear(x * 2, loop.net.one.weight, loop.net.one.bias)
        if number == ROUNDS + 3:
            del loop.net.one.forward

    both(_changed(change), least=5)


def test_hooks_of_a_layer() -> None:
    seen = []

    def change(loop: Loop, number: int) -> None:
        if number == ROUNDS:
            hook = loop.net.one.register_forward_hook(lambda module, args, out: seen.append(out.sum().item()))
            seen.append(hook)
        if number == ROUNDS + 2:
            next(each for each in seen if not isinstance(each, float)).remove()
            loop.note(*(each for each in seen if isinstance(each, float)))
            seen.clear()

    both(_changed(change))


class Counting(nn.Linear):
    """A layer of the user's own that does more than its ops."""

    def __init__(self, *sizes: int) -> None:
        super().__init__(*sizes)
        self.calls = 0

    def forward(self, input: Any) -> Any:
        self.calls += 1
        return super().forward(input)


class Counted(nn.Module):
    """A network with one."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = Counting(5, 7), Counting(7, 4)

    def forward(self, x: Any) -> Any:
        return self.two(F.relu(self.one(x)))


def test_layers_of_the_users_own_run() -> None:
    loop = both(_changed(lambda loop, number: None), None, Counted)
    assert loop.net.one.calls == loop.net.two.calls == 2 * ROUNDS


class Windows(Net):
    """A network whose windows can be changed."""

    def __init__(self) -> None:
        super().__init__()
        self.window: Any = (2, 2)

    def forward(self, x: Any) -> Any:
        x = F.max_pool2d(F.relu(self.conv(x)), self.window, (2, 2))
        return self.fc2(F.relu(self.fc1(gradviz.flatten(x, 1))))


def test_settings_of_a_function() -> None:
    def change(loop: Loop, number: int) -> None:
        loop.net.window = (1, 1) if number % 8 == 7 else (2, 2)
        if number % 10 == 9:
            loop.net.window = [2, 2]

    both(_changed(change), None, Windows)


def test_a_list_that_is_changed_in_place() -> None:
    class Sliding(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.last = nn.Conv2d(1, 4, 3), nn.Linear(4, 4)
            self.conv.padding = [0, 0]
            self.window = [2, 2]

        def forward(self, x: Any) -> Any:
            return self.last(F.max_pool2d(self.conv(x), self.window).mean((2, 3)))

    def script(loop: Loop) -> None:
        for number in range(2 * ROUNDS):
            loop.net.window[0] = 3 if number >= ROUNDS else 2
            loop.net.conv.padding[1] = 1 if number >= ROUNDS + 5 else 0
            x = gradviz.tensor(loop._rng.normal(size=(3, 1, 8, 8)).astype(np.float32))
            y = gradviz.tensor(loop._rng.integers(0, 4, 3))
            loop.optimizer.zero_grad()
            loss = loop.criterion(loop.net(x), y)
            loss.backward()
            loop.optimizer.step()
            loop.note(loss.item())

    both(script, None, Sliding, least=0)


def test_views_share_what_they_show() -> None:
    def script(loop: Loop) -> None:
        for number in range(2 * ROUNDS):
            x, y = loop.batch()
            loop.optimizer.zero_grad()
            pooled = F.max_pool2d(F.relu(loop.net.conv(x)), 2)
            flat = gradviz.flatten(pooled, 1)
            loss = loop.criterion(loop.net.fc2(F.relu(loop.net.fc1(flat))), y)
            loss.backward()
            if number % 6 == 5:
                with gradviz.no_grad():
                    flat.mul_(2)
                loop.note(pooled, flat)
            loop.optimizer.step()

    both(script, None, Net)


def test_a_random_function_draws_as_ever() -> None:
    def script(loop: Loop) -> None:
        for _ in range(ROUNDS):
            x, y = loop.batch()
            x = F.dropout(x, 0.3)
            loop.optimizer.zero_grad()
            loop.criterion(loop.net(x), y).backward()
            loop.optimizer.step()
        loop.note(gradviz.rand(3))

    both(script)


def test_gradients_have_no_memory_until_somebody_looks() -> None:
    loop = Loop(lambda p: optim.SGD(p, lr=0.1), Mlp)
    for _ in range(ROUNDS):
        loop.round()
    assert loop.rounds > 5
    weight = loop.net.one.weight
    gradient = weight.grad
    assert gradient is weight.grad
    before = gradient.clone().numpy()
    loop.optimizer.zero_grad()
    assert weight.grad is None
    loop.round()
    np.testing.assert_array_equal(gradient.numpy(), before)
