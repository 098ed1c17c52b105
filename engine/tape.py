"""Tapes: the graph of small sums, differences, products and quotients, written down in machine code.

An op on four numbers takes less time than the objects that describe it. So tensors that come out of such ops
first know only their row on a tape, which holds the value, the op and the rows of its inputs in plain memory.
A node of the graph is made of a row when somebody asks for it; until then backward runs along the rows, too
(see `tape_pass`). Values, gradients and errors are those of the ordinary way, bit for bit.

A tape has one shape and dtype, belongs to one thread, and is given up when it is full: it lives as long as a
tensor that lies on it. Source of the word: R. E. Wengert, "A simple automatic derivative evaluation program",
Communications of the ACM 7 (1964).
"""

from __future__ import annotations

import ctypes
import itertools
import math
import threading
from types import CodeType
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from .compiled.tape_rows import (
    AT,
    CAPACITY,
    CODE,
    CONSTANT,
    COUNT,
    FREED,
    HEAD,
    HERE,
    KIND,
    LEAF,
    LEFT,
    LINK,
    MODULE,
    NUMBER,
    NUMBERS,
    NUMBERS_KEPT,
    PHASE,
    PLACE,
    RIGHT,
    SINGLE,
    SIZE,
    STATE,
    THREAD,
    VALUES,
    WANTS,
    WORDS,
)
from .dtypes import float32
from .node import NO_ATTRS, Node, constant
from .op import REGISTRY, Spec
from .program import Phase, SlotKind
from .tape_machine import machine
from .user_code import is_ours

if TYPE_CHECKING:
    from .tensor import Tensor

_NAMES = ("add", "sub", "mul", "div")
_MASKS = ((False, False), (True, False), (False, True), (True, True))

_BYTES, _ROWS = 1 << 15, 512  # of the values, and at most
_LARGE = 1e38

_numbers = itertools.count()
_making = threading.Lock()


def _present_thread() -> int:
    """A number that no other thread has or will have, as Python's are given again."""
    api = ctypes.pythonapi
    api.PyThreadState_Get.restype = ctypes.c_void_p
    api.PyThreadState_GetID.restype = ctypes.c_uint64
    return int(api.PyThreadState_GetID(ctypes.c_void_p(api.PyThreadState_Get())))


class Tape:
    """Rows of one shape and dtype.

    `leaves` are the nodes of rows that come from outside, `links` the rows of older tapes that rows
    stand for, `nodes` what has been made of rows and is still held by somebody, `pinned` what must last as
    long as the tape.
    """

    __slots__ = (
        "__weakref__",
        "address",
        "append",
        "block",
        "code",
        "head",
        "known",
        "leaves",
        "linked",
        "links",
        "literals",
        "module",
        "nodes",
        "number",
        "numbers",
        "owner",
        "phase",
        "pinned",
        "places",
        "rest",
        "rows",
        "shown",
        "spec",
        "spoiled",
        "values",
    )

    def __init__(self, spec: Spec, owner: dict[str, Any]) -> None:
        size, dtype = math.prod(spec.shape), spec.dtype.numpy
        capacity = min(_ROWS, _BYTES // (size * dtype.itemsize))
        start = (HEAD + capacity * WORDS) * 8
        self.block = np.empty(start + capacity * size * dtype.itemsize, np.uint8)
        self.address = self.block.ctypes.data
        self.head = self.block[: HEAD * 8].view(np.int64)
        self.rows = self.block[HEAD * 8 : start].view(np.int64).reshape(capacity, WORDS)
        self.values = self.block[start:].view(dtype).reshape(capacity, size)
        self.head[:] = 0
        for word, value in ((CAPACITY, capacity), (SIZE, size), (VALUES, start), (STATE, id(owner))):
            self.head[word] = value
        self.head[SINGLE] = spec.dtype is float32
        self.head[THREAD] = _present_thread()
        assert machine.append is not None
        self.append = machine.append
        self.spec = spec
        self.owner = owner
        self.number = next(_numbers)
        self.code: CodeType | None = None
        self.module, self.phase = "", Phase.FORWARD
        self.places: list[tuple[str, Phase, CodeType]] = []
        self.leaves: dict[int, Node] = {}
        self.known: dict[tuple[Node, int], int] = {}  # the rows of `leaves`
        self.links: dict[int, tuple[Tape, int]] = {}
        self.linked: dict[tuple[int, int], int] = {}
        self.numbers: dict[tuple[type, float], int] = {}
        self.literals: list[float] = []  # numbers as objects, for machine code to find them by
        self.nodes: dict[int, ref[TapedNode]] = {}
        self.pinned: dict[int, TapedNode] = {}
        self.shown = 0  # rows that somebody wanted a node of
        self.rest = 0  # ops that go the ordinary way before another tape is begun
        self.spoiled = False  # somebody looked behind a node: backward goes along the nodes from then on

    def close(self) -> None:
        """Take no op more: what follows goes onto a younger tape, so that tapes have an order in time."""
        self.head[CAPACITY] = self.head[COUNT]

    def has_room(self) -> bool:
        """Whether one op more fits, with new operands, and backward may go along it."""
        return bool(self.head[COUNT] + 3 <= self.head[CAPACITY]) and not self.spoiled

    def moved(self, code: CodeType, now: dict[str, Any]) -> bool:
        """Note from where the next ops are called; False for places that only the ordinary way can tell."""
        if now["origin"] is not None or is_ours(code.co_filename):
            return False
        self.code, self.module, self.phase = code, now["module"], now["phase"]
        place = (self.module, self.phase, code)
        if place not in self.places:
            self.places.append(place)
        head = self.head
        head[HERE] = self.places.index(place)
        head[CODE], head[MODULE], head[PHASE] = id(code), id(self.module), id(self.phase)
        return True

    def row_of(self, operand: Any) -> int | None:
        """The row of an operand, a new one if it has none here; None if it must go the ordinary way."""
        if isinstance(operand, (int, float)):
            return self._row_of_number(operand)
        tape = operand._tape
        if tape is self:
            return int(operand._row)
        if tape is not None and tape.owner is not self.owner:
            return None  # rows of handles are changed by one thread only
        if tape is not None and operand._row not in tape.leaves:
            return self._row_of_older(tape, operand._row)
        return self._row_of_leaf(operand)

    def _take(self, kind: int, value: np.ndarray) -> int:
        row = int(self.head[COUNT])
        self.rows[row] = 0
        self.rows[row, KIND] = kind
        self.values[row] = value.reshape(-1)
        self.head[COUNT] = row + 1
        return row

    def _row_of_number(self, number: float) -> int | None:
        if number == 0 or not -_LARGE < number < _LARGE:  # two zeros are equal; infinite, or no number
            return None
        key = (type(number), number)
        row = self.numbers.get(key)
        if row is None:
            node = constant(number)
            row = self.numbers[key] = self._take(CONSTANT, node.array)
            self.leaves[row] = node
        kept = len(self.literals)
        if kept < NUMBERS_KEPT and type(number) in (int, float):
            self.literals.append(number)  # held, so that its address stays its own
            self.head[NUMBERS + 2 * kept : NUMBERS + 2 * kept + 2] = id(number), row
        return row

    def _row_of_older(self, tape: Tape, row: int) -> int:
        mine = self.linked.get((tape.number, row))
        if mine is None:
            while tape.rows[row, KIND] == LINK:
                tape, row = tape.links[row]
            mine = self._take(LINK, tape.values[row])
            self.links[mine] = (tape, row)
            self.linked[tape.number, row] = mine
        return mine

    def _row_of_leaf(self, tensor: Tensor) -> int | None:
        node = tensor._node
        if node.op is not None or tensor._storage is not None or tensor._path is not None:
            return None
        if node.inference or node.requires_grad is not tensor._requires_grad:
            return None
        kind = LEAF if node.requires_grad else CONSTANT
        row = self.known.get((node, kind))
        if row is None:
            row = self.known[node, kind] = self._take(kind, node.array)
            self.leaves[row] = node
        tensor._row = row
        tensor._tape = self
        return row

    def node(self, row: int) -> Node:
        """The node of a row; there is only one while it lasts."""
        leaf = self.leaves.get(row)
        if leaf is not None:
            return leaf
        if row in self.links:
            tape, row = self.links[row]
            return tape.node(row)
        with _making:
            known = self.nodes.get(row)
            node = known() if known is not None else None
            if node is None:
                node = TapedNode.of(self, row)
                self.nodes[row] = ref(node)
        return node

    def made(self) -> list[TapedNode]:
        """The nodes of its rows that somebody holds."""
        return [node for known in list(self.nodes.values()) if (node := known()) is not None]


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
        node.array = tape.values[row].reshape(tape.spec.shape).copy()  # nobody shall write into the tape
        node.spec, node.attrs, node.name = tape.spec, NO_ATTRS, ""
        node.op = REGISTRY[_NAMES[words[KIND]]]
        node.mask = _MASKS[words[WANTS]]
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
            self._inputs = (tape.node(int(words[LEFT])), tape.node(int(words[RIGHT])))
        return self._inputs
