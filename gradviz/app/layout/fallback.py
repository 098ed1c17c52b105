"""A simple layout in numpy, for graphs that are too large for Graphviz and for when its process fails.

Rows by the longest path, order within a row by barycentres (Sugiyama, Tagawa, Toda 1981), in the same three
columns as always. Ten thousand nodes take less than a tenth of a second.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .align import longest_increasing, spread
from .job import BACKWARD, COLUMNS, FORWARD, UPDATE, Job, Placed

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_ROW_GAP = 30.0
_NODE_GAP = 20.0
_COLUMN_GAP = 72.0
_FRAME = 10.0  # between a frame and what is in it, for each level of nesting
_TITLE = 18.0  # and above it, for its title
_SWEEPS = 4
_UNKNOWN = -1_000_000


def simple_layout(job: Job) -> Placed:
    """Positions for every node, arrow and frame of a job; never fails on a job that passes `Job.check`."""
    if not job.nodes:
        return Placed([], [], [], {}, "simple")
    graph = _Graph(job)
    row, heights = _rows(job, graph)
    x = np.zeros(len(job.nodes))
    right = 0.0
    for column in COLUMNS:
        nodes = np.flatnonzero(graph.column == column)
        if len(nodes):
            x[nodes] = _sideways(graph, nodes, row)
            half = graph.width[nodes] / 2
            x[nodes] += right - (x[nodes] - half).min()
            right = (x[nodes] + half).max() + _COLUMN_GAP
    y = heights[row]
    corners = np.stack([x - graph.width / 2, y - graph.height / 2, graph.width, graph.height], axis=1)
    return Placed(
        list(map(tuple, corners.tolist())),
        _splines(graph, x, y),
        _frames(job, corners),
        {},
        "simple",
    )


class _Graph:
    """The job as arrays."""

    def __init__(self, job: Job) -> None:
        sizes = np.array([node[:2] for node in job.nodes], dtype=np.float64)
        rest = np.array([node[2:5] for node in job.nodes], dtype=np.int64)
        self.width, self.height = sizes[:, 0], sizes[:, 1]
        self.column, self.group, self.twin = rest[:, 0], rest[:, 1], rest[:, 2]
        ends = np.array([edge[:2] for edge in job.edges], dtype=np.int64).reshape(-1, 2)
        self.source, self.target = ends[:, 0], ends[:, 1]
        self.inside = (self.column[self.source] == self.column[self.target]) & (self.source != self.target)
        self.up = self.column[self.source] == BACKWARD
        self.saved = np.array([edge.saved for edge in job.edges], dtype=bool)
        self.leaf = np.array([node.leaf for node in job.nodes], dtype=bool)
        self.outermost = _outermost(job)[self.group] if job.groups else self.group


def _outermost(job: Job) -> Ints:
    """For each frame the one that is not in another; the last entry, -1, stands for no frame."""
    found: list[int] = []
    for index, group in enumerate(job.groups):
        found.append(index if group.parent < 0 else found[group.parent])
    return np.array([*found, -1], dtype=np.int64)


def _rows(job: Job, graph: _Graph) -> tuple[Ints, Floats]:
    """For each node the number of its row, and for each row the height of its centre."""
    depth = _depths(graph)
    rows = depth.copy()
    backward = graph.column == BACKWARD
    rows[backward] = depth[backward].max(initial=0) - depth[backward]
    left = _centres(graph, rows, FORWARD)
    right = _centres(graph, rows, BACKWARD)
    if len(left) and len(right):
        left, right = _side_by_side(graph, rows, left, right)
    rows[backward] += len(left)
    beside = (len(left), right) if len(right) else (0, left)
    below = _update_rows(graph, rows, depth, *beside)
    return rows, np.concatenate([left, right, below])


def _depths(graph: _Graph) -> Ints:
    """The longest path to each node within its column; leaves stand just above their first reader."""
    order = np.flatnonzero(graph.inside & (graph.source < graph.target))
    order = order[np.argsort(graph.target[order], kind="stable")]
    ends = list(zip(graph.source[order].tolist(), graph.target[order].tolist(), strict=True))
    depth = [0] * len(graph.column)
    for source, target in ends:
        if depth[target] <= depth[source]:
            depth[target] = depth[source] + 1
    result = np.array(depth, dtype=np.int64)
    reading = graph.inside & graph.leaf[graph.source] & ~graph.up
    first = np.full(len(depth), len(depth))
    np.minimum.at(first, graph.source[reading], result[graph.target[reading]])
    leaves = np.unique(graph.source[reading])
    result[leaves] = np.maximum(first[leaves] - 1, 0)
    return result


def _centres(graph: _Graph, rows: Ints, column: int) -> Floats:
    """Heights for the rows of a column, close together, but with room for the titles of frames."""
    nodes = graph.column == column
    if not nodes.any():
        return np.zeros(0)
    count = int(rows[nodes].max()) + 1
    tall = np.zeros(count)
    np.maximum.at(tall, rows[nodes], graph.height[nodes])
    framed = np.zeros(count, dtype=bool)
    framed[rows[nodes & (graph.group >= 0)]] = True
    gaps = _ROW_GAP + np.where(framed[1:] | framed[:-1], _TITLE, 0.0)
    steps = (tall[1:] + tall[:-1]) / 2 + gaps
    return np.concatenate([[0.0], np.cumsum(steps)])


def _side_by_side(graph: _Graph, rows: Ints, left: Floats, right: Floats) -> tuple[Floats, Floats]:
    """Heights of forward and backward rows such that twins stand in one row where their orders agree."""
    twin = graph.twin
    pairs = np.flatnonzero((graph.column == BACKWARD) & (twin >= 0))
    pairs = pairs[graph.column[twin[pairs]] == FORWARD]
    both = np.unique(np.stack([rows[twin[pairs]], rows[pairs]], axis=1), axis=0).tolist()
    anchors = longest_increasing((a, b) for a, b in both) or [(len(left) - 1, len(right) - 1)]
    tops = [0.0]
    for (a0, b0), (a1, b1) in pairwise(anchors):
        tops.append(tops[-1] + max(left[a1] - left[a0], right[b1] - right[b0]))
    sides = []
    for centres, at in ((left, [a for a, _ in anchors]), (right, [b for _, b in anchors])):
        sides.append(np.array(spread(centres.tolist(), at, tops, [True] * (len(centres) - 1))))
    return sides[0], sides[1]


def _update_rows(graph: _Graph, rows: Ints, depth: Ints, first: int, centres: Floats) -> Floats:
    """Give updates the rows (from number `first` on) of the gradients that they read, later ops the next.

    Returns the heights of rows that have to be added below all others.
    """
    update = graph.column == UPDATE
    reading = update[graph.target] & ~update[graph.source] & ~graph.saved
    start = np.full(len(rows), len(rows))
    np.minimum.at(start, graph.target[reading], rows[graph.source[reading]] - first)
    start[start == len(rows)] = _UNKNOWN
    level = np.array(_levels(graph, np.where(update, start, _UNKNOWN).tolist()), dtype=np.int64)
    level = np.where(level == _UNKNOWN, depth, np.maximum(level, 0))
    present = len(centres)
    extra = max(int(level[update].max(initial=-1)) + 1 - present, 0)
    total = int(rows[~update].max(initial=-1)) + 1
    rows[update] = np.where(level < present, level + first, level - present + total)[update]
    step = float(graph.height.max()) + _ROW_GAP
    bottom = float(centres.max()) if present else -step
    return bottom + step * np.arange(1, extra + 1, dtype=np.float64)


def _levels(graph: _Graph, level: list[int]) -> list[int]:
    """Levels for updates from those that are known: after what they read, else just before their readers."""
    order = np.flatnonzero((graph.column[graph.target] == UPDATE) & graph.inside)
    ends = list(zip(graph.source[order].tolist(), graph.target[order].tolist(), strict=True))
    leaf = graph.leaf.tolist()
    for source, target in ends:
        if level[source] != _UNKNOWN:
            level[target] = max(level[target], level[source] + 1)
    anchored = [at != _UNKNOWN for at in level]
    for source, target in reversed(ends):
        if not anchored[source] and level[target] != _UNKNOWN:
            before = max(level[target] - 1, 0)
            level[source] = before if level[source] == _UNKNOWN else min(level[source], before)
    for source, target in ends:
        if level[source] != _UNKNOWN and not leaf[source]:
            level[target] = max(level[target], level[source] + 1)
    return level


def _sideways(graph: _Graph, nodes: Ints, row: Ints) -> Floats:
    """Centres of the nodes of one column: barycentre order in each row, rows centred on their neighbours."""
    local = np.full(len(row), -1, dtype=np.int64)
    local[nodes] = np.arange(len(nodes))
    keep = graph.inside & (local[graph.source] >= 0)
    ends = local[graph.source[keep]], local[graph.target[keep]]
    width, rows = graph.width[nodes], np.unique(row[nodes], return_inverse=True)[1]
    frames = graph.outermost[nodes]
    x = _packed(np.zeros(len(nodes)), frames, rows, width)
    for sweep in range(_SWEEPS):
        source, target = ends if sweep % 2 == 0 else ends[::-1]
        count = np.bincount(target, minlength=len(nodes))
        total = np.bincount(target, weights=x[source], minlength=len(nodes))
        x = _packed(np.where(count > 0, total / np.maximum(count, 1), x), frames, rows, width)
    return x


def _packed(wish: Floats, frames: Ints, rows: Ints, width: Floats) -> Floats:
    """Positions in the order of the wishes, without overlap, each row as a whole where it wants to be.

    Nodes of one frame stay next to each other.
    """
    size = np.bincount(frames + 1)
    centre = np.bincount(frames + 1, weights=wish) / np.maximum(size, 1)
    together = np.where(frames >= 0, centre[frames + 1], wish)
    order = np.lexsort((wish, together, rows))
    step = width[order] + _NODE_GAP
    ends = np.cumsum(step)
    first = np.searchsorted(rows[order], np.arange(rows.max() + 1))
    offset = np.concatenate([[0.0], ends])[first]  # where each row starts on the common line
    x = np.empty_like(wish)
    x[order] = ends - step / 2 - offset[rows[order]]
    counts = np.bincount(rows)
    shift = np.bincount(rows, weights=wish - x) / counts
    x += shift[rows]
    return x


def _splines(graph: _Graph, x: Floats, y: Floats) -> list[list[tuple[float, float]]]:
    """Upright curves within a column, level ones between columns."""
    s, t = graph.source, graph.target
    down = np.where(y[t] >= y[s], 1.0, -1.0)
    right = np.where(x[t] >= x[s], 1.0, -1.0)
    start_x = np.where(graph.inside, x[s], x[s] + right * graph.width[s] / 2)
    end_x = np.where(graph.inside, x[t], x[t] - right * graph.width[t] / 2)
    start_y = np.where(graph.inside, y[s] + down * graph.height[s] / 2, y[s])
    end_y = np.where(graph.inside, y[t] - down * graph.height[t] / 2, y[t])
    bend_x = np.where(graph.inside, 0.0, (end_x - start_x) * 0.45)
    bend_y = np.where(graph.inside, (end_y - start_y) * 0.45, 0.0)
    points = np.stack(
        [start_x, start_y, start_x + bend_x, start_y + bend_y, end_x - bend_x, end_y - bend_y, end_x, end_y],
        axis=1,
    ).tolist()
    return [[(a, b), (c, d), (e, f), (g, h)] for a, b, c, d, e, f, g, h in points]


def _frames(job: Job, corners: Floats) -> list[tuple[float, float, float, float]]:
    """Rectangles around the members of each frame, inner frames included."""
    boxes: list[list[float]] = [[np.inf, np.inf, -np.inf, -np.inf] for _ in job.groups]

    def include(frame: int, left: float, top: float, right: float, bottom: float) -> None:
        box = boxes[frame]
        box[:] = [min(box[0], left), min(box[1], top), max(box[2], right), max(box[3], bottom)]

    for node, (left, top, width, height) in zip(job.nodes, corners.tolist(), strict=True):
        if node.group >= 0:
            include(node.group, left, top, left + width, top + height)
    for index in range(len(boxes) - 1, -1, -1):  # inner frames come after outer ones
        left, top, right, bottom = boxes[index]
        if left > right:  # an empty frame
            boxes[index] = [0.0, 0.0, 0.0, 0.0]
            continue
        title = left - _FRAME + job.groups[index].title
        boxes[index] = [left - _FRAME, top - _FRAME - _TITLE, max(right + _FRAME, title), bottom + _FRAME]
        if job.groups[index].parent >= 0:
            include(job.groups[index].parent, *boxes[index])
    return [(left, top, right - left, bottom - top) for left, top, right, bottom in boxes]
