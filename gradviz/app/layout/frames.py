"""How arrows pass through frames: in at the top and out at the bottom, so that a chain of ops stays straight.

`dot` keeps arrows that come from outside away from the inside of a frame, and so would lead them round it. A
point of no size in the frame's first (or last) row gives them a way through.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .column import frames_around
from .job import BACKWARD, Job

Arrow = tuple[int, int, int]  # edge, upper node, lower node
_MANY = 16  # helper pairs for one arrow at most, unless there are many nodes on one side


@dataclass
class Passages:
    """For each arrow the names that it runs through; `points` lists in each frame the points to add.

    `rows` are sets of names that have to stand in one row, `bands` pairs of nodes of which the first has to
    stand above the second: what precedes a frame above all of it, and what follows below all of it.
    """

    paths: dict[int, list[str]] = field(default_factory=dict)
    points: dict[int, list[str]] = field(default_factory=dict)
    rows: dict[tuple[int, bool], list[str]] = field(default_factory=dict)
    bands: dict[tuple[int, int], None] = field(default_factory=dict)
    spine: set[int] = field(default_factory=set)


def find_passages(job: Job, column: int, arrows: list[Arrow]) -> Passages:
    """The way of each arrow of a column, and the arrows of its longest chain."""
    around = {node: frames_around(job, node) for _, *ends in arrows for node in ends}
    own: dict[int, set[int]] = {-1: set()}
    for node, frames in around.items():
        for frame in frames:
            own.setdefault(frame, set())
        own[frames[-1] if frames else -1].add(node)
    ways = {frame: _Ways(nodes) for frame, nodes in own.items()}
    for arrow in sorted(arrows, key=lambda arrow: arrow[2] if column == BACKWARD else -arrow[2]):
        for frame in (-1, *around[arrow[1]]):
            if frame == -1 or frame in around[arrow[2]]:
                ways[frame].add(arrow)
    result = Passages(spine=set(ways[-1].longest()))
    for edge, upper, lower in arrows:
        left = [frame for frame in reversed(around[upper]) if frame not in around[lower]]
        entered = [frame for frame in around[lower] if frame not in around[upper]]
        _add_bands(result, upper, lower, left, entered, ways)
        left = [frame for frame in left if ways[frame].height(upper)]
        entered = [frame for frame in entered if ways[frame].top_height > ways[frame].height(lower)]
        out = [
            _point(result, edge, frame, ways, False) for frame in _innermost(left[::-1], ways, False)[::-1]
        ]
        into = [_point(result, edge, frame, ways, True) for frame in _innermost(entered, ways, True)]
        result.paths[edge] = [f"n{upper}", *out, *into, f"n{lower}"]
    return result


def _innermost(frames: list[int], ways: dict[int, _Ways], top: bool) -> list[int]:
    """Of frames in each other (outermost first) that begin, or end, in the same row, only the innermost."""
    ends = {ways[frame].end(top): frame for frame in frames}
    return list(ends.values())


def _add_bands(
    result: Passages, upper: int, lower: int, left: list[int], entered: list[int], ways: dict[int, _Ways]
) -> None:
    """Only the frames' own nodes: those of inner frames are held by the arrows that enter and leave these.

    Each helper pair costs `dot` as much as an arrow; with all nodes ResNet-34 took 4.5 s instead of 0.4 s.
    """
    above = [upper, *(node for frame in left for node in ways[frame].own_ends(False))]
    below = [lower, *(node for frame in entered for node in ways[frame].own_ends(True))]
    if len(above) * len(below) <= _MANY:
        pairs = [(a, b) for a in above for b in below]
    else:
        pairs = [(a, lower) for a in above] + [(upper, b) for b in below]
    result.bands.update(dict.fromkeys(pair for pair in pairs if pair != (upper, lower)))


class _Ways:
    """The longest ways down inside of a frame; arrows have to be added from the bottom upwards."""

    def __init__(self, own: set[int]) -> None:
        self._own = own
        self._heights: dict[int, int] = {}
        self._uppers: dict[int, None] = {}
        self._lowers: dict[int, None] = {}
        self._next: dict[int, Arrow] = {}
        self._top = -1
        self.top_height = 0

    def add(self, arrow: Arrow) -> None:
        _, upper, lower = arrow
        self._uppers[upper] = self._lowers[lower] = None
        height = self.height(lower) + 1
        if height > self.height(upper):
            self._heights[upper] = height
            self._next[upper] = arrow
            if height > self.top_height:
                self._top, self.top_height = upper, height

    def height(self, node: int) -> int:
        """How many arrows the longest way down from a node has."""
        return self._heights.get(node, 0)

    def longest(self) -> list[int]:
        """The arrows of the longest way of all."""
        edges: list[int] = []
        node = self._top
        while node in self._next and len(edges) < self.top_height:  # a cycle has no end
            edge, _, node = self._next[node]
            edges.append(edge)
        return edges

    def own_ends(self, top: bool) -> list[int]:
        """The nodes directly in this frame that nothing in it stands above, or below."""
        some, others = (self._uppers, self._lowers) if top else (self._lowers, self._uppers)
        return [node for node in some if node not in others and node in self._own]

    def end(self, top: bool) -> int:
        """The node where the longest way starts, or ends."""
        node = self._top
        for _ in range(0 if top else self.top_height):
            if node in self._next:
                node = self._next[node][2]
        return node


def _point(result: Passages, edge: int, frame: int, ways: dict[int, _Ways], top: bool) -> str:
    """A new point for an arrow in the first or last row of a frame."""
    name = f"p{edge}_{frame}_{int(top)}"
    result.points.setdefault(frame, []).append(name)
    result.rows.setdefault((frame, top), [f"n{ways[frame].end(top)}"]).append(name)
    return name
