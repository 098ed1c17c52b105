"""What is known at one moment of a program: which slots are written, their values, their gradients so far."""

from __future__ import annotations

import numpy as np

from gradviz.engine.program import Contribution, Phase, Program


class StateView:
    """A program as it stands when its first `moment` instructions have run; making such a view is cheap.

    The values of `hidden` slots are not told: the learner is to predict them; nor the shapes of `shapeless`.
    """

    def __init__(
        self,
        program: Program,
        moment: int,
        hidden: frozenset[int] = frozenset(),
        shapeless: frozenset[int] = frozenset(),
    ) -> None:
        if not 0 <= moment <= len(program):
            raise IndexError(f"moment {moment} of a program of {len(program)} instructions")
        self.program = program
        self.moment = moment
        self.hidden = hidden
        self.shapeless = shapeless

    def written(self, slot: int) -> bool:
        """Whether the slot has its value: it came from outside, or its instruction has run."""
        return self.program.producers[slot] < self.moment

    def value(self, slot: int) -> np.ndarray | None:
        """The value of a slot, or None while it is not computed or hidden."""
        return self.program.values[slot] if self.written(slot) and slot not in self.hidden else None

    def gradient_slot(self, slot: int) -> int | None:
        """The slot that holds ∂loss/∂slot, summed up as far as backward has come, or None."""
        rows = self.contributions(slot)
        return rows[-1].total if rows else None

    def gradient(self, slot: int) -> np.ndarray | None:
        """∂loss/∂slot, summed up as far as backward has come, or None."""
        total = self.gradient_slot(slot)
        return None if total is None or total in self.hidden else self.program.values[total]

    def contributions(self, slot: int) -> tuple[Contribution, ...]:
        """The terms of the slot's gradient that have arrived."""
        arrived = []
        for row in self.program.gradients.get(slot, ()):
            if not self._computed(row.total):
                break
            arrived.append(row)
        return tuple(arrived)

    def _computed(self, gradient: int) -> bool:
        """Whether backward has come to a gradient; one that the user gave is there when backward begins."""
        if self.program.producers[gradient] >= 0:
            return self.written(gradient)
        return any(instr.site.phase is Phase.BACKWARD for instr in self.program.instrs[: self.moment])

    def slot_of(self, name: str) -> int | None:
        """The slot that the user's name ("conv1.weight", "conv1.weight.grad") means now, or None."""
        return self.program.bound(name, self.moment)

    def named(self, name: str) -> np.ndarray | None:
        """The value that the user's name means now, or None."""
        slot = self.slot_of(name)
        return None if slot is None else self.value(slot)
