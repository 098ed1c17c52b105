"""The loop that walks a table: a row is [address of the kernel, length, operands …]."""

from __future__ import annotations

from .memory import call, ints_at, singles_at, skip


def walk(arena: int, start: int, stop: int) -> None:
    """Run the rows between two addresses; without the interpreter's lock, without allocation."""
    memory = singles_at(arena)
    here = start
    while here < stop:
        row = ints_at(here)
        call(row[0], memory, skip(row, 2))
        here += row[1] * 8
