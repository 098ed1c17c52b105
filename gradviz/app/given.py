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

    __slots__ = ("_arrays", "_first", "_next", "_open", "_rates", "_runs", "_starts")

    def __init__(self) -> None:
        self._starts: list[int] = []  # the place at which each run begins
        self._runs: list[Given] = []  # what its first iteration was given
        self._arrays = 0
        # As this is done for every step of training, the last entry grows by nothing but `_next`.
        self._open = False  # whether it is one of numbered batches, which can grow
        self._first = self._next = 0  # the place after the last; or, of an open entry, numbers of batches
        self._rates: Mapping[str, float] = {}  # and its learning rates

    def __len__(self) -> int:
        return self._starts[-1] + self._next - self._first if self._open else self._next

    def __getitem__(self, place: int) -> Given:
        if not 0 <= place < len(self):
            raise IndexError(place)
        run = bisect_right(self._starts, place) - 1
        chosen, rates, seeds = self._runs[run]
        return (chosen + place - self._starts[run] if isinstance(chosen, int) else chosen), rates, seeds

    def append(self, chosen: Chosen, rates: Mapping[str, float], seeds: tuple[int, ...] = ()) -> None:
        """One more iteration."""
        if self._open and type(chosen) is int and chosen == self._next and rates == self._rates and not seeds:
            self._next = chosen + 1
            return
        place = len(self)
        self._starts.append(place)
        self._rates = dict(rates)
        self._runs.append((chosen, self._rates, seeds))
        self._open = isinstance(chosen, int) and not seeds
        if isinstance(chosen, int):
            self._first, self._next = (chosen, chosen + 1) if self._open else (0, place + 1)
        else:
            self._first, self._next = 0, place + 1
            self._arrays += chosen.nbytes

    @property
    def nbytes(self) -> int:
        """About how many bytes it holds."""
        return _RUN_BYTES * len(self._runs) + self._arrays
