"""Nodes that are made of rows of a tape, once somebody asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .compiled.tape_rows import AT, FREED, KIND, LEFT, NUMBER, PLACE, RIGHT, WANTS
from .node import NO_ATTRS, Node
from .op import REGISTRY
from .program import SlotKind

if TYPE_CHECKING:
    from .tape import Tape

OPS = ("add", "sub", "mul", "div", "sum", "mean")
"""The ops that a tape knows, in the order of their numbers in `tape_rows`."""
_MASKS = ((False, False), (True, False), (False, True), (True, True))
_TOTAL: Mapping[str, Any] = {"dim": None, "keepdim": False}


class TapedNode(Node):
    """The node of a row: its inputs are looked up when somebody follows them."""

    __slots__ = ("_inputs", "row", "tape")

    tape: Tape
    row: int
    _inputs: tuple[Node, ...] | None

    @classmethod
    def of(cls, tape: Tape, row: int) -> TapedNode:
        """A new one."""
        words = tape.rows[row].tolist()
        module, phase, code = tape.places[words[PLACE]]
        node = cls.__new__(cls)
        node.tape, node.row, node._inputs = tape, row, None
        node.spec = spec = tape.spec_of(row)
        node.array = tape.value(row).reshape(spec.shape).copy()  # nobody shall write into the tape
        node.attrs, node.name = NO_ATTRS if spec is tape.spec else _TOTAL, ""
        node.op = REGISTRY[OPS[words[KIND]]]
        node.mask = _MASKS[words[WANTS]] if spec is tape.spec else (True,)
        node.place = (module, phase, code, words[AT])
        node.sequence, node.freed = words[NUMBER], bool(words[FREED])
        node.requires_grad, node.inference, node.replaced = True, False, 0
        node.kind = SlotKind.VALUE
        node.hooks = node.owner = None
        tape.shown += 1
        return node

    def pin(self) -> None:
        """See `Node`: without this, a node of the row would be made anew once nobody holds this one."""
        self.tape.pinned[self.row] = self

    @property
    def inputs(self) -> tuple[Node, ...]:  # type: ignore[override]
        """The nodes of its inputs; whoever asks may change what backward does there."""
        if self._inputs is None:
            tape, words = self.tape, self.tape.rows[self.row]
            tape.spoiled = True
            self.pin()
            rows = [int(words[LEFT]), int(words[RIGHT])] if self.attrs is NO_ATTRS else [int(words[LEFT])]
            self._inputs = tuple([tape.node(row) for row in rows])
        return self._inputs
