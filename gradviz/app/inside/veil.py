"""What is hidden for the time being, because the learner is to predict it first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from psygnal import Signal

from gradviz.engine.program import Program

HIDDEN = "?"
_NOTHING: frozenset[int] = frozenset()


@dataclass(frozen=True)
class _Cover:
    program: Program
    slots: frozenset[int]
    shapes: frozenset[int]


class Veil:
    """The slots whose numbers, and those whose shapes, nobody shows; every panel asks here.

    Who hides something names himself: the questions of predict mode ("quiz"), or a lesson that is presented.
    """

    changed = Signal()

    def __init__(self) -> None:
        self._covers: dict[str, _Cover] = {}

    def cover(
        self, program: Program, slots: frozenset[int], shapes: frozenset[int] = _NOTHING, by: str = "quiz"
    ) -> None:
        """Hide the numbers of some slots and the shapes of some, and nothing else that was hidden by the
        same."""
        made, known = _Cover(program, slots, shapes), self._covers.get(by)
        if known is None or known.program is not program or (known.slots, known.shapes) != (slots, shapes):
            self._covers[by] = made
            self.changed.emit()

    def lift(self, by: str = "quiz") -> None:
        """Hide nothing more of this one's."""
        if self._covers.pop(by, None) is not None:
            self.changed.emit()

    def slots(self, program: Program | None) -> frozenset[int]:
        """The slots of a program whose numbers are hidden."""
        return _NOTHING.union(*(each.slots for each in self._covers.values() if each.program is program))

    def shapes(self, program: Program | None) -> frozenset[int]:
        """The slots of a program whose shapes are hidden."""
        return _NOTHING.union(*(each.shapes for each in self._covers.values() if each.program is program))


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
