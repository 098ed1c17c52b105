"""Attributes of ops that are worked out once for certain arguments, and found again by what those are.

Checking the arguments of a convolution takes longer than convolving a small image.
"""

from __future__ import annotations

from typing import Any

_KEPT = 4096


class Fixed(dict[str, Any]):
    """Attributes that nobody changes: plans are found by their id, without comparing them."""


class Known:
    """What functions have found out about arguments: by their ids, so 1, True and 1.0 are three things.

    The arguments are held, so that their ids stay their own; they must be of kinds that never change.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[int, ...], tuple[tuple[Any, ...], Fixed]] = {}

    def get(self, given: tuple[Any, ...]) -> Fixed | None:
        """The attributes for these arguments; None if they are new."""
        found = self._found.get(tuple(map(id, given)))
        return None if found is None else found[1]

    def put(self, given: tuple[Any, ...], attrs: dict[str, Any]) -> Fixed:
        """Keep the attributes."""
        if len(self._found) >= _KEPT:
            self._found.clear()
        fixed = Fixed(attrs)
        self._found[tuple(map(id, given))] = (given, fixed)
        return fixed


def is_constant(value: Any) -> bool:
    """Whether an argument is an int, or a tuple of ints: it will never be another one."""
    return type(value) is int or (type(value) is tuple and all(type(each) is int for each in value))
