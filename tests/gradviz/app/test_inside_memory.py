"""What is in memory when, against a small network counted by hand; what backward keeps follows `Op.saves`."""

import numpy as np
import pytest
from gradviz.engine.op import REGISTRY
from gradviz.engine.program import Phase, Program, SlotKind

import gradviz as torch
from gradviz.app.inside.memory import Memory, Use
from gradviz.app.inside.profile import Profile, bytes_text, time_text
from tests.ui.fakes import lenet


def small() -> Program:
    """relu(x w), its sum, backward, and w ← w − 0.1 g: floats of 4 bytes."""
    w = torch.nn.Parameter(torch.ones(5, 3))
    x = torch.ones(2, 5)
    with torch.record() as recorder:
        recorder.name(w, "w", SlotKind.PARAMETER)
        recorder.name(x, "x")
        h = torch.relu(x @ w)
        h.sum().backward()
        with torch.no_grad():
            w -= 0.1 * w.grad
    return recorder.program()


def find(program: Program, op: str) -> int:
    return next(i for i, instr in enumerate(program.instrs) if instr.op == op)


def test_each_value_lives_from_its_making_to_its_last_use() -> None:
    program = small()
    memory = Memory(program)
    product, relu = find(program, "mm"), find(program, "relu")
    z = memory.life(program.instrs[product].output)
    assert z is not None
    assert (z.nbytes, z.born) == (2 * 3 * 4, product + 1)
    assert z.last == relu + 1  # relu keeps its output, not its input
    h = memory.life(program.instrs[relu].output)
    assert h is not None
    back = find(program, "relu_backward")
    assert (h.nbytes, h.savers, h.last) == (24, (relu,), back + 1)
    assert memory.use(h.slot, relu + 1) is Use.SAVED
    assert memory.use(z.slot, relu + 1) is Use.TEMPORARY
    assert memory.use(z.slot, relu + 2) is None


def test_bytes_by_hand() -> None:
    program = small()
    memory = Memory(program)
    weight, x = 5 * 3 * 4, 2 * 5 * 4
    assert memory.bytes[0].tolist() == [weight, 0, 0, x]
    relu = find(program, "relu")
    # x is kept for the product's backward; z is relu's input; h relu's output, which it keeps
    assert memory.bytes[relu + 1].tolist() == [weight, 0, x + 24, 24]
    last = len(program)
    assert memory.bytes[last, Use.PARAMETER] == 2 * weight  # the old one is just being read
    gradient = program.bound("w.grad", last)
    assert gradient is not None
    assert memory.use(gradient, last) is Use.GRADIENT
    assert (memory.total == memory.bytes.sum(axis=1)).all()
    assert memory.total[memory.peak] == memory.total.max()


def test_views_have_no_memory_of_their_own() -> None:
    w = torch.ones(4, 6, requires_grad=True)
    with torch.record() as recorder:
        flat = w.reshape(24)
        (flat * 2).sum().backward()
    program = recorder.program()
    memory = Memory(program)
    view = program.instrs[find(program, "reshape")].output
    assert memory.made(find(program, "reshape") + 1) == ()
    life = memory.life(view)
    assert life is not None
    assert life.slot == program.instrs[find(program, "reshape")].inputs[0]
    assert view in life.views


def test_without_backward_everything_is_kept_in_case_one_comes() -> None:
    w = torch.ones(3, requires_grad=True)
    with torch.record() as recorder:
        torch.exp(w).sum()
        torch.exp(torch.ones(3))
        w + 1
    program = recorder.program()
    memory = Memory(program)
    with_gradient, without = (program.instrs[i].output for i, x in enumerate(program.instrs) if x.op == "exp")
    assert memory.life(with_gradient).last == len(program)  # type: ignore[union-attr]
    assert memory.life(without).last == 3  # type: ignore[union-attr]


def check_against_a_walk(program: Program) -> None:
    """The same bytes, found by walking from moment to moment and asking of each value who still needs it."""
    memory = Memory(program)
    for moment in range(0, len(program) + 1, max(1, len(program) // 40)):
        alive = [life for life in memory.lives if life.born <= moment <= life.last]
        assert memory.total[moment] == sum(life.nbytes for life in alive)
        for life in alive:
            assert memory.use(life.slot, moment) is not None
    for index, instr in enumerate(program.instrs):
        for slot in instr.inputs:
            life = memory.life(slot)
            if life is not None:
                assert life.born <= index + 1 <= life.last, (index, instr.op, slot)
    backward = [x for x in program.instrs if x.site.phase is Phase.BACKWARD and x.site.origin >= 0]
    done = {x.site.origin: i + 1 for i, x in enumerate(program.instrs) if x in backward}
    for index, instr in enumerate(program.instrs):
        if index not in done:
            continue
        kept = instr.inputs if "inputs" in REGISTRY[instr.op].saves else ()
        kept += (instr.output,) if "output" in REGISTRY[instr.op].saves else ()
        for slot in kept:
            life = memory.life(slot)
            assert life is None or life.last >= done[index]
    kinds = memory.bytes.sum(axis=0)
    assert kinds[Use.PARAMETER] > 0
    assert kinds[Use.GRADIENT] > 0
    assert kinds[Use.SAVED] > 0


def test_lenet_agrees_with_a_walk() -> None:
    program = lenet().iterations[0].program
    check_against_a_walk(program)
    memory = Memory(program)
    parameters = sum(v.nbytes for v, s in zip(program.values, program.slots, strict=True)
                     if s.kind is SlotKind.PARAMETER)  # fmt: skip
    assert memory.bytes[0, Use.PARAMETER] == parameters == 61_706 * 4
    conv = next(i for i, x in enumerate(program.instrs) if x.op == "conv2d")
    assert memory.use(program.instrs[conv].inputs[0], conv + 1) is Use.SAVED


def test_what_is_said() -> None:
    program = lenet().iterations[0].program
    profile = Profile(program)
    lines = profile.lines(1)
    assert lines[0].startswith("In memory: ")
    assert "117\u2009600 multiply-adds: 1×6×28×28 · 1×5×5" in lines
    assert not any("measured" in line for line in lines)
    profile.seconds = [0.002] * len(program)
    assert "2 ms, measured here" in profile.lines(1)
    assert "the most there ever is" in profile.lines(profile.memory.peak)[0]
    assert profile.short(0).startswith("2")
    assert profile.lines(0)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (18_816, "18.8 kB"),
        (999_900, "1 MB"),
        (3_200_000, "3.2 MB"),
    ],
)
def test_amounts(count: int, text: str) -> None:
    assert bytes_text(count) == text


def test_times() -> None:
    assert [time_text(s) for s in (0.0, 12e-6, 0.00035, 1.25)] == ["0 µs", "12 µs", "0.35 ms", "1.25 s"]


@pytest.mark.slow
def test_resnet_agrees_with_a_walk() -> None:
    x = torch.tensor(np.random.default_rng(0).standard_normal((1, 3, 64, 64)).astype("float32"))
    from gradviz.models import resnet18  # takes long

    net = resnet18(num_classes=10)
    with torch.record() as recorder:
        net(x).sum().backward()
    check_against_a_walk(recorder.program())
