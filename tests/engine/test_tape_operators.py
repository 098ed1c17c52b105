"""Operators in machine code: they do nothing but what those in Python do, and leave nothing behind."""

import sys
import types
from typing import Any

import numpy as np
import pytest
from gradviz.engine import slots, tape_operators
from gradviz.engine.jit import jit_disabled
from gradviz.engine.state import state

import gradviz
from tests.engine.tape_help import chain, tapes_on, without  # noqa: F401

pytestmark = pytest.mark.skipif(jit_disabled(), reason="tapes are machine code")


def test_operators_are_machine_code() -> None:
    """Python gets nothing to do where operands and place are known, and everything where they are not."""
    x, w = gradviz.tensor([1.0, -2.0], requires_grad=True), gradviz.tensor([0.5, 0.25])
    asked = []

    def step(x: Any) -> Any:
        return (x * w + x) / w - x * 0.5

    step(step(x))
    (tape,) = state.tapes.values()
    append = tape.append
    tape.append = lambda *args: asked.append(args) or append(*args)
    y = step(step(x))
    assert asked == []
    assert y._tape is tape
    assert isinstance(gradviz.Tensor.__dict__["__mul__"], types.MethodDescriptorType)
    with gradviz.no_grad():
        assert not (y * w).requires_grad
    assert y.tolist() == without(lambda: step(step(x)).tolist())
    y * w  # in another function
    assert len(asked) == 1


def test_operators_of_other_things() -> None:
    """As numpy's numbers and classes of one's own are no operands of tapes."""

    class Other:
        def __rmul__(self, left: Any) -> str:
            return "other"

    class Mine(gradviz.Tensor):
        pass

    x, y = chain(2)
    mine = Mine([3.0, 4.0])
    assert y * Other() == "other"
    assert (y * mine).tolist() == [a * b for a, b in zip(y.tolist(), [3.0, 4.0], strict=True)]
    assert (mine * y).tolist() == (y * mine).tolist()
    assert (y * np.float32(2)).tolist() == (y * 2).tolist()
    assert (y * True).tolist() == y.tolist()
    for odd in (None, {1.0}, object()):
        with pytest.raises(TypeError):
            y * odd
    with pytest.raises(TypeError, match="argument"):
        gradviz.Tensor.__mul__(y)
    with pytest.raises(TypeError, match="descriptor"):
        gradviz.Tensor.__mul__(1.0, y)
    assert gradviz.Tensor.__add__(x, x).tolist() == [2.0, -4.0]


def test_operators_leave_no_references_behind() -> None:
    x, y = chain(2)
    kept = [x, y, x._tape, True, y._row]
    before = [sys.getrefcount(each) for each in kept]
    for _ in range(300):
        y * x
    assert [sys.getrefcount(each) for each in kept] == pytest.approx(before, abs=20)


def test_an_unknown_python_keeps_its_operators(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys.implementation, "name", "pypy")
    assert tape_operators.install.__wrapped__() is False
    assert "operators of small tensors stay in Python" in caplog.text
    monkeypatch.undo()
    monkeypatch.setattr(slots, "words", lambda thing: [0] * 9)
    with pytest.raises(slots.UnknownLayoutError):
        slots.place(gradviz.tensor(1.0), "_tape")
