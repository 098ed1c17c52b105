"""The same through numba's public interface: slower to compile and not kept, but there with every numba.

For a version whose inner classes are other ones than `compiler` uses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba

_kept: list[Any] = []  # compiled functions, which must not be freed


def address(function: Callable[..., Any], signature: str) -> int:
    """Where the code lies that C can call."""
    make: Any = numba.cfunc
    made = make(signature, error_model="numpy", boundscheck=False)(function)
    _kept.append(made)
    return int(made.address)


def callable_from_python(
    function: Callable[..., Any], signature: str, keeps_lock: bool, fastmath: frozenset[str]
) -> Callable[..., Any]:
    """The code as a function of Python."""
    make: Any = numba.njit
    options = {"nogil": not keeps_lock, "error_model": "numpy", "boundscheck": False}
    made: Callable[..., Any] = make(signature, fastmath=set(fastmath), **options)(function)
    return made
