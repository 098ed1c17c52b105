"""Writing rows down as numbers, once it is known where everything lies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from . import routine
from .ahead import prepare_all
from .values import Address, Fallback, Loop, Operand, Place, Row, Share


def write(
    steps: Sequence[Row | Fallback], loops: Sequence[Loop], shares: Sequence[Share] = (), shared: int = 0
) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """The table, and for each step the words from where to where its row lies (none for the interpreter's).

    A row is [address of the kernel, length, operands …]. The steps of a loop are followed by a row that runs
    them again. Before each share stands a row that offers the second thread's part, between its parts one
    that fetches it; `shared` is the address of the words by which threads agree.
    """
    prepare_all(kernels(steps, loops, shares))
    words: list[int] = []
    places: list[tuple[int, int]] = []
    starts: list[int] = []  # of the rows themselves
    ends = {loop.stop: loop for loop in loops}
    offers = {share.start: share for share in shares}
    middles = {share.middle: share for share in shares}
    waiting: dict[int, tuple[int, int]] = {}  # by a share's end: its two rows
    repeats: list[int] = []  # words that hold the position of another word
    for number, step in enumerate(steps):
        place = len(words)
        if number in offers:
            repeats += [place + 3, place + 4]
            words += [routine.address("offer", "float32"), 5, shared, 0, 0]
            waiting[offers[number].stop] = (place, 0)
        if number in middles:
            share = middles[number]
            waiting[share.stop] = (waiting[share.stop][0], len(words))
            words += [routine.address("fetch", "float32"), 3, shared]
        start = len(words)
        starts.append(start)
        if isinstance(step, Row):
            precision = step.precision
            words += (routine.address(step.kernel, precision), 2 + len(step.operands))
            words += [
                each
                if type(each) is int
                else each.buffer.offset // each.itemsize + each.offset
                if type(each) is Place
                else _other(each, precision)
                for each in step.operands
            ]
        loop = ends.get(number + 1)
        if loop is not None and loop.count > 1:
            first = starts[loop.start]
            fixes = _moving(steps, loop, starts)
            row = [loop.count - 1, first, len(words), len(fixes)]
            repeats += [len(words) + 3, len(words) + 4]
            words += [routine.address("repeat", "float32"), 2 + len(row) + 2 * len(fixes), *row]
            words += [number for fix in fixes for number in fix]
        if number + 1 in waiting:
            offer, fetch = waiting.pop(number + 1)
            words[offer + 3 : offer + 5] = fetch + 3, len(words)
            words[fetch + 1] = len(words) - fetch
        places.append((place, len(words)))
    table = np.array(words or [0], np.int64)
    for word in repeats:
        table[word] = table.ctypes.data + 8 * table[word]
    return table, places


def kernels(
    steps: Sequence[Row | Fallback], loops: Sequence[Loop], shares: Sequence[Share]
) -> set[tuple[str, str]]:
    """All that the table calls, by name and precision."""
    found = {("repeat", "float32")} if any(loop.count > 1 for loop in loops) else set()
    if shares:
        found |= {("offer", "float32"), ("fetch", "float32")}
    for step in steps:
        if isinstance(step, Row):
            found.add((step.kernel, step.precision))
            for each in step.operands:
                if type(each) is Address:
                    found.add((each.kernel, step.precision))
    return found


def _other(operand: Operand, precision: str) -> int:
    """The word for an operand that is no place: a kernel, or a number of numpy's."""
    return routine.address(operand.kernel, precision) if isinstance(operand, Address) else int(operand)  # type: ignore[arg-type]


def _moving(steps: Sequence[Row | Fallback], loop: Loop, starts: Sequence[int]) -> list[tuple[int, int]]:
    """The words (counted from the loop's first) that grow with each turn, and by how much."""
    fixes = []
    begin = starts[loop.start]
    for number in range(loop.start, loop.stop):
        step = steps[number]
        for position, operand in enumerate(step.operands if isinstance(step, Row) else ()):
            if type(operand) is Place and operand.buffer in loop.moves:
                word = starts[number] + 2 + position - begin
                fixes.append((word, loop.moves[operand.buffer] // operand.itemsize))
    return fixes
