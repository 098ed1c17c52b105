"""What is looked at, held, shared or changed between and inside of rounds has the ordinary numbers."""

from __future__ import annotations

import copy
import gc
import pickle
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from gradviz.engine.jit import jit_disabled

import gradviz
from gradviz import optim

from .loops import ROUNDS, Loop, Mlp, Net, both, ready

pytestmark = pytest.mark.skipif(jit_disabled(), reason="the executor is machine code")


@pytest.fixture(autouse=True)
def _ready(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with ready(monkeypatch):
        yield


def _losses(loop: Loop) -> None:
    for _ in range(ROUNDS):
        loop.note(loop.round().item())


def test_losses_and_results_that_are_held() -> None:
    def script(loop: Loop) -> None:
        held = []
        for _ in range(ROUNDS):
            x, y = loop.batch()
            loop.optimizer.zero_grad()
            out = loop.net(x)
            loss = loop.criterion(out, y)
            loss.backward()
            loop.optimizer.step()
            held.append((out, loss))
        for out, loss in held:
            loop.note(out, loss)

    both(script)


def test_accuracy_after_and_before_the_step() -> None:
    def script(loop: Loop) -> None:
        for number in range(2 * ROUNDS):
            x, y = loop.batch()
            loop.optimizer.zero_grad()
            out = loop.net(x)
            if number % 5 == 0:
                loop.note((out.argmax(1) == y).sum().item())
            loop.criterion(out, y).backward()
            loop.optimizer.step()
            loop.note((out.argmax(1) == y).sum().item(), out.data.max(1)[0])

    both(script)


def test_evaluation_between_the_steps() -> None:
    def script(loop: Loop) -> None:
        for number in range(2 * ROUNDS):
            loop.round()
            if number % 4 == 3:
                loop.net.eval()
                with gradviz.no_grad():
                    loop.note(loop.net(loop.batch()[0]))
                with gradviz.inference_mode():
                    loop.note(loop.net(loop.batch()[0]).argmax(1).tolist())
                loop.net.train()
                loop.note(sum(float(p.abs().mean()) for p in loop.net.parameters()))

    both(script)


def test_evaluation_in_the_middle_of_a_round() -> None:
    def script(loop: Loop) -> None:
        for number in range(2 * ROUNDS):
            x, y = loop.batch()
            loop.optimizer.zero_grad()
            loss = loop.criterion(loop.net(x), y)
            if number % 4 == 3:
                with gradviz.no_grad():
                    loop.note(loop.net(x))
            loss.backward()
            loop.optimizer.step()

    both(script)


def test_two_networks_in_turn() -> None:
    def script(loop: Loop) -> None:
        other = Mlp()
        second = optim.SGD(other.parameters(), lr=0.05)
        for _ in range(2 * ROUNDS):
            loop.round()
            x, y = loop.batch()
            second.zero_grad()
            loss = loop.criterion(other(x), y)
            loss.backward()
            second.step()
            loop.note(loss.item())
        loop.note(*other.parameters())

    both(script)


def test_two_networks_in_one_loss() -> None:
    def script(loop: Loop) -> None:
        other = Mlp()
        second = optim.SGD(other.parameters(), lr=0.05)
        for _ in range(ROUNDS):
            x, y = loop.batch()
            loop.optimizer.zero_grad()
            second.zero_grad()
            loop.criterion(loop.net(x) + other(x), y).backward()
            loop.optimizer.step()
            second.step()
        loop.note(*other.parameters())

    both(script, least=0)


def test_copies_and_pickles() -> None:
    def script(loop: Loop) -> None:
        for number in range(2 * ROUNDS):
            loop.round()
            if number % 9 == 8:
                twin = copy.deepcopy(loop.net)
                loop.note(*twin.parameters(), *pickle.loads(pickle.dumps(loop.net)).parameters())
                loop.optimizer = copy.deepcopy(loop.optimizer) if number == -1 else loop.optimizer

    both(script)


def test_memory_that_numpy_shares() -> None:
    def script(loop: Loop) -> None:
        given = np.zeros((3, 5), np.float32)
        shared = gradviz.from_numpy(given)
        for number in range(2 * ROUNDS):
            x, y = loop.batch()
            loop.optimizer.zero_grad()
            if number % 10 == 8:
                array = x.numpy()
                loss = loop.criterion(loop.net(x), y)
                array[...] = 7
            elif number % 10 == 9:
                loss = loop.criterion(loop.net(x), y)
                x.numpy()[...] = 3
                loop.note(loss.item())
            elif number % 17 == 0:
                given[...] = number
                loss = loop.criterion(loop.net(shared), y)
                given[...] = -number
            else:
                loss = loop.criterion(loop.net(x), y)
            loss.backward()
            loop.optimizer.step()

    both(script, least=5)


def test_a_parameter_whose_memory_numpy_shares() -> None:
    def script(loop: Loop) -> None:
        weight = next(iter(loop.net.parameters()))
        for number in range(ROUNDS):
            loop.round()
            if number == ROUNDS - 4:
                array = weight.detach().numpy()
            if number > ROUNDS - 4:
                loop.note(array)
                array *= 0.9

    both(script, least=5)


def test_another_thread_looks() -> None:
    def script(loop: Loop) -> None:
        for number in range(2 * ROUNDS):
            x, y = loop.batch()
            loop.optimizer.zero_grad()
            out = loop.net(x)
            loss = loop.criterion(out, y)
            loss.backward()

            def look(loss: Any = loss, out: Any = out) -> None:
                loop.note(loss.item(), out, *(p.grad for p in loop.net.parameters()))

            if number % 4 == 3:
                thread = threading.Thread(target=look)
                thread.start()
                thread.join()
            loop.optimizer.step()
            if number % 4 == 2:
                thread = threading.Thread(target=look)
                thread.start()
                thread.join()

    both(script)


def test_learning_rates_that_change() -> None:
    def script(loop: Loop) -> None:
        schedule = optim.lr_scheduler.ExponentialLR(loop.optimizer, 0.9)
        for _ in range(2 * ROUNDS):
            loop.note(loop.round().item())
            schedule.step()

    both(script)


def test_settings_that_change() -> None:
    def script(loop: Loop) -> None:
        for number in range(2 * ROUNDS):
            loop.note(loop.round().item())
            if number == ROUNDS:
                loop.optimizer.param_groups[0]["weight_decay"] = 0.1
            if number == ROUNDS + 3:
                loop.optimizer.param_groups[0]["weight_decay"] = 0

    both(script)


def test_parameters_that_are_frozen_late() -> None:
    def script(loop: Loop) -> None:
        weight = next(iter(loop.net.parameters()))
        for number in range(2 * ROUNDS):
            loop.note(loop.round().item())
            if number == ROUNDS:
                weight.requires_grad_(False)
            if number == ROUNDS + 3:
                weight.requires_grad_(True)

    both(script)


def test_graphs_and_places_of_rounds_that_are_over() -> None:
    def script(loop: Loop) -> None:
        for number in range(ROUNDS):
            loss = loop.round()
            if number > ROUNDS - 4:
                node, names = loss.grad_fn, []
                while node is not None:
                    names.append(node.name())
                    node = next((each for each, _ in node.next_functions if each is not None), None)
                loop.note(len(names), loss.requires_grad, loss.is_leaf)
                loop.note(loss._node.site[3], loss._node.inputs[0].array)

    both(script)


def test_irregular_rounds_are_given_up() -> None:
    def script(loop: Loop) -> None:
        for number in range(4 * ROUNDS):
            loop.note(loop.round(3 if number < ROUNDS else 4 + number % 3).item())

    loop = both(script, least=0)
    listener = loop.optimizer._echo
    assert listener is not None
    assert listener.follower is None
    assert listener.problem == "too few rounds are alike"


def test_the_same_script_gives_the_same_bits() -> None:
    found = []
    for _ in range(2):
        loop = Loop()
        _losses(loop)
        assert loop.rounds > 5
        found.append([array.tobytes() for array in loop.numbers])
    assert found[0] == found[1]


def test_user_defined_optimizers_are_left_alone() -> None:
    class Mine(optim.SGD):
        pass

    both(_losses, lambda p: Mine(p, lr=0.1), least=0)


def test_rounds_leave_nothing_to_the_collector() -> None:
    loop = Loop(lambda p: optim.SGD(p, lr=0.1, momentum=0.9), Net)
    for _ in range(ROUNDS):
        loop.round()
    assert loop.rounds > 5
    gc.collect()
    gc.disable()
    try:
        for _ in range(ROUNDS):
            loss = loop.round()
            loop.note(loss.item(), loss.grad_fn.next_functions[0][0].name() != "")
            loop.note(next(loop.net.parameters()).grad.abs().sum().item())
        del loss
        assert gc.collect() == 0
        params = [weakref.ref(param) for param in loop.net.parameters()]
        del loop
        assert all(param() is None for param in params)
    finally:
        gc.enable()
