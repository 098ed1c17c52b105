"""Moments in words."""

import pytest
from gradviz.engine.program import Phase

from gradviz.app.narration import instruction_sentence, moment_sentence, phase_title
from tests.programs import lenet_like, neuron


def test_a_module_s_instruction() -> None:
    program = lenet_like()
    index = next(i for i, instr in enumerate(program.instrs) if instr.op == "conv2d")
    assert instruction_sentence(program, index) == "forward · conv1: conv2d → 1×6×28×28"


def test_a_number_is_shown_itself() -> None:
    program = neuron()
    index = next(i for i, instr in enumerate(program.instrs) if instr.op == "mul")
    assert instruction_sentence(program, index) == "forward · mul → −6"


def test_every_instruction_has_a_sentence() -> None:
    program = lenet_like()
    for index, instr in enumerate(program.instrs):
        assert instr.op in instruction_sentence(program, index)


def test_the_start_and_nothing_at_all() -> None:
    program = neuron()
    assert "nothing has run" in moment_sentence(program, 0)
    assert moment_sentence(program, 1) == instruction_sentence(program, 0)
    assert "recorded" in moment_sentence(None, 0)


@pytest.mark.parametrize("phase", Phase)
def test_every_phase_has_a_title(phase: Phase) -> None:
    assert phase_title(phase)
