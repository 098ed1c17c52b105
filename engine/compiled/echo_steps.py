"""The ends of a round of training, without a line of Python, where all is as it mostly is.

Each function does first what one of `echo.Follower` does, and gives way to that where anything is unusual.
"""

from __future__ import annotations

from typing import Any

from ..native import python_api as py
from . import step_words as e
from .memory import inline, ints_at

Words = Any


@inline
def _set(thing: Words, place: int, value: int) -> None:
    """Fill a slot that is empty."""
    py.keep(value)
    thing[place] = value


@inline
def _replace(thing: Words, place: int, value: int) -> None:
    before = thing[place]
    py.keep(value)
    thing[place] = value
    if before != 0:
        py.release(before)


def unmoved(memory: int, tensors: int, _: int) -> int:
    """True if parameters, and what the optimizer keeps, are as the executor has left them; else 0.

    `tensors` lists all of them. Nobody shares their memory, and the round has read no other parameters.
    """
    head = ints_at(memory)
    for k in range(py.list_size(tensors)):
        tensor = ints_at(py.list_item(tensors, k))
        node = tensor[head[e.NODE_AT]]
        if node == 0 or node != py.list_item(head[e.KNOWN], k) or tensor[head[e.STORAGE_AT]] != head[e.NONE]:
            return 0
        if k >= head[e.PARAMS]:
            if tensor[head[e.WANTS_AT]] != head[e.FALSE]:
                return 0
        elif node != py.list_item(head[e.VALUES], k):
            return 0
    py.keep(head[e.TRUE])
    return head[e.TRUE]  # type: ignore[no-any-return]


def postpone(memory: int, params: int, source: int) -> int:
    """Leave the gradients of parameters to their source, and return True; 0 if one has a gradient already,
    has been changed, or may have hooks."""
    head = ints_at(memory)
    count = py.list_size(params)
    for k in range(count):
        param = ints_at(py.list_item(params, k))
        node = param[head[e.NODE_AT]]
        if node == 0 or node != py.list_item(head[e.VALUES], k) or param[head[e.GRAD_AT]] != head[e.NONE]:
            return 0
        if ints_at(node)[head[e.HOOKS_AT]] != head[e.NONE]:
            return 0
    for k in range(count):
        param = ints_at(py.list_item(params, k))
        before = param[head[e.LATE_AT]]
        py.keep(source)
        param[head[e.LATE_AT]] = source
        param[head[e.GRAD_AT]] = 0
        py.release(head[e.NONE])
        if before != 0:
            py.release(before)
    py.keep(head[e.TRUE])
    return head[e.TRUE]  # type: ignore[no-any-return]


def renew(memory: int, tensors: int, source: int) -> int:
    """Give tensors nodes of their new values; the number of the change, or 0 and an error.

    A new node is what `echo_nodes.value_node` makes, for the same owner, hooks and need of a gradient.
    """
    head = ints_at(memory)
    since = py.next_of(head[e.SEQUENCE])
    for k in range(py.list_size(tensors)):
        made = py.allocate(head[e.ECHO_NODE], 0)
        if made == 0:
            py.release(since)
            return 0
        tensor, node = ints_at(py.list_item(tensors, k)), ints_at(made)
        before = tensor[head[e.NODE_AT]]
        old = ints_at(before)
        _set(node, head[e.SOURCE_AT], source)
        _set(node, head[e.FORM_AT], py.list_item(head[e.FORMS], k))
        _set(node, head[e.SPEC_AT], old[head[e.SPEC_AT]])
        _set(node, head[e.OP_AT], head[e.NONE])
        _set(node, head[e.OWNER_AT], old[head[e.OWNER_AT]])
        _set(node, head[e.HOOKS_AT], old[head[e.HOOKS_AT]])
        _set(node, head[e.REQUIRES_AT], old[head[e.REQUIRES_AT]])
        _set(node, head[e.REPLACED_AT], head[e.ZERO])
        node[head[e.NUMBER_AT]] = py.next_of(head[e.SEQUENCE])
        _replace(old, head[e.REPLACED_AT], since)
        _replace(tensor, head[e.TAPE_AT], head[e.NONE])
        py.keep(made)
        tensor[head[e.NODE_AT]] = made
        py.put(head[e.KNOWN], k, made)
        py.release(before)
    return since  # type: ignore[no-any-return]
