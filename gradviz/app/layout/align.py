"""Putting forward and backward side by side: a backward node stands in the row of its forward twin."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise

from .column import Column, Rows, frames_around, stretch
from .job import FORWARD, Job


def twins(job: Job, backward: Column) -> list[tuple[int, int]]:
    """Pairs (forward node, the lowest of its backward nodes): those that shall stand in one row."""
    lowest: dict[int, int] = {}
    for index, (_, y) in backward.nodes.items():
        twin = job.nodes[index].twin
        if twin < 0 or job.nodes[twin].column != FORWARD or job.nodes[twin].leaf:
            continue
        if twin not in lowest or y > backward.nodes[lowest[twin]][1]:
            lowest[twin] = index
    return list(lowest.items())


def align(job: Job, forward: Column, backward: Column) -> None:
    """Move the rows of both columns apart until twins stand side by side, as far as their orders agree."""
    left, right = Rows(job, forward), Rows(job, backward)
    pairs = {(left.of(forward.nodes[f][1]), right.of(backward.nodes[b][1])) for f, b in twins(job, backward)}
    anchors = longest_increasing(pairs) or [(len(left.centres) - 1, len(right.centres) - 1)]
    heights = [0.0]
    for (a0, b0), (a1, b1) in pairwise(anchors):
        heights.append(
            heights[-1] + max(left.centres[a1] - left.centres[a0], right.centres[b1] - right.centres[b0])
        )
    for column, rows, at in (
        (forward, left, [a for a, _ in anchors]),
        (backward, right, [b for _, b in anchors]),
    ):
        stretch(job, column, rows, spread(rows.centres, at, heights, _loose(job, column, rows)))


def longest_increasing(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest sequence of pairs in which both numbers grow."""
    tails: list[int] = []  # the smallest second number that ends a sequence of each length
    ends: list[tuple[int, int]] = []
    before: dict[tuple[int, int], tuple[int, int] | None] = {}
    for pair in sorted(pairs, key=lambda p: (p[0], -p[1])):
        length = bisect_left(tails, pair[1])
        before[pair] = ends[length - 1] if length else None
        tails[length:] = [pair[1], *tails[length + 1 :]]
        ends[length:] = [pair, *ends[length + 1 :]]
    found: list[tuple[int, int]] = []
    step = ends[-1] if ends else None
    while step is not None:
        found.append(step)
        step = before[step]
    return found[::-1]


def _loose(job: Job, column: Column, rows: Rows) -> list[bool]:
    """For each gap between rows whether it is free to grow: no frame reaches across it."""
    loose = [True] * max(len(rows.centres) - 1, 0)
    spans: dict[int, tuple[int, int]] = {}
    for index, (_, y) in column.nodes.items():
        frames = frames_around(job, index)
        if frames:
            row = rows.of(y)
            low, high = spans.get(frames[0], (row, row))
            spans[frames[0]] = (min(low, row), max(high, row))
    for low, high in spans.values():
        loose[low:high] = [False] * (high - low)
    return loose


def spread(
    centres: Sequence[float], anchors: Sequence[int], heights: Sequence[float], loose: Sequence[bool]
) -> list[float]:
    """New heights of all rows: anchors go where they must, the rest shares the room between them."""
    first, last = anchors[0], anchors[-1]
    result = [y - centres[first] + heights[0] for y in centres[: first + 1]]
    for (start, stop), (low, high) in zip(pairwise(anchors), pairwise(heights), strict=True):
        extra = (high - low) - (centres[stop] - centres[start])
        weights = [float(free) for free in loose[start:stop]]
        if not any(weights):
            weights = [1.0] * (stop - start)
        total = sum(weights)
        for gap in range(start, stop):
            result.append(result[-1] + centres[gap + 1] - centres[gap] + extra * weights[gap - start] / total)
    return result + [y - centres[last] + heights[-1] for y in centres[last + 1 :]]
