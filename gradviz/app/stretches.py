"""Iterations that were run without a break: copies of the weights, and what each iteration was given."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradviz.engine.compiled import Compiled

from .eager_past import EagerStretch
from .given import GivenRuns

State = Mapping[int, np.ndarray]
"""What an executor holds, by slot."""


@dataclass
class Stretch:
    """Iterations that one executor has run without a break, from number `first` on."""

    compiled: Compiled
    first: int  # that is still remembered
    leaves: State  # what no iteration changes
    draws: bool  # some instruction wants seeds
    frames: OrderedDict[int, State] = field(default_factory=OrderedDict)
    given: GivenRuns = field(default_factory=GivenRuns)  # by number, from `first` on

    def __len__(self) -> int:
        return len(self.given)

    def __contains__(self, number: int) -> bool:
        return 0 <= number - self.first < len(self.given)

    @property
    def nbytes(self) -> int:
        """About how many bytes it holds."""
        return state_size(self.leaves) + sum(map(state_size, self.frames.values())) + self.given.nbytes


def thin(stretches: Sequence[Stretch | EagerStretch], every: int) -> bool:
    """Drop the copy of the weights that is missed least: its iterations are computed from the one before.

    That is where the gap to come is smallest for its age, so that what was long ago takes longer, but
    stays reachable. The first and the last copy of a stretch stay. False if there is none to drop.
    """
    best: tuple[float, OrderedDict[int, Any], int] | None = None
    newest = max((next(reversed(s.frames)) for s in stretches if s.frames), default=0)
    for stretch in stretches:
        frames = list(stretch.frames)
        for before, frame, after in zip(frames, frames[1:], frames[2:], strict=False):
            missed = (after - before) / (newest - frame + every)
            if best is None or missed < best[0]:
                best = (missed, stretch.frames, frame)
    if best is None:
        return False
    del best[1][best[2]]
    return True


def state_size(state: State) -> int:
    return sum(value.nbytes for value in state.values())
