"""Writing rows down as numbers, once it is known where everything lies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from . import routine
from .values import Address, Fallback, Loop, Place, Row


def write(steps: Sequence[Row | Fallback], loops: Sequence[Loop]) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """The table, and for each step the words from where to where its row lies (none for the interpreter's).

    A row is [address of the kernel, length, operands …]. The steps of a loop are followed by a row that runs
    them again.
    """
    words: list[int] = []
    places: list[tuple[int, int]] = []
    ends = {loop.stop: loop for loop in loops}
    repeats: list[int] = []  # words that hold the position of another word
    for number, step in enumerate(steps):
        start = len(words)
        if isinstance(step, Row):
            words += [routine.address(step.kernel, step.precision), 2 + len(step.operands)]
            words += [_word(operand, step.precision) for operand in step.operands]
        loop = ends.get(number + 1)
        if loop is not None and loop.count > 1:
            first = places[loop.start][0] if loop.start < number else start
            fixes = _moving(steps, loop, [*places, (start, len(words))])
            row = [loop.count - 1, first, len(words), len(fixes)]
            repeats += [len(words) + 3, len(words) + 4]
            words += [routine.address("repeat", "float32"), 2 + len(row) + 2 * len(fixes), *row]
            words += [number for fix in fixes for number in fix]
        places.append((start, len(words)))
    table = np.array(words or [0], np.int64)
    for word in repeats:
        table[word] = table.ctypes.data + 8 * table[word]
    return table, places


def _word(operand: int | Place | Address, precision: str) -> int:
    if isinstance(operand, Place):
        return operand.buffer.offset // operand.itemsize + operand.offset
    if isinstance(operand, Address):
        return routine.address(operand.kernel, precision)
    return int(operand)


def _moving(
    steps: Sequence[Row | Fallback], loop: Loop, places: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """The words (counted from the loop's first) that grow with each turn, and by how much."""
    fixes = []
    begin = places[loop.start][0]
    for number in range(loop.start, loop.stop):
        step = steps[number]
        for position, operand in enumerate(step.operands if isinstance(step, Row) else ()):
            if isinstance(operand, Place) and operand.buffer in loop.moves:
                word = places[number][0] + 2 + position - begin
                fixes.append((word, loop.moves[operand.buffer] // operand.itemsize))
    return fixes
