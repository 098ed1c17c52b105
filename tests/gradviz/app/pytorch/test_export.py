"""What is written for PyTorch: the text of small scripts, the files, and what cannot be written."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from gradviz.engine.op import REGISTRY
from gradviz.engine.program import Instr, Program, Site, Slot, SlotKind

import gradviz as torch
from gradviz.app.pytorch.expressions import (
    BACKWARD,
    FUNCTIONAL,
    OPERATORS,
    RANDOM,
    SAME,
    TEMPLATES,
    USERS,
    ExportError,
    expression,
)
from gradviz.app.pytorch.naming import Names
from gradviz.app.pytorch.operand import Operand, source
from gradviz.app.pytorch.script import export_pytorch
from gradviz.app.pytorch.special import SPECIAL
from gradviz.app.recording import Iteration, Recording, metrics_of
from tests.gradviz.app.scripts import ENVIRONMENT, TRAINING

TABLES = (
    SAME,
    FUNCTIONAL,
    frozenset(OPERATORS),
    frozenset(TEMPLATES),
    frozenset(SPECIAL),
    RANDOM,
    USERS,
    BACKWARD,
)


def recording_of(*programs: Program) -> Recording:
    iterations = (Iteration(n, program, metrics_of(program, n)) for n, program in enumerate(programs, 1))
    return Recording("test", tuple(iterations))


def written(path: Path, *programs: Program) -> str:
    export_pytorch(recording_of(*programs), path)
    text = path.read_text("utf-8")
    ast.parse(text)
    return text


def test_each_op_stands_in_one_table() -> None:
    torch.tensor(0)
    for name in REGISTRY:
        assert sum(name in table for table in TABLES) == 1, name


def test_an_op_that_is_in_no_table_is_named() -> None:
    with pytest.raises(ExportError, match="the op frobnicate has no counterpart in PyTorch"):
        expression("frobnicate", [], {})


@pytest.mark.parametrize("op", sorted(USERS))
def test_the_users_own_code_cannot_be_written(op: str) -> None:
    with pytest.raises(ExportError, match="cannot be written"):
        expression(op, [], {})


def test_expressions() -> None:
    x, y, two = Operand("x", (2, 3)), Operand("y", (2, 3)), Operand("2.0", number=True)
    assert expression("add", [x, two], {}) == "x + 2.0"
    assert expression("pow", [two, x], {}) == "2.0 ** x"
    assert expression("mul", [two, two], {}) == "torch.tensor(2.0) * 2.0"
    assert expression("sum", [x], {"dim": (0,), "keepdim": True}) == "torch.sum(x, dim=(0,), keepdim=True)"
    assert expression("maximum", [x, two], {}) == "torch.maximum(x, torch.tensor(2.0))"
    assert (
        expression("clamp", [x], {"min": None, "max": float("inf")})
        == 'torch.clamp(x, min=None, max=float("inf"))'
    )
    assert expression("slice", [x], {"items": (1, (0, 3, 2), None)}) == "x[1, 0:3:2, None, ...]"
    assert expression("index", [x, y], {"at": (1,), "counts": (-1,)}) == "x[:, y]"
    assert (
        expression("pad", [x], {"widths": ((1, 2), (0, 3)), "value": 0.0})
        == "F.pad(x, (0, 3, 1, 2), value=0.0)"
    )
    assert expression("cat", [x, y], {"dim": 1}) == "torch.cat([x, y], dim=1)"
    assert expression("to", [x], {"dtype": "int64"}) == "x.to(torch.int64)"


def test_values_as_source() -> None:
    for value in (1, 2.5, None, True, "mean", (1,), (1, (2, 3)), ()):
        assert ast.literal_eval(source(value)) == value
    assert source((float("-inf"), float("nan"))) == '(float("-inf"), float("nan"))'


def test_names() -> None:
    names = Names()
    wishes = ["conv1.weight", "conv1_weight", "lambda", "0.weight", "torch", "", "x", "x", "λ"]
    assert [names.new(wish) for wish in wishes] == [
        "conv1_weight",
        "conv1_weight_2",
        "lambda_",
        "layer_0_weight",
        "torch_2",
        "value",
        "x",
        "x_2",
        "λ",
    ]


def test_a_small_script_holds_its_values(tmp_path: Path) -> None:
    w = torch.tensor(2.0, requires_grad=True)
    with torch.record() as recorder:
        loss = (w * 3 - 1) ** 2
        loss.backward()
        with torch.no_grad():
            w -= 0.1 * w.grad
    text = written(tmp_path / "x.py", recorder.program())
    assert list(tmp_path.iterdir()) == [tmp_path / "x.py"]
    for line in (
        "    '1:w': torch.tensor(2.0, dtype=torch.float32),",
        "    w = parameter(v['w'])",
        "    mul = w * 3",
        "    sub = mul - 1",
        "    loss = sub ** 2",
        "    loss.backward()",
        "        mul_2 = 0.1 * w.grad",
        "        new_w = w - mul_2",
        "    (step_1, 25.0),",
    ):
        assert line in text.splitlines()


def test_what_ran_without_gradients_stays_without(tmp_path: Path) -> None:
    w = torch.ones(2, requires_grad=True)
    with torch.record() as recorder:
        with torch.no_grad():
            scale = w.sum()
        loss = (w * scale).sum()
        loss.backward()
    text = written(tmp_path / "x.py", recorder.program())
    assert "scale = (torch.sum(w, dim=None, keepdim=False)).detach()" in text
    assert "loss = torch.sum(mul, dim=None, keepdim=False)" in text


def test_equal_iterations_are_one_function(tmp_path: Path) -> None:
    programs = []
    w = torch.nn.Parameter(torch.ones(100))
    optimizer = torch.optim.SGD([w], lr=0.1, momentum=0.9)
    with torch.record(lambda recorder, event: event == "step" and programs.append(recorder.cut())):
        for _ in range(3):
            optimizer.zero_grad()
            (w * w).sum().backward()
            optimizer.step()
    text = written(tmp_path / "x.py", *programs)
    assert (tmp_path / "x.npz").exists()
    assert text.count("def step_") == 2
    assert [line.split()[0] for line in text.splitlines() if line.startswith("    (step_")] == [
        "(step_1,",
        "(step_2,",
        "(step_2,",
    ]
    with np.load(tmp_path / "x.npz") as archive:
        assert sorted(archive.files) == ["1:lr", "1:w", "2:lr", "3:lr"]


def test_what_cannot_be_written(tmp_path: Path) -> None:
    w = torch.ones(2, requires_grad=True)
    with torch.record() as recorder:
        (w * w).backward(torch.ones(2))
    with pytest.raises(ExportError, match="backward was given a gradient"):
        written(tmp_path / "x.py", recorder.program())
    with torch.record() as recorder:
        (slope,) = torch.autograd.grad((w**3).sum(), w, create_graph=True)
        slope.sum().backward()
    with pytest.raises(ExportError, match=r"a result of backward is used .*test_export\.py:\d+\)"):
        written(tmp_path / "x.py", recorder.program())
    with pytest.raises(ExportError, match="nothing was recorded. NameError"):
        export_pytorch(Recording("x", problem="NameError"), tmp_path / "x.py")
    slots = (Slot((), "float32", SlotKind.INPUT, "a"), Slot((), "float32", SlotKind.VALUE))
    instrs = (Instr("frobnicate", (0,), {}, 1, Site(file="mine.py", line=7)),)
    strange = Program(instrs, slots, (np.zeros((), np.float32),) * 2)
    with pytest.raises(ExportError, match=r"the op frobnicate has no counterpart in PyTorch \(mine\.py:7\)"):
        written(tmp_path / "x.py", strange)
    assert list(tmp_path.iterdir()) == []


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "gradviz", "export", *arguments]
    return subprocess.run(line, env=ENVIRONMENT, capture_output=True, text=True, check=False)


def test_the_command(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(TRAINING)
    done = command(str(script), "--to", "pytorch", "--iterations", "2", "--", "4")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 4  # the script's own lines
    text = (tmp_path / "train_pytorch.py").read_text("utf-8")
    assert text.count("    (step_1, 0.") == 2
    assert "Written: " in done.stderr


def test_mistakes_on_the_command_line(tmp_path: Path) -> None:
    assert command("nowhere.py", "--to", "pytorch").returncode == 2
    assert command("nowhere.py").returncode == 2
    script = tmp_path / "empty.py"
    script.touch()
    done = command(str(script), "--to", "pytorch", "--iterations", "0")
    assert done.returncode == 2
    done = command(str(script), "--to", "pytorch")
    assert done.returncode == 1
    assert "nothing was recorded" in done.stderr
