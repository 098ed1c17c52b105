"""Where did it start? The first NaN or infinity, or where gradients explode or vanish, and what led there."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from gradviz.engine.program import Phase, Program, SlotKind

from ..recording import norm

Trouble = Literal["nan", "infinity", "exploding", "vanishing"]

LARGE = 1e3  # a gradient whose norm is above has exploded
SMALL = 1e-7  # one whose norm is below has vanished


@dataclass(frozen=True)
class Origin:
    """The instruction that made it, or instr = -1 if it was in a value from outside.

    `element` is where in the slot it first shows; None for norms. `ancestry` are the instructions that led
    there, `infected` those whose results it has spread to. Of gradients, `norms` are those before and after.
    """

    trouble: Trouble
    slot: int
    instr: int
    element: tuple[int, ...] | None = None
    ancestry: frozenset[int] = frozenset()
    infected: frozenset[int] = frozenset()
    norms: tuple[float, float] = (0.0, 0.0)


class Origins:
    """Searches one program; what it learns of the values is remembered."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._finite: dict[int, bool] = {}
        self._nan: dict[int, bool] = {}

    @cached_property
    def nonfinite(self) -> Origin | None:
        """Where the first NaN began: with itself, or with an infinity before it; else the first infinity.

        An infinity that was asked for (a mask filled with −∞, a constant) is no trouble.
        """
        outside = self._outside()
        first_nan = next((i for i, x in enumerate(self.program.instrs) if self._makes_nan(i)), None)
        infinities = [i for i in range(len(self.program)) if self._makes_infinity(i)]
        if outside is not None and outside.trouble == "nan":
            return outside
        if first_nan is None:
            return outside or (self._of_instr(infinities[0]) if infinities else None)
        behind = self._ancestors(first_nan, everywhere=True)
        before = [i for i in infinities if i in behind]
        if outside is not None and not before:
            return outside
        return self._of_instr(before[0] if before else first_nan)

    def exploding(self, large: float = LARGE) -> Origin | None:
        """Where the first gradient that is larger than `large` has grown most on its way from the loss."""
        return self._gradient("exploding", lambda size: size > large)

    def vanishing(self, small: float = SMALL) -> Origin | None:
        """Where the first gradient that is smaller than `small` has shrunk most on its way from the loss."""
        return self._gradient("vanishing", lambda size: size < small)

    def first(self) -> Origin | None:
        """The worst that there is: non-finite numbers, else exploding, else vanishing gradients."""
        return self.nonfinite or self.exploding() or self.vanishing()

    # Numbers that are not finite.

    def _is_finite(self, slot: int) -> bool:
        if slot not in self._finite:
            value = self.program.values[slot]
            self._finite[slot] = value.dtype.kind != "f" or bool(np.isfinite(value).all())
        return self._finite[slot]

    def _has_nan(self, slot: int) -> bool:
        if slot not in self._nan:
            self._nan[slot] = not self._is_finite(slot) and bool(np.isnan(self.program.values[slot]).any())
        return self._nan[slot]

    def _makes_nan(self, index: int) -> bool:
        instr = self.program.instrs[index]
        return self._has_nan(instr.output) and not any(map(self._has_nan, instr.inputs))

    def _makes_infinity(self, index: int) -> bool:
        instr = self.program.instrs[index]
        if self._is_finite(instr.output) or not all(map(self._is_finite, instr.inputs)):
            return False
        wanted = (value for value in instr.attrs.values() if isinstance(value, float))
        return all(map(np.isfinite, wanted))

    def _outside(self) -> Origin | None:
        """A parameter or input that was not finite from the start."""
        for slot, row in enumerate(self.program.slots):
            given = row.kind not in (SlotKind.VALUE, SlotKind.CONSTANT)
            if (
                given
                and not self._is_finite(slot)
                and (self._has_nan(slot) or row.kind is SlotKind.PARAMETER)
            ):
                return self._found(slot, -1, frozenset())
        return None

    def _of_instr(self, index: int) -> Origin:
        return self._found(self.program.instrs[index].output, index, self._ancestors(index))

    def _found(self, slot: int, index: int, ancestry: frozenset[int]) -> Origin:
        value = self.program.values[slot]
        wrong = np.isnan(value) if self._has_nan(slot) else ~np.isfinite(value)
        element = tuple(int(i) for i in np.argwhere(wrong)[0])
        trouble: Trouble = "nan" if self._has_nan(slot) else "infinity"
        return Origin(trouble, slot, index, element, ancestry, self._infected(slot))

    # What led there, and what came of it.

    def _ancestors(self, index: int, everywhere: bool = False) -> frozenset[int]:
        """The instructions that an instruction's inputs come from; of backward only those of backward itself
        and the forward ones that it differentiates, unless `everywhere`."""
        instrs, producers = self.program.instrs, self.program.producers
        phase = instrs[index].site.phase
        found, stack = {index}, [index]
        while stack:
            for slot in instrs[stack.pop()].inputs:
                producer = producers[slot]
                if producer < 0 or producer in found:
                    continue
                if everywhere or phase in _FORWARD or instrs[producer].site.phase is phase:
                    found.add(producer)
                    stack.append(producer)
        if not everywhere and phase is Phase.BACKWARD and instrs[index].site.origin >= 0:
            found.add(instrs[index].site.origin)
        return frozenset(found)

    def _infected(self, slot: int) -> frozenset[int]:
        """All that has read the value, or what came of it, and is not finite."""
        found: set[int] = set()
        stack = [slot]
        while stack:
            for index, _ in self.program.consumers[stack.pop()]:
                output = self.program.instrs[index].output
                if index not in found and not self._is_finite(output):
                    found.add(index)
                    stack.append(output)
        return frozenset(found)

    # Sizes of gradients.

    def _gradient(self, trouble: Trouble, beyond: Callable[[float], bool]) -> Origin | None:
        for slot, total in self._totals:
            size = self._norms(total)
            if np.isfinite(size) and beyond(size):
                return self._worst_step(trouble, slot, size)
        return None

    @cached_property
    def _totals(self) -> list[tuple[int, int]]:
        """Each slot with a gradient, and the gradient's slot, in the order in which backward came to them."""
        rows = [(slot, rows[-1].total) for slot, rows in self.program.gradients.items()]
        rows = [row for row in rows if self.program.values[row[1]].size]
        return sorted(rows, key=lambda row: self.program.producers[row[1]])

    def _norms(self, slot: int) -> float:
        if slot not in self._sizes:
            self._sizes[slot] = norm(self.program.values[slot]) if self._is_finite(slot) else float("nan")
        return self._sizes[slot]

    @cached_property
    def _sizes(self) -> dict[int, float]:
        return {}

    def _worst_step(self, trouble: Trouble, slot: int, size: float) -> Origin:
        """The step on the way from the loss to `slot` in which the norm changes by the largest factor."""
        steps = list(self.path(slot))
        sign = 1.0 if trouble == "exploding" else -1.0

        def change(step: tuple[int, float, float]) -> float:
            _, before, after = step
            return sign * (math.log(max(after, _TINY)) - math.log(max(before, _TINY)))

        grad, before, after = max(steps, key=change)
        index = self.program.producers[grad]
        ancestry = frozenset(i for step in steps if (i := self.program.producers[step[0]]) >= 0)
        worst = self.program.instrs[index].site.origin if index >= 0 else -1
        return Origin(
            trouble,
            grad,
            index,
            None,
            ancestry | ({worst} if worst >= 0 else set()),
            frozenset(),
            (before, after),
        )

    def path(self, slot: int) -> Iterator[tuple[int, float, float]]:
        """From a slot back to the loss along the largest contributions: the slot of each, the norm of the
        upstream gradient, and that of the contribution."""
        seen: set[int] = set()
        while slot in self.program.gradients and slot not in seen:
            seen.add(slot)
            row = max(self.program.gradients[slot], key=lambda row: self._norms(row.grad))
            output = self.program.instrs[row.instr].output
            upstream = self.program.gradient_slot(output)
            before = self._norms(upstream) if upstream is not None else 1.0  # ∂loss/∂loss
            yield row.grad, before, self._norms(row.grad)
            slot = output


_FORWARD = (Phase.FORWARD, Phase.LOSS)
_TINY = 1e-300
