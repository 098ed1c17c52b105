"""The command line, without opening a window."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

import gradviz
from gradviz.app import cli


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python -m gradviz` in a process of its own, in a checkout."""
    import os

    root = Path(gradviz.__file__).parent.parent
    return subprocess.run(
        [sys.executable, "-m", "gradviz", *arguments],
        cwd=root,
        env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_version() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"gradviz {gradviz.__version__}\n")


def test_help_names_the_tour() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert "gradviz tour --out DIR" in done.stdout


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_import_nothing_heavy(option: str) -> None:
    code = f"""
import sys
sys.argv = ["gradviz", {option!r}]
from gradviz.app.cli import main
try:
    main()
except SystemExit:
    pass
heavy = {{"numpy", "numba", "PyQt6", "matplotlib"}} & {{name.split(".")[0] for name in sys.modules}}
assert not heavy, heavy
"""
    root = Path(gradviz.__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.benchmark
def test_help_is_quick() -> None:
    run("--help")
    started = time.perf_counter()
    run("--help")
    assert time.perf_counter() - started < 0.3


def test_a_missing_file_is_named() -> None:
    done = run("no such file.py")
    assert done.returncode == 2
    assert "no such file.py" in done.stderr


def test_the_scripts_options_are_not_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = tmp_path / "learn.py"
    script.touch()
    seen = []
    monkeypatch.setattr(cli, "_open", lambda options, rest: seen.append((options, rest)) or 0)
    assert cli.main(["--theme", "dark", str(script), "--help", "--theme", "x"]) == 0
    options, rest = seen[0]
    assert (options.file, options.theme, rest) == (str(script), "dark", ["--help", "--theme", "x"])


def test_unknown_options_are_refused() -> None:
    done = run("--colour", "red")
    assert done.returncode == 2
    assert "--colour" in done.stderr


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", True),
        ({}, "darwin", True),
        ({}, "win32", True),
    ],
)
def test_whether_there_is_a_display(environment: dict[str, str], platform: str, expected: bool) -> None:
    assert cli.has_display(environment, platform) is expected


def test_without_a_display_it_says_so_and_takes_the_tour(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(cli, "has_display", lambda: False)
    toured = []
    monkeypatch.setattr(cli, "_tour", lambda options: toured.append(options) or 0)
    assert cli.main([]) == 0
    assert len(toured) == 1
    assert "no display" in capsys.readouterr().err
