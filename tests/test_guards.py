"""Each guard is shown something that it must find, and something that it must let pass."""

import logging
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PyQt6.QtCore import QObject, QProcess, QPropertyAnimation, QRunnable, QThread, QThreadPool, QTimer
from PyQt6.QtWidgets import QApplication, QWidget

from tests.guards import Leak, Watch, child_processes

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def leak_expected(words: str) -> Iterator[None]:
    watch = Watch()
    yield
    with pytest.raises(Leak, match=words):
        watch.check(grace=0.1)


def test_nothing_left_passes(qapp: QApplication) -> None:
    watch = Watch()
    timer = QTimer()
    timer.start(10)
    timer.stop()
    window = QWidget()
    window.show()
    window.close()
    window.deleteLater()
    thread = threading.Thread(target=lambda: None)
    thread.start()
    process = QProcess()
    process.start(sys.executable, ["-c", ""])
    watch.check()


def test_python_thread() -> None:
    release = threading.Event()
    thread = threading.Thread(target=release.wait, name="forgotten")
    with leak_expected("Python thread still running: forgotten"):
        thread.start()
    release.set()
    thread.join()


def test_subprocess() -> None:
    with leak_expected("child process still running: [0-9]+ .*input"):
        process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process.communicate(b"\n")
    assert process.returncode == 0


def test_a_process_that_has_only_just_begun_is_seen() -> None:
    for _ in range(50):  # for a moment after it has begun the system tells no command of it
        process = subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE)
        seen = [process.pid in child_processes() for _ in range(20)]
        process.communicate(b"\n")
        assert all(seen)
    assert process.pid not in child_processes()


def test_qprocess(qapp: QApplication) -> None:
    with leak_expected("still active: QProcess"):
        process = QProcess()
        process.start(sys.executable, ["-c", "input()"])
        assert process.waitForStarted()
    assert process.state() == QProcess.ProcessState.NotRunning  # the guard has cleaned up


@pytest.mark.parametrize("parented", [True, False])
def test_timer(qapp: QApplication, parented: bool) -> None:
    owner = QObject()
    with leak_expected(r'still active: QTimer "autosave" \(every 60000 ms\)'):
        timer = QTimer(owner if parented else None)
        timer.setObjectName("autosave")
        timer.start(60_000)
    assert not timer.isActive()


def test_animation(qapp: QApplication) -> None:
    owner = QWidget()
    with leak_expected("still active: QPropertyAnimation"):
        animation = QPropertyAnimation(owner, b"windowOpacity", owner)
        animation.setDuration(60_000)
        animation.setEndValue(0.5)
        animation.start()


def test_qthread(qapp: QApplication) -> None:
    with leak_expected("still active: QThread"):
        thread = QThread()
        thread.start()
    assert thread.wait(5000)


def test_thread_pool(qapp: QApplication) -> None:
    release = threading.Event()
    pool = QThreadPool.globalInstance()
    assert pool is not None
    with leak_expected("QThreadPool: 1 tasks still running"):
        pool.start(QRunnable.create(release.wait))
    release.set()
    assert pool.waitForDone(5000)


def test_window(qapp: QApplication) -> None:
    with leak_expected("window not deleted: QWidget"):
        window = QWidget()
    del window


@pytest.mark.parametrize("name", ["", "gradviz.app"])
def test_log(name: str, caplog: pytest.LogCaptureFixture) -> None:
    with leak_expected("WARNING .*: the lamp is broken"):
        logging.getLogger(name).warning("the lamp is broken")


def test_quiet_log_passes(caplog: pytest.LogCaptureFixture) -> None:
    watch = Watch()
    logging.getLogger("gradviz").info("all is well")
    watch.check()


LEAKING = """
import logging, threading, warnings
from PyQt6.QtCore import QTimer, qWarning
kept = []
def test_thread(): threading.Thread(target=threading.Event().wait, daemon=True).start()
def test_timer(qapp): kept.append(QTimer()); kept[0].start(60_000)
def test_log(): logging.getLogger("x").warning("oh")
def test_warning(): warnings.warn("oh")
def test_qt(qtbot): qWarning("oh")
def test_slot(qtbot): QTimer.singleShot(0, lambda: 1 / 0); qtbot.wait(1)
def test_good(): pass
def test_judges_its_own_log(caplog): logging.getLogger("x").warning("oh")
"""


def test_the_suite_is_guarded(tmp_path: Path, run_pytest: Callable[..., str]) -> None:
    (tmp_path / "test_leaking.py").write_text(LEAKING)
    output = run_pytest(tmp_path / "test_leaking.py")
    assert set(re.findall(r"^ERROR \S*::test_(\w+)", output, re.MULTILINE)) == {"thread", "timer", "log"}
    assert set(re.findall(r"^FAILED \S*::test_(\w+)", output, re.MULTILINE)) == {"warning", "qt", "slot"}
    assert "3 failed, 5 passed, 3 errors" in output


@pytest.fixture
def run_pytest() -> Callable[..., str]:
    """pytest with this project's settings and conftest.py, on a file outside of the project."""

    def run(file: Path) -> str:
        command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-rfE"]
        settings = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(file.parent), str(file)]
        environment = {**os.environ, "GRADVIZ_TEST_GRACE": "0.2"}
        result = subprocess.run(
            command + settings, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
        )
        return result.stdout + result.stderr

    return run
