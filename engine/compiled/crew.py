"""Two threads for one table: some of its rows are offered to a second thread while the first runs others.

The second thread waits in machine code, without the interpreter's lock. While a run lasts it spins for some
microseconds, then it yields to other processes; afterwards it sleeps until it is woken. What it has not begun
when the first thread needs it, the first thread does itself: nobody waits for a thread that has no core, and
the numbers are the same whoever computes them.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable

import numpy as np

from . import routine

# Words of the shared array, apart from each other so that each has a cache line of its own.
JOB, CLAIMED, DONE, ACTIVE, ALIVE, ASLEEP, ARENA, START, STOP, WORDS = (8 * k for k in range(10))

SPINS = 20_000
"""Looks at a word before yielding, some ten microseconds."""

POSIX = os.name == "posix"
"""Whether there is something to yield with: else all is left to one thread."""


class Crew:
    """The second thread of a table, and the words that both threads share."""

    def __init__(self) -> None:
        self._words = np.zeros(WORDS, np.int64)
        self._bell = threading.Semaphore(0)
        self._thread: threading.Thread | None = None
        weakref.finalize(self, _dismiss, self._words, self._bell)

    @property
    def address(self) -> int:
        """Where the shared words lie, for the rows that offer and fetch work."""
        return self._words.ctypes.data

    def begin(self, arena: int) -> None:
        """Have the second thread look out for work in a table over this arena."""
        if self._thread is None:
            self._words[ALIVE] = 1
            arguments = (self._words, self._bell, routine.crew()[1])
            self._thread = threading.Thread(target=_work, args=arguments, name="gradviz-crew", daemon=True)
            self._thread.start()
        self._words[ARENA] = arena
        if routine.crew()[0](self.address, 1):
            self._bell.release()

    def end(self) -> None:
        """Let it rest, if nothing follows soon."""
        routine.crew()[0](self.address, 0)

    def run(self, arena: int, work: Callable[[], None]) -> None:
        """Do something that offers work on this arena."""
        self.begin(arena)
        try:
            work()
        finally:
            self.end()

    def close(self) -> None:
        """End the second thread."""
        if self._thread is not None:
            _dismiss(self._words, self._bell)
            self._thread.join()
            self._thread = None


def _dismiss(words: np.ndarray, bell: threading.Semaphore) -> None:
    words[ALIVE] = 0
    bell.release()


def _work(words: np.ndarray, bell: threading.Semaphore, serve: routine.Step) -> None:
    while serve(words.ctypes.data):
        bell.acquire()
        words[ASLEEP] = 0
    while bell.acquire(blocking=False):
        pass
