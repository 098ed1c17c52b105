"""Loops of training give the same numbers whether the executor runs their rounds or not."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from gradviz.engine.jit import jit_disabled

import gradviz
from gradviz import nn, optim

from .loops import ROUNDS, Loop, Mlp, Net, both, ready

pytestmark = pytest.mark.skipif(jit_disabled(), reason="the executor is machine code")


@pytest.fixture(autouse=True)
def _ready(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with ready(monkeypatch):
        yield


def _losses(loop: Loop) -> None:
    for _ in range(ROUNDS):
        loop.note(loop.round().item())


@pytest.mark.parametrize("kind", [Net, Mlp])
@pytest.mark.parametrize(
    "make",
    [
        lambda p: optim.SGD(p, lr=0.1),
        lambda p: optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=1e-3, nesterov=True),
        lambda p: optim.Adam(p, lr=0.01),
        lambda p: optim.AdamW(p, lr=0.01, amsgrad=True),
        lambda p: optim.RMSprop(p, lr=0.01, momentum=0.5, centered=True),
    ],
)
def test_the_usual_loop(kind: type[nn.Module], make: Any) -> None:
    both(_losses, make, kind, close=1e-5)


def test_the_loss_read_before_the_step() -> None:
    def script(loop: Loop) -> None:
        for _ in range(ROUNDS):
            x, y = loop.batch()
            loop.optimizer.zero_grad()
            loss = loop.criterion(loop.net(x), y)
            loop.note(loss.item())
            loss.backward()
            loop.optimizer.step()

    loop = both(script)
    assert loop.optimizer._echo is not None
    follower = loop.optimizer._echo.follower
    assert follower is not None
    assert follower.glance is not None, "the executor computes the loss before the step, too"


def test_results_read_before_the_step_of_changed_weights() -> None:
    def script(loop: Loop) -> None:
        weight = next(iter(loop.net.parameters()))
        for number in range(2 * ROUNDS):
            x, y = loop.batch()
            loop.optimizer.zero_grad()
            if number % 6 == 5:
                weight.data.mul_(0.5)
            out = loop.net(x)
            loop.note(out.argmax(1).tolist(), out.tolist())
            if number % 9 == 8:
                with pytest.raises(IndexError):
                    loop.criterion(out, y + 10)
            loss = loop.criterion(out, y)
            loop.note(loss.item())
            loss.backward()
            if number % 7 == 6:
                loop.note(weight.grad.clone())
            loop.optimizer.step()

    both(script)


def test_the_last_batch_of_an_epoch_is_smaller() -> None:
    def script(loop: Loop) -> None:
        for number in range(3 * ROUNDS):
            loop.note(loop.round(2 if number % 10 == 9 else 3).item())

    both(script, least=20)


def test_gradients_that_are_looked_at_after_and_before_the_step() -> None:
    def script(loop: Loop) -> None:
        for number in range(ROUNDS):
            x, y = loop.batch()
            loop.optimizer.zero_grad()
            loop.criterion(loop.net(x), y).backward()
            if number == ROUNDS - 3:
                loop.note(*(p.grad for p in loop.net.parameters()))
            loop.optimizer.step()
            if number == ROUNDS - 2:
                held = [p.grad for p in loop.net.parameters()]
        loop.note(*held)

    both(script)


def test_two_backward_passes_before_a_step() -> None:
    def script(loop: Loop) -> None:
        for number in range(2 * ROUNDS):
            x, y = loop.batch()
            loop.criterion(loop.net(x), y).backward()
            if number % 8 == 7:
                x, y = loop.batch()
                loop.criterion(loop.net(x), y).backward()
            loop.optimizer.step()
            loop.optimizer.zero_grad()

    both(script)


def test_gradients_that_are_filled_with_zeros() -> None:
    def script(loop: Loop) -> None:
        for number in range(2 * ROUNDS):
            x, y = loop.batch()
            loop.optimizer.zero_grad(set_to_none=number % 8 != 7)
            loop.criterion(loop.net(x), y).backward()
            loop.optimizer.step()

    both(script)


def test_parameters_that_are_changed_by_hand() -> None:
    def script(loop: Loop) -> None:
        weight = next(iter(loop.net.parameters()))
        for number in range(2 * ROUNDS):
            loop.note(loop.round().item())
            if number % 5 == 4:
                with gradviz.no_grad():
                    weight -= 0.1 * weight
            if number % 7 == 6:
                weight.data.copy_(weight.data * 0.5)

    both(script)


def test_a_parameter_that_is_changed_between_forward_and_step() -> None:
    def script(loop: Loop) -> None:
        weight = next(iter(loop.net.parameters()))
        for number in range(2 * ROUNDS):
            x, y = loop.batch()
            loop.optimizer.zero_grad()
            loss = loop.criterion(loop.net(x), y)
            if number == ROUNDS:
                weight.data.mul_(0.5)
            loss.backward()
            if number == ROUNDS + 3:
                weight.data.mul_(0.5)
            loop.optimizer.step()
            loop.note(loss.item())

    both(script)


def test_a_gradient_that_is_clipped() -> None:
    def script(loop: Loop) -> None:
        for number in range(2 * ROUNDS):
            x, y = loop.batch()
            loop.optimizer.zero_grad()
            loop.criterion(loop.net(x), y).backward()
            if number % 9 == 8:
                nn.utils.clip_grad_norm_(loop.net.parameters(), 0.1)
            loop.optimizer.step()

    both(script)


def test_a_state_that_is_loaded() -> None:
    def script(loop: Loop) -> None:
        saved = copy.deepcopy(loop.net.state_dict())
        for number in range(2 * ROUNDS):
            loop.note(loop.round().item())
            if number == ROUNDS:
                loop.net.load_state_dict(saved)
                kept = copy.deepcopy(loop.optimizer.state_dict())
            if number == ROUNDS + 5:
                loop.optimizer.load_state_dict(kept)

    both(script, lambda p: optim.SGD(p, lr=0.1, momentum=0.9))


def test_a_state_that_is_held_while_training_goes_on() -> None:
    def script(loop: Loop) -> None:
        for number in range(2 * ROUNDS):
            loop.round()
            if number == ROUNDS:
                held = loop.net.state_dict()
            if number == ROUNDS + 3:
                loop.note(*(value.clone() for value in held.values()))
                del held

    both(script)


def test_hooks_that_are_registered_late() -> None:
    def script(loop: Loop) -> None:
        weight = next(iter(loop.net.parameters()))
        for number in range(2 * ROUNDS):
            x, y = loop.batch()
            loop.optimizer.zero_grad()
            out = loop.net(x)
            if number == ROUNDS:
                out.register_hook(lambda g: g * 2)
            if number == ROUNDS + 4:
                handle = weight.register_hook(lambda g: g * 3)
            if number == ROUNDS + 6:
                handle.remove()
            loop.criterion(out, y).backward()
            loop.optimizer.step()
            loop.note(weight.clone())

    both(script, least=6)


def test_a_recorder_that_listens_to_one_round() -> None:
    def script(loop: Loop) -> None:
        for number in range(2 * ROUNDS):
            if number == ROUNDS:
                with gradviz.record() as recorder:
                    loop.round()
                program = recorder.program()
                assert program.loss is not None
                loop.note(program.values[program.loss], len(program))
            else:
                loop.round()

    both(script)


def test_a_recorder_that_starts_in_the_middle_of_a_round() -> None:
    def script(loop: Loop) -> None:
        for number in range(2 * ROUNDS):
            x, y = loop.batch()
            loop.optimizer.zero_grad()
            out = loop.net(x)
            if number == ROUNDS:
                with gradviz.record() as recorder:
                    loop.criterion(out, y).backward()
                loop.note(len(recorder))
            else:
                loop.criterion(out, y).backward()
            loop.optimizer.step()

    both(script)


def test_graphs_that_are_used_twice() -> None:
    def script(loop: Loop) -> None:
        for number in range(2 * ROUNDS):
            x, y = loop.batch()
            loop.optimizer.zero_grad()
            loss = loop.criterion(loop.net(x), y)
            loss.backward(retain_graph=number == ROUNDS)
            if number == ROUNDS:
                loss.backward()
            elif number > ROUNDS and number % 3:
                with pytest.raises(RuntimeError, match="second time"):
                    loss.backward()
            loop.optimizer.step()
            if number > ROUNDS and number % 3 == 0:
                with pytest.raises(RuntimeError, match="second time"):
                    loss.backward()

    both(script)


def test_an_exception_in_the_middle_of_a_round() -> None:
    def script(loop: Loop) -> None:
        for number in range(2 * ROUNDS):
            x, y = loop.batch()
            loop.optimizer.zero_grad()
            if number % 6 == 5:
                with pytest.raises(RuntimeError):
                    loop.net(x.reshape(-1))
                with pytest.raises(IndexError):
                    loop.criterion(loop.net(x), y + 10)
            loop.criterion(loop.net(x), y).backward()
            loop.optimizer.step()

    both(script, least=5)
