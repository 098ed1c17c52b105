"""Iterations that were run without a break: copies of the weights, and what each iteration was given."""

from __future__ import annotations

from dataclasses import dataclass, field

from gradviz.engine.compiled import Compiled

from .copies import Copies, State, size_of
from .given import GivenRuns


@dataclass
class Stretch:
    """Iterations that one executor has run without a break, from number `first` on."""

    compiled: Compiled
    first: int  # that is still remembered
    leaves: State  # what no iteration changes
    draws: bool  # some instruction wants seeds
    frames: Copies[State] = field(default_factory=Copies)
    given: GivenRuns = field(default_factory=GivenRuns)  # by number, from `first` on

    def __len__(self) -> int:
        return len(self.given)

    def __contains__(self, number: int) -> bool:
        return 0 <= number - self.first < len(self.given)

    @property
    def nbytes(self) -> int:
        """About how many bytes it holds."""
        return size_of(self.leaves) + self.frames.nbytes + self.given.nbytes
