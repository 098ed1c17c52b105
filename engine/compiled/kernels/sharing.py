"""Rows that hand work to the second thread of a crew, and fetch it."""

from __future__ import annotations

from ..crew import CLAIMED, DONE, JOB, SPINS, START, STOP
from ..memory import Memory, Row, acquire, call, claim, ints_at, pause, release, skip
from ..routine import kernel


@kernel
def offer(memory: Memory, row: Row) -> None:
    """Let the second thread run other rows. Row: the shared words, where these rows begin and end."""
    shared = ints_at(row[0])
    shared[START], shared[STOP] = row[1], row[2]
    release(shared, JOB, shared[JOB] + 1)


@kernel
def fetch(memory: Memory, row: Row) -> None:
    """Wait until the second thread has run what was offered; do it here if it has not begun. Row: the shared
    words; the offered rows follow, and count as a part of this one."""
    shared = ints_at(row[0])
    job = shared[JOB]
    if claim(shared, CLAIMED, job - 1, job):
        here, stop = shared[START], shared[STOP]
        while here < stop:
            other = ints_at(here)
            call(other[0], memory, skip(other, 2))
            here += other[1] * 8
        return
    count = 0
    while acquire(shared, DONE) != job:
        count += 1
        if count > SPINS:
            pause()
