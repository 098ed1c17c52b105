"""What the two threads of a crew do in machine code: hand over work, wait for it, wait for one another."""

from __future__ import annotations

from typing import Any

import numba
from numba import types

from .crew import ALIVE, ARENA, ASLEEP, DONE, JOB, START, STOP
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

    @_njit("int64(int64, int64, int64, int64)", **_OPTIONS)
    def post(words: int, arena: int, start: int, stop: int) -> int:
        """Hand rows to the second thread; returns whether it is asleep."""
        shared = ints_at(words)
        shared[ARENA], shared[START], shared[STOP] = arena, start, stop
        release(shared, JOB, shared[JOB] + 1)
        asleep: int = acquire(shared, ASLEEP)
        return asleep

    @_njit("void(int64, int64, int64, int64, int64, int64)", **_OPTIONS)
    def finish(words: int, arena: int, first: int, second: int, after: int, end: int) -> None:
        """Run the first half, wait for the second, run what follows."""
        shared = ints_at(words)
        walk(arena, first, second)
        count = 0
        while acquire(shared, DONE) != shared[JOB]:
            count += 1
            if count > SPINS:
                _yield()
        walk(arena, after, end)

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
            walk(shared[ARENA], shared[START], shared[STOP])
            release(shared, DONE, job)
