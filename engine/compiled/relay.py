"""What the two threads of a crew do in machine code outside a table: wait for work, and say that it comes."""

from __future__ import annotations

from typing import Any

import numba

from .crew import ACTIVE, ALIVE, ARENA, ASLEEP, CLAIMED, DONE, JOB, SPINS, START, STOP
from .memory import acquire, claim, ints_at, pause, release
from .routine import in_folder
from .walk import walk

YIELDS = 300
"""Yields before the second thread goes to sleep, once nothing runs."""

_njit: Any = numba.njit
_OPTIONS = {"cache": True, "nogil": True, "error_model": "numpy", "boundscheck": False}

with in_folder():

    @_njit("int64(int64, int64)", **_OPTIONS)
    def announce(words: int, active: int) -> int:
        """Say that a run begins or has ended; returns whether the second thread is asleep."""
        shared = ints_at(words)
        release(shared, ACTIVE, active)
        asleep: int = acquire(shared, ASLEEP)
        return asleep

    @_njit("int64(int64)", **_OPTIONS)
    def serve(words: int) -> int:
        """Do what is offered; returns 1 when nothing has run for a while, 0 at the end."""
        shared = ints_at(words)
        job = acquire(shared, CLAIMED)
        while True:
            count = 0
            while acquire(shared, JOB) == job:
                if acquire(shared, ALIVE) == 0:
                    return 0
                count += 1
                if count > SPINS:
                    pause()
                    if count > SPINS + YIELDS and acquire(shared, ACTIVE) == 0:
                        release(shared, ASLEEP, 1)
                        if acquire(shared, ACTIVE) == 0 and acquire(shared, ALIVE) != 0:
                            return 1
                        release(shared, ASLEEP, 0)  # something has come just now
                        count = 0
            offered = acquire(shared, JOB)
            if claim(shared, CLAIMED, offered - 1, offered):
                walk(shared[ARENA], shared[START], shared[STOP])
                release(shared, DONE, offered)
            job = offered
