"""When rounds are left to the executor, and what becomes of the loop if they cannot be."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from gradviz.engine import echo_tracing
from gradviz.engine.compiled import routine
from gradviz.engine.jit import jit_disabled

import gradviz
from gradviz.optim import echoing

from .loops import PATIENCE, ROUNDS, Loop, Net, ready

pytestmark = pytest.mark.skipif(jit_disabled(), reason="the executor is machine code")


@pytest.fixture(autouse=True)
def _ready(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with ready(monkeypatch):
        yield


def test_kernels_that_are_missing_are_left_to_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[frozenset[tuple[str, str]]] = []
    monkeypatch.setattr(routine, "is_made", lambda name, _: name != "relu_backward")
    monkeypatch.setattr(echoing, "leave_to_another", left.append)
    loop = Loop(None, Net)
    for _ in range(2 * ROUNDS):
        loop.round()
    assert left == [], "it may be over soon"
    for _ in range(2 * ROUNDS):
        loop.round()
    assert left == [frozenset({("relu_backward", "float32")})]
    assert loop.rounds == 0


def test_what_runs_kernels_is_left_to_another_process_too(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[frozenset[tuple[str, str]]] = []
    monkeypatch.setattr(routine.CODE, "has", lambda name: name != "walk")
    monkeypatch.setattr(echoing, "leave_to_another", left.append)
    loop = Loop(None, Net)
    for _ in range(4 * ROUNDS):
        loop.round()
    assert left == [frozenset()]
    assert loop.rounds == 0


def test_what_follows_the_last_step_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(echo_tracing, "MOST", 40)
    loop = Loop()
    for _ in range(PATIENCE + 1):
        loop.round()
    held = []
    for number in range(30):
        x, y = loop.batch()
        with gradviz.no_grad():
            held.append(weakref.ref(loop.net(x)))
        loss = loop.criterion(loop.net(x), y)
        if number > 20:
            held.append(weakref.ref(loss._node))
        del loss
    gc.collect()
    assert [each for each in held if each() is not None] == []
    loop.round()
    assert loop.rounds == 0


def test_training_goes_on_if_compiling_fails(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("broken")

    monkeypatch.setattr(echoing, "rehearse", fail)
    loop = Loop()
    for _ in range(ROUNDS):
        loop.round()
    assert loop.rounds == 0
    assert "broken" in caplog.text
