"""Backward along tapes: gradients of rows go to the rows of their inputs in machine code, without nodes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from .compiled.tape_rows import AGAIN, KIND, LEAF, WANTS
from .errors import GradError
from .node import Node
from .program import SlotKind
from .state import GradMode, state
from .sweep import USED_TWICE
from .tape import Tape
from .tape_machine import machine
from .taped_node import TapedNode
from .tensor import Tensor, apply


class TapePass:
    """What a backward pass does on tapes, once everything younger has been done.

    `starts` are the rows' nodes that get gradients from ordinary ops, or that backward begins with.
    """

    def __init__(self, starts: Iterable[TapedNode]) -> None:
        self._starts = list(starts)
        self._work: list[tuple[Tape, np.ndarray, int]] = []  # in turn: marked rows, the last
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
            tape = max(waiting, key=_turn) if len(waiting) > 1 else next(iter(waiting))
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
                if row <= top and marks[row] and _is_changed(pinned, tape.value(row)):
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


def whole_pass(tensor: Tensor, retain_graph: bool | None) -> bool:
    """Backward from a sum or mean, if all that it was made of lies on its tape, and no hook waits there.

    False if nothing has been done, and the ordinary way must be gone.

    Errors: GradError where backward has been here before and has freed what is needed.
    """
    tape, last, now = tensor._tape, tensor._row, state.__dict__
    if tape is None or tape.owner is not now or tape.spoiled or tape.pinned:
        return False
    if now["recorder"] is not None or now["inference"]:
        return False
    ends = _ends(tape)
    grads, filled, marks = tape.room or tape.make_room()
    run, free = machine.passes[tape.letter], not retain_graph
    found = run(tape.address, tape.rows, tape.values, grads, filled, marks, last, free)
    if found != 0:
        if found == AGAIN:
            raise GradError(USED_TWICE)
        return False
    shape = tape.spec.shape
    for row, leaf, owner in ends:
        if row < last and filled[row]:
            grad = Tensor._from_node(Node(grads[row].reshape(shape).copy(), leaf.spec))
            before = owner._grad
            if before is None:
                owner._grad = grad
            else:
                with GradMode(False):
                    before._point_to(apply("accumulate_grad", (before, grad))._node)
    if tape.nodes and not retain_graph:
        for node in tape.made():
            node.freed = node.freed or (node.row <= last and bool(filled[node.row]))
    return True


def _ends(tape: Tape) -> list[tuple[int, Node, Tensor]]:
    """The leaves on a tape with the tensors that get their gradients.

    Those that need the ordinary way are marked for good: where a hook waits, or a value has been replaced.
    """
    ends, odd = [], False
    for row, leaf in tape.outside:
        if leaf.hooks is not None or leaf.replaced:
            tape.rows[row, WANTS] = odd = True
        elif leaf.requires_grad and leaf.owner is not None:
            owner = leaf.owner()
            if owner is None:
                odd = True
            else:
                ends.append((row, leaf, owner))
    if odd:
        rows = [(row, leaf) for row, leaf in tape.outside if not tape.rows[row, WANTS]]
        tape.outside = [each for each in rows if each[1].owner is None or each[1].owner() is not None]
    return ends


def _turn(tape: Tape) -> tuple[bool, int]:
    """The larger, the earlier its turn: sums go on from a tape to one without dimensions, never back; among
    tapes of one shape the youngest is first."""
    return not tape.spec.shape, tape.number


def _is_changed(node: Node, value: np.ndarray) -> bool:
    """Whether backward needs the node itself: somebody waits there, or has written into its memory."""
    waits = node.hooks is not None or (node.op is not None and node.owner is not None)
    return waits or node.replaced > 0 or node.array.tobytes() != value.tobytes()
