"""A graph reduced to what a layout needs: sizes and numbers, small enough to hash, to cache by and to send.

Nothing here imports numpy or the engine, as the layout worker has to start quickly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from .types import Layout, Point, Rect

if TYPE_CHECKING:
    from gradviz.app.graph.model import GraphModel

FORWARD, BACKWARD, UPDATE = range(3)
COLUMNS = (FORWARD, BACKWARD, UPDATE)
_COLUMN = {"forward": FORWARD, "loss": FORWARD, "backward": BACKWARD, "update": UPDATE, "zero_grad": UPDATE}
_DEFAULT_SIZE = (96.0, 40.0)
_TITLE_CHARACTER = 7.0  # about the width of a character in a frame's title
_LABEL_CHARACTER = 6.6  # and in an edge's label


class NodeJob(NamedTuple):
    """A box to place; `group` and `twin` are indices or -1; `leaf` marks values from outside of
    the program and `fold` closed modules."""

    width: float
    height: float
    column: int
    group: int
    twin: int
    leaf: bool
    fold: bool


class EdgeJob(NamedTuple):
    """An arrow from node `source` to node `target`; `label` is the width of its text, 0 if it has none."""

    source: int
    target: int
    saved: bool
    label: float


class GroupJob(NamedTuple):
    """A frame; `parent` is the index of the frame around it or -1, `title` the width of its title."""

    parent: int
    column: int
    title: float


@dataclass(frozen=True)
class Job:
    """The whole request. Equal jobs have equal layouts."""

    nodes: tuple[NodeJob, ...]
    edges: tuple[EdgeJob, ...]
    groups: tuple[GroupJob, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain lists."""
        return {"nodes": self.nodes, "edges": self.edges, "groups": self.groups}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Job:
        """The inverse of `to_json`; ValueError, TypeError or KeyError if the data do not make sense."""
        job = Job(
            tuple(NodeJob(*row) for row in data["nodes"]),
            tuple(EdgeJob(*row) for row in data["edges"]),
            tuple(GroupJob(*row) for row in data["groups"]),
        )
        job.check()
        return job

    def check(self) -> None:
        """Raise ValueError if an index points nowhere or a size makes no sense."""
        count, frames = len(self.nodes), len(self.groups)
        for node in self.nodes:
            if not (0 < node.width < 1e6 and 0 < node.height < 1e6):
                raise ValueError(f"a node of size {node.width} × {node.height}")
            if node.column not in COLUMNS or not -1 <= node.group < frames or not -1 <= node.twin < count:
                raise ValueError(f"a node that refers to what does not exist: {node}")
        for edge in self.edges:
            if not (0 <= edge.source < count and 0 <= edge.target < count):
                raise ValueError(f"an edge between nodes that do not exist: {edge}")
        for index, group in enumerate(self.groups):
            if group.column not in COLUMNS or not -1 <= group.parent < index:
                raise ValueError(f"a frame that lies in one that does not exist: {group}")


@dataclass
class Placed:
    """Where everything goes, by index: rectangles (x, y, width, height), points of splines, label centres."""

    nodes: list[tuple[float, float, float, float]]
    edges: list[list[Point]]
    groups: list[tuple[float, float, float, float]]
    labels: dict[int, Point]
    method: str = "dot"

    def to_json(self) -> dict[str, Any]:
        """Plain lists."""
        return {
            "nodes": self.nodes,
            "edges": self.edges,
            "groups": self.groups,
            "labels": list(self.labels.items()),
            "method": self.method,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any], job: Job) -> Placed:
        """The inverse of `to_json`; ValueError, TypeError or KeyError if it is not an answer to `job`."""
        placed = Placed(
            [_four(row) for row in data["nodes"]],
            [[(float(x), float(y)) for x, y in points] for points in data["edges"]],
            [_four(row) for row in data["groups"]],
            {int(edge): (float(x), float(y)) for edge, (x, y) in data["labels"]},
            str(data["method"]),
        )
        sizes = (len(placed.nodes), len(placed.edges), len(placed.groups))
        if sizes != (len(job.nodes), len(job.edges), len(job.groups)):
            raise ValueError("an answer of the wrong size")
        if any(len(points) < 4 or len(points) % 3 != 1 for points in placed.edges):
            raise ValueError("an edge that is not a cubic spline")
        return placed


def _four(row: Sequence[float]) -> tuple[float, float, float, float]:
    x, y, width, height = row
    return float(x), float(y), float(width), float(height)


def make_job(model: GraphModel, sizes: Mapping[str, tuple[float, float]]) -> Job:
    """The job for a graph whose nodes have the given sizes (width, height) in canvas units."""
    groups = {group.id: index for index, group in enumerate(model.groups)}
    nodes = {node.id: index for index, node in enumerate(model.nodes)}
    member = model.membership
    return Job(
        tuple(
            NodeJob(
                *sizes.get(node.id, _DEFAULT_SIZE),
                _COLUMN[node.phase.value],
                groups[member[node.id]] if node.id in member else -1,
                nodes.get(node.twin, -1),
                not node.instrs,
                node.kind == "module",
            )
            for node in model.nodes
        ),
        tuple(
            EdgeJob(nodes[edge.source], nodes[edge.target], edge.saved, _LABEL_CHARACTER * len(edge.label))
            for edge in model.edges
        ),
        tuple(
            GroupJob(
                groups.get(group.parent, -1), _COLUMN[group.phase.value], _TITLE_CHARACTER * len(group.title)
            )
            for group in model.groups
        ),
    )


def make_layout(model: GraphModel, placed: Placed, margin: float = 16.0) -> Layout:
    """The placed job with the graph's own names, and bounds with a margin around everything."""
    nodes = {node.id: Rect(*rect) for node, rect in zip(model.nodes, placed.nodes, strict=True)}
    groups = {group.id: Rect(*rect) for group, rect in zip(model.groups, placed.groups, strict=True)}
    edges = {edge.id: tuple(points) for edge, points in zip(model.edges, placed.edges, strict=True)}
    labels = {model.edges[index].id: point for index, point in placed.labels.items()}
    return Layout(nodes, edges, groups, labels, _bounds(placed, margin), placed.method)


def _bounds(placed: Placed, margin: float) -> Rect:
    boxes = [*placed.nodes, *placed.groups]
    if not boxes:
        return Rect(0.0, 0.0, 0.0, 0.0)
    xs = [x for points in placed.edges for x, _ in points]
    ys = [y for points in placed.edges for _, y in points]
    left = min(min(x for x, _, _, _ in boxes), min(xs, default=boxes[0][0])) - margin
    top = min(min(y for _, y, _, _ in boxes), min(ys, default=boxes[0][1])) - margin
    right = max(max(x + w for x, _, w, _ in boxes), max(xs, default=boxes[0][0])) + margin
    bottom = max(max(y + h for _, y, _, h in boxes), max(ys, default=boxes[0][1])) + margin
    return Rect(left, top, right - left, bottom - top)
