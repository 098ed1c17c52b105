"""Starting: the window is there at once, LeNet is recorded by itself, errors are shown and end nothing."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from gradviz.engine import jit
from gradviz.ui.errors import ErrorHooks
from gradviz.ui.jobs import JobStrip
from gradviz.ui.messages import MessageBar
from gradviz.ui.theme import ThemeManager
from gradviz.ui.warm_up import WarmUp
from pytestqt.qtbot import QtBot

from gradviz.app.settings import Settings
from tests.ui.window import running


def test_it_starts_by_itself(qtbot: QtBot, tmp_path: Path) -> None:
    with running(qtbot, tmp_path, load=0) as g:
        assert g.window.centre.currentWidget() is g.window.skeleton
        g.show()
        qtbot.waitUntil(lambda: g.session.timeline is not None, timeout=120_000)
        assert g.window.centre.currentWidget() is g.window.graph
        assert "LeNet" in g.window.windowTitle()
        qtbot.waitUntil(lambda: len(g.window.graph.canvas.scene) > 0, timeout=30_000)
        assert g.window.welcome.isVisible()
        assert g.window.toolbar.sample.maximum() == 1796
        assert [message.text for message in g.window.messages.messages] == []


def test_a_script_from_the_command_line_runs_at_once(qtbot: QtBot, tmp_path: Path) -> None:
    script = tmp_path / "mine.py"
    script.write_text(
        "import sys, gradviz\nx = gradviz.tensor(2.0, requires_grad=True)\n(x * 3).backward()\n"
    )
    with running(qtbot, tmp_path / "config", load=0) as g:
        g.show(str(script), ["--epochs", "3"])
        qtbot.waitUntil(lambda: g.session.recording is not None, timeout=60_000)
        assert g.session.program is not None
        assert g.session.program.instrs[0].op == "mul"
        assert g.window.messages.messages == []


def test_a_problem_with_the_settings_is_told(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text("{broken")
    with running(qtbot, tmp_path, load=0) as g:
        g.show()
        (message,) = g.window.messages.messages
        assert message.level == "warning"
        assert "settings.json" in message.text
        qtbot.waitUntil(lambda: g.session.timeline is not None, timeout=120_000)


def test_a_settings_folder_that_cannot_be_written_does_no_harm(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with running(qtbot, tmp_path / "file" / "config") as g:
        g.window.commands["switch-theme"].trigger()
        assert g.session.settings.problem is not None


def test_language_and_theme_of_one_start_are_not_remembered(qtbot: QtBot, tmp_path: Path) -> None:
    with running(qtbot, tmp_path, load=0, language="zh_CN", theme="dark") as g:
        assert g.themes.theme.dark
    again = Settings.load(tmp_path)
    assert (again.language, again.theme) == ("system", "system")


def test_closing_while_everything_runs(qtbot: QtBot, tmp_path: Path) -> None:
    with running(qtbot, tmp_path) as g:
        g.window.lab.start_over()
        qtbot.waitUntil(lambda: not g.window.lab.busy, timeout=120_000)
        g.window.lab.train(100_000)
        g.window.player.play()
        g.session.open_all()
        g.window.exporter.save_recording(tmp_path / "walk.gradviz")


def test_a_killed_layout_process_does_no_harm(qtbot: QtBot, tmp_path: Path) -> None:
    with running(qtbot, tmp_path) as g:
        number = g.window.layouts.process_id
        assert number
        os.kill(number, 9)
        qtbot.waitUntil(lambda: g.window.layouts.process_id != number, timeout=30_000)
        g.session.open_all()
        shown = g.window.graph.canvas
        wanted = g.session.graph
        assert wanted is not None
        qtbot.waitUntil(lambda: len(shown.scene) == len(wanted.nodes), timeout=30_000)


# Errors.


@pytest.fixture
def bar(qtbot: QtBot) -> MessageBar:
    made = MessageBar(ThemeManager("light"))
    qtbot.addWidget(made)
    made.show()
    return made


def test_an_uncaught_error_is_shown_with_its_traceback(
    bar: MessageBar, qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sys.excepthook
    hooks = ErrorHooks(bar.post)
    hooks.install()
    try:
        raise ZeroDivisionError("oh")
    except ZeroDivisionError:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
    finally:
        hooks.remove()
    assert sys.excepthook is before
    qtbot.waitUntil(lambda: bool(bar.messages))
    assert "oh" in bar.messages[0].text
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_an_error_in_a_thread_is_shown(
    bar: MessageBar, qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    hooks = ErrorHooks(bar.post)
    hooks.install()
    try:
        thread = threading.Thread(target=lambda: 1 // 0)
        thread.start()
        thread.join()
    finally:
        hooks.remove()
    qtbot.waitUntil(lambda: bool(bar.messages))
    assert bar.messages[0].level == "error"
    assert "ZeroDivisionError" in capsys.readouterr().err


SLOT_ERROR = """
import sys
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication
from gradviz.ui import app

class Faulty(app.Gradviz):
    def _begin(self, path, script_arguments):
        QTimer.singleShot(0, lambda: 1 // 0)
        QTimer.singleShot(50, self.look)

    def look(self):
        print([(m.level, m.text) for m in self.window.messages.messages])
        self.window.close()

app.Gradviz = Faulty
sys.exit(app.main(language="en", theme="light"))
"""


def test_an_error_in_a_slot_does_not_end_the_program(fresh_home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SLOT_ERROR], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (
        "('error', 'Something went wrong inside gradviz: integer division or modulo by zero')" in done.stdout
    )
    assert "ZeroDivisionError" in done.stderr
    assert (fresh_home / "config" / "settings.json").is_file(), "closing saves the settings"


# The first start.


def test_the_warm_up_is_shown_and_can_be_stopped(
    bar: MessageBar, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks: list[str] = []
    hold = threading.Event()

    def warm_up(progress: jit.Callable[[int, int, str], bool]) -> bool:
        for done in range(1000):
            if not progress(done, 1000, f"kernel {done}"):
                return False
            hold.wait(0.001)
        return True

    monkeypatch.setattr(jit, "is_warm", lambda: False)
    monkeypatch.setattr(jit, "warm_up", warm_up)
    monkeypatch.setattr(jit, "mark_warm", lambda: marks.append("warm"))
    strip = JobStrip(ThemeManager("light"))
    qtbot.addWidget(strip)
    strip.show()
    warm = WarmUp(bar, strip)
    warm.start()
    qtbot.waitUntil(lambda: bool(strip.jobs) and "of 1000" in strip.jobs[0].text)
    with qtbot.waitSignal(warm.ended):
        strip.jobs[0].stop_button.click()
    assert strip.jobs == []
    assert marks == []
    monkeypatch.setattr(jit, "warm_up", lambda progress: True)
    with qtbot.waitSignal(warm.ended):
        warm.start()
    assert marks == ["warm"]


def test_a_warm_machine_compiles_nothing(
    bar: MessageBar, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jit, "is_warm", lambda: True)
    monkeypatch.setattr(jit, "warm_up", lambda progress: pytest.fail("it was warm"))
    strip = JobStrip(ThemeManager("light"))
    qtbot.addWidget(strip)
    warm = WarmUp(bar, strip)
    with qtbot.waitSignal(warm.ended):
        warm.start()
    assert bar.messages == []


def test_a_cache_that_cannot_be_kept_is_told(
    bar: MessageBar, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jit, "is_warm", lambda: True)
    monkeypatch.setattr(jit, "cache_problem", lambda: "/cache: no space left")
    strip = JobStrip(ThemeManager("light"))
    qtbot.addWidget(strip)
    warm = WarmUp(bar, strip)
    with qtbot.waitSignal(warm.ended):
        warm.start()
    assert "no space left" in bar.messages[0].text


def test_no_heavy_import_before_the_window_shows() -> None:
    code = (
        "import sys; import gradviz.ui.app\n"
        "print([m for m in ('numba', 'matplotlib', 'scipy', 'pygraphviz', 'PyQt6.Qsci') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
