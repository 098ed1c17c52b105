"""What the user has chosen to look at: a node, the slot whose value is shown, an element of it."""

from __future__ import annotations

from dataclasses import dataclass

from gradviz.engine.program import Program

from .breakpoints import Stops
from .graph.model import GraphModel


@dataclass(frozen=True, slots=True)
class Selection:
    """All None when nothing is selected; a slot may be shown without a node while its node is not drawn."""

    node_id: str | None = None
    slot: int | None = None
    element: tuple[int, ...] | None = None


def node_of(slot: int, program: Program, graph: GraphModel) -> str | None:
    """The node that writes a slot, or the leaf itself; None if it is not drawn."""
    producer = program.producers[slot]
    return graph.node_of_slot.get(slot) if producer < 0 else graph.node_of_instr.get(producer)


def select_node(node_id: str | None, graph: GraphModel) -> Selection:
    """The selection of a node and the slot that it shows; nothing if there is no such node."""
    node = graph.by_id.get(node_id) if node_id is not None else None
    return Selection() if node is None else Selection(node.id, node.slot if node.slot >= 0 else None)


def refit(selection: Selection, program: Program, graph: GraphModel) -> Selection:
    """The same value in a graph that is folded otherwise: its node may now be another one."""
    if selection.node_id in graph.by_id or selection.slot is None:
        return selection if selection.node_id in graph.by_id else Selection()
    return Selection(node_of(selection.slot, program, graph), selection.slot, selection.element)


def carry_over(selection: Selection, old: tuple[Program, Stops], new: tuple[Program, Stops]) -> Selection:
    """The same value in a program of another structure, found by op and module or by name; or nothing."""
    slot = selection.slot
    if slot is None or slot >= len(old[0].slots):
        return Selection()
    producer = old[0].producers[slot]
    found: int | None = None
    if producer >= 0:
        place = old[1].places[producer]
        if place in new[1].places:
            found = new[0].instrs[new[1].places.index(place)].output
    elif name := old[0].slots[slot].name:
        found = next((i for i, other in enumerate(new[0].slots) if other.name == name), None)
    if found is None:
        return Selection()
    same_shape = new[0].slots[found].shape == old[0].slots[slot].shape
    return Selection(None, found, selection.element if same_shape else None)


def instrs_of(selection: Selection, program: Program, graph: GraphModel | None) -> tuple[int, ...]:
    """The instruction that writes the selected slot; of a value from outside the node's, else its readers."""
    slot = selection.slot
    if slot is None or slot >= len(program.slots):
        return ()
    node = graph.by_id.get(selection.node_id or "") if graph is not None else None
    if program.producers[slot] >= 0:
        return (program.producers[slot],)
    if node is not None and node.instrs:
        return node.instrs
    return tuple(index for index, _ in program.consumers[slot])


def inside(index: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Whether `index` names one element of an array of `shape`; negative indices do not count."""
    return len(index) == len(shape) and all(0 <= i < size for i, size in zip(index, shape, strict=True))
