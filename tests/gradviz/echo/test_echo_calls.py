"""Calls that are matched by machine code: all of a usual loop, none that is another one; nothing leaks."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from gradviz.engine import echo_places, echo_tracing
from gradviz.engine.echo import Follower
from gradviz.engine.echo_match import Matcher
from gradviz.engine.jit import jit_disabled
from gradviz.engine.slots import UnknownLayoutError

import gradviz
import gradviz.nn.functional as F
from gradviz import nn, optim
from gradviz.nn.hooks import CALL_TABLES

from .loops import ROUNDS, Loop, Net, both, ready

pytestmark = pytest.mark.skipif(jit_disabled(), reason="the executor is machine code")


@pytest.fixture(autouse=True)
def _ready(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with ready(monkeypatch):
        yield


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What Python was asked to match, as machine code had given way."""
    found: list[str] = []
    match = Matcher.call

    def call(self: Matcher, called: Any, args: tuple[Any, ...]) -> Any:
        found.append(getattr(called, "__name__", type(called).__name__))
        return match(self, called, args)

    monkeypatch.setattr(Matcher, "call", call)
    return found


def _changed(change: Callable[[Loop, int], None], size: int = 1) -> Callable[[Loop], None]:
    def script(loop: Loop) -> None:
        for number in range(2 * ROUNDS):
            change(loop, number)
            loop.note(loop.round(size).item())

    return script


def test_all_calls_of_a_usual_loop(asked: list[str]) -> None:
    loop = Loop(None, Net)
    for _ in range(2 * ROUNDS):
        if loop.rounds == 1:  # the first has to take the parameters
            asked.clear()
        loop.round(1)
    assert loop.rounds > ROUNDS
    assert asked == []


def test_class_numbers_of_several_samples_are_left_to_python(asked: list[str]) -> None:
    loop = Loop(None, Net)
    for _ in range(2 * ROUNDS):
        if loop.rounds == 1:
            asked.clear()
        loop.round(3)
    assert loop.rounds > ROUNDS
    assert set(asked) == {"CrossEntropyLoss"}


def test_the_ends_of_usual_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def look(name: str, way: Callable[..., Any]) -> Callable[..., Any]:
        def looked(*args: Any) -> Any:
            asked.append(name)
            return way(*args)

        return looked

    for name in ("_as_usual", "_undisturbed"):
        monkeypatch.setattr(Follower, name, look(name, getattr(Follower, name)))
    loop = Loop(lambda params: optim.SGD(params, lr=0.1, momentum=0.9), Net)
    for _ in range(2 * ROUNDS):
        loop.round(1)
    assert loop.rounds > ROUNDS
    assert asked == ["_undisturbed"], "the first round has to be looked at closely"


@pytest.mark.parametrize("odd", [-1, 4])
def test_a_class_that_there_is_not(odd: int) -> None:
    def script(loop: Loop) -> None:
        for number in range(2 * ROUNDS):
            x, y = loop.batch(1)
            if number == ROUNDS:
                with pytest.raises(gradviz.engine.errors.EngineError, match="out of bounds"):
                    loop.criterion(loop.net(x), y * 0 + odd)
            loop.note(loop.round(1).item())

    both(script)


def test_inputs_of_other_kinds(asked: list[str]) -> None:
    def script(loop: Loop) -> None:
        for number in range(2 * ROUNDS):
            x, y = loop.batch(1)
            if number == ROUNDS:
                x = gradviz.from_numpy(x.numpy().copy())
            elif number == ROUNDS + 1:
                x = x.transpose(2, 3).contiguous().transpose(2, 3)
            elif number == ROUNDS + 2:
                x = x.requires_grad_()
            elif number == ROUNDS + 3:
                x = nn.Parameter(x)
            elif number == ROUNDS + 4:
                x = x * 2
            loop.optimizer.zero_grad()
            loss = loop.criterion(loop.net(x), y)
            loss.backward()
            loop.optimizer.step()
            loop.note(loss.item())

    both(script, None, Net)
    assert asked.count("Conv2d") >= 4, "machine code gives way"


def test_what_a_layer_is_changes() -> None:
    def change(loop: Loop, number: int) -> None:
        conv = loop.net.conv
        if number == ROUNDS:
            conv.extra = 1
            loop.net.act = nn.ReLU()
        elif number == ROUNDS + 2:
            del conv.extra
        elif number == ROUNDS + 4:
            conv.padding = (1, 1)
            loop.net.fc1.weight = loop.net.fc1.weight
        elif number == ROUNDS + 5:
            conv.padding = (0, 0)  # equal, and another object
        elif number == ROUNDS + 7:
            conv.__dict__ = dict(conv.__dict__)
        elif number == ROUNDS + 9:
            conv.__dict__ = {**conv.__dict__, "forward": lambda x: F.conv2d(x, conv.weight * 2, conv.bias)}
        elif number == ROUNDS + 10:
            del conv.forward

    def script(loop: Loop) -> None:
        for number in range(2 * ROUNDS):
            change(loop, number)
            if number == ROUNDS + 4:  # other shapes on the way
                x, _ = loop.batch(1)
                loop.note(loop.net.conv(x))
                loop.net.conv.padding = (0, 0)
            loop.note(loop.round(1).item())

    both(script, None, Net)


@pytest.mark.parametrize("name", ["register_forward_hook", "register_forward_pre_hook"])
def test_hooks_of_a_layer_that_is_foreseen(name: str) -> None:
    def script(loop: Loop) -> None:
        heard: list[int] = []
        handles: list[Any] = []
        for number in range(2 * ROUNDS):
            if number in (ROUNDS, ROUNDS + 5):
                handles.append(getattr(loop.net.conv, name)(lambda *_: heard.append(1)))
            elif number in (ROUNDS + 2, ROUNDS + 6):
                handles.pop().remove()
            loop.note(loop.round(1).item())
        loop.note(heard)
        assert len(heard) == 3

    both(script, None, Net)


def test_the_tables_of_hooks_are_known() -> None:
    assert set(CALL_TABLES) < set(echo_tracing.EMPTY)


def test_modes_in_the_middle_of_a_round() -> None:
    def script(loop: Loop) -> None:
        for number in range(2 * ROUNDS):
            x, y = loop.batch(1)
            loop.optimizer.zero_grad()
            h = F.relu(loop.net.conv(x))
            if number % 5 == 4:
                with gradviz.no_grad():
                    h2 = F.max_pool2d(h, 2)
                assert not h2.requires_grad
            h = gradviz.flatten(F.max_pool2d(h, 2), 1)
            if number % 7 == 6:
                with gradviz.inference_mode():
                    loop.note(loop.net.fc1(h.detach()))
            loss = loop.criterion(loop.net.fc2(F.relu(loop.net.fc1(h))), y)
            loss.backward()
            loop.optimizer.step()
            loop.note(loss.item())

    both(script, None, Net)


def test_nothing_is_held_or_let_go_too_often() -> None:
    loop = Loop(None, Net)
    x, y = loop.batch(1)

    def rounds(count: int) -> None:
        for _ in range(count):
            loop.optimizer.zero_grad()
            loss = loop.criterion(loop.net(x), y)
            loss.backward()
            loop.optimizer.step()

    rounds(2 * ROUNDS)
    assert loop.rounds > ROUNDS
    conv, follower = loop.net.conv, loop.optimizer._echo.follower  # type: ignore[union-attr]
    watched = [
        *(
            x,
            y,
            x._node,
            y._node,
            conv,
            vars(conv),
            conv.weight,
            conv.padding,
            F.relu,
            "conv",
            True,
            False,
            None,
        ),
        *(gradviz.Tensor, follower, follower._none, follower._calls.memory, 7, 8, 9),
    ]
    gc.collect()
    before, things = [sys.getrefcount(each) for each in watched], len(gc.get_objects())
    rounds(500)
    gc.collect()
    after = [sys.getrefcount(each) for each in watched]
    assert [abs(a - b) < 100 for a, b in zip(after, before, strict=True)] == [True] * len(watched)
    assert abs(len(gc.get_objects()) - things) < 100


def test_another_layout_of_objects_is_left_to_python(
    monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    def fail() -> None:
        raise UnknownLayoutError("another Python")

    monkeypatch.setattr(echo_places, "check_python", fail)
    monkeypatch.setattr(echo_places, "known_places", echo_places.known_places.__wrapped__)
    loop = Loop(None, Net)
    for _ in range(2 * ROUNDS):
        loop.round(1)
    assert loop.rounds > ROUNDS
    assert asked.count("Conv2d") > ROUNDS
