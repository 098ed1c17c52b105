"""One part of a column: an open module's frame with stubs for what is outside, and boxes for parts in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .column import Column, frames_around, node_box
from .job import BACKWARD, EdgeJob, GroupJob, Job, NodeJob
from .joints import Joints, Socket
from .types import Point

_STUB = 2.0  # units: size of what stands for the outside
_RIM = 6.0  # between a frame and the line at which arrows are joined


@dataclass(frozen=True, eq=False)
class Laid:
    """What Graphviz made of a part, and the arrows of its longest chain."""

    column: Column
    spine: frozenset[int]


@dataclass
class Part:
    """A frame with all that is in it, its upper left corner at (0, 0); arrows run downwards.

    `ports`: where arrows cross the border; `spine`: those of its longest chain.
    """

    column: Column
    width: float
    height: float
    ports: dict[int, Point]
    spine: set[int]


class Local:
    """The job of one part, with numbers of its own, so that equal parts are equal wherever they stand."""

    def __init__(
        self,
        job: Job,
        column: int,
        frame: int,
        items: Mapping[int, int],
        arrows: Iterable[tuple[int, int, int]],
        parts: Mapping[int, Part],
    ) -> None:
        self._parts = parts
        self._frame = frame
        self.nodes: dict[int, int] = {}  # node -> its number here
        self.boxes: dict[int, int] = {}  # frame of a part -> its number here
        self._groups: dict[int, int] = {}  # frame -> its number here
        self._stubs: dict[int, tuple[int, bool]] = {}  # arrow -> its stub, and whether that is above
        self._edges: list[tuple[int, int, int]] = []  # arrow, the boxes that its ends lie in, or -1
        self._rows: list[NodeJob] = []
        groups: list[GroupJob] = []
        holders = {node: -2 - item for node, item in items.items() if item < 0 and -2 - item in parts}
        wanted = {frame} if frame >= 0 else set()
        for node in items:
            if node not in holders:
                wanted.update(frames_around(job, node))
        inside = set(frames_around_frame(job, frame))
        for group in sorted(wanted - inside):
            parent = self._groups.get(job.groups[group].parent, -1)
            self._groups[group] = len(groups)
            groups.append(GroupJob(parent, column, job.groups[group].title))
        home = self._groups.get(frame, -1)
        for node in items:
            if node not in holders:
                row = job.nodes[node]
                group = self._groups.get(row.group, -1)
                self.nodes[node] = self._add(row._replace(group=group, twin=-1, fold=False))
            elif holders[node] not in self.boxes:
                part = parts[holders[node]]
                row = NodeJob(part.width, part.height, column, home, -1, False, False)
                self.boxes[holders[node]] = self._add(row)
        found: list[tuple[bool, int, int, int, int, int]] = []
        sockets: list[tuple[int, int, float, bool]] = []
        for edge, upper, lower in arrows:
            if upper not in items and lower not in items:
                continue
            above, under = holders.get(upper, -1), holders.get(lower, -1)
            if above == under >= 0:
                continue
            ends = []
            for node, holder, top in ((upper, above, False), (lower, under, True)):
                if holder >= 0:
                    sockets.append((self.boxes[holder], edge, parts[holder].ports[edge][0], top))
                    ends.append(self.boxes[holder])
                elif node in self.nodes:
                    ends.append(self.nodes[node])
                else:
                    stub = NodeJob(_STUB, _STUB, column, -1, -1, job.nodes[node].leaf, False)
                    self._stubs[edge] = self._add(stub), not top
                    ends.append(self._stubs[edge][0])
            later = not any(edge in parts[box].spine for box in (above, under) if box >= 0)
            found.append((later, ends[0], ends[1], edge, above, under))
        # Of several arrows into a part, that of its longest chain comes first: it shall be straight.
        found.sort(key=lambda row: row[0])
        numbers = {row[3]: number for number, row in enumerate(found)}
        self._edges = [(edge, above, under) for _, _, _, edge, above, under in found]
        turned = column == BACKWARD
        self.job = Job(
            tuple(self._rows),
            tuple(EdgeJob(b if turned else a, a if turned else b, False, 0.0) for _, a, b, _, _, _ in found),
            tuple(groups),
        )
        self.joints = Joints(
            tuple(Socket(box, numbers[edge], x, top) for box, edge, x, top in sockets),
            frozenset(stub for stub, _ in self._stubs.values()),
        )

    def _add(self, row: NodeJob) -> int:
        self._rows.append(row)
        return len(self._rows) - 1

    def by_itself(self, found: Column, child: int) -> bool:
        """Whether no node stands beside a part."""
        own = self.boxes[child]
        _, top, _, bottom = node_box(self.job, own, found.nodes[own])
        outside = self.joints.stubs
        boxes = (node_box(self.job, i, at) for i, at in found.nodes.items() if i != own and i not in outside)
        return not any(box[1] < bottom and top < box[3] for box in boxes)

    def assembled(self, laid: Laid, column: int) -> Part:
        """The part, from its own layout and those of the parts in it."""
        found = laid.column
        made = Column(
            {node: found.nodes[number] for node, number in self.nodes.items()},
            {},
            {frame: found.groups[number] for frame, number in self._groups.items() if number in found.groups},
        )
        corners: dict[int, Point] = {}
        for child, number in self.boxes.items():
            left, top, _, _ = node_box(self.job, number, found.nodes[number])
            corners[child] = left, top
            inner = self._parts[child].column
            made.nodes.update((i, (x + left, y + top)) for i, (x, y) in inner.nodes.items())
            made.groups.update(
                (i, (a + left, b + top, c + left, d + top)) for i, (a, b, c, d) in inner.groups.items()
            )
        whole = self._joined(made, found, corners, column)
        spine = {self._edges[edge][0] for edge in laid.spine}
        box = found.groups.get(0) if self._frame >= 0 else None
        if box is None:  # the whole column
            return Part(made, 0.0, 0.0, {}, spine)
        return self._framed(made, box, whole, spine, found)

    def _joined(
        self, made: Column, found: Column, corners: Mapping[int, Point], column: int
    ) -> dict[int, list[Point]]:
        """Put all arrows into `made`, those through several parts in one piece."""
        for child, (left, top) in corners.items():
            for edge, points in self._parts[child].column.edges.items():
                made.edges[edge] = [(x + left, y + top) for x, y in points]
        for number, (edge, above, under) in enumerate(self._edges):
            own = found.edges.get(number)
            before, after = (self._piece(child, edge, corners) for child in (above, under))
            made.edges.pop(edge, None)
            if own is None or before is None or after is None:  # dot lost a piece: a plain curve will do
                continue
            points = own[::-1] if column == BACKWARD else own
            if before:
                points = before[:-1] + _meeting(points[::-1], before[-1])[::-1]
            if after:
                points = _meeting(points, after[0])[:-1] + after
            made.edges[edge] = points
        return made.edges

    def _piece(self, child: int, edge: int, corners: Mapping[int, Point]) -> list[Point] | None:
        """What a part has of an arrow; nothing of -1, None if it was lost."""
        if child < 0:
            return []
        left, top = corners[child]
        points = self._parts[child].column.edges.get(edge)
        return None if points is None else [(x + left, y + top) for x, y in points]

    def _framed(
        self,
        made: Column,
        box: tuple[float, float, float, float],
        whole: dict[int, list[Point]],
        spine: set[int],
        found: Column,
    ) -> Part:
        """Bring the stubs near to the frame, and its corner to (0, 0)."""
        left, top, right, bottom = box
        heights = [found.nodes[stub][1] for stub, _ in self._stubs.values()]
        highest, lowest = min(heights, default=top), max(heights, default=bottom)

        def near(y: float) -> float:
            if y < top and highest < top:
                return top - _RIM * min((top - y) / (top - highest), 1.0)
            if y > bottom and lowest > bottom:
                return bottom + _RIM * min((y - bottom) / (lowest - bottom), 1.0)
            return y

        made.edges = {edge: [(x, near(y)) for x, y in points] for edge, points in whole.items()}
        start, end = top - _RIM, bottom + _RIM
        ports: dict[int, Point] = {}
        for edge, (stub, above) in self._stubs.items():
            x = found.nodes[stub][0]
            ports[edge] = x, start if above else end
            points = made.edges.get(edge)
            if points is not None:
                ends = points if not above else points[::-1]
                ends = _reaching(_meeting(ends, (x, ends[-1][1])), end if not above else start)
                made.edges[edge] = ends if not above else ends[::-1]
        xs = [x for points in made.edges.values() for x, _ in points]
        xs += [x for x, _ in ports.values()]
        left, right = min([left, *xs]) - _RIM, max([right, *xs]) + _RIM
        main = next((x for edge, (x, _) in ports.items() if edge in spine), left)
        left = main - -(
            -(main - left) // 1
        )  # sockets stand at whole numbers; so the longest chain is straight
        made.move(-left, -start)
        shifted = {edge: (x - left, y - start) for edge, (x, y) in ports.items()}
        width, height = float(-(-(right - left) // 1)), float(-(-(end - start) // 1))
        return Part(made, width, height, shifted, spine)


def frames_around_frame(job: Job, frame: int) -> list[int]:
    """The frames that a frame lies in."""
    found: list[int] = []
    while frame >= 0 and (frame := job.groups[frame].parent) >= 0:
        found.append(frame)
    return found


def _meeting(points: list[Point], place: Point) -> list[Point]:
    """A spline that ends at `place`, which is near to where it ended; its direction there stays."""
    dx, dy = place[0] - points[-1][0], place[1] - points[-1][1]
    x, y = points[-2]
    return [*points[:-2], (x + dx, y + dy), place]


def _reaching(points: list[Point], y: float) -> list[Point]:
    """A spline, longer by an upright line to height `y`."""
    x, last = points[-1]
    if abs(y - last) < 0.5:
        return [*points[:-1], (x, y)]
    return [*points, (x, last + (y - last) / 3), (x, last + (y - last) * 2 / 3), (x, y)]
