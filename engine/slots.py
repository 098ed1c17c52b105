"""Where objects of a class hold what is in their slots: found by looking, so that nothing is presumed.

Compiled code that reads and fills slots itself needs to know this; see `compiled.tape_operators`.
"""

from __future__ import annotations

import ctypes
import sys
import sysconfig

_WORD = ctypes.sizeof(ctypes.c_void_p)


class UnknownLayoutError(RuntimeError):
    """This Python lays its objects out in another way, or frees them in another."""


def check_python() -> None:
    """Raise UnknownLayoutError unless objects are addresses of 64 bits behind one lock."""
    if sys.implementation.name != "cpython" or _WORD != 8 or sysconfig.get_config_var("Py_GIL_DISABLED"):
        raise UnknownLayoutError(sys.version)


def words(thing: object) -> list[int]:
    """What an object's memory holds now."""
    count = type(thing).__basicsize__ // _WORD
    return list((ctypes.c_int64 * count).from_address(id(thing)))


def place_of_type(thing: object) -> int:
    """Which of an object's words is the address of its type. Errors: UnknownLayoutError."""
    return _only(words(thing), id(type(thing)))


def place(thing: object, slot: str) -> int:
    """Which of an object's words is the address of what a slot holds; it holds something else afterwards.

    Errors: UnknownLayoutError.
    """
    mark = object()
    setattr(thing, slot, mark)
    return _only(words(thing), id(mark))


def _only(words: list[int], wanted: int) -> int:
    if words.count(wanted) != 1:
        raise UnknownLayoutError(sys.version)
    return words.index(wanted)
