"""Where each buffer lies: buffers that are never needed at the same time share memory."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

from .halves import shared_until
from .values import Buffer, Fallback, Loop, Row

ALIGN = 64
SLACK = 64
"""Bytes after each buffer that a whole vector may run over into."""


def plan(
    steps: Sequence[Row | Fallback],
    fixed: Iterable[Buffer],
    becomes: Mapping[Buffer, Buffer],
    held: Iterable[Buffer] = (),
    loops: Iterable[Loop] = (),
    sides: tuple[int, int, int] | None = None,
) -> tuple[int, int]:
    """Set `offset` of every buffer; returns the arena's size in bytes, and the step up to which two threads
    share what follows their halves.

    `becomes` names for buffers at the end the input that they will be in the next step; what is `held` is
    looked at after the last step. `sides` are the steps where two halves begin that run at the same time, and
    where the second ends: what only the second uses lies apart from everything else.
    """
    first: dict[Buffer, int] = {}
    last: dict[Buffer, int] = {}
    for number, step in enumerate(steps):
        for buffer in step.buffers():
            first.setdefault(buffer, number)
            last[buffer] = number
    for loop in loops:  # what comes from outside is needed in the last turn too
        for buffer, number in last.items():
            if first[buffer] < loop.start <= number < loop.stop:
                last[buffer] = loop.stop - 1
    if sides is not None:
        for buffer, number in last.items():
            if first[buffer] < sides[0] <= number < sides[2]:
                last[buffer] = sides[2] - 1
    last.update((buffer, len(steps)) for buffer in held)
    _take_over(steps, first, last, becomes)
    shared = 0
    if sides is not None:  # no thread may write where the other one still reads
        shared = shared_until(steps, sides[2])
        for number in range(sides[2], shared):
            for buffer in steps[number].buffers():
                root = buffer.root
                first[root] = min(first.get(root, sides[2]), sides[2])
                last[root] = max(last.get(root, shared), shared - 1)
    top = 0
    for buffer in dict.fromkeys(each.root for each in (*fixed, *(b for b in first if b.fixed))):
        buffer.offset, top = top, top + room(buffer)
    aside: dict[Buffer, int] = {}
    if sides is not None:
        aside = {b: number for b, number in first.items() if sides[1] <= number < sides[2]}
    end = _share(
        len(steps), {b: n for b, n in first.items() if b not in aside} if aside else first, last, top
    )
    end = _share(len(steps), aside, last, end)
    for buffer in (*first, *fixed):
        buffer.offset = buffer.root.offset
    return end, shared


def room(buffer: Buffer) -> int:
    """The bytes that a buffer takes in the arena."""
    return -(-(buffer.nbytes + SLACK) // ALIGN) * ALIGN


def _take_over(
    steps: Sequence[Row | Fallback],
    first: Mapping[Buffer, int],
    last: dict[Buffer, int],
    becomes: Mapping[Buffer, Buffer],
) -> None:
    """Let elementwise results take the memory of an input that nobody reads any more."""
    for number, step in enumerate(steps):
        for new, old in step.over if isinstance(step, Row) else ():
            root = old.root
            allowed = becomes.get(new) is root or not (new.fixed or root.fixed)
            if (
                allowed
                and new.home is None
                and new is not root
                and new.nbytes == root.nbytes
                and first[new] == number
                and last.get(root) == number
            ):
                new.home = root
                last[root] = last[new]


def _share(count: int, first: Mapping[Buffer, int], last: Mapping[Buffer, int], top: int) -> int:
    """Walk through time: take the tightest gap that is free, give it back after the last use."""
    ending: dict[int, list[Buffer]] = {}
    starting: dict[int, list[Buffer]] = {}
    for buffer in first:
        if buffer.home is None and not buffer.fixed:
            starting.setdefault(first[buffer], []).append(buffer)
            ending.setdefault(last[buffer], []).append(buffer)
    gaps: list[tuple[int, int]] = []  # (offset, size), by offset; what lies beyond `end` is free too
    end = top
    for number in range(count):
        for buffer in starting.get(number, ()):
            size = room(buffer)
            place = _tightest(gaps, size)
            if place < 0:
                buffer.offset, end = end, end + size
                continue
            buffer.offset, free = gaps[place]
            if free > size:
                gaps[place] = buffer.offset + size, free - size
            else:
                del gaps[place]
        for buffer in ending.get(number, ()):
            _give_back(gaps, buffer.offset, room(buffer))
    return end


def _tightest(gaps: Sequence[tuple[int, int]], size: int) -> int:
    """The smallest gap of at least a size, the first of them; -1 if there is none."""
    found, least = -1, 0
    for place, (_, free) in enumerate(gaps):
        if free >= size and (found < 0 or free < least):
            found, least = place, free
    return found


def _give_back(gaps: list[tuple[int, int]], offset: int, size: int) -> None:
    """Enter a gap, joined with those that it touches."""
    place = bisect_left(gaps, (offset, 0))
    if place < len(gaps) and gaps[place][0] == offset + size:
        size += gaps.pop(place)[1]
    if place > 0 and sum(gaps[place - 1]) == offset:
        offset, before = gaps[place - 1]
        gaps[place - 1] = offset, before + size
    else:
        gaps.insert(place, (offset, size))
