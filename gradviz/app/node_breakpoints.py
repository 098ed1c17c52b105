"""Breakpoints as the graph shows them: which nodes carry one, and what a click on a node sets or clears."""

from __future__ import annotations

from .breakpoints import Breakpoints, Place, Stops
from .graph.model import GraphModel, GraphNode


def natural_place(node: GraphNode, stops: Stops) -> Place | None:
    """What a breakpoint on a node means: its module and phase, or its op; None for a value from outside."""
    if not node.instrs:
        return None
    return Place(node.module, node.phase) if node.kind == "module" else stops.places[node.instrs[0]]


def places_at(node: GraphNode, stops: Stops, breakpoints: Breakpoints) -> frozenset[Place]:
    """The set breakpoints that a node shows: its own, and those of what is folded into it."""
    hits = stops.hits(breakpoints)
    return frozenset().union(*(hits.get(index, frozenset()) for index in node.instrs))


def toggled(node: GraphNode, stops: Stops, breakpoints: Breakpoints) -> Breakpoints:
    """Clear what the node shows, or set a breakpoint on it if it shows none."""
    shown = places_at(node, stops, breakpoints)
    if shown:
        return Breakpoints(breakpoints.instrs - shown, breakpoints.ops, breakpoints.nonfinite)
    place = natural_place(node, stops)
    return breakpoints if place is None else breakpoints.toggled(place)


def marked(graph: GraphModel, stops: Stops, breakpoints: Breakpoints) -> frozenset[str]:
    """The ids of all nodes that show a breakpoint."""
    nodes = graph.node_of_instr
    return frozenset(
        nodes[index] for index, places in stops.hits(breakpoints).items() if places and index in nodes
    )
