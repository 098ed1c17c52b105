"""Which samples each training iteration takes: shuffled anew for every epoch, and known for any iteration."""

from __future__ import annotations

import numpy as np


class Batches:
    """Batches of `size` out of `count` samples, by their places; equal seeds give equal batches.

    An epoch takes each sample once. A batch that begins at an epoch's end goes on with the next one, so that
    all batches have the same size. Batch `number` (from 0) depends on nothing else, so none has to be noted.
    """

    def __init__(self, count: int, size: int, seed: int) -> None:
        self.count, self.size, self._seed = count, size, seed
        self._orders: dict[int, np.ndarray] = {}

    def at(self, number: int) -> np.ndarray:
        """The samples of one batch, int64 (size,)."""
        first = number * self.size
        places = np.arange(first, first + self.size)
        epochs = places // self.count
        parts = [self._order(int(epoch))[places[epochs == epoch] % self.count] for epoch in np.unique(epochs)]
        return np.concatenate(parts)

    def epoch(self, number: int) -> int:
        """How many epochs are complete after `number` batches."""
        return number * self.size // self.count

    def end_of(self, epoch: int) -> int:
        """How many batches it takes to complete so many epochs."""
        return -(-epoch * self.count // self.size)

    def _order(self, epoch: int) -> np.ndarray:
        found = self._orders.get(epoch)
        if found is None:
            if len(self._orders) > 4:
                self._orders.clear()
            random = np.random.RandomState([self._seed % 2**32, epoch])
            found = self._orders[epoch] = random.permutation(self.count).astype(np.int64)
        return found
