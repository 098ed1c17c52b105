"""Backward along tapes: gradients of rows go to the rows of their inputs in machine code, without nodes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from .compiled.tape_rows import AGAIN, KIND, LEAF
from .errors import GradError
from .node import Node
from .program import SlotKind
from .sweep import USED_TWICE
from .tape import Tape, TapedNode
from .tape_machine import machine


class TapePass:
    """What a backward pass does on tapes, once everything younger has been done.

    `starts` are the rows' nodes that get gradients from ordinary ops, or that backward begins with.
    """

    def __init__(self, starts: Iterable[TapedNode]) -> None:
        self._starts = list(starts)
        self._work: list[tuple[Tape, np.ndarray, int]] = []  # the youngest tape first: marked rows, the last
        self.leaves: dict[Node, None] = {}

    def find(self) -> bool:
        """Find the rows and `leaves` that gradients reach; False if only the ordinary way gives them theirs.

        That is so where hooks wait, where values have changed, or where somebody has looked behind a node.
        Errors: GradError where backward has been here before and has freed what is needed.
        """
        waiting: dict[Tape, set[int]] = {}
        for node in self._starts:
            waiting.setdefault(node.tape, set()).add(node.row)
        while waiting:
            tape = max(waiting, key=_number) if len(waiting) > 1 else next(iter(waiting))
            rows = waiting.pop(tape)
            if tape.spoiled:
                return False
            top = max(rows)
            marks = np.zeros(top + 1, np.uint8)
            for row in rows:
                marks[row] = 1
            if machine.reach(tape.rows, marks, top) == AGAIN:
                raise GradError(USED_TWICE)
            self._work.append((tape, marks, top))
            for row, pinned in tape.pinned.items():
                if row <= top and marks[row] and _is_changed(pinned, tape.values[row]):
                    return False
            for row, leaf in tape.leaves.items():
                if row > top or not marks[row] or leaf.kind is SlotKind.CONSTANT:
                    continue
                if _is_changed(leaf, tape.values[row]):
                    return False
                if tape.rows[row, KIND] == LEAF:
                    self.leaves[leaf] = None
            for row, (older, there) in tape.links.items():
                if row <= top and marks[row]:
                    waiting.setdefault(older, set()).add(there)
        return True

    def run(self, arrays: dict[Node, np.ndarray], free: bool) -> None:
        """Take the gradients of the starts out of `arrays` and put those of the leaves in."""
        given: dict[Tape, dict[int, np.ndarray]] = {tape: {} for tape, _, _ in self._work}
        for node in self._starts:
            if (grad := arrays.pop(node, None)) is not None:
                given[node.tape][node.row] = grad
        for tape, marks, top in self._work:
            grads = np.empty((top + 1, tape.values.shape[1]), tape.values.dtype)
            filled = np.zeros(top + 1, np.uint8)
            seeds = given.pop(tape)
            ends = [(row, leaf) for row, leaf in tape.leaves.items() if row <= top and marks[row]]
            ends = [(row, leaf) for row, leaf in ends if tape.rows[row, KIND] == LEAF]
            links = [(row, *place) for row, place in tape.links.items() if row <= top and marks[row]]
            # What came from younger ops is there first, so that sums are taken in the ordinary order.
            seeds |= {row: arrays[leaf] for row, leaf in ends if leaf in arrays}
            seeds |= {row: given[older][there] for row, older, there in links if there in given[older]}
            for row, grad in seeds.items():
                grads[row], filled[row] = grad.reshape(-1), 1
            machine.pulls[grads.dtype.char](tape.rows, tape.values, grads, filled, marks, top, free)
            shape = tape.spec.shape
            arrays |= {leaf: grads[row].reshape(shape) for row, leaf in ends if filled[row]}
            for row, older, there in links:
                if filled[row]:
                    given[older][there] = grads[row]
            if free:
                for node in tape.made():
                    node.freed = node.freed or (node.row <= top and bool(filled[node.row]))


def _number(tape: Tape) -> int:
    return tape.number


def _is_changed(node: Node, value: np.ndarray) -> bool:
    """Whether backward needs the node itself: somebody waits there, or has written into its memory."""
    waits = node.hooks is not None or (node.op is not None and node.owner is not None)
    return waits or node.replaced > 0 or node.array.tobytes() != value.tobytes()
