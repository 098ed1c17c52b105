"""The ring gives back every value of the last iterations, as it was."""

import numpy as np
import pytest
from gradviz.engine.compiled.ring import Ring, compile_with_everything
from gradviz.engine.jit import jit_disabled
from gradviz.engine.program import Program, SlotKind

import gradviz
import gradviz.nn.functional as F
from gradviz import nn

pytestmark = pytest.mark.skipif(jit_disabled(), reason="nothing is compiled then")


def program() -> Program:
    gradviz.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    optim = gradviz.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(2):
        with gradviz.record() as recorder:
            x, y = gradviz.randn(5, 3), gradviz.tensor([0, 1, 1, 0, 1])
            recorder.name(x, "x")
            optim.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optim.step()
    return recorder.program()


def test_everything_of_the_last_iterations() -> None:
    recorded = program()
    compiled = compile_with_everything(recorded)
    slots = [s for s, row in enumerate(recorded.slots) if row.kind is SlotKind.VALUE]
    ring = Ring(compiled, compiled.nbytes * 3 + 10)
    rng = np.random.default_rng(0)
    truth = []
    for _ in range(5):
        compiled.set_input(compiled.slot("x"), rng.normal(size=(5, 3)).astype(np.float32))
        compiled.run()
        ring.take()
        truth.append({slot: compiled.value(slot).copy() for slot in slots})
        compiled.advance()
    assert ring.numbers == range(2, 5)
    for number in ring.numbers:
        for slot in slots:
            np.testing.assert_array_equal(ring.value(number, slot), truth[number][slot])
    with pytest.raises(KeyError, match="iteration 1 is not kept"):
        ring.value(1, slots[0])


def test_too_small_a_budget_is_refused() -> None:
    compiled = compile_with_everything(program())
    with pytest.raises(ValueError, match="an iteration takes"):
        Ring(compiled, 100)
