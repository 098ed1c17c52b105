"""Lines of code and instructions find each other, and a line says what it has computed by now."""

import numpy as np
import pytest
from gradviz.engine.program import Phase, Program

from gradviz.app.code_lines import CodeMap, gradient_text, value_text
from gradviz.app.state import StateView
from tests.ui.fakes import lenet


@pytest.fixture(scope="module")
def program() -> Program:
    return lenet().iterations[0].program


def test_every_instruction_is_on_the_line_that_says_so(program: Program) -> None:
    code = CodeMap(program)
    for index, instr in enumerate(program.instrs):
        line = code.line_of(index)
        assert line == (instr.site.file, instr.site.line)
        assert line is not None
        assert index in code.instrs[line]


def test_backward_instructions_are_on_the_line_of_the_forward_one(program: Program) -> None:
    code = CodeMap(program)
    index = next(i for i, instr in enumerate(program.instrs) if instr.op == "conv2d_weight_grad")
    assert code.line_of(index) == code.line_of(program.instrs[index].site.origin)


def test_clicks_go_round_the_operations_of_a_line(program: Program) -> None:
    code = CodeMap(program)
    line = code.line_of(next(i for i, instr in enumerate(program.instrs) if instr.op == "conv2d"))
    assert line is not None
    slots = [program.instrs[i].output for i in code.instrs[line]]
    assert len(slots) > 3
    seen = [code.next_slot(line, None)]
    for _ in slots:
        seen.append(code.next_slot(line, seen[-1]))
    assert seen == [*slots, slots[0]]
    assert code.next_slot(("nowhere.py", 1), None) is None


def test_notes_grow_with_time_and_get_gradients(program: Program) -> None:
    code = CodeMap(program)
    file = next(file for file, _ in code.instrs if file.endswith("lenet.py"))
    assert code.notes(file, StateView(program, 0)) == {}
    first_backward = next(i for i, x in enumerate(program.instrs) if x.site.phase is Phase.BACKWARD)
    forward = code.notes(file, StateView(program, first_backward))
    assert forward
    assert all(note.value and not note.gradient for (note,) in forward.values())
    last = code.notes(file, StateView(program, len(program)))
    assert all(note.gradient.startswith("∂") for (note,) in last.values())


def test_notes_show_the_newest_value_of_the_line(program: Program) -> None:
    code = CodeMap(program)
    index = next(i for i, instr in enumerate(program.instrs) if instr.op == "conv2d")
    file, line = code.line_of(index) or ("", 0)
    for done in range(index + 1, index + 4):
        (note,) = code.notes(file, StateView(program, done))[line]
        assert note.value == value_text(program.values[program.instrs[done - 1].output])


def test_texts() -> None:
    assert value_text(np.float32(0.25).reshape(())) == "0.25"
    assert value_text(np.ones((2, 3))) == "2×3 · mean 1"
    assert value_text(np.zeros((0, 3))) == "0×3"
    assert gradient_text(np.array([-0.5])) == "∂ −0.5"
    assert gradient_text(np.array([-1.0, 3.0])) == "∂ mean size 2"
