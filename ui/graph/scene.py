"""The graph as arrays, in the order of the model: drawn, culled and hit by numpy instead of by objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum
from functools import cached_property

import numpy as np
from gradviz.engine.program import Phase

from gradviz.app.graph.model import GraphGroup, GraphModel, GraphNode
from gradviz.app.graph.overlay import Shown, explained
from gradviz.app.layout.types import Layout, Point, Rect

from .splines import COARSE, FINE, Curves, Floats, Ints, curves_of
from .state import STATUSES, NodeState
from .state_changes import changes

PHASES: tuple[Phase, ...] = tuple(Phase)
PENDING, DONE, CURRENT = range(len(STATUSES))

_PHASE = {phase: number for number, phase in enumerate(PHASES)}


class Changed(IntEnum):
    """How much new states change; edges look different only if a status did."""

    NOTHING = 0
    LOOKS = 1
    STATUS = 2


class Scene:
    """A model with its layout.

    Nodes: `rects` n×4 (x, y, width, height), `phases` (numbers of PHASES), and what stepping changes:
    `status`, `heat` (NaN for none), `values` (texts). Edges: `curves`, `sources` and `targets` (numbers of
    nodes), `edge_phases`, `saved`. Groups: `group_rects` g×4. Coordinates are the layout's.
    """

    def __init__(self, model: GraphModel, layout: Layout) -> None:
        self.model = model
        self.layout = layout
        self.index = {node.id: number for number, node in enumerate(model.nodes)}
        self.edge_index = {edge.id: number for number, edge in enumerate(model.edges)}
        self.group_index = {group.id: number for number, group in enumerate(model.groups)}
        self.rects = _rects(layout.nodes, self.index)
        self.phases = np.array([_PHASE[node.phase] for node in model.nodes], dtype=np.uint8)
        self.group_rects = _rects(layout.groups, self.group_index)
        self.sources = np.array([self.index[edge.source] for edge in model.edges], dtype=np.intp)
        self.targets = np.array([self.index[edge.target] for edge in model.edges], dtype=np.intp)
        self.edge_phases = np.array([_PHASE[edge.phase] for edge in model.edges], dtype=np.uint8)
        self.saved = np.array([edge.saved for edge in model.edges], dtype=bool)
        self.curves: Curves = curves_of([layout.edges[edge.id] for edge in model.edges])
        self.status = np.full(len(self), PENDING, dtype=np.uint8)
        self.heat = np.full(len(self), np.nan)
        self.values = [""] * len(self)
        self.versions = np.zeros(len(self), dtype=np.int64)  # grows whenever a node looks different
        self.overlay = ""  # what the nodes are coloured by
        self.levels = np.full(len(self), np.nan)  # 0 to 1, BROKEN, or NaN for no colour
        self.numbers = np.full(len(self), np.nan)  # what the levels stand for
        self._states: list[NodeState | None] = [None] * len(self)

    def __len__(self) -> int:
        return len(self.model.nodes)

    # States.

    def set_states(self, states: Mapping[str, NodeState]) -> Changed:
        """Take over the states of some nodes, leave the others."""
        news = changes(states, self.index, self._states)
        if not news.numbers:
            return Changed.NOTHING
        numbers = np.array(news.numbers)
        status = np.array(news.statuses, dtype=np.uint8)
        kept = bool((self.status[numbers] == status).all()) and not news.shapes
        self.status[numbers] = status
        self.heat[numbers] = news.heats
        for number in news.numbers:
            self.values[number] = self.state(number).value_text
        self.versions[numbers] += 1
        return Changed.LOOKS if kept else Changed.STATUS

    def set_overlay(self, shown: Shown | None) -> bool:
        """Colour the nodes by numbers, or no longer; whether any of them looks different."""
        nothing = np.full(len(self), np.nan)
        kind, levels, numbers = ("", nothing, nothing)
        if shown is not None:
            kind, levels, numbers = shown.kind, shown.levels, shown.numbers
        if kind != self.overlay:
            different = np.ones(len(self), dtype=bool)
        else:
            different = ~(_same(levels, self.levels) & _same(numbers, self.numbers))
        self.overlay, self.levels, self.numbers = kind, levels, numbers
        self.versions[different] += 1
        return bool(different.any())

    def coloured(self, number: int) -> bool:
        """Whether a node has a colour by the overlay."""
        return bool(self.overlay) and not np.isnan(self.levels[number])

    def note(self, name: str) -> str:
        """The overlay's number of a node in words, or ""."""
        number = self.index.get(name)
        if number is None or not self.coloured(number):
            return ""
        return explained(self.overlay, float(self.numbers[number]))

    def state(self, number: int) -> NodeState:
        """The state of one node."""
        return self._states[number] or NodeState()

    def state_of(self, name: str) -> NodeState:
        """The state of a node by its id; that of a pending one if it is not drawn."""
        return self.state(self.index[name]) if name in self.index else NodeState()

    @property
    def edge_done(self) -> np.ndarray:
        """For each edge whether what flows through it has been read: the target is not pending."""
        return self.status[self.targets] != PENDING

    # Geometry.

    @cached_property
    def fine(self) -> tuple[Floats, Ints]:
        """The edges as short segments, and whose they are."""
        return self.curves.segments(FINE)

    @cached_property
    def coarse(self) -> tuple[Floats, Ints]:
        """The edges as few segments, and whose they are."""
        return self.curves.segments(COARSE)

    @cached_property
    def label_points(self) -> Floats:
        """E×2: the centre of each edge's label; NaN where there is no room."""
        points = np.full((len(self.model.edges), 2), np.nan)
        for name, point in self.layout.labels.items():
            if name in self.edge_index:
                points[self.edge_index[name]] = point
        return points

    @cached_property
    def flow_is_horizontal(self) -> bool:
        """Whether the graph runs from left to right rather than from top to bottom."""
        if not len(self.sources):
            return False
        moves = np.abs(self.centres[self.targets] - self.centres[self.sources])
        return bool(np.median(moves[:, 0]) > np.median(moves[:, 1]))

    @cached_property
    def centres(self) -> Floats:
        """n×2: the centres of the nodes."""
        return self.rects[:, :2] + self.rects[:, 2:] / 2

    @cached_property
    def bounds(self) -> Rect:
        """The rectangle around everything."""
        boxes = np.concatenate([_corners(self.rects), _corners(self.group_rects), self.curves.boxes])
        if not len(boxes):
            return Rect(0.0, 0.0, 0.0, 0.0)
        (x0, y0), (x1, y1) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
        return Rect(float(x0), float(y0), float(x1 - x0), float(y1 - y0))

    def rect(self, name: str) -> Rect | None:
        """The rectangle of a node or group, None if it is not drawn."""
        if name in self.index:
            return Rect(*map(float, self.rects[self.index[name]]))
        if name in self.group_index:
            return Rect(*map(float, self.group_rects[self.group_index[name]]))
        return None

    def members(self, name: str | None) -> set[str]:
        """The node itself, or the nodes within a group and the groups inside of it."""
        inside = {name}
        for group in self.model.groups:  # outer groups come before inner ones
            if group.parent in inside:
                inside.add(group.id)
        return {
            node.id for node in self.model.nodes if inside & {node.id, self.model.membership.get(node.id)}
        }

    def counterpart(self, name: str, other: Scene) -> str | None:
        """What stands in `other` for a node or group of this scene: itself, or its module open or closed."""
        if other.rect(name) is not None:
            return name
        place = self._module_of(name)
        if place is not None:
            items: tuple[GraphNode | GraphGroup, ...] = (*other.model.nodes, *other.model.groups)
            for item in items:
                if (item.module, item.phase) == place and other._module_of(item.id) is not None:
                    return item.id
        return None

    def _module_of(self, name: str) -> tuple[str, Phase] | None:
        """The module and phase that a folded node or an open group stands for."""
        if name in self.index:
            node = self.model.nodes[self.index[name]]
            return (node.module, node.phase) if node.kind == "module" else None
        if name in self.group_index:
            group = self.model.groups[self.group_index[name]]
            return group.module, group.phase
        return None

    # Culling and neighbours.

    def nodes_in(self, area: Rect) -> Ints:
        """The nodes that touch a rectangle."""
        return touching(self.rects, area)

    def edges_in(self, area: Rect) -> Ints:
        """The edges whose boxes touch a rectangle."""
        return _meeting(self.curves.boxes, area)

    def groups_in(self, area: Rect) -> Ints:
        """The groups that touch a rectangle."""
        return touching(self.group_rects, area)

    def edges_of(self, number: int) -> tuple[Ints, Ints]:
        """The edges into a node and out of it."""
        return np.flatnonzero(self.targets == number), np.flatnonzero(self.sources == number)

    def label_point(self, edge: int) -> Point | None:
        """Where an edge's label goes, if there is room."""
        x, y = self.label_points[edge].tolist()
        return None if x != x else (x, y)

    def middle(self, edge: int) -> Point:
        """A point near the middle of an edge."""
        x, y = self.curves.middles()[edge].tolist()
        return x, y


def _rects(places: Mapping[str, Rect], names: Iterable[str]) -> Floats:
    rows = [(r.x, r.y, r.width, r.height) for r in (places[name] for name in names)]
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


def _same(one: Floats, other: Floats) -> np.ndarray:
    return (one == other) | (np.isnan(one) & np.isnan(other))


def _corners(rects: Floats) -> Floats:
    return np.concatenate([rects[:, :2], rects[:, :2] + rects[:, 2:]], axis=1)


def touching(rects: Floats, area: Rect) -> Ints:
    """Which of n×4 rectangles (x, y, width, height) touch a rectangle."""
    return _meeting(_corners(rects), area)


def _meeting(boxes: Floats, area: Rect) -> Ints:
    return np.flatnonzero(
        (boxes[:, 0] <= area.x + area.width)
        & (boxes[:, 2] >= area.x)
        & (boxes[:, 1] <= area.y + area.height)
        & (boxes[:, 3] >= area.y)
    )
