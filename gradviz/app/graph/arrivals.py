"""When the numbers of a graph's nodes come to be, as arrays in the order of its nodes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradviz.engine.program import Phase, Program

from .model import GraphModel

Ints = NDArray[np.intp]
Flags = NDArray[np.bool_]

_BACKWARDS = (Phase.BACKWARD, Phase.UPDATE, Phase.ZERO_GRAD)


class Arrivals:
    """For each node: `ends`, the moment at which it has run (0 for values from outside), `slots`, what it
    shows, `written`, the moment at which that is computed, and `own`, whether it is a gradient itself."""

    def __init__(self, model: GraphModel, program: Program) -> None:
        ends = [node.instrs[-1] + 1 if node.instrs else 0 for node in model.nodes]
        self.ends: Ints = np.array(ends, dtype=np.intp)
        self.slots: Ints = np.array([node.slot for node in model.nodes], dtype=np.intp)
        written = [program.producers[slot] + 1 if slot >= 0 else 0 for slot in self.slots.tolist()]
        self.written: Ints = np.array(written, dtype=np.intp)
        self.own = _own(model, program)
        self._sums = _sums(model, program)

    def done(self, moment: int) -> Flags:
        """Which nodes have run."""
        return self.ends <= moment

    def values(self, moment: int) -> Ints:
        """The slot that each node shows, -1 while it is not computed."""
        return np.where(self.written <= moment, self.slots, -1)

    def gradients(self, moment: int) -> Ints:
        """The slot of each node's gradient as far as it is summed up, or -1."""
        found = np.full(len(self.slots), -1, dtype=np.intp)
        nodes, moments, slots = self._sums
        arrived = moments <= moment
        found[nodes[arrived]] = slots[arrived]  # in order: the last sum wins
        return np.where(self.own & (self.written <= moment), self.slots, found)


def _sums(model: GraphModel, program: Program) -> tuple[Ints, Ints, Ints]:
    """Node, moment and slot of each sum of a gradient, in order of the moments."""
    node_of = {node.slot: number for number, node in enumerate(model.nodes) if node.phase not in _BACKWARDS}
    rows = [
        (node_of[row.slot], program.producers[row.total] + 1, row.total)
        for row in program.contributions
        if row.slot in node_of
    ]
    rows.sort(key=lambda row: row[1])
    table = np.array(rows, dtype=np.intp).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def _own(model: GraphModel, program: Program) -> Flags:
    """For each node whether its own value is a gradient."""
    gradients = {row.grad for row in program.contributions} | {row.total for row in program.contributions}
    flags: list[Any] = [
        node.kind == "gradient" or (node.phase is Phase.BACKWARD and node.slot in gradients)
        for node in model.nodes
    ]
    return np.array(flags, dtype=bool)
