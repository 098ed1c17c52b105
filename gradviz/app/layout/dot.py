"""Graphviz: a column of the graph as DOT text, and the positions that `dot` finds for it.

Each phase is laid out by itself, always downwards (backward's arrows are turned round), and the columns are
put side by side afterwards (align.py): given all at once, the wishes for columns, for twins in one rank and
for frames contradict each other, and `dot` then loses edges.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import graphviz

from .column import NO_HINTS, Column, Hints, downward
from .frames import Passages, find_passages
from .job import BACKWARD, Job
from .joints import NO_JOINTS, Joints, Tables
from .types import Point

_UNIT = 72.0  # canvas units per inch: one per point
_LARGE = 150  # nodes; from here on straightening takes most of the time, seconds with a thousand
_STRAIGHT, _FIRM, _SLACK = "400", "8", "1"  # how straight: the longest chain, other ops, arrows from leaves

Draw = Callable[[str], str]
"""DOT text in, Graphviz's json0 out."""


def column_source(job: Job, column: int, hints: Hints = NO_HINTS, joints: Joints = NO_JOINTS) -> str:
    """The DOT text of one column; nodes n0 … and edges' own `id` attributes carry the job's indices."""
    looks = {"newrank": "true", "rankdir": "TB", "nodesep": "0.28", "ranksep": "0.4"}
    if sum(node.column == column for node in job.nodes) > _LARGE:
        looks["nslimit"] = (
            "1"  # rounds of the network simplex per node: a quarter of the time, hardly less straight
        )
    graph = graphviz.Digraph(
        graph_attr=looks,
        node_attr={"shape": "box", "label": "", "fixedsize": "true"},
        edge_attr={"dir": "none"},
    )
    place = {index: number for number, index in enumerate(hints.order)}
    arrows = sorted(downward(job, column), key=lambda arrow: place.get(arrow[2], 0))
    ways = find_passages(job, column, arrows)
    tables = Tables(joints)
    _Writer(job, column, ways, place, tables).frame(-1, graph)
    for index, upper, lower in arrows:
        leaf = job.nodes[upper].leaf or job.nodes[lower].leaf
        weight = _STRAIGHT if index in ways.spine else _SLACK if leaf else _FIRM
        path = ways.paths[index]
        tail, head = tables.ports(index, upper, lower)
        straight = index in ways.spine
        for piece, (start, end) in enumerate(pairwise(path)):
            ports = {
                "tailport": tail if not piece else "s" if straight else "",
                "headport": head if piece == len(path) - 2 else "n" if straight else "",
            }
            ports = {name: port for name, port in ports.items() if port}
            graph.edge(start, end, id=f"{index}.{piece}", weight=weight, **ports)
    for upper, lower in [*ways.bands, *hints.before]:
        graph.edge(f"n{upper}", f"n{lower}", style="invis", weight="0")
    source: str = graph.source
    return source


class _Writer:
    """Writes frames, the nodes in them and the points where arrows pass their borders."""

    def __init__(
        self, job: Job, column: int, ways: Passages, place: Mapping[int, int], tables: Tables
    ) -> None:
        self._job = job
        self._ways = ways
        self._tables = tables
        self._frames: dict[int, list[int]] = {}
        self._nodes: dict[int, list[int]] = {}
        for index, group in enumerate(job.groups):
            if group.column == column:
                self._frames.setdefault(group.parent, []).append(index)
        for index in sorted(range(len(job.nodes)), key=lambda index: place.get(index, 0)):
            if job.nodes[index].column == column:
                self._nodes.setdefault(job.nodes[index].group, []).append(index)

    def frame(self, frame: int, graph: Any) -> None:
        """Write the contents of a frame, -1 being the whole column."""
        for index in self._nodes.get(frame, ()):
            width, height = self._job.nodes[index].width, self._job.nodes[index].height
            table = self._tables.table(index, width, height)
            if table:
                graph.node(f"n{index}", shape="plain", fixedsize="false", label=table)
            else:
                graph.node(f"n{index}", width=f"{width / _UNIT:.4f}", height=f"{height / _UNIT:.4f}")
        for name in self._ways.points.get(frame, ()):
            graph.node(name, width="0.01", height="0.01")
        for index in self._frames.get(frame, ()):
            with graph.subgraph(name=f"cluster_{index}") as inner:
                # A table of fixed size as the title: no font is needed, and dot leaves room for it.
                room = f'FIXEDSIZE="TRUE" WIDTH="{self._job.groups[index].title:.0f}" HEIGHT="14"'
                inner.attr(margin="12", label=f'<<TABLE BORDER="0" {room}><TR><TD></TD></TR></TABLE>>')
                self.frame(index, inner)
        for top in (True, False):
            row = self._ways.rows.get((frame, top))
            if row:
                with graph.subgraph() as level:
                    level.attr(rank="same")
                    for name in row:
                        level.node(name)


def parse(answer: str, job: Job, column: int) -> Column:
    """Graphviz's json0 as a column, y growing downwards; ValueError if a node is missing."""
    data = json.loads(answer)
    height = _numbers(data["bb"])[3]
    result = Column()
    for thing in data.get("objects", ()):
        name = thing["name"]
        if name.startswith("n") and "pos" in thing:
            x, y = _numbers(thing["pos"])
            result.nodes[int(name[1:])] = (x, height - y)
        elif name.startswith("cluster_") and "bb" in thing:
            left, bottom, right, top = _numbers(thing["bb"])
            result.groups[int(name[8:])] = (left, height - top, right, height - bottom)
    if any(node.column == column and index not in result.nodes for index, node in enumerate(job.nodes)):
        raise ValueError("Graphviz left nodes out")
    pieces: dict[int, dict[int, list[Point]]] = {}
    for edge in data.get("edges", ()):
        if "id" in edge and "pos" in edge:
            index, piece = map(int, edge["id"].split("."))
            pieces.setdefault(index, {})[piece] = _spline(edge["pos"], height)
    for index, parts in pieces.items():
        points = _joined([parts[piece] for piece in sorted(parts)])
        result.edges[index] = points[::-1] if column == BACKWARD else points
    return result


def _joined(parts: list[list[Point]]) -> list[Point]:
    """One spline from the pieces of an arrow that passes through frames."""
    points = parts[0]
    for part in parts[1:]:
        points = points[:-1] + part
    return points


def _spline(text: str, height: float) -> list[Point]:
    """The control points "x,y x,y …" of an edge; of several pieces the first one is enough."""
    pairs = (pair.split(",") for pair in text.split(";")[0].split() if pair[0] not in "se")
    return [(float(x), height - float(y)) for x, y in pairs]


def _numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]


def lay_out_column(job: Job, column: int, hints: Hints, draw: Draw, joints: Joints = NO_JOINTS) -> Column:
    """One column through Graphviz."""
    if not any(node.column == column for node in job.nodes):
        return Column()
    return parse(draw(column_source(job, column, hints, joints)), job, column)
