"""What a recording holds: instructions in order, where they came from, names, contributions."""

import gc
import threading
import weakref
from pathlib import Path

import numpy as np
import pytest
from gradviz.engine.node import Node
from gradviz.engine.program import Phase, Program, SlotKind
from gradviz.engine.state import scope

import gradviz as torch


def ops(program: Program) -> list[str]:
    return [instr.op for instr in program.instrs]


def line_of(text: str) -> int:
    lines = Path(__file__).read_text("utf-8").splitlines()
    (found,) = [number for number, line in enumerate(lines, 1) if line.strip() == text]
    return found


def test_forward_and_backward_are_one_list() -> None:
    x = torch.tensor([1.0, 2.0])
    w = torch.tensor([3.0, 4.0], requires_grad=True)
    with torch.record() as recorder:
        y = w * x + w
        loss = y.sum()
        loss.backward()
    program = recorder.program()
    program.check()
    assert ops(program) == ["mul", "add", "sum", "ones_like", "expand", "mul", "add", "accumulate_grad"]
    phases = [instr.site.phase for instr in program.instrs]
    assert phases == [Phase.FORWARD] * 3 + [Phase.BACKWARD] * 5
    assert program.loss == program.instrs[2].output
    assert program.values[program.bound("w.grad", len(program))].tolist() == [2, 3]
    names = {slot.name: slot.kind for slot in program.slots if slot.name}
    assert names["w"] is SlotKind.PARAMETER
    assert names["x"] is SlotKind.INPUT
    assert names["y"] is SlotKind.VALUE


def test_edges_are_ordered() -> None:
    a = torch.tensor([1.0])
    b = torch.tensor([2.0])
    with torch.record() as recorder:
        a + a
        b - a
        a - b
    program = recorder.program()
    first, second, third = (instr.inputs for instr in program.instrs)
    assert first[0] == first[1]
    assert second == third[::-1]


def test_backward_points_to_what_it_differentiates() -> None:
    w = torch.tensor([3.0], requires_grad=True)
    with torch.record() as recorder:
        (w.exp() * 2).sum().backward()
    program = recorder.program()
    for instr in program.instrs:
        if instr.site.phase is Phase.BACKWARD and instr.op != "accumulate_grad":
            assert program.instrs[instr.site.origin].op in ("exp", "mul", "sum")
        elif instr.site.phase is Phase.FORWARD:
            assert instr.site.origin == -1
    (product,) = [
        instr
        for instr in program.instrs
        if instr.op == "mul"
        and instr.site.phase is Phase.BACKWARD
        and program.instrs[instr.site.origin].op == "exp"
    ]
    assert program.values[product.output].tolist() == pytest.approx([2 * np.exp(3.0)])


def test_contributions_add_up_to_the_gradient() -> None:
    w = torch.tensor([2.0, 3.0], requires_grad=True)
    with torch.record() as recorder:
        (w * w + w.exp()).sum().backward()
    program = recorder.program()
    slot = program.bound("w", 0)
    rows = program.gradients[slot]
    assert [program.instrs[row.instr].op for row in rows] == ["exp", "mul", "mul"]
    total = sum(program.values[row.grad] for row in rows)
    np.testing.assert_allclose(program.values[program.gradient_slot(slot)], total, rtol=1e-6)
    np.testing.assert_allclose(w.grad.numpy(), total, rtol=1e-6)


def test_the_users_line() -> None:
    x = torch.tensor([1.0], requires_grad=True)
    with torch.record() as recorder:
        y = x.sigmoid() * 3
        y.sum().backward()
    program = recorder.program()
    for instr in program.instrs:
        assert instr.site.file == __file__
        if instr.op in ("sigmoid",):
            assert instr.site.line == line_of("y = x.sigmoid() * 3")


def test_nothing_is_recorded_outside() -> None:
    x = torch.tensor([1.0])
    x + 1
    with torch.record() as recorder:
        x * 2
    x + 1
    assert ops(recorder.program()) == ["mul"]
    assert len(recorder) == 1


def test_recordings_nest_and_threads_are_apart() -> None:
    x = torch.tensor([1.0])
    with torch.record() as outer:
        x + 1
        with torch.record() as inner:
            x * 2
        x - 1
        thread = threading.Thread(target=lambda: x / 2)
        thread.start()
        thread.join()
    assert ops(outer.program()) == ["add", "sub"]
    assert ops(inner.program()) == ["mul"]


def test_no_grad_is_recorded_too() -> None:
    x = torch.tensor([1.0], requires_grad=True)
    with torch.record() as recorder, torch.no_grad():
        x.exp().sum()
    assert ops(recorder.program()) == ["exp", "sum"]


def test_an_error_leaves_what_came_before() -> None:
    x = torch.ones(2)
    with torch.record() as recorder:
        x + 1
        with pytest.raises(RuntimeError, match=f"at {__file__}"):
            x + torch.ones(3)
    assert ops(recorder.program()) == ["add"]


def test_an_error_ends_the_recording() -> None:
    x = torch.ones(2)
    with pytest.raises(ZeroDivisionError), torch.record() as recorder:
        1 / 0  # noqa: B018
    x * 2
    assert len(recorder) == 0


def test_scopes() -> None:
    x = torch.ones(2)
    with torch.record() as recorder:
        for _ in range(2):
            with scope("block", "module", "Block"):
                y = x + 1
                with scope("inside"):
                    y * 2
    program = recorder.program()
    assert [i.site.module for i in program.instrs] == ["block", "block.inside", "block#2", "block#2.inside"]
    assert program.scopes["block"].title == "Block"
    assert program.scopes["block.inside"].kind == "function"


def test_values_are_frozen() -> None:
    x = torch.ones(2)
    with torch.record() as recorder:
        y = x + 1
    program = recorder.program()
    with pytest.raises(ValueError, match="read-only"):
        program.values[0][0] = 5
    y.add_(1)
    x.mul_(9)
    assert program.values[0].tolist() == [1, 1]
    assert program.values[program.instrs[0].output].tolist() == [2, 2]


def test_constants_are_marked() -> None:
    x = torch.ones(2)
    with torch.record() as recorder:
        x * 3
    program = recorder.program()
    constant = program.slots[program.instrs[0].inputs[1]]
    assert constant.kind is SlotKind.CONSTANT
    assert constant.shape == ()


def test_one_program_for_each_iteration() -> None:
    w = torch.tensor([1.0], requires_grad=True)
    programs = []
    with torch.record() as recorder:
        for _ in range(3):
            w.grad = None
            (w * w).sum().backward()
            with torch.no_grad():
                w -= 0.1 * w.grad
            programs.append(recorder.cut())
    assert len({program.fingerprint() for program in programs[1:]}) == 1  # the first had no .grad before
    values = [program.values[program.bound("w", 0)].item() for program in programs]
    assert values == pytest.approx([1, 0.8, 0.64])
    assert len(recorder) == 0


def test_a_long_recording() -> None:
    x = torch.tensor([1.0], requires_grad=True)
    with torch.record() as recorder:
        y = x
        for _ in range(20_000):
            y = y * 1.0
        y.sum().backward()
    program = recorder.program()
    assert len(program) == 20_000 * 2 + 4
    assert len(program.pretty().splitlines()) == len(program)


def test_a_recorder_lets_go_of_everything() -> None:
    x = torch.ones(100, requires_grad=True)

    def step() -> weakref.ref[Node]:
        with torch.record():
            y = x * 2
            y.sum().backward()
        return weakref.ref(y._node)

    node = step()
    gc.collect()
    assert x.grad is not None
    assert node() is None
