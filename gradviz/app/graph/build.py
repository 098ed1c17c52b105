"""From a recorded program to the graph that is drawn: modules folded or open, leaves where they matter.

A node stands for one instruction, for all instructions of one closed module in one phase, or for a value from
outside. Everything is one pass over the program and linear in its size.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from gradviz.engine.program import Instr, Phase, Program

from .folding import Folding, Owners, Place, is_forward
from .leaves import Leaves
from .model import GraphEdge, GraphGroup, GraphModel, GraphNode
from .repeats import Nest, nest_of
from .texts import Texts, shape_text

_BUNDLE = 2  # more arrows than this between two folded modules become one


def all_modules(program: Program, repeats: int = 0) -> frozenset[str]:
    """The paths of modules and composed functions that contain instructions, and so can be opened.

    Runs of at least so many `repeats` are among them; 0 for none.
    """
    nest = nest_of(program, repeats)
    homes = nest.homes(Owners(program).paths)
    return frozenset(scope for path in dict.fromkeys(homes) for scope in nest.around(path))


def build_graph(program: Program, open_modules: frozenset[str] = frozenset(), repeats: int = 0) -> GraphModel:
    """Project a program onto nodes, edges and frames, with `open_modules` open and all others folded.

    Runs of at least so many `repeats` are folded as if they were a module; 0 for none.
    """
    return _Builder(program, open_modules, nest_of(program, repeats)).build()


@dataclass(slots=True)
class _Fold:
    """A closed module in one phase, while its instructions are being collected."""

    id: str
    path: str
    frame: str
    phase: Phase
    instrs: list[int] = field(default_factory=list)
    passed: int = -1  # the last of its slots that something else reads in the same direction


class _Builder:
    def __init__(self, program: Program, open_modules: frozenset[str], nest: Nest) -> None:
        self._program = program
        self._nest = nest
        self._owners = Owners(program)
        self._homes = nest.homes(self._owners.paths)
        self._texts = Texts(program, self._owners, nest)
        self._folding = Folding(nest.around, open_modules)
        self._leaves = Leaves(program, self._owners, self._folding)
        self._node_of: list[str] = []  # by instruction
        self._nodes: dict[str, GraphNode | _Fold] = {}
        self._edges: dict[str, GraphEdge] = {}
        self._inputs: dict[str, int] = {}  # arrows into a folded module so far
        self._groups: dict[str, GraphGroup] = {}
        self._membership: dict[str, str] = {}

    def build(self) -> GraphModel:
        for index, instr in enumerate(self._program.instrs):
            place = self._folding.place(self._homes[index])
            sources = [self._source(slot, instr, place) for slot in instr.inputs]
            node = self._fold(index, instr, place) if place.fold else self._op(index, instr, place)
            self._node_of.append(node)
            self._connect(sources, instr, node, bool(place.fold))
        nodes = tuple(self._finished(n) if isinstance(n, _Fold) else n for n in self._nodes.values())
        return GraphModel(nodes, self._bundled(), tuple(self._groups.values()), self._membership)

    def _source(self, slot: int, instr: Instr, place: Place) -> str | None:
        """The node that shows where an input comes from, or None if that stays hidden."""
        producer = self._program.producers[slot]
        if producer >= 0:
            return self._node_of[producer]
        found = self._leaves.find(slot, instr.site.phase, place)
        if found is None:
            return None
        node, frame = found
        if node.id not in self._nodes:
            self._nodes[node.id] = node
            self._enter(node.id, frame, node.phase)
        return node.id

    def _op(self, index: int, instr: Instr, place: Place) -> str:
        node = f"i{index}"
        self._nodes[node] = GraphNode(
            node,
            "op",
            self._texts.op_title(index, instr, place.frame),
            self._texts.op_subtitle(instr),
            instr.site.phase,
            self._owners.paths[index],
            (index,),
            instr.output,
            self._twin(index, instr),
        )
        self._enter(node, place.frame, instr.site.phase)
        return node

    def _fold(self, index: int, instr: Instr, place: Place) -> str:
        node = _fold_id(place.fold, instr.site.phase)
        fold = self._nodes.get(node)
        if not isinstance(fold, _Fold):
            fold = self._nodes[node] = _Fold(node, place.fold, place.frame, instr.site.phase)
            self._enter(node, place.frame, instr.site.phase)
        fold.instrs.append(index)
        return node

    def _twin(self, index: int, instr: Instr) -> str:
        if is_forward(instr.site.phase):
            return ""
        if instr.site.origin >= 0:
            return self._node_of[instr.site.origin]
        return self._leaves.drawn(self._owners.subjects[index])

    def _enter(self, node: str, frame: str, phase: Phase) -> None:
        """Put a node into the frame of an open module, which is made if this is its first."""
        if not frame:
            return
        group = f"g:{frame}:{phase.value}"
        if group not in self._groups:
            parent = outside = ""
            for scope in self._nest.around(frame):
                group = f"g:{scope}:{phase.value}"
                if group not in self._groups:
                    title = self._texts.frame_title(scope, outside, phase)
                    self._groups[group] = GraphGroup(group, scope, title, phase, parent)
                parent, outside = group, scope
        self._membership[node] = group

    # Edges.

    def _connect(self, sources: list[str | None], instr: Instr, target: str, folded: bool) -> None:
        phase = instr.site.phase
        forward = is_forward(phase)
        for position, (slot, source) in enumerate(zip(instr.inputs, sources, strict=True)):
            if source is None or source == target:
                continue
            start = self._nodes[source]
            from_forward = is_forward(start.phase)
            same = phase is start.phase or (forward and from_forward)
            if same and isinstance(start, _Fold) and instr.op != "accumulate_grad":
                start.passed = max(start.passed, slot)
            edge = f"e{slot}>{target}" if folded else f"e{slot}>{target}.{position}"
            if folded:
                if edge in self._edges:
                    continue
                position = self._inputs.get(target, 0)
                self._inputs[target] = position + 1
            label = shape_text(self._program.slots[slot].shape)
            saved = from_forward and not forward
            self._edges[edge] = GraphEdge(edge, source, target, slot, position, label, phase, saved)

    def _bundled(self) -> tuple[GraphEdge, ...]:
        """The edges, with many between the same two folded modules drawn as one."""
        if not self._inputs:  # nothing is folded
            return tuple(self._edges.values())
        between = [(edge.source, edge.target) for edge in self._edges.values()]
        counts = Counter(ends for ends in between if ends[0].startswith("m:") and ends[1].startswith("m:"))
        result: dict[str, GraphEdge] = {}
        for ends, edge in zip(between, self._edges.values(), strict=True):
            count = counts.get(ends, 1)
            if count > _BUNDLE:
                edge = replace(edge, id=f"{edge.source}>{edge.target}", label=f"×{count}")
            result.setdefault(edge.id, edge)
        return tuple(result.values())

    # Folded modules, when all is known.

    def _finished(self, fold: _Fold) -> GraphNode:
        instrs = self._program.instrs
        slot = fold.passed if fold.passed >= 0 else self._result(fold)
        subtitle = self._texts.fold_subtitle(slot)
        if fold.phase is Phase.UPDATE:
            written = (self._owners.bound.get(instrs[i].output, "") for i in fold.instrs)
            names = [name for name in dict.fromkeys(written) if self._trained(name)]
            subtitle = self._texts.update_subtitle(names, fold.path)
        twin = ""
        if not is_forward(fold.phase):
            twins = (_fold_id(fold.path, phase) for phase in (Phase.FORWARD, Phase.LOSS))
            twin = next((id for id in twins if id in self._nodes), "")
        title = self._texts.fold_title(fold.path, fold.frame, fold.phase)
        node = GraphNode(
            fold.id, "module", title, subtitle, fold.phase, fold.path, tuple(fold.instrs), slot, twin
        )
        if fold.path in self._nest.repeats:
            parts = (self._nest.part(fold.path, self._owners.paths[index]) for index in fold.instrs)
            count = len(self._nest.repeats[fold.path].members)
            node = replace(node, parts=tuple(parts), count=count)
        return node

    def _trained(self, name: str) -> bool:
        slot = self._owners.leaves.get(name)
        return slot is not None and self._program.slots[slot].requires_grad  # and no momentum

    def _result(self, fold: _Fold) -> int:
        """What stands for a module that passes nothing on: the first gradient stored, or the last output."""
        instrs = self._program.instrs
        stored = (instrs[i].output for i in fold.instrs if instrs[i].op == "accumulate_grad")
        return next(stored, instrs[fold.instrs[-1]].output)


def _fold_id(path: str, phase: Phase) -> str:
    return f"m:{path}:{phase.value}"
