"""Compiling several kernels at once: other processes help, as a compiler keeps one core busy.

python -m gradviz.engine.compiled.ahead      compiles what it reads, a line "KERNEL PRECISION" each, into the
                                             cache, and answers each with a line; "walk" is what runs them
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Collection

from ..native.store import cache_problem
from . import routine

LEAST = 4
"""Missing kernels for each further process: for fewer it does not pay, as it takes a second to start."""
HELPERS = 3
"""Further processes, at most."""
_HELPING = "GRADVIZ_HELPS_COMPILING"  # set in them
_WALK = "walk"  # stands for no kernel, but for what runs them and what follows calls

Key = tuple[str, str]
"""Name and precision of a kernel."""


def prepare_all(kernels: Collection[Key]) -> None:
    """Compile these kernels, or load them from the cache.

    Where this is the first time for some, other processes compile too: each takes the next one of a list
    that has the long ones first. If one of them fails, nothing is lost: this process compiles what is left.
    """
    missing = [key for key in sorted(set(kernels)) if not routine.is_made(*key)]
    count = min(HELPERS, _processors() - 1, len(missing) // LEAST)
    if count < 1 or not sys.executable or os.environ.get(_HELPING):
        return
    helpers = [_Helper(missing) for _ in range(count)]
    try:
        routine.define()
        missing.sort(key=lambda key: len(routine.ROUTINES[key[0]].__code__.co_code))
        if cache_problem() is None:  # else they could not hand over what they compile
            for helper in helpers:
                helper.start()
        while (key := _next(missing)) is not None:
            routine.address(*key)
    finally:
        for helper in helpers:
            helper.end()
    while (key := _next(missing)) is not None:  # what a helper has given back
        routine.address(*key)


def leave_to_another(kernels: Collection[Key]) -> bool:
    """Have another process compile these kernels, and what runs them, into the cache while this one goes on.

    It is told all of them at once, and ends by itself. Returns whether one has begun.
    """
    if not sys.executable or os.environ.get(_HELPING) or cache_problem() is not None:
        return False
    process = _begin(subprocess.DEVNULL)
    if process is None:
        return False
    _others.append(process)  # so that it is not missed when this process ends first
    assert process.stdin is not None
    with contextlib.suppress(OSError), process.stdin:
        process.stdin.write("".join(f"{name} {precision}\n" for name, precision in sorted(kernels)))
        process.stdin.write(f"{_WALK}\n")
    return True


_others: list[subprocess.Popen[str]] = []


def _next(waiting: list[Key]) -> Key | None:
    """Take the last of a list that several threads take from."""
    try:
        return waiting.pop()
    except IndexError:
        return None


def _processors() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Helper:
    """Another process that compiles, and the thread that gives it one kernel after the other."""

    def __init__(self, waiting: list[Key]) -> None:
        self._waiting = waiting
        self._process = _begin()
        self._thread = threading.Thread(target=self._feed, name="gradviz-compiling", daemon=True)

    def start(self) -> None:
        """Let it work."""
        self._thread.start()

    def end(self) -> None:
        """Wait until it has finished what it compiles, and end it."""
        if self._thread.ident is not None:
            self._thread.join()
        if self._process is not None:
            self._process.communicate()

    def _feed(self) -> None:
        if self._process is None:
            return
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        while (key := _next(self._waiting)) is not None:
            try:
                self._process.stdin.write(f"{key[0]} {key[1]}\n")
                self._process.stdin.flush()
                answered = self._process.stdout.readline() != ""
            except OSError:
                answered = False
            if not answered:  # it has died
                self._waiting.append(key)
                return


def _begin(answers: int = subprocess.PIPE) -> subprocess.Popen[str] | None:
    ways = os.pathsep.join(path for path in sys.path if path)
    try:
        return subprocess.Popen(
            [sys.executable, "-m", __name__],
            env={**os.environ, "PYTHONPATH": ways, _HELPING: "1"},
            stdin=subprocess.PIPE,
            stdout=answers,
            stderr=subprocess.DEVNULL,
            text=True,
        )
    except OSError:
        return None


def main() -> int:
    """Compile what is asked for; returns the exit status."""
    routine.define()
    for line in sys.stdin:
        if line.split() == [_WALK]:
            routine.walk()
            routine.compile_echo()
        else:
            routine.address(*line.split())
        sys.stdout.write("\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
