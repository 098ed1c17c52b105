"""What a test may not leave behind: threads, processes, windows, active timers and animations, log warnings.

`Watch` notes what is there when it is made; `Watch.check` raises `Leak` for what has come since and does not
go away within a moment. The fixture in conftest.py puts one round every test; test_guards.py proves that each
kind is found.
"""

import gc
import logging
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# Seconds for threads to end, processes to be reaped and deleteLater to take effect.
GRACE = float(os.environ.get("GRADVIZ_TEST_GRACE", "5"))
# Windows that Qt makes, and keeps, by itself.
QT_OWN_WINDOWS = {"QTipLabel", "QRollEffect", "QAlphaWidget", "QDesktopScreenWidget"}
# The process that multiprocessing keeps for the whole run.
KEPT_PROCESSES = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")
# Says how long it takes to list the system's fonts, once per machine.
CHATTY_LOGGERS = ("matplotlib.font_manager",)

_abandoned: list[Any] = []  # leaked QThreads: destroying one that runs would abort the process


class Leak(AssertionError):
    """A test left something running or said something alarming."""


class LogRecords(logging.Handler):
    """Collects the log records that nobody asked for."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(CHATTY_LOGGERS):
            self.messages.append(f"{record.levelname} {record.name}: {record.getMessage()}")


class Watch:
    """The state before a test, and what has leaked since."""

    _open = 0  # watches that are not released yet

    def __init__(self, *, logs: bool = True) -> None:
        self._threads = set(threading.enumerate())
        self._processes = set(child_processes())
        self._windows = {_address(window) for window in top_level_windows()}
        self._log = LogRecords()
        if logs:
            logging.getLogger().addHandler(self._log)
        Watch._open += 1
        if Watch._open == 1:
            gc.freeze()  # from here on gc.get_objects() lists new objects only, which makes the search quick

    def release(self) -> None:
        """Stop watching without a verdict: a failed test's traceback keeps things alive."""
        Watch._open -= 1
        if not Watch._open:  # a test of the guards themselves makes watches within its own
            gc.unfreeze()
        logging.getLogger().removeHandler(self._log)

    def check(self, grace: float = GRACE) -> None:
        """Raise `Leak` if something is left after `grace` seconds."""
        try:
            leaks = self._wait_until_gone(grace)
        finally:
            self.release()
        leaks += [f"logged: {message}" for message in self._log.messages]
        if leaks:
            raise Leak("\n".join(leaks))

    def _wait_until_gone(self, grace: float) -> list[str]:
        deadline = time.monotonic() + grace
        if _qt("QtCore") is not None:
            # A wrapper that outlives its widget would hear signals in the next test.
            for _ in range(2):  # what a deleted widget's slots hold goes one round later
                _settle_qt()
                gc.collect()
        leaks = list(self._leaks())
        while leaks and time.monotonic() < deadline:
            gc.collect()
            _settle_qt()
            time.sleep(0.01)
            leaks = list(self._leaks())
        for thing in running_qt_objects():
            _stop(thing)
        return leaks

    def _leaks(self) -> Iterable[str]:
        for thread in threading.enumerate():
            # A dummy stands for a thread of Qt that has run Python; it never goes away.
            if thread not in self._threads and not isinstance(thread, threading._DummyThread):
                yield f"Python thread still running: {thread.name}"
        for pid, command in child_processes().items():
            if pid not in self._processes:
                yield f"child process still running: {pid} {command}"
        for window in top_level_windows():
            if _address(window) not in self._windows:
                yield f"window not deleted: {describe(window)}"
        for thing in running_qt_objects():
            yield f"still active: {describe(thing)}"
        yield from _pool_leaks()


def child_processes() -> dict[int, str]:
    """The running children of this process, by number; on Linux all of them, elsewhere multiprocessing's."""
    found = {child.pid: child.name for child in multiprocessing.active_children() if child.pid is not None}
    for children in Path("/proc/self/task").glob("*/children"):
        for pid in map(int, _read(children).split()):
            command = _read(Path(f"/proc/{pid}/cmdline")).replace("\0", " ").strip()
            # A zombie has no command, but neither has a process that has only just begun.
            if (command or _runs(pid)) and not any(kept in command for kept in KEPT_PROCESSES):
                found[pid] = command
    return found


def _runs(pid: int) -> bool:
    """Whether a process is there and has not ended: "S" in "1234 (python) S 1 ..."."""
    state = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return bool(state) and state[0] not in ("Z", "X")


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:  # the thread or process has just ended
        return ""


def _qt(module: str) -> Any:
    """A module of Qt, if the tests have imported it; the engine's tests shall not."""
    return sys.modules.get(f"PyQt6.{module}")


def top_level_windows() -> list[Any]:
    widgets = _qt("QtWidgets")
    if widgets is None or widgets.QApplication.instance() is None:
        return []
    return [
        window
        for window in widgets.QApplication.topLevelWidgets()
        if window.parent() is None and window.metaObject().className() not in QT_OWN_WINDOWS
    ]


def running_qt_objects() -> list[Any]:
    """Timers, threads, animations and processes of Qt, made since the watch began, that are active."""
    core = _qt("QtCore")
    if core is None:
        return []
    from PyQt6 import sip  # not at the top: the engine's tests run without Qt

    kinds = {
        core.QTimer: core.QTimer.isActive,
        core.QThread: core.QThread.isRunning,
        core.QAbstractAnimation: lambda it: it.state() == core.QAbstractAnimation.State.Running,
        core.QProcess: lambda it: it.state() != core.QProcess.ProcessState.NotRunning,
    }
    found = []
    for thing in gc.get_objects():
        for kind, is_active in kinds.items():
            if issubclass(type(thing), kind) and not sip.isdeleted(thing) and is_active(thing):
                found.append(thing)
    return found


def _pool_leaks() -> Iterable[str]:
    core = _qt("QtCore")
    if core is not None and (pool := core.QThreadPool.globalInstance()).activeThreadCount():
        yield f"QThreadPool: {pool.activeThreadCount()} tasks still running"


def _settle_qt() -> None:
    core = _qt("QtCore")
    if core is not None and core.QCoreApplication.instance() is not None:
        core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete.value)
        core.QCoreApplication.processEvents()


def _stop(thing: Any) -> None:
    """Leave as little as possible for the next test to trip over."""
    core = _qt("QtCore")
    if isinstance(thing, core.QThread):
        _abandoned.append(thing)
        thing.requestInterruption()
        thing.quit()
    elif isinstance(thing, core.QProcess):
        thing.kill()
        thing.waitForFinished(1000)
    else:
        thing.stop()


def _address(window: Any) -> int:
    from PyQt6 import sip  # not at the top: the engine's tests run without Qt

    return int(sip.unwrapinstance(window))


def describe(thing: Any) -> str:
    """`QTimer "autosave" (every 100 ms) in MainWindow`: enough to find it."""
    parts = [type(thing).__name__]
    if thing.objectName():
        parts.append(f'"{thing.objectName()}"')
    if hasattr(thing, "interval"):
        parts.append(f"(every {thing.interval()} ms)")
    if hasattr(thing, "program"):
        parts.append(f"({thing.program()})")
    if thing.parent() is not None:
        parts.append(f"in {type(thing.parent()).__name__}")
    return " ".join(parts)
