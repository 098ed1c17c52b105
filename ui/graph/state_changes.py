"""Which nodes look different by new states; quick for ten thousand, as most of them share a few states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .state import STATUSES, NodeState

_STATUS = {status: number for number, status in enumerate(STATUSES)}
_NAN = float("nan")


@dataclass
class News:
    """The nodes that change, with the numbers of their statuses and their heats (NaN for none).

    `shapes` says whether a shape is another one, which edges tell.
    """

    numbers: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    heats: list[float] = field(default_factory=list)
    shapes: bool = False


def changes(states: Mapping[str, NodeState], index: Mapping[str, int], known: list[NodeState | None]) -> News:
    """Put new states into `known`, by the numbers that `index` gives their names; what is new about them."""
    news = News()
    numbers, statuses, heats = news.numbers, news.statuses, news.heats
    pairs: dict[tuple[int, int], tuple[int, float] | None] = {}  # each pair of states is compared once
    olds: list[NodeState | None] = []  # kept alive, as their ids are keys
    number_of, pair_of = index.get, pairs.get
    for name, state in states.items():
        number = number_of(name)
        if number is None:
            continue
        before = known[number]
        if before is state:
            continue
        pair = id(before), id(state)
        looks = pair_of(pair, ())
        if looks == ():
            looks = pairs[pair] = None if before == state else _looks(state)
            olds.append(before)
            if looks is not None:
                news.shapes |= state.shape != (before.shape if before is not None else None)
        if looks:
            known[number] = state
            numbers.append(number)
            statuses.append(looks[0])
            heats.append(looks[1])
    return news


def _looks(state: NodeState) -> tuple[int, float]:
    return _STATUS[state.status], _NAN if state.heat is None else state.heat
