"""What the tests of tapes share: tapes are on, and can be left out."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from gradviz.engine.state import inferring, state
from gradviz.engine.tape_machine import machine, prepare

import gradviz


@pytest.fixture(autouse=True)
def tapes_on(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(inferring, "ever", False)  # an earlier test may have been in inference mode
    before = machine.append
    prepare()
    forget_tapes()
    yield
    machine.append = before
    forget_tapes()


def forget_tapes() -> None:
    for tape in state.tapes.values():
        tape.close()
    state.tapes.clear()


def without(run: Callable[[], Any]) -> Any:
    """The same the ordinary way."""
    append, machine.append = machine.append, None
    try:
        return run()
    finally:
        machine.append = append


def chain(length: int) -> tuple[Any, Any]:
    x, w = gradviz.tensor([1.0, -2.0], requires_grad=True), gradviz.tensor([0.5, 0.25])
    y = x
    for _ in range(length):
        y = y * w
        y = y + x
    return x, y
