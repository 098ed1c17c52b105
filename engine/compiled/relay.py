"""What the two threads of a crew do in machine code: hand over work, wait for it, wait for one another."""

from __future__ import annotations

from typing import Any

import numba
from numba import types

from .crew import ALIVE, ARENA, ASLEEP, DONE, FIRST, HALF, JOB, MET
from .memory import acquire, ints_at, release
from .routine import in_folder
from .walk import walk

SPINS = 20_000
"""Looks at a word before yielding, some ten microseconds."""
YIELDS = 300
"""Yields before the second thread goes to sleep."""

_yield = types.ExternalFunction("sched_yield", types.int32())
_njit: Any = numba.njit
_OPTIONS = {"cache": True, "nogil": True, "error_model": "numpy", "boundscheck": False}

with in_folder():

    @_njit("void(int64, int64, int64)", **_OPTIONS)
    def meet(words: int, word: int, job: int) -> None:
        """Wait until the other thread has come so far in this job."""
        shared = ints_at(words)
        count = 0
        while acquire(shared, word) != job:
            count += 1
            if count > SPINS:
                _yield()

    @_njit("int64(int64, int64)", **_OPTIONS)
    def post(words: int, arena: int) -> int:
        """Run what comes first, then begin a job for both threads; returns whether the second is asleep."""
        shared = ints_at(words)
        walk(arena, shared[FIRST], shared[FIRST + 1])
        shared[ARENA] = arena
        release(shared, JOB, shared[JOB] + 1)
        asleep: int = acquire(shared, ASLEEP)
        return asleep

    @_njit("void(int64, int64)", **_OPTIONS)
    def finish(words: int, arena: int) -> None:
        """The first thread's part of the job, and what comes last."""
        shared = ints_at(words)
        job = shared[JOB]
        walk(arena, shared[FIRST + 1], shared[FIRST + 2])
        release(shared, MET, job)
        meet(words, HALF, job)
        walk(arena, shared[FIRST + 3], shared[FIRST + 4])
        meet(words, DONE, job)
        walk(arena, shared[FIRST + 5], shared[FIRST + 6])

    @_njit("int64(int64, int64)", **_OPTIONS)
    def serve(words: int, job: int) -> int:
        """Do job after job; returns the number of the last one when nothing has come for a while, −1 at the
        end."""
        shared = ints_at(words)
        while True:
            count = 0
            while acquire(shared, JOB) == job:
                count += 1
                if count > SPINS:
                    if count > SPINS + YIELDS:
                        release(shared, ASLEEP, 1)
                        if acquire(shared, JOB) == job:
                            return job
                        release(shared, ASLEEP, 0)  # something has come just now
                    else:
                        _yield()
            if shared[ALIVE] == 0:
                return -1
            job = shared[JOB]
            walk(shared[ARENA], shared[FIRST + 2], shared[FIRST + 3])
            release(shared, HALF, job)
            meet(words, MET, job)
            walk(shared[ARENA], shared[FIRST + 4], shared[FIRST + 5])
            release(shared, DONE, job)
