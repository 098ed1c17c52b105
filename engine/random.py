"""The one source of random numbers: a generator that `manual_seed` restarts.

Random ops take a seed from it as an attribute, so that an instruction draws the same numbers when it is run
again.
"""

from __future__ import annotations

import numpy as np


class _Source:
    generator = np.random.default_rng()
    seed: int | None = None


def manual_seed(seed: int) -> None:
    """Restart the generator, so that the same numbers come again."""
    _Source.seed = int(seed)
    _Source.generator = np.random.default_rng(int(seed) % 2**64)


def generator() -> np.random.Generator:
    """The generator itself, for numbers that are no recorded op's (initial weights)."""
    return _Source.generator


def next_seed() -> int:
    """A seed for one random op."""
    return int(_Source.generator.integers(2**63))
