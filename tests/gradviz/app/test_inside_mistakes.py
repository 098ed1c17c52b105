"""Computed mistakes: each is recognised where it gives another number, and never where it does not."""

from collections.abc import Callable

import numpy as np
import pytest
from gradviz.engine.program import Phase, Program
from gradviz.engine.recorder import record

import gradviz as torch
from gradviz import nn
from gradviz.app.i18n import set_language
from gradviz.app.inside.hints import MISTAKES, hint
from gradviz.app.inside.mistakes import mistakes, shape_mistakes
from gradviz.app.inside.predict import KINDS, predict
from tests.gradviz.app.test_inside_ledger import named, scalar, shared
from tests.ui.fakes import lenet

F = nn.functional


def recorded(function: Callable[[], object]) -> Program:
    with record() as recorder:
        function()
    return recorder.program()


def leaf(*numbers: float) -> torch.Tensor:
    return torch.tensor(numbers[0] if len(numbers) == 1 else list(numbers), requires_grad=True)


def answers(program: Program, slot: int, element: tuple[int, ...]) -> dict[str, tuple[float, ...]]:
    return {each.id: each.answers for each in mistakes(program, program.producers[slot], element)}


def gradient(program: Program, slot: int) -> int:
    found = program.gradient_slot(slot)
    assert found is not None
    return found


def judged(program: Program, slot: int, element: tuple[int, ...], given: float) -> str:
    outcome = predict(program, slot, element, "number").judge(repr(given))
    assert not outcome.correct
    assert outcome.hint == hint(outcome.mistake)
    return outcome.mistake


def test_a_product_in_a_chain() -> None:
    x, y = leaf(2.0), leaf(-3.0)
    program = recorded(lambda: ((x * y) * 5).backward())  # upstream 5
    slot = gradient(program, program.instrs[0].inputs[0])
    assert predict(program, slot, (), "number").judge("-15").correct
    assert judged(program, slot, (), -3.0) == "forgot_upstream"
    assert judged(program, slot, (), 5.0) == "forgot_local"
    assert judged(program, slot, (), 10.0) == "swapped"
    assert judged(program, slot, (), 15.0) == "wrong_sign"
    assert judged(program, slot, (), 2.0) == "value_for_gradient"
    assert judged(program, slot, (), 123.0) == ""


def test_where_there_is_nothing_to_forget() -> None:
    x, y = leaf(2.0), leaf(2.0)
    program = recorded(lambda: (x * y).backward())  # upstream 1, equal factors
    slot = gradient(program, program.instrs[0].inputs[0])
    names = {name for name, _ in predict(program, slot, (), "number").wrong}
    assert "forgot_upstream" not in names
    assert "swapped" not in names


def test_two_paths() -> None:
    program = scalar()  # a·b + a at (2, −3): −3 + 1
    a = program.instrs[0].inputs[0]
    slot = gradient(program, a)
    last = float(program.values[program.gradients[a][-1].grad])
    first = float(program.values[program.gradients[a][0].grad])
    assert judged(program, slot, (), last) == "overwrote"
    assert judged(program, slot, (), first) == "one_path"


def test_a_grad_that_was_kept() -> None:
    w = leaf(1.0, 2.0)
    (w * w).sum().backward()
    program = recorded(lambda: (w * 3).sum().backward())
    slot = next(i.output for i in program.instrs if i.op == "accumulate_grad")
    assert judged(program, slot, (1,), 3.0) == "overwrote"
    assert judged(program, slot, (1,), 4.0) == "one_path"


def test_a_bias_that_broadcasts() -> None:
    x, b = torch.tensor([[1.0, 2.0], [3.0, 5.0], [7.0, 11.0]]), leaf(0.5, -0.5)
    program = recorded(lambda: ((x + b) * torch.tensor([[1.0], [2.0], [4.0]])).sum().backward())
    slot = gradient(program, program.instrs[0].inputs[1])
    assert float(program.values[slot][0]) == 7.0
    assert judged(program, slot, (0,), 2.0) == "missed_sum"
    assert judged(program, slot, (0,), 4.0) == "missed_sum"
    assert judged(program, slot, (0,), 7 / 3) == "averaged_sum"
    prediction = predict(program, slot, (0,), "shape")
    assert prediction.judge("(2,)").correct
    assert prediction.judge("3×2").mistake == "shape_of_output"


def test_a_product_with_a_broadcast_factor() -> None:
    x, s = torch.tensor([1.0, 2.0, 3.0]), leaf(2.0)
    program = recorded(lambda: ((x * s) ** 2).sum().backward())
    slot = gradient(program, program.instrs[0].inputs[1])  # Σ 2 x s · x = 56
    assert float(program.values[slot]) == 56.0
    assert judged(program, slot, (), 6.0) == "forgot_upstream"  # Σ x
    assert judged(program, slot, (), 48.0) == "swapped"  # Σ 2 x s · s


def test_a_mean_over_the_batch() -> None:
    program = shared()  # square().mean() of 3 × 4
    assert program.loss is not None
    output = program.instrs[program.producers[program.loss]].inputs[0]
    slot = gradient(program, output)
    right = float(program.values[slot][1, 2])
    assert judged(program, slot, (1, 2), right * 12) == "forgot_mean"
    loss = float(program.values[program.loss])
    assert judged(program, program.loss, (), loss * 12) == "forgot_mean"


def test_a_mean_over_one_is_none() -> None:
    program = lenet().iterations[0].program  # cross-entropy of a batch of one
    for slot in program.gradients:
        found = gradient(program, slot)
        element = (0,) * len(program.slots[found].shape)
        assert "forgot_mean" not in answers(program, found, element)


def test_the_matrix_is_transposed() -> None:
    program = shared()
    weight = next(s for s in program.gradients if program.slots[s].shape == (4, 4))
    slot = gradient(program, weight)
    other = float(program.values[slot][2, 1])
    assert judged(program, slot, (1, 2), other) == "transposed"
    assert "transposed" not in answers(program, slot, (1, 1))


def test_forward() -> None:
    x, y = leaf(6.0), leaf(2.0)
    program = recorded(lambda: torch.relu(-((x / y) * y + 0.5 - x)))
    quotient, product, total, difference = (instr.output for instr in program.instrs[:4])
    assert judged(program, quotient, (), 2 / 6) == "exchanged"
    assert judged(program, product, (), 5.0) == "added_factors"
    assert judged(program, total, (), 3.0) == "multiplied_terms"
    assert judged(program, difference, (), -0.5) == "exchanged"
    relu = program.instrs[-1].output
    assert float(program.values[relu]) == 0.0
    assert judged(program, relu, (), -0.5) == "copied_input"
    assert judged(program, relu, (), 0.0001) == ""  # 0 has to be 0


def test_a_bias_in_forward() -> None:
    program = lenet().iterations[0].program
    for name in ("conv2d", "linear"):
        instr = next(i for i in program.instrs if i.op == name)
        element = tuple(n - 1 for n in program.slots[instr.output].shape)
        bias = float(program.values[instr.inputs[2]][element[1]])
        given = float(program.values[instr.output][element]) - bias
        assert judged(program, instr.output, element, given) == "forgot_bias"


def test_the_update() -> None:
    program = lenet().iterations[0].program
    for index, instr in enumerate(program.instrs):
        if instr.site.phase is not Phase.UPDATE or instr.op != "sub":
            continue
        old, step = (program.values[slot].astype(np.float64) for slot in instr.inputs)
        element = tuple(int(i) for i in np.unravel_index(int(np.abs(step / old).argmax()), old.shape))
        found = {each.id: each.answers for each in mistakes(program, index, element)}
        assert found["forgot_rate"][0] == pytest.approx(float((old - step / 0.01)[element]), rel=1e-5)
        assert found["wrong_direction"][0] == pytest.approx(float((old + step)[element]), rel=1e-5)
        assert found["not_updated"][0] == float(old[element])
        assert judged(program, instr.output, element, found["forgot_rate"][0]) == "forgot_rate"


def test_signs() -> None:
    program = scalar()
    slot = gradient(program, program.instrs[0].inputs[0])  # −3 + 1
    asked = predict(program, slot, (), "sign")
    assert asked.judge("−").correct
    wrong = asked.judge("正")
    assert (wrong.correct, wrong.given, wrong.expected) == (False, "+", "−")
    assert wrong.mistake in ("overwrote", "one_path")
    assert asked.judge("0").mistake == ""


def test_shapes() -> None:
    program = lenet().iterations[0].program
    linear = next(i for i in program.instrs if i.op == "linear")
    asked = predict(program, linear.output, (0, 0), "shape")
    assert asked.judge("1, 120").correct
    assert asked.judge("120x1").mistake == "transposed"
    assert asked.judge("(1, 400)").mistake == "shape_of_input"
    assert asked.judge("120").mistake == "shape_of_input"  # the bias
    assert asked.judge("(1,)").mistake == "lost_dimension"
    assert asked.judge("1 1 120").mistake == "extra_dimension"
    assert asked.judge("7").mistake == ""


def test_no_mistake_is_ever_called_right_or_the_right_answer_wrong() -> None:
    rng = np.random.default_rng(0)
    for program in (lenet().iterations[0].program, shared(), scalar()):
        for index, instr in enumerate(program.instrs):
            shape = program.slots[instr.output].shape
            element = tuple(int(rng.integers(n)) for n in shape)
            for kind in KINDS:
                asked = predict(program, instr.output, element, kind)
                text = repr(asked.answer) if kind == "number" else asked.judge(_other(asked.answer)).expected
                assert asked.judge(text.replace("()", "[]")).correct if text != "[]" else True
                for name, wrong in asked.wrong:
                    assert name in MISTAKES
                    for answer in wrong if kind == "number" else ():
                        assert not asked.judge(repr(answer)).correct
            for each in shape_mistakes(program, index):
                assert shape not in each.answers


def _other(answer: object) -> str:
    return "17 19 23" if isinstance(answer, tuple) else "+" if answer != 1 else "-"


def test_leaves_and_what_is_no_number() -> None:
    program = lenet().iterations[0].program
    weight = named(program, "conv1.weight")
    assert predict(program, weight, (0, 0, 1, 1), "number").judge("99").mistake == ""
    broken = recorded(lambda: torch.log(leaf(-1.0)))
    with pytest.raises(ValueError, match="NaN"):
        predict(broken, broken.instrs[0].output, (), "number")
    with pytest.raises(IndexError):
        mistakes(program, 0, (0, 9, 0, 0))


def test_every_mistake_has_a_hint_in_both_languages() -> None:
    english = {name: hint(name) for name in MISTAKES}
    general = hint("")
    assert len({*english.values(), general}) == len(MISTAKES) + 1
    set_language("zh_CN")
    try:
        for name, text in english.items():
            assert hint(name) != text, name
        assert hint("") != general
    finally:
        set_language("en")
