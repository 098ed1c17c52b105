"""What is known at a moment: nothing before its time, everything at the end, against the engine itself."""

from __future__ import annotations

import numpy as np
import pytest
from gradviz.engine.program import Phase, Program, SlotKind
from gradviz.engine.recorder import record
from gradviz.engine.tensor import Tensor

import gradviz
from gradviz.app.experiment import Experiment, ExperimentSpec
from gradviz.app.state import StateView


@pytest.fixture(scope="module")
def program() -> Program:
    experiment = Experiment(ExperimentSpec(model="mlp", data="moons", optimizer="adam", batch=2))
    experiment.record()
    return experiment.record().program


def test_each_value_appears_with_its_instruction(program: Program) -> None:
    for slot, info in enumerate(program.slots):
        first = program.producers[slot] + 1
        assert (first == 0) is (info.kind is not SlotKind.VALUE)
        assert StateView(program, first).value(slot) is program.values[slot]
        if first:
            before = StateView(program, first - 1)
            assert not before.written(slot)
            assert before.value(slot) is None


def test_gradients_grow_contribution_by_contribution(program: Program) -> None:
    for slot, rows in program.gradients.items():
        for count, row in enumerate(rows, 1):
            moment = program.producers[row.total] + 1
            after, before = StateView(program, moment), StateView(program, moment - 1)
            assert after.contributions(slot) == rows[:count]
            assert after.gradient(slot) is program.values[row.total]
            assert len(before.contributions(slot)) < count
    start = StateView(program, 0)
    assert all(start.gradient(slot) is None for slot in range(len(program.slots)))


def test_names_follow_zero_grad_backward_and_update(program: Program) -> None:
    name = "layers.0.weight"
    phases = [instr.site.phase for instr in program.instrs]
    before, end = StateView(program, 0), StateView(program, len(program))
    cleared = StateView(program, phases.index(Phase.FORWARD))
    assert before.named(f"{name}.grad") is not None
    assert cleared.named(f"{name}.grad") is None
    assert end.named(f"{name}.grad") is not None
    updated = StateView(program, phases.index(Phase.UPDATE))
    assert updated.named(name) is before.named(name) is program.values[before.slot_of(name) or 0]
    assert end.named(name) is not before.named(name)
    assert end.named("nobody") is None


def test_the_gradients_are_those_of_backward() -> None:
    x: Tensor = gradviz.tensor([[1.0, 2.0], [3.0, 4.0]])
    w = gradviz.tensor([0.5, -0.5]).requires_grad_()
    with record() as recorder:
        loss = ((x @ w) * (x @ w)).sum() + w.sum()
        loss.backward()
    program = recorder.program()
    state = StateView(program, len(program))
    slot = state.slot_of("w")
    assert slot is not None
    assert w.grad is not None
    np.testing.assert_array_equal(state.gradient(slot), w.grad.numpy())
    assert len(state.contributions(slot)) == 3


def test_a_gradient_that_the_user_gives_is_there_when_backward_begins() -> None:
    w = gradviz.tensor([1.0, 2.0]).requires_grad_()
    given = gradviz.tensor([1.0, 10.0])
    with record() as recorder:
        y = w + 0.0
        z = y * 2.0
        z.backward(given)
    program = recorder.program()
    rows = [row for rows in program.gradients.values() for row in rows]
    assert rows
    start = StateView(program, len([i for i in program.instrs if i.site.phase is Phase.FORWARD]))
    assert all(start.gradient(slot) is None for slot in program.gradients)


def test_moments_beyond_the_ends_do_not_exist(program: Program) -> None:
    for moment in (-1, len(program) + 1):
        with pytest.raises(IndexError, match="moment"):
            StateView(program, moment)
