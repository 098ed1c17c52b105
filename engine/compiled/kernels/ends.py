"""Storing vectors where not all of them fits."""

from __future__ import annotations

from typing import Any

from ..memory import Memory, inline
from ..simd import between, lanes, store, store_masked


@inline
def put_before(memory: Memory, at: int, value: Any, end: int) -> None:
    """Store a vector, up to the end: what follows may be another thread's."""
    if at + lanes(memory) <= end:
        store(memory, at, value)
    else:
        store_masked(memory, at, value, between(memory, 0, end - at))
