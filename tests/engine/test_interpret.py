"""The interpreter repeats a recording, alone, with other inputs, and step by step."""

import numpy as np
import pytest
from gradviz.engine import interpret
from gradviz.engine.program import Program

import gradviz as torch


def training_step(x: torch.Tensor, w: torch.Tensor) -> Program:
    with torch.record() as recorder:
        loss = ((x @ w).tanh() ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= 0.1 * w.grad
    return recorder.program()


@pytest.fixture
def program() -> Program:
    torch.manual_seed(1)
    return training_step(torch.rand(4, 3), torch.rand(3, 2, requires_grad=True))


def test_it_repeats_bit_for_bit(program: Program) -> None:
    for a, b in zip(interpret.run(program), program.values, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)


def test_step_by_step(program: Program) -> None:
    values = [None if program.producers[slot] >= 0 else v for slot, v in enumerate(program.values)]
    for index, instr in enumerate(program.instrs):
        values[instr.output] = interpret.step(program, index, values)
        np.testing.assert_array_equal(values[instr.output], program.values[instr.output])


def test_other_inputs_give_what_eager_gives(program: Program) -> None:
    torch.manual_seed(2)
    x, w = torch.rand(4, 3), torch.rand(3, 2, requires_grad=True)
    given = {program.bound("x", 0): np.array(x.tolist(), np.float32)}
    given[program.bound("w", 0)] = np.array(w.tolist(), np.float32)
    values = interpret.run(program, given)
    other = training_step(x, w)
    assert other.fingerprint() == program.fingerprint()
    for a, b in zip(values, other.values, strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(values[program.bound("w", len(program))], w.detach().numpy())


def test_only_inputs_can_be_replaced(program: Program) -> None:
    with pytest.raises(ValueError, match="is written by the program"):
        interpret.run(program, {program.instrs[0].output: np.zeros((4, 2))})


def test_masks_that_let_other_numbers_through_are_refused() -> None:
    x = torch.tensor([1.0, -1.0, 2.0])
    with torch.record() as recorder:
        x[x > 0].sum()
    program = recorder.program()
    slot = program.bound("x", 0)
    same = interpret.run(program, {slot: np.array([-1, 1, 5], np.float32)})
    assert same[program.instrs[-1].output] == 6
    with pytest.raises(RuntimeError, match="a mask lets"):
        interpret.run(program, {slot: np.ones(3, np.float32)})


def test_numbers_stay_numbers() -> None:
    """A constant counts less in promotion when the program is run again, too."""
    x = torch.ones(2)
    with torch.record() as recorder:
        x * 2.5 + 1
    assert [v.dtype for v in interpret.run(recorder.program())] == [
        v.dtype for v in recorder.program().values
    ]
