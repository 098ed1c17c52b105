"""A user's script in the child process: it runs as Python runs it, and may fail in any way."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from gradviz.app.storage import load_recording
from tests.gradviz.app.scripts import CHILD, ENVIRONMENT, TRAINING, Script


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """Runs scripts in a folder of their own."""
    return Script(tmp_path)


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
        assert child.wait(60) == 130
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


def test_gradviz_answers_for_an_installed_pytorch(script: Script, tmp_path: Path) -> None:
    torch = tmp_path / "site" / "torch"
    torch.mkdir(parents=True)
    (torch / "__init__.py").write_text("def tensor(x):\n    return x\n")
    path = os.pathsep.join((ENVIRONMENT["PYTHONPATH"], str(tmp_path / "site")))
    run = script("import torch\nprint(torch.tensor(1.0) * 2, torch.__name__)\n", PYTHONPATH=path)
    assert run.out == "tensor(2.) gradviz\n"
    assert len(run.programs) == 1
