"""Sums and means on tapes, and backward from them: what the ordinary way gives, bit for bit."""

from typing import Any

import numpy as np
import pytest
from gradviz.engine import autograd
from gradviz.engine.jit import jit_disabled
from gradviz.engine.state import state

import gradviz
from tests.engine.tape_help import chain, tapes_on, without  # noqa: F401

pytestmark = pytest.mark.skipif(jit_disabled(), reason="tapes are machine code")


@pytest.mark.parametrize("dtype", [gradviz.float32, gradviz.float64])
def test_sums_and_means_are_those_of_numpy(dtype: Any) -> None:
    """Bit for bit, for every number of elements that a tape takes."""
    rng = np.random.default_rng(0)
    for size in range(1, 65):
        x = gradviz.tensor(rng.normal(size=size) * 10.0 ** rng.integers(-4, 5, size=size), dtype=dtype)
        y = x.requires_grad_() * 3.0
        found = y.sum(), y.mean()
        assert all(each._tape is y._tape is not None for each in found)
        assert [each.tolist() for each in found] == [y.detach().sum().tolist(), y.detach().mean().tolist()]
    zeros = gradviz.tensor([-0.0] * 9, dtype=dtype, requires_grad=True) * 1.0
    assert np.signbit(zeros.sum().item()) == np.signbit(zeros.detach().numpy().sum())


def _losses(retain: bool = False) -> Any:
    x, y = chain(3)
    loss = (y * x).mean()
    loss.backward(retain_graph=retain)
    return x, loss


def test_backward_of_a_sum_goes_along_its_tape(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = without(lambda: _losses()[0].grad.tolist())
    monkeypatch.setattr(autograd, "PlainSweep", None)  # nothing of the ordinary way is needed
    x, loss = _losses()
    assert x.grad.tolist() == plain
    with pytest.raises(RuntimeError, match="a second time"):
        loss.backward()
    x, loss = _losses(retain=True)
    x.grad = None
    loss.backward()
    assert x.grad.tolist() == plain
    assert loss._node.freed
    assert loss.grad_fn.next_functions[0][0].name() == "MulBackward0"
    assert loss.grad_fn.name() == "MeanBackward0"


def test_training_goes_along_tapes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights that are replaced at each step leave their old rows behind, and gradients may add up."""

    def run() -> Any:
        w, x = gradviz.tensor([0.5, -1.0], requires_grad=True), gradviz.tensor([2.0, 3.0])
        for step in range(40):
            loss = ((w * x - 1.0) * (w * x - 1.0)).mean()
            loss.backward()
            if step % 3:
                with gradviz.no_grad():
                    w -= 0.05 * w.grad
                w.grad = None
        return w.tolist(), loss.tolist()

    plain = without(run)
    monkeypatch.setattr(autograd, "PlainSweep", None)  # nothing of the ordinary way is needed
    assert run() == plain
    (tape,) = state.tapes.values()
    assert len(tape.outside) < 5


def test_sums_go_on_to_older_tapes() -> None:
    """A tape of numbers without dimensions may be older than that of what was summed."""

    def run() -> Any:
        scale = gradviz.tensor(3.0, requires_grad=True)
        square = scale * scale
        x, y = chain(2)
        loss = y.sum() * square
        gradviz.autograd.backward([loss, y], [None, gradviz.ones(2)])
        return scale.grad.tolist(), x.grad.tolist(), loss._tape is None

    found, plain = run(), without(run)
    assert found[:2] == plain[:2]
    assert (found[2], plain[2]) == (False, True)


@pytest.mark.parametrize("odd", ["grad", "hook", "memory", "look", "recorder"])
def test_backward_of_a_sum_goes_the_ordinary_way(odd: str) -> None:
    def run() -> Any:
        x, y = chain(3)
        if odd == "grad":
            x.grad = gradviz.ones(2)
        elif odd == "hook":
            x.register_hook(lambda g: g * 2)
        elif odd == "look":
            y.grad_fn.next_functions  # noqa: B018  (asking is what matters)
        loss = y.sum()
        if odd == "memory":
            x._node.array[...] = 7.0  # behind everybody's back
        if odd == "recorder":
            with gradviz.record() as recorder:
                loss.backward()
            return x.grad.tolist(), [str(each.op) for each in recorder.program().instrs]
        loss.backward()
        return x.grad.tolist()

    assert run() == without(run)
