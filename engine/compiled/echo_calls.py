"""Calls of layers and functions that a round of training foresees, without a line of Python.

It does what `echo_match.Matcher.call` does first, and gives way to it where anything is unusual: another
call, a value of another kind, a recorder, a mode. A call takes 0.3 µs instead of 2.
"""

from __future__ import annotations

from typing import Any

from ..native import python_api as py
from . import echo_rows as e
from .memory import inline, ints_at

_BYTES = 8  # of a word
_LOWER = 0xFFFFFFFF
_EQUAL = 2  # Py_EQ
Words = Any


@inline
def _is_usual(memory: int, grads: int) -> bool:
    """Whether nobody has looked at a result, nothing listens, and gradients are on or off as foreseen."""
    head = ints_at(memory)
    now = head[e.STATE]
    if py.dict_size(head[e.NODES]) != 0 or py.in_dict(now, head[e.RECORDER]) != head[e.NONE]:
        return False
    if py.in_dict(now, head[e.ORIGIN]) != head[e.NONE] or py.in_dict(now, head[e.GRAD_ENABLED]) != grads:
        return False
    return bool(py.in_dict(head[e.INFERRING], head[e.THREADS]) == head[e.ZERO])


@inline
def _is_tensor(head: Words, thing: int) -> bool:
    kind = ints_at(thing)[head[e.TYPE_AT]]
    return bool(kind == head[e.TENSOR] or py.is_subtype(kind, head[e.TENSOR]) & _LOWER != 0)


@inline
def _are_known(memory: int, row: int, args: int) -> bool:
    """Whether settings and values that are read are those of this round."""
    head, it = ints_at(memory), ints_at(row)
    tensors, settings = it[e.TENSORS], it[e.SETTINGS]
    if py.tuple_size(args) != tensors + settings:
        return False
    for k in range(settings):
        if py.tuple_item(args, tensors + k) != it[e.ROW + k]:
            return False
    first = head[e.FIRST]
    for k in range(it[e.READS]):
        at = e.ROW + settings + e.READ * k
        tensor, place = it[at], it[at + 1]
        if tensor == 0:
            tensor = py.tuple_item(args, k)
            if place >= first:
                if py.list_item(head[e.HANDLES], place - first) != tensor:
                    return False
            elif not _is_tensor(head, tensor):
                return False
        elif place >= first:
            return False
        if ints_at(tensor)[head[e.WANTS_AT]] != it[at + 2]:
            return False
        if place < first:
            node = ints_at(tensor)[head[e.NODE_AT]]
            if node == 0:
                return False
            if py.list_item(head[e.VALUES], place) != node:
                if it[at + 3] == 0 or not _takes(head, tensor, node, it[at + 3], it[at + 4]):
                    return False
                _take(head, place, tensor, node)
    return _are_below(head, it, e.ROW + settings + e.READ * it[e.READS])


@inline
def _takes(head: Words, tensor: int, node: int, spec: int, strides: int) -> bool:
    """Whether a value from outside is of the kind that is foreseen, as `echo_checks.is_leaf`."""
    if ints_at(tensor)[head[e.STORAGE_AT]] != head[e.NONE]:
        return False
    value = ints_at(node)
    if value[head[e.TYPE_AT]] != head[e.NODE] or value[head[e.SPEC_AT]] != spec:
        return False
    if value[head[e.OP_AT]] != head[e.NONE] or value[head[e.INFERENCE_AT]] != head[e.FALSE]:
        return False
    found = py.attribute(value[head[e.ARRAY_AT]], head[e.STRIDES])
    same = found != 0 and py.compare(found, strides, _EQUAL) & _LOWER == 1
    if found == 0:
        py.clear_error()
    else:
        py.release(found)
    return bool(same)


@inline
def _take(head: Words, place: int, tensor: int, node: int) -> None:
    """From now on it is known for the round."""
    py.keep(node)
    py.put(head[e.VALUES], place, node)
    pair = py.new_tuple(2)
    py.keep(tensor)
    py.fill(pair, 0, py.from_word(place))
    py.fill(pair, 1, tensor)
    py.append(head[e.TAKEN], pair)
    py.release(pair)


@inline
def _are_below(head: Words, it: Words, at: int) -> bool:
    """Whether integers that have bounds, of which each is alone in its tensor, are within them."""
    for _ in range(it[e.BOUNDS]):
        node = py.list_item(head[e.VALUES], it[at])
        method = py.attribute(ints_at(node)[head[e.ARRAY_AT]], head[e.ITEM])
        if method == 0:
            py.clear_error()
            return False
        number = py.call(method)
        py.release(method)
        if number == 0:
            py.clear_error()
            return False
        value = py.to_word(number)
        py.release(number)
        if value < 0 or value >= it[at + 1]:
            return False
        at += e.PAIR
    return True


@inline
def _is_same(memory: int, row: int) -> bool:
    """Whether the layer has all of its attributes, parameters and buffers, and no hooks or modules."""
    it = ints_at(row)
    if it[e.SIZE] < 0:
        return True
    tables = py.dict_of(it[e.CALLED], 0)
    if tables == 0:
        py.clear_error()
        return False
    py.release(tables)  # the layer holds it
    if py.dict_size(tables) != it[e.SIZE]:
        return False
    at = e.ROW + it[e.SETTINGS] + e.READ * it[e.READS] + e.PAIR * it[e.BOUNDS]
    for _ in range(it[e.ATTRIBUTES]):
        if py.in_dict(tables, it[at]) != it[at + 1]:
            return False
        at += e.PAIR
    for _ in range(it[e.EMPTIES]):
        table = py.in_dict(tables, it[at])
        if table == 0 or py.dict_size(table) != 0:
            return False
        at += 1
    for _ in range(it[e.PARTS]):
        table = py.in_dict(tables, it[at])
        if table == 0 or py.in_dict(table, it[at + 1]) != it[at + 2]:
            return False
        at += e.PAIR + 1
    return True


def follow(memory: int, called: int, args: int) -> int:
    """The address of the new result of a call or of NotImplemented, or 0 where Python has to look."""
    head = ints_at(memory)
    offset = head[e.STEPS + head[e.CURSOR]]
    if offset == e.UNSEEN:
        return 0
    row = memory + _BYTES * offset
    it = ints_at(row)
    if offset == e.NOTHING or it[e.CALLED] != called:
        py.keep(head[e.NOT_IMPLEMENTED])
        return head[e.NOT_IMPLEMENTED]  # type: ignore[no-any-return]
    usual = _is_usual(memory, it[e.GRADS])
    if not (usual and _are_known(memory, row, args) and _is_same(memory, row)):
        py.clear_error()  # of something that is no dictionary, or too short
        return 0
    result = py.allocate(head[e.TENSOR], 0)
    if result != 0:
        made = ints_at(result)
        made[head[e.WANTS_AT]] = it[e.WANTS]
        made[head[e.TAPE_AT]] = head[e.NONE]
        made[head[e.LATE_AT]] = head[e.ROUND]
        py.keep(it[e.WANTS])
        py.keep(head[e.NONE])
        py.keep(head[e.ROUND])
        made[head[e.ROW_AT]] = py.from_word(it[e.STOP] - 1)
        if it[e.SHOWN] >= 0:
            shown = py.tuple_item(args, 0)
            py.keep(shown)
            made[head[e.OF_AT]] = shown
            reference = py.weak_reference(result, 0)
            py.append(head[e.VIEWS], reference)
            py.release(reference)
        for k in range(it[e.STOP] - head[e.CURSOR]):
            number = py.next_of(head[e.SEQUENCE])
            py.append(head[e.NUMBERS], number)
            py.release(number)
            py.append(head[e.HANDLES], head[e.HIDDEN] if k < it[e.STOP] - head[e.CURSOR] - 1 else result)
        head[e.CURSOR] = it[e.STOP]
    return result  # type: ignore[no-any-return]
