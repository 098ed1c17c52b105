"""Two threads for one table: the second one runs its half of the batch while the first runs the other.

The second thread waits in machine code, without the interpreter's lock: for some microseconds it spins, then
it yields to other processes, then it sleeps until it is woken. So it costs nothing while nothing is trained,
and no time slice when the other core is taken.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Sequence

import numpy as np

from . import routine

# Words of the shared array, apart from each other so that each has a cache line of its own.
JOB, HALF, MET, DONE, ALIVE, ASLEEP, ARENA, FIRST = (8 * k for k in range(8))
MARKS = 7
"""Marks of a table, from FIRST on."""
WORDS = FIRST + 8

POSIX = os.name == "posix"


class Crew:
    """Runs rows between the addresses `marks`: what comes before both halves, the two halves, what
    both threads then do with the sums of both, and what comes last."""

    def __init__(self, marks: Sequence[int]) -> None:
        self._words = np.zeros(WORDS, np.int64)
        self._words[FIRST : FIRST + MARKS] = marks
        self._bell = threading.Semaphore(0)
        self._thread: threading.Thread | None = None
        weakref.finalize(self, _dismiss, self._words, self._bell)

    def run(self, arena: int) -> None:
        """The whole table, once."""
        if not POSIX:  # there is nothing to yield with: one after the other
            start, *_, end = self._words[FIRST : FIRST + MARKS]
            routine.walk(arena, int(start), int(end))
            return
        if self._thread is None:
            self._words[ALIVE] = 1
            arguments = (self._words, self._bell, routine.crew())
            self._thread = threading.Thread(target=_work, args=arguments, name="gradviz-crew", daemon=True)
            self._thread.start()
        post, finish, _ = routine.crew()
        words = self._words.ctypes.data
        if post(words, arena):
            self._bell.release()
        finish(words, arena)

    def close(self) -> None:
        """End the second thread."""
        if self._thread is not None:
            _dismiss(self._words, self._bell)
            self._thread.join()
            self._thread = None


def _dismiss(words: np.ndarray, bell: threading.Semaphore) -> None:
    words[ALIVE] = 0
    words[JOB] += 1
    bell.release()


def _work(words: np.ndarray, bell: threading.Semaphore, functions: tuple[routine.Step, ...]) -> None:
    serve = functions[2]
    job = int(words[DONE])
    while True:
        job = serve(words.ctypes.data, job)
        if job < 0:
            break
        bell.acquire()
        words[ASLEEP] = 0
    words[DONE] = words[JOB]
    while bell.acquire(blocking=False):
        pass
