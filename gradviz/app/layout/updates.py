"""The column of optimizer steps: independent parts, each at the height of the gradients that it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import inf

from .column import Box, Column, Hints, Rows, frames_around, move_part, node_box, stretch, union
from .job import UPDATE, Job
from .types import Point


class Parts:
    """What is held together in the column of updates: by arrows, or as the ops of one open module.

    `hints` ask for the order of the gradients: parts stand one below another as their gradients do, parts at
    one height side by side, the one with the nearest gradient first.
    """

    def __init__(self, job: Job, known: Mapping[int, Point]) -> None:
        self._job = job
        members, reads = _connected(job)
        height = min((y for _, y in known.values()), default=0.0)
        self._anchors: list[tuple[list[int], float]] = []
        for part in members:
            height = _height(job, part, reads, known, height)
            self._anchors.append((part, height))
        self._targets = {edge.target for edge in job.edges if job.nodes[edge.source].column == UPDATE}
        self._sources = {edge.source for edge in job.edges if job.nodes[edge.target].column == UPDATE}
        self._readers = {target for target in reads if reads[target]}
        self.hints = Hints(self._levels(), self._order(reads, known))

    def _order(self, reads: Mapping[int, Sequence[int]], known: Mapping[int, Point]) -> list[int]:
        rightmost: dict[int, float] = {}
        for part, _ in self._anchors:
            own = {i: max((known[s][0] for s in reads[i] if s in known), default=-inf) for i in part}
            end = max(own.values())
            rightmost.update((index, x if x > -inf else end) for index, x in own.items())
        return sorted(rightmost, key=lambda index: -rightmost[index])

    def _levels(self) -> list[tuple[int, int]]:
        levels: dict[float, list[int]] = {}
        for part, height in self._anchors:
            levels.setdefault(round(height, 1), []).extend(part)
        ordered = [levels[height] for height in sorted(levels)]
        pairs = []
        for above, below in pairwise(ordered):
            lasts = [i for i in above if i not in self._sources] or above[-1:]
            firsts = [i for i in below if i not in self._targets] or below[:1]
            # One with each, then each with one: as strong as all pairs, and linear.
            pairs += [(lasts[0], first) for first in firsts] + [(last, firsts[0]) for last in lasts[1:]]
        return pairs

    def place(self, column: Column) -> None:
        """Move the rows of the column as near to their gradients as their order and distances allow."""
        rows = Rows(self._job, column)
        wanted: dict[int, list[float]] = {}
        for part, height in self._anchors:
            line = min(column.nodes[i][1] for i in [i for i in part if i in self._readers] or part)
            for index in part:
                y = column.nodes[index][1]
                wanted.setdefault(rows.of(y), []).append(y + height - line)
        wishes = [sum(ys) / len(ys) for _, ys in sorted(wanted.items())]
        stretch(self._job, column, rows, nearest(wishes, rows.centres))
        for shelf in self._shelves(column):
            left = min(self._box(column, block)[0] for block in shelf)
            move_part(self._job, column, [index for block in shelf for index in block], -left)

    def _shelves(self, column: Column) -> list[list[list[int]]]:
        """Blocks (parts, or all in one outermost frame) by shelves: those of a shelf overlap in height.

        Each shelf can begin at the left edge, which makes the way from the gradients short.
        """
        blocks: dict[int, list[int]] = {}
        for part, _ in self._anchors:
            frames = frames_around(self._job, part[0])
            blocks.setdefault(frames[0] if frames else -1 - part[0], []).extend(part)
        spans = [(self._box(column, block), block) for block in blocks.values()]
        shelves: list[list[list[int]]] = []
        bottom = -inf
        for (_, top, _, low), block in sorted(spans, key=lambda span: span[0][1]):
            if top > bottom:
                shelves.append([])
            shelves[-1].append(block)
            bottom = max(bottom, low)
        return shelves

    def _box(self, column: Column, block: Sequence[int]) -> Box:
        frames = {frame for index in block for frame in frames_around(self._job, index)[:1]}
        nodes = [node_box(self._job, index, column.nodes[index]) for index in block]
        return union(nodes + [column.groups[frame] for frame in frames])


def _connected(job: Job) -> tuple[list[list[int]], dict[int, list[int]]]:
    """The parts in the order of the program, and for each node of the column the gradients that it reads."""
    leader = {index: index for index, node in enumerate(job.nodes) if node.column == UPDATE}
    reads: dict[int, list[int]] = {index: [] for index in leader}

    def find(index: int) -> int:
        while leader[index] != index:
            leader[index] = leader[leader[index]]
            index = leader[index]
        return index

    for edge in job.edges:
        if edge.source in leader and edge.target in leader:
            leader[find(edge.target)] = find(edge.source)
        elif edge.target in leader and not edge.saved:
            reads[edge.target].append(edge.source)
    first: dict[int, int] = {}
    for index in leader:
        if job.nodes[index].group >= 0 and not job.nodes[index].fold:
            leader[find(index)] = find(first.setdefault(job.nodes[index].group, index))
    parts: dict[int, list[int]] = {}
    for index in leader:
        parts.setdefault(find(index), []).append(index)
    return list(parts.values()), reads


def _height(
    job: Job,
    part: Sequence[int],
    reads: Mapping[int, Sequence[int]],
    known: Mapping[int, Point],
    before: float,
) -> float:
    """The height of the topmost gradient that a part reads, or of its twins; else that of the part before."""
    heights = [known[source][1] for index in part for source in reads[index] if source in known]
    heights = heights or [known[job.nodes[i].twin][1] for i in part if job.nodes[i].twin in known]
    return min(heights, default=before)


def nearest(wishes: Sequence[float], present: Sequence[float]) -> list[float]:
    """New positions near `wishes` (least squares) whose distances are at least those of `present`.

    Pool adjacent violators (Ayer et al., 1955) on the wishes minus the positions that they have at least.
    """
    blocks: list[tuple[float, int]] = []  # (mean, how many)
    for wish, least in zip(wishes, present, strict=True):
        mean, count = wish - least, 1
        while blocks and blocks[-1][0] > mean:
            other, size = blocks.pop()
            mean, count = (mean * count + other * size) / (count + size), count + size
        blocks.append((mean, count))
    means = [mean for mean, count in blocks for _ in range(count)]
    return [mean + least for mean, least in zip(means, present, strict=True)]
