"""What each iteration of training was given, in little room: those that differ in nothing but the batch's
number take one entry together."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

import numpy as np

Chosen = np.ndarray | int
"""The samples, or the number of the batch that says which they are."""

Given = tuple[Chosen, Mapping[str, float], tuple[int, ...]]
"""What one iteration was given: samples, learning rates by name, seeds."""

_RUN_BYTES = 400
"""About what one entry takes, besides the samples' places."""


class GivenRuns:
    """A list of what iterations were given; an hour at one rate with numbered batches is one entry."""

    def __init__(self) -> None:
        self._starts: list[int] = []  # the place at which each run begins
        self._runs: list[Given] = []  # what its first iteration was given
        self._count = 0
        self._arrays = 0
        self._next: int | None = None  # the number of a batch that the last entry could hold too

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, place: int) -> Given:
        if not 0 <= place < self._count:
            raise IndexError(place)
        run = bisect_right(self._starts, place) - 1
        chosen, rates, seeds = self._runs[run]
        return (chosen + place - self._starts[run] if isinstance(chosen, int) else chosen), rates, seeds

    def append(self, chosen: Chosen, rates: Mapping[str, float], seeds: tuple[int, ...] = ()) -> None:
        """One more iteration."""
        self._count += 1
        if isinstance(chosen, int) and chosen == self._next and not seeds and self._runs[-1][1] == rates:
            self._next = chosen + 1
            return
        self._starts.append(self._count - 1)
        self._runs.append((chosen, dict(rates), seeds))
        if isinstance(chosen, int):
            self._next = None if seeds else chosen + 1
        else:
            self._next = None
            self._arrays += chosen.nbytes

    @property
    def nbytes(self) -> int:
        """About how many bytes it holds."""
        return _RUN_BYTES * len(self._runs) + self._arrays
