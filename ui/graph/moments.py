"""From a moment to the states of the cards: which have run, what they show, how large their gradients are."""

from __future__ import annotations

import time

import numpy as np
from gradviz.engine.program import Phase, Program

from gradviz.app.graph.model import GraphModel

from .scene import CURRENT, DONE, PENDING
from .splines import Ints
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
        self._ids = [node.id for node in model.nodes]
        self._index = {name: number for number, name in enumerate(self._ids)}
        self._summaries = summaries
        ends = [node.instrs[-1] + 1 if node.instrs else 0 for node in model.nodes]
        self._ends = np.array(ends, dtype=np.intp)
        self._slots = np.array([node.slot for node in model.nodes], dtype=np.intp)
        self._arrivals = _arrivals(model, program)
        self._own = _gradient_nodes(model, program)
        self._status = np.full(len(ends), NEVER, dtype=np.uint8)  # as last told
        self._gradients = np.full(len(ends), -1, dtype=np.intp)
        self._waiting: dict[int, None] = {}  # nodes whose values have not been looked at, in order

    def at(self, moment: int, current: str | None) -> dict[str, NodeState]:
        """The states that differ from those of the last call."""
        status = np.where(self._ends <= moment, DONE, PENDING).astype(np.uint8)
        if current in self._index:
            status[self._index[current]] = CURRENT
        gradients = self._gradients_at(moment, status)
        changed = np.flatnonzero((status != self._status) | (gradients != self._gradients)).tolist()
        self._status, self._gradients = status, gradients
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

    def _gradients_at(self, moment: int, status: np.ndarray) -> Ints:
        """For each node the slot of its gradient as far as it is known, or -1."""
        gradients = np.full(len(status), -1, dtype=np.intp)
        nodes, moments, slots = self._arrivals
        arrived = moments <= moment
        gradients[nodes[arrived]] = slots[arrived]  # in order: the last sum wins
        return np.where(self._own & (status != PENDING), self._slots, gradients)

    def _state(self, number: int, look: bool) -> NodeState | None:
        """The state of a node; None if its values are not known yet and shall not be looked at now."""
        status, slot, gradient = self._status[number], int(self._slots[number]), int(self._gradients[number])
        value = size = None
        find = self._summaries.get if look else self._summaries.known
        if status != PENDING and slot >= 0 and (value := find(slot)) is None:
            return None
        if gradient >= 0 and (size := find(gradient)) is None:
            return None
        return NodeState(STATUSES[status], value.text if value else "", size.heat if size else None)


def _arrivals(model: GraphModel, program: Program) -> tuple[Ints, Ints, Ints]:
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


def _gradient_nodes(model: GraphModel, program: Program) -> np.ndarray:
    """For each node whether its own value is a gradient."""
    gradients = {row.grad for row in program.contributions} | {row.total for row in program.contributions}
    return np.array(
        [
            node.kind == "gradient" or (node.phase is Phase.BACKWARD and node.slot in gradients)
            for node in model.nodes
        ],
        dtype=bool,
    )


_BACKWARDS = (Phase.BACKWARD, Phase.UPDATE, Phase.ZERO_GRAD)
