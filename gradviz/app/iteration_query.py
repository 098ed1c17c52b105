"""What somebody writes who wants to see a certain iteration: 120, last, −10, 50 %, epoch 3."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .i18n import tr
from .train_log import EpochRow

MOST = 200
"""Marks of epochs that are offered; of more, evenly fewer."""

_NUMBER = re.compile(r"(?P<sign>[+\-−]?)\s*(?P<count>\d+)")
_PERCENT = re.compile(r"(?P<share>\d+(?:[.,]\d+)?)\s*[%％]")


@dataclass(frozen=True)
class Mark:
    """An iteration that has a name."""

    title: str
    iteration: int


def epoch_marks(epochs: Sequence[EpochRow]) -> list[Mark]:
    """The ends of the epochs."""
    few = epochs[:: -(-len(epochs) // MOST) or 1]
    return [Mark(tr("epoch {n}").format(n=row.epoch), row.iteration) for row in few]


def iteration_of(text: str, first: int, last: int, now: int | None, marks: Iterable[Mark] = ()) -> int:
    """The iteration that a text means, from `first` to `last`; signs count from `now`, the one that is shown.

    Percent are of the way from the first to the last one. Errors: ValueError, whose message says what to
    write instead.
    """
    wanted = text.strip().casefold()
    named = {mark.title.casefold(): mark.iteration for mark in marks}
    named |= {"first": first, "last": last, tr("first").casefold(): first, tr("last").casefold(): last}
    number = named.get(wanted)
    if number is None and (found := _PERCENT.fullmatch(wanted)):
        number = round(first + (last - first) * float(found["share"].replace(",", ".")) / 100)
    elif number is None and (found := _NUMBER.fullmatch(wanted)):
        count = int(found["count"])
        start = last if now is None else now
        number = {"": count, "+": start + count}.get(found["sign"], start - count)
    if number is None:
        raise ValueError(tr("Write a number, −10, 50 %, “last” or the name of a mark"))
    if not first <= number <= last:
        raise ValueError(tr("Only {first} to {last} are remembered").format(first=first, last=last))
    return number
