"""How much of a graph can be open at once: what Graphviz cannot lay out in a few seconds is folded first."""

from __future__ import annotations

from gradviz.engine.program import Program

from .build import all_modules, build_graph
from .repeats import nest_of

LARGEST = 1500  # drawn nodes; beyond it Graphviz takes seconds to minutes


def opened_within(
    program: Program, already: frozenset[str], repeats: int, largest: int = LARGEST
) -> tuple[frozenset[str], bool]:
    """All modules, or, where that would draw too many nodes, only the outer ones; and whether it is all.

    What is open already stays open.
    """
    nest, known = nest_of(program, repeats), all_modules(program, repeats)
    depths = {name: len(nest.around(name)) for name in known}
    deepest = max(depths.values(), default=0)
    for depth in range(deepest, 0, -1):
        if depth == deepest and len(program) > largest:  # all open, each instruction is a box
            continue
        opened = already | {name for name in known if depths[name] <= depth}
        if len(build_graph(program, opened, repeats).nodes) <= largest:
            return opened, depth == deepest
    return already, not known
