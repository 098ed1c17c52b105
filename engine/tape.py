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
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from .compiled.tape_rows import (
    CAPACITY,
    CODE,
    CONSTANT,
    COUNT,
    HEAD,
    HERE,
    KIND,
    LEAF,
    LEFT,
    LINK,
    MEAN,
    MODULE,
    NUMBERS,
    NUMBERS_KEPT,
    OUTSIDE,
    PHASE,
    RIGHT,
    SINGLE,
    SIZE,
    STATE,
    SUM,
    THREAD,
    VALUES,
    WORDS,
)
from .dtypes import float32
from .node import Node, constant, sequence
from .op import Spec, intern
from .program import Phase
from .state import inferring, state
from .tape_machine import machine
from .taped_node import TapedNode
from .user_code import is_ours

if TYPE_CHECKING:
    from .tensor import Tensor


_BYTES, _ROWS = 1 << 15, 1024  # of the values, and at most
_LARGE = 1e38
Room = tuple[np.ndarray, np.ndarray, np.ndarray]

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
        "letter",
        "linked",
        "links",
        "literals",
        "module",
        "nodes",
        "number",
        "numbers",
        "of_one",
        "outside",
        "owner",
        "phase",
        "pinned",
        "places",
        "rest",
        "room",
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
        self.head[OUTSIDE] = -1
        for word, value in ((CAPACITY, capacity), (SIZE, size), (VALUES, start), (STATE, id(owner))):
            self.head[word] = value
        self.head[SINGLE] = spec.dtype is float32
        self.head[THREAD] = _present_thread()
        assert machine.append is not None
        self.append = machine.append
        self.spec, self.of_one = spec, intern(Spec((), spec.dtype))
        self.owner = owner
        self.number = next(_numbers)
        self.code: CodeType | None = None
        self.module, self.phase = "", Phase.FORWARD
        self.places: list[tuple[str, Phase, CodeType]] = []
        self.leaves: dict[int, Node] = {}
        self.outside: list[tuple[int, Node]] = []  # those of `leaves` that are no numbers
        self.known: dict[tuple[Node, int], int] = {}  # the rows of `leaves`
        self.links: dict[int, tuple[Tape, int]] = {}
        self.linked: dict[tuple[int, int], int] = {}
        self.numbers: dict[tuple[type, float], int] = {}
        self.literals: list[float] = []  # numbers as objects, for machine code to find them by
        self.nodes: dict[int, ref[TapedNode]] = {}
        self.pinned: dict[int, TapedNode] = {}
        self.shown = 0  # rows that somebody wanted a node of
        self.letter = dtype.char
        self.room: Room | None = None  # for the gradients of a backward pass, and marks of two kinds
        self.rest = 0  # ops that go the ordinary way before another tape is begun
        self.spoiled = False  # somebody looked behind a node: backward goes along the nodes from then on

    def make_room(self) -> Room:
        """For all rows, once."""
        marks = np.empty((2, len(self.rows)), np.uint8)
        self.room = np.empty_like(self.values), marks[0], marks[1]
        return self.room

    def close(self) -> None:
        """Take no op more: what follows goes onto a younger tape, so that tapes have an order in time."""
        self.head[CAPACITY] = self.head[COUNT]

    def has_room(self) -> bool:
        """Whether one op more fits, with new operands, and backward may go along it."""
        return bool(self.head[COUNT] + 3 <= self.head[CAPACITY]) and not self.spoiled

    def spec_of(self, row: int) -> Spec:
        """The shape and dtype of a row's value: a sum has no dimensions."""
        return self.of_one if SUM <= self.rows[row, KIND] <= MEAN else self.spec

    def value(self, row: int) -> np.ndarray:
        """A row's value, as it lies there."""
        value: np.ndarray = self.values[row]
        return value[:1] if SUM <= self.rows[row, KIND] <= MEAN else value

    def is_at(self, code: CodeType, now: dict[str, Any]) -> bool:
        """Whether the last op was called from there, too."""
        here = code is self.code and now["module"] is self.module and now["phase"] is self.phase
        return here and now["origin"] is None

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

    def total(self, kind: int, row: int, frame: FrameType) -> int | None:
        """The row of an op of all elements of a row, called by that frame; None for the ordinary way."""
        now = state.__dict__
        if self.owner is not now or now["recorder"] is not None or not now["grad_enabled"] or inferring.ever:
            return None
        if not self.spec.shape or not (self.is_at(frame.f_code, now) or self.moved(frame.f_code, now)):
            return None
        taken = self.append(self.address, kind, row, row, next(sequence), frame.f_lasti)
        return None if taken < 0 else taken

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

    def _take(self, kind: int, value: np.ndarray, memory: int = 0) -> int:
        row = int(self.head[COUNT])
        self.rows[row] = 0
        self.rows[row, LEFT], self.rows[row, RIGHT] = memory, self.head[OUTSIDE]
        self.head[OUTSIDE] = row
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
            mine = self._take(LINK, tape.value(row))
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
            array = node.array
            if not array.flags.c_contiguous:
                return None
            row = self.known[node, kind] = self._take(kind, array, array.ctypes.data)
            self.leaves[row] = node
            self.outside.append((row, node))
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
