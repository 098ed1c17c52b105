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

    __slots__ = ("_arrays", "_count", "_first", "_runs", "_starts", "following", "rates")

    def __init__(self) -> None:
        self._starts: list[int] = []  # the place at which each run begins
        self._runs: list[Given] = []  # what its first iteration was given
        self._arrays = 0
        self._count = 0  # how many there are; while the last entry can grow, how many before it
        self._first = 0  # the number of its first batch
        # For every step of training nothing changes but this one number, which `History.note` does itself.
        self.following: int | None = None  # the number of the batch that it could hold too, or None
        self.rates: Mapping[str, float] = {}  # and its learning rates

    def __len__(self) -> int:
        return self._count if self.following is None else self._count + self.following - self._first

    def __getitem__(self, place: int) -> Given:
        if not 0 <= place < len(self):
            raise IndexError(place)
        run = bisect_right(self._starts, place) - 1
        chosen, rates, seeds = self._runs[run]
        return (chosen + place - self._starts[run] if isinstance(chosen, int) else chosen), rates, seeds

    def append(self, chosen: Chosen, rates: Mapping[str, float], seeds: tuple[int, ...] = ()) -> None:
        """One more iteration."""
        if type(chosen) is int and chosen == self.following and rates == self.rates and not seeds:
            self.following = chosen + 1
            return
        self._count = len(self)
        self.following = None
        self.rates = dict(rates)
        self._starts.append(self._count)
        self._runs.append((chosen, self.rates, seeds))
        if type(chosen) is int and not seeds:
            self._first, self.following = chosen, chosen + 1
            return
        self._count += 1
        if isinstance(chosen, np.ndarray):
            self._arrays += chosen.nbytes

    @property
    def nbytes(self) -> int:
        """About how many bytes it holds."""
        return _RUN_BYTES * len(self._runs) + self._arrays
