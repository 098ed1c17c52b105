"""The one source of random numbers: a generator that `manual_seed` restarts.

Random ops take a seed from it as an attribute, so that an instruction draws the same numbers when it is run
again.
"""

from __future__ import annotations

import numpy as np


class Generator:
    """A stream of random numbers of its own, for functions that take a `generator`."""

    def __init__(self, device: object = "cpu") -> None:
        self._start(int(np.random.SeedSequence().generate_state(1)[0]))

    def _start(self, seed: int) -> None:
        self._seed = seed
        self.numpy = np.random.default_rng(seed % 2**64)

    def manual_seed(self, seed: int) -> Generator:
        """Restart, so that the same numbers come again."""
        self._start(int(seed))
        return self

    def seed(self) -> int:
        """Restart from a seed that cannot be foreseen, and return it."""
        self._start(int(np.random.SeedSequence().generate_state(1)[0]))
        return self._seed

    def initial_seed(self) -> int:
        """The seed that it was started with."""
        return self._seed


default_generator = Generator()
"""What random functions draw from unless they are given another one."""


def manual_seed(seed: int) -> Generator:
    """Restart the default generator, so that the same numbers come again."""
    return default_generator.manual_seed(seed)


def initial_seed() -> int:
    """The seed that the default generator was started with."""
    return default_generator.initial_seed()


def generator() -> np.random.Generator:
    """numpy's generator itself, for numbers that are no recorded op's (initial weights)."""
    return default_generator.numpy


def next_seed() -> int:
    """A seed for one random op."""
    return int(default_generator.numpy.integers(2**63))
