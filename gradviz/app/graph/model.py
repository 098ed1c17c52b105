"""What the canvas draws: a projection of a program with modules folded or open; no positions, no Qt."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from gradviz.engine.program import Phase

NodeKind = Literal["op", "module", "input", "parameter", "buffer", "gradient", "constant"]


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A box: one instruction ("op"), a folded module or function ("module"), or a value from outside.

    `id` is stable while folding and from iteration to iteration: "i12" for instruction 12, "s3" for slot 3,
    "m:conv1:forward" for the folded module conv1 in the forward phase. `twin` is the id of the forward node
    that a backward or update node belongs to, or "" (the layout puts it beside).
    """

    id: str
    kind: NodeKind
    title: str  # "conv2d", "conv1", "x"
    subtitle: str  # "1×6×28×28"
    phase: Phase
    module: str  # path of the module that it stands for or lies in
    instrs: tuple[int, ...] = ()  # the instructions it stands for, in order
    slot: int = -1  # the slot whose value it shows: the (last) output, or the leaf itself
    twin: str = ""
    parts: tuple[int, ...] = ()  # of folded repeats: for each instruction the number of its repeat
    count: int = 0  # and how many repeats there are


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """An arrow from the node that wrote a slot to a node that reads it; a + a has two."""

    id: str
    source: str
    target: str
    slot: int
    position: int  # which input of the target
    label: str  # the shape, "6×28×28"
    phase: Phase  # of the target
    saved: bool = False  # a forward value that backward reads (drawn lighter)


@dataclass(frozen=True, slots=True)
class GraphGroup:
    """The frame around the nodes of an open module in one phase."""

    id: str  # "g:conv1:forward"
    module: str
    title: str  # "conv1 · Conv2d"
    phase: Phase
    parent: str  # id of the enclosing group, or ""


@dataclass(frozen=True)
class GraphModel:
    """Nodes, edges and frames, in the order of the program."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    groups: tuple[GraphGroup, ...] = ()
    membership: dict[str, str] = field(default_factory=dict)  # node id -> id of its innermost group

    @cached_property
    def by_id(self) -> dict[str, GraphNode]:
        return {node.id: node for node in self.nodes}

    @cached_property
    def node_of_instr(self) -> dict[int, str]:
        """For each instruction the id of the node that stands for it."""
        return {instr: node.id for node in self.nodes for instr in node.instrs}

    @cached_property
    def node_of_slot(self) -> dict[int, str]:
        """For each leaf slot that is drawn the id of its node."""
        return {node.slot: node.id for node in self.nodes if not node.instrs}

    @cached_property
    def key(self) -> tuple[object, ...]:
        """Equal keys have equal layouts (texts included, values not)."""
        return (
            tuple((n.id, n.kind, n.title, n.subtitle, n.twin) for n in self.nodes),
            tuple((e.id, e.source, e.target, e.label) for e in self.edges),
            self.groups,
            tuple(sorted(self.membership.items())),
        )
