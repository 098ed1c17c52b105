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
        if not self._goes_on(chosen, rates, seeds):
            self._starts.append(self._count)
            self._runs.append((chosen, dict(rates), seeds))
            self._arrays += 0 if isinstance(chosen, int) else chosen.nbytes
        self._count += 1

    def _goes_on(self, chosen: Chosen, rates: Mapping[str, float], seeds: tuple[int, ...]) -> bool:
        if not self._runs or seeds or not isinstance(chosen, int):
            return False
        first, before, drawn = self._runs[-1]
        follows = isinstance(first, int) and chosen == first + self._count - self._starts[-1]
        return follows and not drawn and before == rates

    @property
    def nbytes(self) -> int:
        """About how many bytes it holds."""
        return _RUN_BYTES * len(self._runs) + self._arrays
