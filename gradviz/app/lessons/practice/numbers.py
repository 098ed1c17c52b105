"""Random numbers that one can calculate with, and the code that holds them."""

from __future__ import annotations

import random
from collections.abc import Sequence

_EASY = (-3.0, -2.0, -1.0, 2.0, 3.0, 4.0, 5.0)
_MIDDLE = (-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.0, -3.0)
_HARD = (-2.4, -1.2, -0.7, 0.3, 0.6, 1.4, 1.7, 2.2)
POOLS = {1: _EASY, 2: _MIDDLE, 3: _HARD}


class Draw:
    """Draws numbers of a level; scalars of one exercise differ from each other in size."""

    def __init__(self, rng: random.Random, level: int) -> None:
        self.rng = rng
        self.level = level
        self._used: set[float] = set()

    def number(self, positive: bool = False) -> float:
        """A number that this exercise does not have yet, as long as there is one."""
        pool = [abs(x) if positive else x for x in POOLS[self.level]]
        fresh = [x for x in pool if abs(x) not in self._used] or pool
        found = self.rng.choice(fresh)
        self._used.add(abs(found))
        return found

    def tensor(self, *shape: int, leaf: bool = False) -> str:
        """The code of a tensor of random numbers; `leaf` asks for its gradient."""
        pool = POOLS[self.level]
        values = self._nested(shape, pool) if shape else repr(self.number())
        grad = ", requires_grad=True" if leaf else ""
        return f"torch.tensor({values}{grad})"

    def distinct(self, *shape: int, leaf: bool = False) -> str:
        """The same without equal numbers: a maximum has one winner."""
        size = 1
        for n in shape:
            size *= n
        numbers = self.rng.sample([x / 2 for x in range(-size, size + 1) if x], size)
        grad = ", requires_grad=True" if leaf else ""
        return f"torch.tensor({_arranged(numbers, shape)}{grad})"

    def _nested(self, shape: Sequence[int], pool: Sequence[float]) -> str:
        size = 1
        for n in shape:
            size *= n
        return _arranged([self.rng.choice(pool) for _ in range(size)], shape)


def _arranged(numbers: Sequence[float], shape: Sequence[int]) -> str:
    if len(shape) == 1:
        return "[" + ", ".join(map(repr, numbers)) + "]"
    rows = len(numbers) // shape[0]
    parts = [_arranged(numbers[i * rows : (i + 1) * rows], shape[1:]) for i in range(shape[0])]
    return "[" + ", ".join(parts) + "]"
