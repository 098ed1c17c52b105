"""Where each buffer lies: buffers that are never needed at the same time share memory."""

from __future__ import annotations

from bisect import insort
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
    aside = {b for b, number in first.items() if sides is not None and sides[1] <= number < sides[2]}
    end = _share(len(steps), {b: n for b, n in first.items() if b not in aside}, last, top)
    end = _share(len(steps), {b: n for b, n in first.items() if b in aside}, last, end)
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
                break


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
            fitting = min((gap for gap in gaps if gap[1] >= size), key=lambda gap: gap[1], default=None)
            if fitting is None:
                buffer.offset, end = end, end + size
            else:
                gaps.remove(fitting)
                buffer.offset = fitting[0]
                if fitting[1] > size:
                    insort(gaps, (fitting[0] + size, fitting[1] - size))
        for buffer in ending.get(number, ()):
            insort(gaps, (buffer.offset, room(buffer)))
        if number in ending:
            gaps = _joined(gaps)
    return end


def _joined(gaps: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for offset, size in gaps:
        if joined and sum(joined[-1]) == offset:
            joined[-1] = (joined[-1][0], joined[-1][1] + size)
        else:
            joined.append((offset, size))
    return joined
