"""Copies of what training changes, by the iteration that they were taken before."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

import numpy as np

State = Mapping[int, np.ndarray]
"""What an executor holds, by slot."""

Copy = TypeVar("Copy")


class Copies(OrderedDict[int, Copy], Generic[Copy]):
    """Copies in the order of iterations; `nbytes` is kept up to date: each new one asks for it."""

    def __init__(self) -> None:
        super().__init__()
        self.nbytes = 0

    def __setitem__(self, number: int, copy: Copy) -> None:
        if number in self:
            self.nbytes -= size_of(self[number])
        super().__setitem__(number, copy)
        self.nbytes += size_of(copy)

    def __delitem__(self, number: int) -> None:
        self.nbytes -= size_of(self[number])
        super().__delitem__(number)


def size_of(copy: Any) -> int:
    """The bytes of a copy: of its arrays, or what it says itself."""
    return sum(value.nbytes for value in copy.values()) if isinstance(copy, Mapping) else int(copy.nbytes)


def thin(many: Sequence[Copies[Any]], every: int, count: int = 1) -> bool:
    """Drop up to `count` copies that are missed least: their iterations are computed from the one before.

    These are the ones where the gap to come is smallest for its age, so that what was long ago takes longer,
    but stays reachable. The first and the last copy of each row stay, and so does the neighbour of one that
    goes. False if there is none to drop.
    """
    newest = max((next(reversed(copies)) for copies in many if copies), default=0)
    missed: list[tuple[float, int, int]] = []
    rows = [list(copies) for copies in many]
    for row, numbers in enumerate(rows):
        for place in range(1, len(numbers) - 1):
            gap, age = numbers[place + 1] - numbers[place - 1], newest - numbers[place]
            missed.append((gap / (age + every), row, place))
    missed.sort()
    gone: set[tuple[int, int]] = set()
    for _, row, place in missed:
        if (row, place - 1) in gone or (row, place + 1) in gone:
            continue
        del many[row][rows[row][place]]
        gone.add((row, place))
        if len(gone) == count:
            break
    return bool(gone)
