"""The numbers of every iteration, in columns: small, quick to plot, read while they grow."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np

from .recording import Metrics

SCALARS = ("iteration", "loss", "seconds", "lr", "accuracy")
_FIRST = 1024

Names = tuple[tuple[str, ...], tuple[str, ...]]
"""The parameters of an iteration's gradient norms and of its update ratios, in their order."""


class Rows(Sequence[Metrics]):
    """Metrics by their places; appended by one thread, read by any.

    A row is written before it is counted, and never changes, so that readers need no lock: the arrays that
    `column` gives are views that stay as they are.
    """

    def __init__(self) -> None:
        self._count = 0
        self._columns: dict[tuple[str, str], np.ndarray] = {}
        self._names: list[Names] = []
        self._numbers: dict[Names, int] = {}
        self._kinds = np.zeros(_FIRST, np.int32)

    def append(self, row: Metrics) -> None:
        """Write one more."""
        place = self._count
        names = tuple(row.gradient_norms), tuple(row.update_ratios)
        if names not in self._numbers:
            self._numbers[names] = len(self._names)
            self._names.append(names)
        if place == len(self._kinds):
            self._kinds = np.concatenate([self._kinds, np.zeros(place, np.int32)])
        self._kinds[place] = self._numbers[names]
        for name in SCALARS:
            self._write("", name, place, getattr(row, name))
        for name, value in row.gradient_norms.items():
            self._write("gradient", name, place, value)
        for name, value in row.update_ratios.items():
            self._write("update", name, place, value)
        self._count += 1

    def _write(self, kind: str, name: str, place: int, value: float) -> None:
        column = self._columns.get((kind, name))
        if column is None or place >= len(column):
            grown = np.full(max(_FIRST, 2 * place), math.nan)
            if column is not None:
                grown[: len(column)] = column
            self._columns[kind, name] = column = grown
        column[place] = value

    def so_far(self) -> Rows:
        """The rows that there are now, in the same memory: it does not grow."""
        found = Rows()
        found._count = self._count  # first: what follows may hold more
        found._columns, found._kinds = dict(self._columns), self._kinds
        found._names, found._numbers = list(self._names), dict(self._numbers)
        return found

    def column(self, kind: str, name: str) -> np.ndarray:
        """One number of every row, NaN where it has none: kind "" for SCALARS, "gradient" or "update" for
        those of a parameter."""
        count = self._count
        column = self._columns.get((kind, name), np.zeros(0))
        if len(column) < count:  # its name has not come up of late
            column = np.concatenate([column, np.full(count - len(column), math.nan)])
        part = column[:count]
        part.flags.writeable = False
        return part

    def known(self, kind: str, name: str) -> np.ndarray:
        """For every row whether it tells of a parameter ("gradient" or "update"), NaN or not."""
        count = self._count
        which = 0 if kind == "gradient" else 1
        has = np.array([name in names[which] for names in tuple(self._names)] or [False])
        return has[self._kinds[:count]]

    @property
    def parameters(self) -> tuple[str, ...]:
        """All names that came up, in their order."""
        return tuple(dict.fromkeys(name for both in tuple(self._names) for part in both for name in part))

    @property
    def nbytes(self) -> int:
        """Bytes of the columns."""
        return self._kinds.nbytes + sum(column.nbytes for column in tuple(self._columns.values()))

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> Metrics: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Metrics]: ...

    def __getitem__(self, place: int | slice) -> Metrics | Sequence[Metrics]:
        if isinstance(place, slice):
            return tuple(self._row(i) for i in range(*place.indices(self._count)))
        count = self._count
        if not -count <= place < count:
            raise IndexError(f"row {place} of {count}")
        return self._row(place % count)

    def __iter__(self) -> Iterator[Metrics]:
        return map(self._row, range(self._count))

    def _row(self, place: int) -> Metrics:
        gradients, updates = self._names[self._kinds[place]]
        iteration, loss, seconds, lr, accuracy = (self._value("", name, place) for name in SCALARS)
        return Metrics(
            int(iteration),
            loss,
            {name: self._value("gradient", name, place) for name in gradients},
            {name: self._value("update", name, place) for name in updates},
            seconds,
            lr,
            accuracy,
        )

    def _value(self, kind: str, name: str, place: int) -> float:
        value = float(self._columns[kind, name][place])
        return math.nan if value != value else value  # the one NaN, so that equal rows compare equal
