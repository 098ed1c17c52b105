"""Sentences about moments: they name what a learner sees, and exist for every moment of every program."""

from __future__ import annotations

import pytest
from gradviz.engine.program import Phase, Program, SlotKind
from hypothesis import given

from gradviz.app.describe import Narrator, describe_moment
from tests.gradviz.app.random_programs import programs
from tests.program_builder import Builder
from tests.programs import chain, lenet_like, mlp_like, neuron, resnet_like


def sentences(program: Program) -> list[str]:
    narrator = Narrator(program)
    return [narrator.moment(moment) for moment in range(len(program) + 1)]


def index_of(program: Program, op: str, phase: Phase, nth: int = 0) -> int:
    return [i for i, x in enumerate(program.instrs) if (x.op, x.site.phase) == (op, phase)][nth]


def test_forward() -> None:
    program = lenet_like()
    said = Narrator(program).instruction(0)
    assert (
        said == "forward · conv1: conv2d takes x (1×1×32×32) with conv1.weight, conv1.bias, gives 1×6×28×28"
    )
    relu = index_of(program, "relu", Phase.FORWARD)
    assert Narrator(program).instruction(relu) == "forward: relu takes 1×6×28×28, gives 1×6×28×28"


def test_numbers_are_said_where_values_are_numbers() -> None:
    said = sentences(neuron())
    assert said[0] == "Start: nothing has run yet"
    assert said[1] == "forward: mul takes x1 = 2, w1 = −3, gives −6"
    assert said[5] == "forward: tanh takes n = 0.8814, gives the loss 0.7071"
    assert said[6] == "backward: it starts with ∂o/∂o = 1"
    assert "backward: upstream gradient (1) × local derivative of tanh → ∂o/∂n (0.5)" in said


def test_the_update_is_a_formula() -> None:
    program = lenet_like()
    said = sentences(program)
    assert "update · conv1: 0.01 · conv1.weight.grad = 6×1×5×5" in said
    assert "update · conv1: conv1.weight ← conv1.weight − 0.01 · conv1.weight.grad (6×1×5×5)" in said


def test_gradients_that_meet_are_counted() -> None:
    b = Builder()
    a = b.leaf((2,), "a", SlotKind.PARAMETER)
    twice = b.function("add", [a, a], (2,), called="y")
    once = b.function("mul", [twice, a], (2,), called="loss")
    program = b.finish(once, True, False)
    said = sentences(program)
    assert any(line.endswith("contribution 1 of 3 to ∂loss/∂a (2)") for line in said)
    assert any(line.endswith("∂loss/∂a is the sum of 3 of 3 (2)") for line in said)
    assert said[-1] == "backward: a.grad ← ∂loss/∂a (2)"


def test_a_gradient_that_is_there_already_is_added_to() -> None:
    b = Builder()
    w = b.leaf((), "w", SlotKind.PARAMETER)
    old = b.leaf((), "w.grad", SlotKind.GRADIENT)
    b.phase = Phase.BACKWARD
    new = b.op("ones_like", [w], ())
    b.op("accumulate_grad", [old, new], ())
    assert sentences(b.program())[-1].startswith("backward: w.grad ← w.grad + ∂loss/∂w")


def test_long_lists_are_cut() -> None:
    b = Builder()
    many = [b.leaf((1,), f"x{i}") for i in range(9)]
    b.function("cat", many, (9,))
    assert sentences(b.program())[1] == "forward: cat takes x0 (1), x1 (1), x2 (1) … (9 in all), gives 9"


def test_long_formulas_are_cut() -> None:
    b = Builder()
    b.phase = Phase.UPDATE
    value = b.leaf((2,), "conv1.weight.grad", SlotKind.GRADIENT)
    for _ in range(30):
        value = b.op("sqrt", [b.op("div", [value, b.number(2.0)], (2,))], (2,))
    said = sentences(b.program())
    assert said[2] == "update: √(conv1.weight.grad / 2) = 2"
    assert all(len(line) < 120 for line in said)


@pytest.mark.parametrize(
    ("op", "text"),
    [("sub", "w − (w − g)"), ("add", "w + w − g"), ("mul", "w · (w − g)"), ("maximum", "maximum(w, w − g)")],
)
def test_brackets(op: str, text: str) -> None:
    b = Builder()
    b.phase = Phase.UPDATE
    w, g = b.leaf((2,), "w"), b.leaf((2,), "g")
    b.op(op, [w, b.op("sub", [w, g], (2,))], (2,))
    assert sentences(b.program())[-1] == f"update: {text} = 2"


@pytest.mark.parametrize(
    "program", [lenet_like(), mlp_like(), neuron(update=True), resnet_like((1, 1)), chain(30)]
)
def test_every_moment_has_a_sentence(program: Program) -> None:
    said = sentences(program)
    assert all(line and "{" not in line and "None" not in line for line in said)
    for line, instr in zip(said[1:], program.instrs, strict=True):
        assert line.startswith(instr.site.phase.value.replace("_", " "))


@given(programs())
def test_random_programs_can_be_told(program: Program) -> None:
    assert all("{" not in line for line in sentences(program))
    assert describe_moment(program, len(program)) == sentences(program)[-1]


def test_nothing_recorded() -> None:
    assert describe_moment(None, 0) == "Nothing is recorded yet"
