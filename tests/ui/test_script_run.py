"""A script runs in a process of its own; whatever it does, the window hears of it and nothing stays behind.

The child here is a small stand-in that behaves as the script says; the real one has its own tests.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from gradviz.ui.workers.script import ScriptRun
from pytestqt.qtbot import QtBot

from gradviz.app.recording import Recording
from gradviz.app.storage import save_recording
from tests.ui.fakes import recording

CHILD = """
import os, shutil, sys, time, subprocess
script, out = sys.argv[1], sys.argv[3]
exec(open(script).read())
"""


@pytest.fixture
def child(tmp_path: Path) -> tuple[str, ...]:
    (tmp_path / "child.py").write_text(CHILD)
    return (str(tmp_path / "child.py"),)


@pytest.fixture
def runs() -> Iterator[list[ScriptRun]]:
    made: list[ScriptRun] = []
    yield made
    for run in made:
        run.shut_down()


def start(tmp_path: Path, runs: list[ScriptRun], child: tuple[str, ...], text: str) -> ScriptRun:
    script = tmp_path / "work" / "model.py"
    script.parent.mkdir()
    script.write_text(text)
    run = ScriptRun(script, child=child)
    runs.append(run)
    return run


def test_what_it_recorded_is_loaded(
    tmp_path: Path, qtbot: QtBot, runs: list[ScriptRun], child: tuple[str, ...]
) -> None:
    save_recording(recording(2), tmp_path / "made.gradviz")
    text = f"print('épochs ✓'); shutil.copy({str(tmp_path / 'made.gradviz')!r}, out)"
    run = start(tmp_path, runs, child, text)
    with qtbot.waitSignals([run.finished, run.ended], order="strict") as caught:
        run.start()
    assert "épochs ✓" in run.printed
    (loaded,) = caught.all_signals_and_args[0].args
    assert isinstance(loaded, Recording)
    assert len(loaded.iterations) == 2
    assert not run.running


def test_it_runs_in_its_own_folder(
    tmp_path: Path, qtbot: QtBot, runs: list[ScriptRun], child: tuple[str, ...]
) -> None:
    run = start(tmp_path, runs, child, "print(os.getcwd(), os.environ['GRADVIZ_LANGUAGE'])")
    with qtbot.waitSignal(run.ended):
        run.start()
    assert str(tmp_path / "work") in run.printed
    assert run.printed.split()[-1] == "en"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sys.exit(3)", "code 3"),
        ("raise ValueError('no digit')", "code 1"),
        ("os.abort()", "crashed"),
        ("", "recorded nothing"),
    ],
)
def test_failures_are_told(
    tmp_path: Path, qtbot: QtBot, runs: list[ScriptRun], child: tuple[str, ...], text: str, words: str
) -> None:
    run = start(tmp_path, runs, child, text)
    with qtbot.waitSignals([run.failed, run.ended], order="strict") as caught:
        run.start()
    message, details = caught.all_signals_and_args[0].args
    assert words in message
    assert "model.py" in message
    assert ("no digit" in details) == ("no digit" in text)


def test_a_damaged_recording_is_told(
    tmp_path: Path, qtbot: QtBot, runs: list[ScriptRun], child: tuple[str, ...]
) -> None:
    run = start(tmp_path, runs, child, "open(out, 'w').write('nonsense')")
    with qtbot.waitSignals([run.failed, run.ended], order="strict"):
        run.start()


@pytest.mark.skipif(os.name != "posix", reason="process groups")
def test_cancelling_ends_an_endless_script_and_what_it_started(
    tmp_path: Path, qtbot: QtBot, runs: list[ScriptRun], child: tuple[str, ...]
) -> None:
    text = """
helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(helper.pid)
while True: pass
"""
    run = start(tmp_path, runs, child, text)
    with qtbot.waitSignal(run.output):
        run.start()
    helper = int(run.printed)
    with qtbot.waitSignals([run.cancelled, run.ended], order="strict"):
        run.cancel()
    qtbot.waitUntil(lambda: _gone(helper))


def _gone(number: int) -> bool:
    try:
        return "Z" in Path(f"/proc/{number}/stat").read_text().split()[2]
    except FileNotFoundError:
        return True


def test_shutting_down_is_silent(
    tmp_path: Path, qtbot: QtBot, runs: list[ScriptRun], child: tuple[str, ...]
) -> None:
    run = start(tmp_path, runs, child, "print('on', flush=True)\nwhile True: pass")
    with qtbot.waitSignal(run.output):
        run.start()
    with qtbot.assertNotEmitted(run.ended):
        run.shut_down()
    assert not run.running


def test_no_python_no_crash(tmp_path: Path, qtbot: QtBot, runs: list[ScriptRun]) -> None:
    run = ScriptRun(tmp_path / "a.py")
    runs.append(run)
    run._process.setProgram(str(tmp_path / "python"))
    with qtbot.waitSignals([run.failed, run.ended], order="strict"):
        run.start()
