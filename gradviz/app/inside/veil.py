"""What is hidden for the time being, because the learner is to predict it first."""

from __future__ import annotations

import numpy as np
from psygnal import Signal

from gradviz.engine.program import Program

HIDDEN = "?"
_NOTHING: frozenset[int] = frozenset()


class Veil:
    """The slots whose numbers, and those whose shapes, nobody shows; every panel asks here."""

    changed = Signal()

    def __init__(self) -> None:
        self._program: Program | None = None
        self._slots = self._shapes = _NOTHING

    def cover(self, program: Program, slots: frozenset[int], shapes: frozenset[int] = _NOTHING) -> None:
        """Hide the numbers of some slots and the shapes of some, and nothing else."""
        if not self._covers(program) or (slots, shapes) != (self._slots, self._shapes):
            self._program, self._slots, self._shapes = program, slots, shapes
            self.changed.emit()

    def lift(self) -> None:
        """Hide nothing."""
        if self._program is not None:
            self._program, self._slots, self._shapes = None, _NOTHING, _NOTHING
            self.changed.emit()

    def slots(self, program: Program | None) -> frozenset[int]:
        """The slots of a program whose numbers are hidden."""
        return self._slots if self._covers(program) else _NOTHING

    def shapes(self, program: Program | None) -> frozenset[int]:
        """The slots of a program whose shapes are hidden."""
        return self._shapes if self._covers(program) else _NOTHING

    def _covers(self, program: Program | None) -> bool:
        return program is not None and program is self._program


def alike(program: Program, slot: int) -> frozenset[int]:
    """The slot and all that hold the same numbers: a gradient is also its only term and a `.grad`."""
    value = program.values[slot]
    return frozenset(
        other
        for other, each in enumerate(program.values)
        if each.shape == value.shape
        and each.dtype == value.dtype
        and np.array_equal(each, value, equal_nan=value.dtype.kind == "f")
    )
