"""A user's script in the child process: recorded as it is written, whatever it does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from gradviz.engine.program import Phase, Program

import gradviz
from gradviz.app.recording import Recording
from gradviz.app.storage import load_recording

ROOT = Path(gradviz.__file__).resolve().parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"}
CHILD = [sys.executable, "-P", "-m", "gradviz.app.script_child"]

TRAINING = """
import torch
import torch.nn as nn
import torch.optim as optim

X = torch.tensor([[0., 0.], [0., 1.], [1., 0.], [1., 1.]])
Y = torch.tensor([0, 1, 1, 0])
X = (X - 0.5) * 2

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(2, 8)
        self.fc2 = nn.Linear(8, 2)

    def forward(self, x):
        return self.fc2(torch.tanh(self.fc1(x)))

def main(epochs):
    net = Net()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(epochs):
        optimizer.zero_grad()
        out = net(X)
        loss = criterion(out, Y)
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            accuracy = out.argmax(1) == Y
        print(epoch, loss.item())

if __name__ == "__main__":
    import sys
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
"""

MANUAL = """
import gradviz as torch
w = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(0.5, requires_grad=True)
x = torch.tensor(3.0)
for i in range(4):
    y = w * x + b
    loss = (y - 1.0) ** 2
    loss.backward()
    with torch.no_grad():
        w -= 0.01 * w.grad
        b -= 0.01 * b.grad
    w.grad = None
    b.grad = None
"""


class Run:
    """One finished run."""

    def __init__(self, code: int, out: bytes, err: bytes, file: Path) -> None:
        self.code, self.out, self.err, self.file = code, out.decode("utf-8", "replace"), err.decode(), file

    @property
    def recording(self) -> Recording:
        return load_recording(self.file)

    @property
    def programs(self) -> list[Program]:
        return [iteration.program for iteration in self.recording.iterations]


Script = Callable[..., Run]


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """Writes a script, runs it in the child and returns how that went."""

    def run(
        text: str | bytes, *arguments: str, options: tuple[str, ...] = (), name: str = "script.py", **env: str
    ) -> Run:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        out = tmp_path / "out.gradviz"
        command = [*CHILD, *options, str(path), "--out", str(out), *arguments]
        process = subprocess.run(
            command, capture_output=True, cwd=tmp_path, env={**ENVIRONMENT, **env}, timeout=120, check=False
        )
        return Run(process.returncode, process.stdout, process.stderr, out)

    return run


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


def test_an_empty_script(script: Script) -> None:
    run = script("")
    assert run.code == 0
    assert run.recording.iterations == ()
    assert run.recording.problem is None
    assert run.recording.notes == ("The script computed nothing with tensors, so nothing was recorded",)


def test_an_exception_has_its_line_and_leaves_what_was_recorded(script: Script, tmp_path: Path) -> None:
    text = TRAINING.replace(
        "        print(epoch, loss.item())",
        "        if epoch == 1:\n            helper(out)\n\ndef helper(out):\n    return out @ out",
    )
    run = script(text)
    recording = run.recording
    assert run.code == 1
    assert len(recording.iterations) == 2
    assert recording.problem is not None
    assert recording.problem.startswith("ShapeError: ")
    assert "(4, 2) @ (4, 2)" in recording.problem
    assert recording.problem_file == str(tmp_path / "script.py")
    assert recording.problem_line == 1 + text.splitlines().index("    return out @ out")
    assert "Traceback (most recent call last):" in run.err
    assert "script_run.py" not in run.err
    assert f"{os.sep}engine{os.sep}" not in run.err


@pytest.mark.parametrize(
    ("text", "problem", "line"),
    [
        ("x = 1\ny = (\n", "SyntaxError: '(' was never closed", 2),
        ("\n\n  x = 1\n", "IndentationError: unexpected indent", 3),
        ("x = 1\nimport no_such_module\n", "ModuleNotFoundError: No module named 'no_such_module'", 2),
        ("import torch.cuda.amp\n", "ModuleNotFoundError: gradviz, which stands in for PyTorch here, has", 1),
        ("\nname = input('?')\n", "EOFError: EOF when reading a line (there is no keyboard to read from)", 2),
        ("import sys\nsys.exit(3)\n", "The script ended itself with exit status 3", 2),
        ("import sys\n\nsys.exit('bad luck')\n", "bad luck", 3),
        ("def f():\n    return f()\nf()\n", "RecursionError: maximum recursion depth exceeded", 2),
        ("class E(Exception):\n    def __str__(self):\n        return 1 / 0\nraise E\n", "E", 4),
        ("raise BaseException('odd')\n", "BaseException: odd", 1),
        ("exec('1/0')\n", "ZeroDivisionError: division by zero", 1),
        ("raise KeyboardInterrupt\n", "The script was stopped", 1),
    ],
)
def test_how_scripts_fail(script: Script, text: str, problem: str, line: int) -> None:
    run = script(text)
    recording = run.recording
    assert run.code != 0
    assert recording.problem is not None
    assert recording.problem.startswith(problem)
    assert recording.problem_line == line
    assert recording.problem_file is not None
    assert recording.sources[recording.problem_file] == text
    assert recording.notes == ()


def test_an_error_below_the_users_code_is_placed_in_it(script: Script) -> None:
    run = script("import json\n\njson.loads('{')\n")
    assert run.recording.problem_line == 3


@pytest.mark.parametrize("text", [b"x = '\xff'\n", b"x\0 = 1\n", b"# -*- coding: klingon -*-\n"])
def test_what_is_no_python_text(script: Script, text: bytes) -> None:
    recording = script(text).recording
    assert recording.problem is not None
    assert recording.problem.startswith(("SyntaxError", "ValueError"))
    assert len(recording.sources) == 1


def test_another_encoding(script: Script) -> None:
    run = script("# -*- coding: latin-1 -*-\nprint('é')\n".encode("latin-1"))
    assert run.out == "é\n"
    assert "é" in next(iter(run.recording.sources.values()))


def test_leaving_early_without_an_error(script: Script) -> None:
    run = script(TRAINING + "    sys.exit()\n")
    assert run.code == 0
    assert run.recording.problem is None
    assert len(run.recording.iterations) == 3


def test_a_missing_script(tmp_path: Path) -> None:
    out = tmp_path / "out.gradviz"
    command = [*CHILD, str(tmp_path / "missing.py"), "--out", str(out)]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, timeout=60, check=False)
    assert done.returncode == 1
    problem = load_recording(out).problem
    assert problem is not None
    assert problem.startswith("FileNotFoundError")


def test_a_result_that_cannot_be_written(script: Script, tmp_path: Path) -> None:
    (tmp_path / "out.gradviz").mkdir()
    run = script("print('done')")
    assert run.code == 74
    assert run.out == "done\n"
    assert "out.gradviz cannot be saved" in run.err


def test_output_of_any_kind_is_passed_on(script: Script) -> None:
    run = script(
        "import sys\n"
        "sys.stdout.buffer.write(b'\\xff\\xfe bytes\\n')\n"
        "print('数字 é')\n"
        "print('to stderr', file=sys.stderr)\n"
        "sys.stdout.close()\n"
    )
    assert run.code == 0
    assert run.out == "\ufffd\ufffd bytes\n数字 é\n"
    assert run.err == "to stderr\n"


def test_arguments_are_the_scripts_own(script: Script) -> None:
    run = script("import sys\nprint(sys.argv[1:])", "--out", "--keep", "3", "-x", "a b")
    assert run.out == "['--out', '--keep', '3', '-x', 'a b']\n"


def test_it_runs_as_python_runs_it(script: Script, tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("answer = 42\n")
    run = script(
        "import sys, os, helper, __main__\n"
        "assert __name__ == '__main__' and __main__.helper is helper\n"
        "assert sys.path[0] == os.path.dirname(__file__) == os.getcwd(), sys.path\n"
        "assert os.path.isabs(__file__) and sys.argv == [__file__]\n"
        "assert __doc__ is None and __builtins__\n"
        "print(helper.answer)\n"
    )
    assert run.err == ""
    assert run.out == "42\n"


def test_modules_of_ours_and_of_the_user_do_not_clash(script: Script, tmp_path: Path) -> None:
    for name in ("engine", "ui", "assets", "gradviz", "recorder", "storage"):
        (tmp_path / f"{name}.py").write_text(f"print('my {name}')\n")
    text = "import engine, ui, assets, recorder, storage\nimport torch\nx = torch.tensor(2.0) * 3\n"
    run = script(text, name="train.py")
    assert run.err == ""
    assert run.out.splitlines() == [f"my {n}" for n in ("engine", "ui", "assets", "recorder", "storage")]
    assert len(run.programs) == 1


def test_our_folders_are_not_there_to_import(script: Script) -> None:
    assert "No module named 'engine'" in (script("import engine\n").recording.problem or "")


def test_a_file_called_like_a_library(script: Script, tmp_path: Path) -> None:
    """Saving must not stumble over the user's random.py or json.py."""
    for name in ("json", "zipfile", "random", "secrets", "tokenize"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('not me')\n")
    run = script("import torch\nx = torch.tensor(2.0) * 3\n")
    assert run.code == 0, run.err
    assert len(run.programs) == 1


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


def test_an_endless_loop_can_be_killed_and_what_was_recorded_is_there(tmp_path: Path) -> None:
    path, out = tmp_path / "endless.py", tmp_path / "out.gradviz"
    path.write_text(TRAINING.replace("range(epochs)", "range(10**9)"))
    with subprocess.Popen(
        [*CHILD, str(path), "--out", str(out)], env=ENVIRONMENT, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if line.startswith(b"20 "):
                break
        child.kill()
        child.stdout.read()
        child.wait(30)
    assert len(load_recording(out).iterations) == 5


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM")
def test_an_endless_loop_can_be_asked_to_stop(tmp_path: Path) -> None:
    path, out = tmp_path / "endless.py", tmp_path / "out.gradviz"
    path.write_text(
        "import torch\nx = torch.tensor(1.0) * 2\nprint('ready', flush=True)\nwhile True:\n    pass\n"
    )
    with subprocess.Popen(
        [*CHILD, str(path), "--out", str(out)], env=ENVIRONMENT, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        child.send_signal(signal.SIGTERM)
        started = time.monotonic()
        assert child.wait(30) == 130
        assert time.monotonic() - started < 20
    recording = load_recording(out)
    assert recording.problem == "The script was stopped"
    assert recording.problem_line in (3, 4, 5)
    assert len(recording.iterations) == 1


def test_standard_input_is_empty_even_for_subprocesses(script: Script) -> None:
    run = script("import subprocess, sys, os\nprint(os.read(0, 5), sys.stdin.read() == '')\n")
    assert run.out == "b'' True\n"


def test_pictures_open_no_window(script: Script) -> None:
    run = script(
        "import warnings; warnings.simplefilter('ignore')\n"
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nprint(plt.get_backend())\n"
    )
    assert run.out.strip().lower() == "agg"


def test_words_for_the_user_are_in_their_language(script: Script) -> None:
    notes = {language: script("", GRADVIZ_LANGUAGE=language).recording.notes for language in ("en", "zh_CN")}
    assert len(notes["en"]) == len(notes["zh_CN"]) == 1


@pytest.mark.parametrize("options", [(), ("--keep", "0"), ("--memory", "none")])
def test_wrong_use(tmp_path: Path, options: tuple[str, ...]) -> None:
    command = [*CHILD, *options, *(["x.py", "--out", "y"] if options else [])]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, timeout=60, check=False)
    assert done.returncode == 2
    assert b"usage" in done.stderr
