"""How often weights are copied while they are trained, for the past to be computed again from there."""

from __future__ import annotations

import time

EVERY = 200
"""Iterations from one copy of the weights to the next, at least."""

LONGEST, GLANCE = 16 * EVERY, 0.1
"""Where iterations are quick, copies are rarer: at most so many iterations, or so many seconds, apart. A copy
takes new memory, which costs some ten times the copying. The seconds are those that the thread has worked, as
computing the past again takes so long, however slowly the user has let the training run; what takes no more
than a tenth feels as if it were there at once (J. Nielsen, "Usability Engineering", 1993, ch. 5)."""


class Intervals:
    """Before which iterations weights are copied: every `fixed` ones, or (None) as often as makes sense."""

    def __init__(self, fixed: int | None = None) -> None:
        self._fixed = fixed
        self.length = fixed or EVERY
        self.next, self._copied_at = 0, 0.0  # the iteration before which the next copy is made

    def begin(self, number: int) -> None:
        """Weights are copied before this iteration, and then it goes on from there."""
        self.next, self._copied_at = number, 0.0

    def due(self, number: int) -> bool:
        """Whether weights are to be copied before this iteration, the next one."""
        if number != self.next:
            return False
        if self._fixed is None:
            passed = (now := time.thread_time()) - self._copied_at
            quick = self._copied_at and passed > 0
            self._copied_at = now
            self.length = min(max(EVERY, int(self.length * GLANCE / passed)), LONGEST) if quick else EVERY
        self.next += self.length
        return True
