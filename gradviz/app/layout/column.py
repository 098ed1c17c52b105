"""One column of the picture (forward, backward or update), laid out by itself at first."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from .job import BACKWARD, Job
from .types import Point

Box = tuple[float, float, float, float]  # left, top, right, bottom

_TIP = 2.0  # arrows end up to so far from their nodes, and move with them


@dataclass(frozen=True)
class Hints:
    """What else is wanted of a column: pairs (upper node, lower node), and nodes from left to right."""

    before: Sequence[tuple[int, int]] = ()
    order: Sequence[int] = ()


NO_HINTS = Hints()


@dataclass
class Column:
    """Centres of nodes, splines from source to target and frames, by indices in the job; y points down."""

    nodes: dict[int, Point] = field(default_factory=dict)
    edges: dict[int, list[Point]] = field(default_factory=dict)
    groups: dict[int, Box] = field(default_factory=dict)

    def move(self, x: float, y: float) -> None:
        """Shift everything."""
        self.map(lambda a: a + x, lambda b: b + y)
        self.groups = {i: (a + x, b + y, c + x, d + y) for i, (a, b, c, d) in self.groups.items()}

    def map(self, fx: Callable[[float], float], fy: Callable[[float], float]) -> None:
        """Apply functions to the coordinates of nodes and splines (not of frames)."""
        self.nodes = {i: (fx(x), fy(y)) for i, (x, y) in self.nodes.items()}
        self.edges = {i: [(fx(x), fy(y)) for x, y in points] for i, points in self.edges.items()}

    def box(self, job: Job) -> Box:
        """What encloses everything."""
        boxes = [*self.groups.values(), *(node_box(job, i, at) for i, at in self.nodes.items())]
        xs = [x for points in self.edges.values() for x, _ in points]
        ys = [y for points in self.edges.values() for _, y in points]
        return (
            min([b[0] for b in boxes] + xs),
            min([b[1] for b in boxes] + ys),
            max([b[2] for b in boxes] + xs),
            max([b[3] for b in boxes] + ys),
        )


def node_box(job: Job, index: int, centre: Point) -> Box:
    """The rectangle of a node around its centre."""
    width, height = job.nodes[index].width / 2, job.nodes[index].height / 2
    return centre[0] - width, centre[1] - height, centre[0] + width, centre[1] + height


def downward(job: Job, column: int) -> list[tuple[int, int, int]]:
    """The arrows within a column as (edge, upper node, lower node): backward runs up, all others down."""
    pairs = []
    for index, edge in enumerate(job.edges):
        if (
            edge.source != edge.target
            and job.nodes[edge.source].column == job.nodes[edge.target].column == column
        ):
            ends = (edge.target, edge.source) if column == BACKWARD else (edge.source, edge.target)
            pairs.append((index, *ends))
    return pairs


def frames_around(job: Job, node: int) -> tuple[int, ...]:
    """The frames that a node lies in, outermost first."""
    found = []
    group = job.nodes[node].group
    while group >= 0:
        found.append(group)
        group = job.groups[group].parent
    return tuple(reversed(found))


class Rows:
    """The rows of a column's nodes, top to bottom; stretching moves them apart and keeps each rigid."""

    def __init__(self, job: Job, column: Column) -> None:
        extents: dict[float, float] = {}
        for index, (_, y) in column.nodes.items():
            key = round(y, 1)
            extents[key] = max(extents.get(key, 0.0), job.nodes[index].height / 2)
        self.centres = sorted(extents)
        self._halves = [extents[y] + _TIP for y in self.centres]
        self._index = {y: i for i, y in enumerate(self.centres)}

    def of(self, y: float) -> int:
        """The number of the row whose centre is `y`."""
        return self._index[round(y, 1)]

    def moved(self, centres: Sequence[float]) -> Callable[[float], float]:
        """The map from old to new heights: rigid at rows, stretched between them."""
        olds: list[float] = []
        news: list[float] = []
        for old, half, new in zip(self.centres, self._halves, centres, strict=True):
            olds += [old - half, old + half]
            news += [new - half, new + half]

        def apply(y: float) -> float:
            after = bisect_right(olds, y)
            if after == 0:
                return y + news[0] - olds[0]
            if after == len(olds):
                return y + news[-1] - olds[-1]
            low, high = olds[after - 1], olds[after]
            share = (y - low) / (high - low) if high > low else 0.0
            return news[after - 1] + share * (news[after] - news[after - 1])

        return apply


def stretch(job: Job, column: Column, rows: Rows, centres: Sequence[float]) -> None:
    """Move the rows of a column to new heights; frames keep their distance from their outermost rows."""
    apply = rows.moved(centres)
    tops: dict[int, float] = {}
    bottoms: dict[int, float] = {}
    for index, (_, y) in column.nodes.items():
        for group in frames_around(job, index):
            tops[group] = min(tops.get(group, y), y)
            bottoms[group] = max(bottoms.get(group, y), y)
    for group, (left, top, right, bottom) in column.groups.items():
        if group in tops:
            up, down = apply(tops[group]) - tops[group], apply(bottoms[group]) - bottoms[group]
            column.groups[group] = (left, top + up, right, bottom + down)
    column.map(lambda x: x, apply)


def move_part(job: Job, column: Column, nodes: Iterable[int], dx: float) -> None:
    """Shift nodes, the arrows from them and the frames around them sideways."""
    inside = set(nodes)
    for index in inside:
        x, y = column.nodes[index]
        column.nodes[index] = (x + dx, y)
    for edge, points in column.edges.items():
        if job.edges[edge].source in inside:
            column.edges[edge] = [(x + dx, y) for x, y in points]
    for frame in {frame for index in inside for frame in frames_around(job, index)}:
        left, top, right, bottom = column.groups[frame]
        column.groups[frame] = (left + dx, top, right + dx, bottom)


def union(boxes: Iterable[Box]) -> Box:
    """The box around boxes."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
