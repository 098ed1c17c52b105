"""What is recorded of a user's script: its iterations, as a training loop has them, and not too many."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from gradviz.engine.program import Phase, Program

from tests.gradviz.app.scripts import MANUAL, TRAINING, Script


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """Runs scripts in a folder of their own."""
    return Script(tmp_path)


def phases(program: Program) -> list[Phase]:
    return list(dict.fromkeys(instr.site.phase for instr in program.instrs))


def test_a_training_loop(script: Script, tmp_path: Path) -> None:
    run = script(TRAINING, "7")
    recording = run.recording
    assert run.code == 0
    assert run.err == ""
    assert run.out.splitlines()[-1].startswith("6 0.")
    assert recording.title == "script.py"
    assert (recording.problem, recording.problem_line) == (None, None)
    assert recording.notes == ("The first 5 of 7 iterations are recorded",)
    assert recording.description.startswith("Net(\n  (fc1): Linear(in_features=2, out_features=8, bias=True)")
    assert recording.sources == {str(tmp_path / "script.py"): TRAINING}
    printed = [float(line.split()[1]) for line in run.out.splitlines()]
    rows = [iteration.metrics for iteration in recording.iterations] + list(recording.trained)
    assert [row.iteration for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    assert [row.loss for row in rows] == pytest.approx(printed)
    assert all(set(row.gradient_norms) == set(row.update_ratios) for row in rows)
    assert set(rows[0].gradient_norms) == {f"fc{n}.{kind}" for n in (1, 2) for kind in ("weight", "bias")}
    ratios = [row.update_ratios["fc2.bias"] for row in rows]
    assert all(0 < ratio < 0.2 for ratio in ratios)


def test_iterations_of_a_training_loop_are_alike(script: Script) -> None:
    first, *others = script(TRAINING, "4").programs
    assert phases(first) == [Phase.FORWARD, Phase.LOSS, Phase.BACKWARD, Phase.UPDATE]
    assert {program.fingerprint() for program in others} == {others[0].fingerprint()}
    assert phases(others[0]) == list(Phase)
    for program in (first, *others):
        ops = [instr.op for instr in program.instrs]
        assert "argmax" not in ops  # accuracy is no part of an iteration,
        assert program.instrs[len(ops) - 1].site.phase is Phase.UPDATE
        assert {instr.site.module for instr in program.instrs} >= {"fc1", "fc2", "cross_entropy"}
        assert program.bound("fc1.weight", 0) is not None
        assert {"X", "Y", "out", "loss"} <= {slot.name for slot in program.slots}
        assert [slot.name for slot in program.slots].count("X") == 1
    before = first.values[first.bound("fc1.weight", len(first)) or 0]
    after = others[0].values[others[0].bound("fc1.weight", 0) or 0]
    assert before.tobytes() == after.tobytes()


def test_setting_up_is_no_part_of_the_first_iteration(script: Script) -> None:
    first = script(TRAINING, "1").programs[0]
    assert first.instrs[0].op == "linear"


def test_a_loop_without_an_optimizer(script: Script) -> None:
    programs = script(MANUAL).programs
    assert len(programs) == 4
    for program in programs:
        assert phases(program) == [Phase.FORWARD, Phase.BACKWARD, Phase.UPDATE]
        assert [instr.op for instr in program.instrs[:2]] == ["mul", "add"]
        names = {slot.name for slot in program.slots}
        assert {"w", "b", "x", "y", "loss"} <= names
        assert program.bound("w.grad", len(program) - 1) is not None
    for one, two in pairwise(programs):
        after, before = one.bound("w", len(one)), two.bound("w", 0)
        assert after is not None
        assert before is not None
        assert one.values[after] == two.values[before]


def test_gradients_that_accumulate_belong_to_one_step(script: Script) -> None:
    text = """
import torch
w = torch.tensor(1.0, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
for step in range(2):
    optimizer.zero_grad()
    for part in (1.0, 2.0):
        loss = (w * part - 1.0) ** 2
        loss.backward()
    optimizer.step()
"""
    programs = script(text).programs
    assert len(programs) == 2
    for program in programs:
        assert sum(instr.op == "accumulate_grad" for instr in program.instrs) == 2
        assert program.instrs[-1].site.phase is Phase.UPDATE


def test_forward_only(script: Script) -> None:
    run = script("import torch\nx = torch.tensor([1., 2.])\ny = x * 2\nz = y + x\n")
    (program,) = run.programs
    assert [instr.op for instr in program.instrs] == ["mul", "add"]
    assert [program.slots[instr.output].name for instr in program.instrs] == ["y", "z"]
    assert run.recording.notes == ()


def test_only_so_many_iterations_are_kept(script: Script) -> None:
    recording = script(TRAINING, "6", options=("--keep", "2")).recording
    assert [iteration.number for iteration in recording.iterations] == [1, 2]
    assert [row.iteration for row in recording.trained] == [3, 4, 5, 6]


def test_a_script_that_fills_its_memory(script: Script) -> None:
    text = (
        "import torch\nw = torch.ones(1000, 100, requires_grad=True)\n"
        "for i in range(200):\n    loss = (w * i).sum()\n    loss.backward()\nprint('end')\n"
    )
    run = script(text, options=("--memory", "3", "--keep", "100"))
    assert run.out == "end\n"
    assert 1 <= len(run.recording.iterations) < 5
    assert "Recording stopped after" in run.recording.notes[0]
    assert run.recording.trained[-1].iteration == 200


def test_an_endless_single_iteration_is_bounded(script: Script) -> None:
    text = "import torch\nx = torch.ones(1000)\nfor i in range(3000):\n    x = x * 1.0\nprint('end')\n"
    run = script(text, options=("--memory", "2"))
    assert run.out == "end\n"
    (program,) = run.programs
    assert 100 < len(program) < 1000
    assert "Recording stopped" in run.recording.notes[0]


def test_numbers_of_long_training_are_thinned_out(script: Script) -> None:
    text = (
        "import torch\nw = torch.tensor(1.0, requires_grad=True)\n"
        "optimizer = torch.optim.SGD([w], lr=0.0001)\n"
        "for i in range(4500):\n"
        "    optimizer.zero_grad()\n    loss = w * w\n    loss.backward()\n    optimizer.step()\n"
    )
    recording = script(text).recording
    assert len(recording.trained) <= 2001
    assert recording.trained[-1].iteration > 4490
    assert recording.notes == ("The first 5 of 4500 iterations are recorded",)


def test_updates_by_hand_before_an_optimizer_takes_over(script: Script) -> None:
    """The order of the tutorial: one step by hand, then the optimizer's loop."""
    text = """
import torch
w = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
loss = (w * w).sum()
loss.backward()
for f in [w]:
    f.data.sub_(f.grad.data * 0.01)
for i in range(2):
    optimizer.zero_grad()
    loss = (w * w).sum()
    loss.backward()
    optimizer.step()
"""
    first, *others = script(text).programs
    assert phases(first) == [Phase.FORWARD, Phase.BACKWARD, Phase.UPDATE]
    assert [phases(program) for program in others] == [
        [Phase.ZERO_GRAD, Phase.FORWARD, Phase.BACKWARD, Phase.UPDATE]
    ] * 2


def test_a_name_that_the_next_iteration_gives_to_something_else_is_kept_until_the_end(script: Script) -> None:
    """Its first op has told of the new `x` already when the iteration is found to be over."""
    text = """
import gradviz as torch
for place in (3.0, 1.0):
    x = torch.tensor(place, requires_grad=True)
    y = x * x
    y.backward()
"""
    programs = script(text).programs
    ends = [float(p.values[slot]) for p in programs if (slot := p.bound("x", len(p))) is not None]
    assert ends == [3.0, 1.0]
