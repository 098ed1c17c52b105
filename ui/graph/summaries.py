"""A few characters and one size for each tensor that a card shows; computed once, a little at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from gradviz.engine.program import Program

from gradviz.app.i18n import tr
from gradviz.app.numerals import number

DECADES = 6  # a gradient of 1 fills the heat bar, one of 10⁻⁶ leaves it empty


@dataclass(frozen=True, slots=True)
class Summary:
    """`text` for the card's last line; `heat` from 0 to 1 for the case that the tensor is a gradient."""

    text: str
    heat: float


class Summaries:
    """The summaries of one program's slots, as far as they have been asked for."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._known: dict[int, Summary] = {}

    def known(self, slot: int) -> Summary | None:
        """The summary of a slot, if it has been computed."""
        return self._known.get(slot)

    def get(self, slot: int) -> Summary:
        """The summary of a slot."""
        found = self._known.get(slot)
        if found is None:
            found = self._known[slot] = summarise(self.program.values[slot])
        return found


def summarise(value: np.ndarray) -> Summary:
    """The number itself, if it is a single one, else the mean; the root of the mean square as heat."""
    if value.size == 0:
        return Summary(tr("empty"), 0.0)
    flat = value.reshape(-1)
    if value.dtype.kind == "f" and not np.isfinite(flat).all():
        return Summary(tr("has NaN or ∞") if value.size > 1 else f"= {number(float(flat[0]))}", 1.0)
    if value.size == 1:
        return Summary(f"= {number(float(flat[0]))}", heat(abs(float(flat[0]))))
    wide = flat.astype(np.float64, copy=False)
    size = math.sqrt(float(wide @ wide) / value.size)
    return Summary(tr("mean {x}").format(x=number(float(wide.mean()), 3)), heat(size))


def heat(size: float) -> float:
    """1 + log₁₀(size) / 6, between 0 and 1: each sixth of the bar is a factor of ten."""
    if size <= 0.0:
        return 0.0
    return min(max(1.0 + math.log10(size) / DECADES, 0.0), 1.0)
