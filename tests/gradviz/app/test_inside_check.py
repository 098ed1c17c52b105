"""Gradients against finite differences, and numbers moved by a little."""

from dataclasses import replace

import numpy as np
import pytest
from gradviz.engine.program import Phase, Program
from gradviz.engine.recorder import record
from gradviz.engine.rerun import AbandonedError

import gradviz as torch
from gradviz.app.experiment import Experiment, ExperimentSpec
from gradviz.app.inside.check import STEPS, Slope, Verdict, check, checks
from gradviz.app.inside.check_words import explanation, step_note, verdict_text
from gradviz.app.inside.nudge import nudge
from gradviz.app.inside.subject import subject_of, title_of, why_no_change, why_no_check, why_no_nudge
from gradviz.app.recording import parameter_slots
from gradviz.app.scalars import program_of_values
from gradviz.app.state import StateView
from gradviz.scalar.value import Value
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


def corner(x: float) -> Program:
    """L = relu(x) + 2 x."""
    w = torch.tensor(x, requires_grad=True)
    with record() as recorder:
        (torch.relu(w) + 2 * w).backward()
    return recorder.program()


def test_a_kink_is_found_and_explained() -> None:
    made = corner(0.0)
    found = check(made, made.instrs[0].inputs[0], (), steps=(0.1,))
    assert found.verdict is Verdict.KINK
    assert found.gradient == 2.0
    assert found.sides.below == pytest.approx(2)
    assert found.sides.above == pytest.approx(3)
    assert found.sides.kink is not None
    assert made.instrs[found.sides.kink].op == "relu"
    words = explanation(found, made, arrived=True)
    assert "relu has a corner" in words
    assert "rate 2, just above it at 3" in words


def test_next_to_a_kink_the_slope_is_that_of_its_side() -> None:
    made = corner(1e-5)
    found = check(made, made.instrs[0].inputs[0], (), steps=(0.1, 1e-6))
    assert found.verdict is Verdict.AGREES
    assert found.exact == pytest.approx(3)
    assert found.double[0].slope == pytest.approx(2.5, rel=1e-3)  # this step reaches over the corner
    assert found.double[1].slope == pytest.approx(3)
    assert step_note(found, made, 0).startswith("This step reaches over a corner of relu")
    assert step_note(found, made, 1) == step_note(found, made, 2) == ""


def test_two_alike_in_a_max_pool() -> None:
    x = torch.tensor([[[[1.0, 1.0], [0.0, 0.5]]]], requires_grad=True)
    with record() as recorder:
        torch.nn.functional.max_pool2d(x, 2).sum().backward()
    made = recorder.program()
    found = check(made, made.instrs[0].inputs[0], (0, 0, 0, 1), steps=())
    assert found.verdict is Verdict.KINK
    assert (found.sides.below, found.sides.above) == (pytest.approx(0), pytest.approx(1))
    assert "max_pool2d" in explanation(found, made, arrived=True)


def test_what_is_known_grows() -> None:
    made = cubic(1.7)
    heard: list[tuple[int, int]] = []

    def hear(done: int, of: int) -> bool:
        heard.append((done, of))
        return True

    rows = list(checks(made, made.instrs[0].inputs[0], (), (0.1, 0.01), hear))
    assert [len(row.double) for row in rows] == [0, 1, 2]
    assert {of for _, of in heard} == {18}
    assert heard[-1][0] == 14
    assert rows[-1].bend == pytest.approx(1.0, rel=1e-3)  # a sixth of the third derivative
    assert rows[-1].verdict is Verdict.AGREES


def test_an_input_that_asks_for_no_gradient(program: Program) -> None:
    x = next(i for i, row in enumerate(program.slots) if row.name == "x")
    found = check(program, x, (0, 0, 16, 16), steps=(1e-2,))
    assert found.gradient is None
    assert found.verdict is Verdict.MISSING
    assert found.error is None
    assert "nobody has asked" in explanation(found, program, arrived=False)
    assert verdict_text(found) == "There is no gradient to compare"


def test_an_intermediate_of_lenet(program: Program) -> None:
    relu = next(x for x in reversed(program.instrs) if x.op == "relu" and x.site.phase is Phase.FORWARD)
    total = program.gradient_slot(relu.output)
    assert total is not None
    gradient = program.values[total]
    element = tuple(int(i) for i in np.unravel_index(np.abs(gradient).argmax(), gradient.shape))
    found = check(program, relu.output, element, steps=())
    assert found.verdict is Verdict.AGREES
    assert found.exact == pytest.approx(float(gradient[element]), rel=1e-4)
    assert subject_of(program, total) == relu.output
    assert title_of(program, relu.output, element, gradient=True).startswith("∂L/∂")


def test_a_scalar_graph() -> None:
    a, b = Value(2.0), Value(-3.0)
    made = program_of_values([(a * b + a).tanh() * b], {"a": a, "b": b})
    for slot, row in enumerate(made.slots):
        if row.name in ("a", "b"):
            found = check(made, slot, ())
            assert found.verdict is Verdict.AGREES
            assert found.gradient == pytest.approx(found.exact, rel=1e-5, abs=1e-9)


def test_why_something_cannot_be_done(program: Program) -> None:
    end = StateView(program, len(program))
    target = next(i for i, row in enumerate(program.slots) if row.dtype == "int64")
    weight, updated = parameter_slots(program)["fc3.weight"]
    relu = next(instr.output for instr in program.instrs if instr.op == "relu")
    for why in (why_no_check, why_no_nudge, why_no_change):
        assert "whole numbers" in (why(end, target) or "")
        assert why(end, weight) is None
    assert "not computed yet" in (why_no_check(StateView(program, 0), relu) or "")
    assert "does not depend" in (why_no_check(end, updated) or "")
    assert "is computed" in (why_no_change(end, relu) or "")
    assert why_no_nudge(end, relu) is None
    assert "no loss" in (why_no_check(StateView(replace(program, loss=None), 3), weight) or "")


def test_jumps_that_no_derivative_predicts() -> None:
    w = torch.tensor(0.9, requires_grad=True)
    with record() as recorder:
        (w.floor() + w).backward()
    made = recorder.program()
    moved = nudge(made, made.instrs[0].inputs[0], (), 0.2)
    floor = next(instr.output for instr in made.instrs if instr.op == "floor")
    assert moved.effects[floor].sizes == (0.0, 1.0)
    assert moved.effects[floor].level == 2
    loss = moved.listed[0]
    assert loss.slot == made.loss
    assert loss.sizes == (pytest.approx(0.2), pytest.approx(1.2))


def test_small_nudges_are_not_lost_to_rounding(program: Program) -> None:
    slot, _ = parameter_slots(program)["fc2.weight"]
    moved = nudge(program, slot, (3, 7), 1e-7)
    assert all(effect.level == 0 for effect in moved.effects.values())


@pytest.mark.slow
def test_resnet() -> None:
    program = Experiment(ExperimentSpec(model="resnet18")).record().program
    for name in ("conv1.weight", "layer2.0.bn1.weight", "layer4.1.conv2.weight", "fc.bias"):
        slot, _ = parameter_slots(program)[name]
        gradient = program.values[program.gradient_slot(slot)]  # type: ignore[index]
        element = tuple(int(i) for i in np.unravel_index(np.abs(gradient).argmax(), gradient.shape))
        found = check(program, slot, element, steps=(1e-3,))
        assert found.verdict is Verdict.AGREES
        moved = nudge(program, slot, element, 1e-5)
        assert moved.listed[0].sizes[0] == pytest.approx(float(gradient[element]) * 1e-5, rel=1e-2)
