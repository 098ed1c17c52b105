"""Gradients against finite differences, and numbers moved by a little."""

from dataclasses import replace

import numpy as np
import pytest
from gradviz.engine.program import Program
from gradviz.engine.recorder import record
from gradviz.engine.rerun import AbandonedError

import gradviz as torch
from gradviz.app.inside.check import STEPS, Slope, check
from gradviz.app.inside.nudge import nudge
from gradviz.app.recording import parameter_slots
from tests.ui.fakes import lenet


@pytest.fixture(scope="module")
def program() -> Program:
    return lenet().iterations[0].program


def cubic(x: float) -> Program:
    """L = x³ in double precision."""
    w = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    with record() as recorder:
        loss = w**3
        loss.backward()
    return recorder.program()


def test_a_cubic() -> None:
    made = cubic(1.7)
    slot, slope = made.instrs[0].inputs[0], 3 * 1.7**2
    found = check(made, slot, ())
    assert found.gradient == pytest.approx(slope, rel=1e-15)
    assert found.exact == pytest.approx(slope, rel=1e-10)
    assert found.error is not None
    assert found.error < 1e-10
    assert [row.step for row in found.double] == list(STEPS)
    for row in found.double[:5]:  # (x + h)³ − (x − h)³ over 2h is 3x² + h²: truncation
        assert row.slope == pytest.approx(slope + row.step**2, rel=1e-9)
    ends = [abs(row.slope - slope) for row in found.double]
    best = int(np.argmin(ends))
    assert 5 < best < 20
    assert max(ends[-5:]) > 100 * ends[best]  # round-off


def test_every_parameter_of_lenet(program: Program) -> None:
    rng = np.random.default_rng(0)
    for slot, _ in parameter_slots(program).values():
        shape = program.slots[slot].shape
        element = tuple(int(rng.integers(n)) for n in shape)
        found = check(program, slot, element, steps=(1e-2, 1e-3))
        assert found.gradient is not None
        scale = float(np.abs(program.values[program.gradient_slot(slot)]).max())  # type: ignore[index]
        assert found.exact == pytest.approx(found.gradient, rel=1e-3, abs=1e-4 * scale)
        assert found.double[1].slope == pytest.approx(found.exact, rel=0.1, abs=0.1 * scale)


def test_a_wrong_gradient_is_seen(program: Program) -> None:
    made = cubic(2.0)
    slot = made.instrs[0].inputs[0]
    total = made.gradient_slot(slot)
    assert total is not None
    wrong = list(made.values)
    wrong[total] = wrong[total] * 1.0005
    found = check(replace(made, values=tuple(wrong)), slot, (), steps=())
    assert found.error == pytest.approx(0.0005, rel=1e-2)


def test_a_step_that_is_lost_to_rounding() -> None:
    w = torch.tensor(1000.0, requires_grad=True)
    with record() as recorder:
        (w * 2).backward()
    made = recorder.program()
    slope = Slope(made, made.instrs[0].inputs[0], ())
    assert np.isnan(slope.difference(1e-6).slope)
    assert slope.difference(1e-6, wide=True).slope == pytest.approx(2)


def test_what_cannot_be_differentiated() -> None:
    with record() as recorder:
        y = torch.tensor([1, 2]) + 1
    made = recorder.program()
    with pytest.raises(ValueError, match="the program has no loss"):
        check(made, 0, (0,))
    assert y.tolist() == [2, 3]
    with pytest.raises(ValueError, match="slot 0 holds whole numbers"):
        nudge(made, 0, (0,), 1.0)


def test_checking_can_be_given_up() -> None:
    made = cubic(1.0)
    with pytest.raises(AbandonedError):
        check(made, made.instrs[0].inputs[0], (), progress=lambda done, of: False)


@pytest.mark.parametrize(("epsilon", "gap"), [(1e-3, 1e-3), (1e-1, 1e-1), (1.0, 1.0)])
def test_linearity_ends_where_the_step_grows(epsilon: float, gap: float) -> None:
    made = cubic(2.0)
    slot = made.instrs[0].inputs[0]
    moved = nudge(made, slot, (), epsilon)
    loss = made.loss
    assert loss is not None
    effect = moved.effects[loss]
    assert float(effect.predicted) == pytest.approx(12 * epsilon)
    assert float(effect.actual) == pytest.approx((2 + epsilon) ** 3 - 8)
    assert effect.gap == pytest.approx(((2 + epsilon) ** 3 - 8 - 12 * epsilon) / ((2 + epsilon) ** 3 - 8))
    assert effect.gap < gap
    gradient = moved.after.gradient_slot(slot)
    assert gradient is not None
    assert float(moved.after.values[gradient]) == pytest.approx(3 * (2 + epsilon) ** 2)


def test_nudging_a_weight_of_lenet(program: Program) -> None:
    slot, _ = parameter_slots(program)["conv1.weight"]
    gradient = program.values[program.gradient_slot(slot)]  # type: ignore[index]
    element = tuple(int(i) for i in np.unravel_index(np.abs(gradient).argmax(), gradient.shape))
    moved = nudge(program, slot, element, 1e-3)
    loss = program.loss
    assert loss is not None
    assert float(moved.effects[loss].predicted) == pytest.approx(float(gradient[element]) * 1e-3, rel=1e-3)
    assert float(moved.effects[loss].actual) == pytest.approx(float(moved.effects[loss].predicted), rel=0.2)
    conv1 = program.instrs[0].output
    effect = moved.effects[conv1]
    assert not np.delete(effect.actual[0], element[0], axis=0).any()  # the other channels stand still
    assert effect.gap < 1e-3
    assert next(iter(moved.effects)) == slot
    assert moved.after.values[loss] != program.values[loss]
