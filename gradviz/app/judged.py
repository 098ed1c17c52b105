"""What the model said about each test sample at the end of an epoch, to look at its mistakes one by one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Verdict:
    """One sample: its place in the data set, its class, the class it is taken for, and how surely (0…1)."""

    place: int
    true: int
    said: int
    sure: float


@dataclass(frozen=True, eq=False)
class Judged:
    """Scores (N, classes) of the test samples after `epoch` epochs; `places` are theirs in the data set."""

    epoch: int
    outputs: NDArray[np.float32]
    targets: NDArray[np.int64]
    places: NDArray[np.int64]

    def find(self, true: int | None = None, said: int | None = None) -> tuple[Verdict, ...]:
        """The samples of class `true` that are taken for class `said`, the surest first.

        Without `said` those that are taken for a wrong class, without both all mistakes.
        """
        guesses = self.outputs.argmax(axis=1)
        wanted = guesses != self.targets if said is None else guesses == said
        if true is not None:
            wanted &= self.targets == true
        shifted = self.outputs - self.outputs.max(axis=1, keepdims=True)
        sure = 1.0 / np.exp(shifted.astype(np.float64)).sum(axis=1)  # softmax of the largest score
        found = [
            Verdict(int(self.places[i]), int(self.targets[i]), int(guesses[i]), float(sure[i]))
            for i in np.flatnonzero(wanted)
        ]
        return tuple(sorted(found, key=lambda verdict: -verdict.sure))
