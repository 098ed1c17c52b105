"""What machine code knows of objects when it follows rounds of training: their addresses and slots.

See `compiled.echo_rows` and `compiled.step_words`.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Mapping
from functools import cache
from types import ModuleType
from typing import Any

from .compiled import routine
from .echo_nodes import EchoNode
from .native import linker
from .node import Node, sequence
from .slots import UnknownLayoutError, check_python, place, place_of_type
from .tensor import Tensor

_OF_TENSORS = {
    "NODE": "_node",
    "WANTS": "_requires_grad",
    "TAPE": "_tape",
    "LATE": "_late",
    "ROW": "_row",
    "OF": "_of",
    "STORAGE": "_storage",
    "GRAD": "_grad",
}
_OF_NODES = {
    "SPEC": "spec",
    "OP": "op",
    "INFERENCE": "inference",
    "ARRAY": "array",
    "OWNER": "owner",
    "HOOKS": "hooks",
    "REQUIRES": "requires_grad",
    "REPLACED": "replaced",
    "NUMBER": "sequence",
}
_OF_ECHO_NODES = {"FORM": "form", "SOURCE": "source"}
_KEYS = {
    "RECORDER": "recorder",
    "ORIGIN": "origin",
    "GRAD_ENABLED": "grad_enabled",
    "THREADS": "threads",
    "STRIDES": "strides",
    "ITEM": "item",
}


class Memory:
    """Words for machine code, called as a module calls them, filled with `words`.

    `known` says whether this Python lays out objects so that they can be used.
    """

    def __init__(self, names: ModuleType, count: int, words: Mapping[str, int]) -> None:
        self.words = array("q", bytes(8 * count))
        places = known_places()
        self.known = places is not None
        for name, word in {**(places or {}), **words}.items():
            if hasattr(names, name):
                self.words[getattr(names, name)] = word

    def function(self, name: str) -> Callable[[Any, Any], Any] | None:
        """One of `routine.ECHO` on this memory, which has its last size; None if Python has to do it."""
        code = routine.of_echo(name) if self.known else None
        return None if code is None else linker.builtin(code, name, self.words.buffer_info()[0])


@cache
def known_places() -> dict[str, int] | None:
    """What is the same for all followers; None if this Python lays objects out in another way."""
    try:
        check_python()
        at = place_of_type(Tensor.__new__(Tensor))
        found = {"TYPE_AT": at}
        for kind, slots in ((Tensor, _OF_TENSORS), (Node, _OF_NODES), (EchoNode, _OF_NODES | _OF_ECHO_NODES)):
            thing = kind.__new__(kind)
            places = {f"{name}_AT": place(thing, slot) for name, slot in slots.items()}
            if place_of_type(thing) != at or any(found.get(n, where) != where for n, where in places.items()):
                raise UnknownLayoutError(sys.version)
            found |= places
    except UnknownLayoutError:
        return None
    held: dict[str, object] = {name: sys.intern(key) for name, key in _KEYS.items()}
    held |= {"NONE": None, "NOT_IMPLEMENTED": NotImplemented, "ZERO": 0, "TRUE": True, "FALSE": False}
    held |= {"TENSOR": Tensor, "NODE": Node, "ECHO_NODE": EchoNode, "SEQUENCE": sequence}
    linker.keep_for_good(held)
    return found | {name: id(each) for name, each in held.items()}
