"""A program that leaves new values of what it changes beside the old ones, and reads them there in turn."""

from __future__ import annotations

from typing import Any

from .compiled import routine
from .compiled.compile import complain
from .compiled.values import Buffer, Fallback, Loop, Row
from .echo_rehearsal import ReadyMade


class TwoSided(ReadyMade):
    """What it has read is still there after a run, and overwritten by the one after next.

    So nothing has to be copied for those who still use the old values, if they do not for long. `alternates`
    is False where it does not come to that, as something changes in part only.
    """

    def _in_place(self) -> dict[Buffer, Buffer]:
        self._pairs = super()._in_place()
        self.alternates = len(self._pairs) == len(self.next) > 0
        return {} if self.alternates else self._pairs

    def _build(self, steps: list[Row | Fallback], loops: list[Loop]) -> None:
        super()._build(steps, loops)
        self._sides: list[tuple[Any, Any]] = [(self._all, self.table)]
        if self.alternates:
            self._swap()
            super()._build(steps, loops)
            self._sides.append((self._all, self.table))
            self._swap()
            self._all, self.table = self._sides[0]
        self._walk = routine.walk()

    def _swap(self) -> None:
        for new, old in self._pairs.items():
            new.offset, old.offset = old.offset, new.offset

    def run_on(self, side: int) -> None:
        """Run with the present values on a side: 0, where they are given at first, or 1."""
        runs = self._sides[side][0]
        if len(runs) == 1 and runs[0][2] is None:  # as `run`, but for what is done 10,000 times a second
            first, last, _ = runs[0]
            self._walk(self._address, first, last)
            complain(self._trouble)
            return
        self._all = runs
        self.run()
