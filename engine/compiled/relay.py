"""What the two threads of a crew do in machine code outside a table: wait for work, and say that it comes."""

from __future__ import annotations

from .crew import ACTIVE, ALIVE, ARENA, ASLEEP, CLAIMED, DONE, JOB, SPINS, START, STOP
from .memory import acquire, claim, inline, ints_at, pause, release
from .walk import walk

YIELDS = 300
"""Yields before the second thread goes to sleep, once nothing runs."""

run = inline(walk)


def announce(words: int, active: int) -> int:
    """Say that a run begins or has ended; returns whether the second thread is asleep."""
    shared = ints_at(words)
    release(shared, ACTIVE, active)
    asleep: int = acquire(shared, ASLEEP)
    return asleep


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
            run(shared[ARENA], shared[START], shared[STOP])
            release(shared, DONE, offered)
        job = offered
