"""Arrows from one column to another: along the row if it is free, else through the gap above or below it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from .column import Box, Column, node_box
from .job import BACKWARD, Job
from .types import Point

_CLEAR = 8.0  # between a row and the first line above or below it
_LANE = 4.0  # between lines in one gap
_LANES = 3
_TURN = 12.0  # radius of a turn
_PORT = 16.0  # from a node's corner to where a line leaves its top or bottom
_APART = 9.0  # between arrows that join the same two nodes


@dataclass
class _Row:
    """Nodes at one height; `lanes` gives each node whose arrows use a gap (above: True) a line of its own."""

    centre: float
    top: float
    bottom: float
    boxes: list[Box] = field(default_factory=list)
    lanes: dict[tuple[bool, int], int] = field(default_factory=dict)

    def line(self, node: int, above: bool) -> float:
        """The height of the line in a gap that belongs to a node."""
        used = sum(1 for side, _ in self.lanes if side == above)
        lane = self.lanes.setdefault((above, node), used) % _LANES
        distance = _CLEAR + lane * _LANE
        return self.top - distance if above else self.bottom + distance


class Router:
    """Knows where all nodes stand, and draws arrows between columns around them."""

    def __init__(self, job: Job, columns: Sequence[Column]) -> None:
        self._job = job
        self._boxes: dict[int, Box] = {}
        self._rows: list[list[_Row]] = []
        self._row_of: dict[int, _Row] = {}
        self._sides: list[tuple[float, float]] = []  # left and right edge of each column
        for column in columns:
            self._rows.append(self._find_rows(column))
            left, _, right, _ = column.box(job) if column.nodes else (0.0, 0.0, 0.0, 0.0)
            self._sides.append((left, right))
        self._between: dict[tuple[int, int], list[int]] = {}
        for index, edge in enumerate(job.edges):
            self._between.setdefault((edge.source, edge.target), []).append(index)

    def _find_rows(self, column: Column) -> list[_Row]:
        rows: dict[float, _Row] = {}
        for index, centre in sorted(column.nodes.items(), key=lambda item: item[1][1]):
            box = self._boxes[index] = node_box(self._job, index, centre)
            row = rows.setdefault(round(centre[1], 1), _Row(centre[1], box[1], box[3]))
            row.top, row.bottom = min(row.top, box[1]), max(row.bottom, box[3])
            row.boxes.append(box)
            self._row_of[index] = row
        return list(rows.values())

    def route(self, edge: int) -> list[Point]:
        """The spline of an arrow between two columns."""
        source, target = self._job.edges[edge].source, self._job.edges[edge].target
        start, end = self._job.nodes[source].column, self._job.nodes[target].column
        siblings = self._between[source, target]
        shift = (siblings.index(edge) - (len(siblings) - 1) / 2) * _APART
        right = end > start
        pen = self._leave(source, target, right, shift)
        for column in range(start, end, 1 if right else -1):
            pen.level_to(self._sides[column][1] if right else self._sides[column][0])
            following = column + 1 if right else column - 1
            near, far = self._sides[following] if right else self._sides[following][::-1]
            if following != end:
                if near != far:
                    pen.sway_to(near, self._free_height(following, pen.y, source))
                    pen.level_to(far)
                continue
            self._arrive(pen, target, right, near, shift)
        return pen.points

    def _leave(self, source: int, target: int, right: bool, shift: float) -> _Pen:
        box, row = self._boxes[source], self._row_of[source]
        if not self._blocked(row, box, right):
            return _Pen(box[2] if right else box[0], row.centre + shift)
        above = (
            self._job.nodes[source].column == BACKWARD
        )  # results leave at the bottom, in backward at the top
        pen = _Pen((box[2] - _PORT if right else box[0] + _PORT) + shift, box[1] if above else box[3])
        pen.turn_level(_TURN if right else -_TURN, row.line(source, above))
        return pen

    def _arrive(self, pen: _Pen, target: int, right: bool, near: float, shift: float) -> None:
        box, row = self._boxes[target], self._row_of[target]
        if not self._blocked(row, box, not right):
            pen.sway_to(near, row.centre + shift)
            pen.level_to(box[0] if right else box[2])
            return
        above = self._job.nodes[target].column != BACKWARD
        x = (box[0] + _PORT if right else box[2] - _PORT) + shift
        pen.sway_to(near, row.line(target, above))
        pen.level_to(x - (_TURN if right else -_TURN))
        pen.turn_upright(x, box[1] if above else box[3])

    @staticmethod
    def _blocked(row: _Row, box: Box, right: bool) -> bool:
        return any(
            other[0] >= box[2] if right else other[2] <= box[0] for other in row.boxes if other is not box
        )

    def _free_height(self, column: int, y: float, node: int) -> float:
        """A height near y at which a line can cross a whole column."""
        rows = self._rows[column]
        place = bisect_left(rows, y, key=lambda row: row.bottom + _CLEAR / 2)
        if place < len(rows) and rows[place].top - _CLEAR / 2 < y:
            return rows[place].line(node, y <= rows[place].centre)
        return y


class _Pen:
    """Draws a spline of level lines, S-curves and quarter turns."""

    def __init__(self, x: float, y: float) -> None:
        self.points: list[Point] = [(x, y)]

    @property
    def y(self) -> float:
        return self.points[-1][1]

    def level_to(self, x: float) -> None:
        """A level line, if it has a length."""
        x0, y = self.points[-1]
        if abs(x - x0) > 0.5:
            self.points += [(x0 + (x - x0) / 3, y), (x0 + (x - x0) * 2 / 3, y), (x, y)]

    def sway_to(self, x: float, y: float) -> None:
        """An S-curve, level at both ends."""
        x0, y0 = self.points[-1]
        bend = (x - x0) / 2
        self.points += [(x0 + bend, y0), (x - bend, y), (x, y)]

    def turn_level(self, dx: float, y: float) -> None:
        """From upright to level."""
        x0, _ = self.points[-1]
        self.points += [(x0, y), (x0, y), (x0 + dx, y)]

    def turn_upright(self, x: float, y: float) -> None:
        """From level to upright."""
        _, y0 = self.points[-1]
        self.points += [(x, y0), (x, y0), (x, y)]


def direct(source: Box, target: Box) -> list[Point]:
    """A curve from box to box in one column, for arrows that have no better way."""
    x0, x1 = (source[0] + source[2]) / 2, (target[0] + target[2]) / 2
    down = source[1] <= target[1]
    y0, y1 = (source[3], target[1]) if down else (source[1], target[3])
    bend = (y1 - y0) * 0.45
    return [(x0, y0), (x0, y0 + bend), (x1, y1 - bend), (x1, y1)]
