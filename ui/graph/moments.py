"""From a moment to the states of the cards: which have run, what they show, how large their gradients are."""

from __future__ import annotations

import time

import numpy as np
from gradviz.engine.program import Program

from gradviz.app.graph.arrivals import Arrivals
from gradviz.app.graph.model import GraphModel, GraphNode
from gradviz.app.i18n import tr

from .scene import CURRENT, DONE, PENDING
from .state import STATUSES, NodeState
from .summaries import Summaries

BUDGET = 0.008  # seconds of a step for looking at values; the rest follows later
NEVER = 255


class Moments:
    """The states of one graph's nodes along one program.

    `at` returns the nodes that have changed since it was last asked; where values are large and many, some
    come without text at first, and `rest` gives them later.
    """

    def __init__(self, model: GraphModel, program: Program, summaries: Summaries) -> None:
        self._nodes = model.nodes
        self._part = ""  # of the current node, if it stands for repeats
        self._ids = [node.id for node in model.nodes]
        self._index = {name: number for number, name in enumerate(self._ids)}
        self._summaries = summaries
        self._arrivals = Arrivals(model, program)
        self._status = np.full(len(self._ids), NEVER, dtype=np.uint8)  # as last told
        self._gradients = np.full(len(self._ids), -1, dtype=np.intp)
        self._values = np.full(len(self._ids), -1, dtype=np.intp)
        self._waiting: dict[int, None] = {}  # nodes whose values have not been looked at, in order

    def at(self, moment: int, current: str | None) -> dict[str, NodeState]:
        """The states that differ from those of the last call."""
        status = np.where(self._arrivals.done(moment), DONE, PENDING).astype(np.uint8)
        if current in self._index:
            status[self._index[current]] = CURRENT
        # A module that is half-way shows nothing that is still to be computed.
        values = np.where(status != PENDING, self._arrivals.values(moment), -1)
        gradients = self._arrivals.gradients(moment)
        same = (status == self._status) & (values == self._values) & (gradients == self._gradients)
        self._part = ""
        if current in self._index and (node := self._nodes[self._index[current]]).parts:
            self._part = _part(node, moment - 1)
            same[self._index[current]] = False
        changed = np.flatnonzero(~same).tolist()
        self._status, self._values, self._gradients = status, values, gradients
        deadline = time.perf_counter() + BUDGET
        states = {}
        for number in changed:
            state = self._state(number, look=time.perf_counter() < deadline)
            if state is None:
                self._waiting[number] = None
                state = NodeState(STATUSES[status[number]])
            else:
                self._waiting.pop(number, None)
            states[self._ids[number]] = state
        return states

    def rest(self) -> dict[str, NodeState]:
        """Some more of the nodes that still lack their text; none when all are told."""
        deadline = time.perf_counter() + BUDGET
        states = {}
        for number in list(self._waiting):
            if time.perf_counter() > deadline:
                break
            del self._waiting[number]
            state = self._state(number, look=True)
            assert state is not None
            states[self._ids[number]] = state
        return states

    @property
    def unfinished(self) -> bool:
        """Whether `rest` has more to tell."""
        return bool(self._waiting)

    def _state(self, number: int, look: bool) -> NodeState | None:
        """The state of a node; None if its values are not known yet and shall not be looked at now."""
        status, slot, gradient = self._status[number], int(self._values[number]), int(self._gradients[number])
        value = size = None
        find = self._summaries.get if look else self._summaries.known
        if slot >= 0 and (value := find(slot)) is None:
            return None
        if gradient >= 0 and (size := find(gradient)) is None:
            return None
        text = value.text if value else ""
        if status == CURRENT and self._part:
            text = self._part
        return NodeState(STATUSES[status], text, size.heat if size else None)


def _part(node: GraphNode, instr: int) -> str:
    """Which repeat has just run: "3 of 8"."""
    part = node.parts[node.instrs.index(instr)] + 1 if instr in node.instrs else 0
    return tr("{n} of {count}").format(n=part, count=node.count) if part else ""
