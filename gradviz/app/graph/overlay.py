"""One number for each node at a moment, to colour the graph by: mean |x|, gradient norm, bytes, time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradviz.app.i18n import tr
from gradviz.app.numerals import number
from gradviz.engine.program import Program

from ..inside.profile import time_text
from .arrivals import Arrivals
from .measures import Measures
from .model import GraphModel

NONE, VALUE, GRADIENT, BYTES, TIME = "", "value", "gradient", "bytes", "time"
KINDS = (NONE, VALUE, GRADIENT, TIME, BYTES)
DECADES = 6  # at most; what is smaller than that looks like the smallest
LEAST = 0.1  # the level of the smallest number that is not zero
BROKEN = 2.0  # the level of NaN and infinity

Floats = NDArray[np.float64]
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


@dataclass(frozen=True, slots=True)
class Shown:
    """The numbers of nodes at one moment (NaN where there is none), which of them are known, and their scale.

    A number that is itself NaN is told apart by `known`.
    """

    kind: str
    numbers: Floats
    known: NDArray[np.bool_]
    scale: Scale | None

    @property
    def levels(self) -> Floats:
        """From 0 to 1; NaN where nothing is computed, BROKEN where a number is not finite."""
        empty = np.full(len(self.numbers), np.nan)
        if self.scale is None:
            return np.where(self.known, np.where(np.isfinite(self.numbers), 0.0, BROKEN), empty)
        return np.where(self.known, self.scale.level(self.numbers), empty)


@dataclass(frozen=True, slots=True)
class Scale:
    """A logarithmic scale from 10^low to 10^high: whole decades, so that stepping seldom changes it."""

    low: int
    high: int

    def level(self, numbers: Floats) -> Floats:
        """0 for zero, LEAST to 1 from one end to the other, BROKEN for what is not finite."""
        finite = np.isfinite(numbers)
        positive = finite & (numbers > 0)
        exponents = np.log10(np.where(positive, numbers, 1.0))
        share = np.clip((exponents - self.low) / (self.high - self.low), 0.0, 1.0)
        levels = np.where(positive, LEAST + (1.0 - LEAST) * share, 0.0)
        return np.where(finite, levels, BROKEN)


def scale_for(numbers: Floats) -> Scale | None:
    """The scale that holds these numbers; None if none of them is positive and finite."""
    sizes = numbers[np.isfinite(numbers) & (numbers > 0)]
    if not len(sizes):
        return None
    high = math.ceil(math.log10(float(sizes.max())) - 1e-9)
    low = math.floor(math.log10(float(sizes.min())) + 1e-9)
    return Scale(max(min(low, high - 1), high - DECADES), high)


class Overlays:
    """The numbers of one graph's nodes along one program."""

    def __init__(self, model: GraphModel, program: Program, measures: Measures) -> None:
        self.model = model
        self.measures = measures
        self._arrivals = Arrivals(model, program)
        self._bytes = _written(model, program)

    def fill(self, kind: str, moment: int, budget: float) -> bool:
        """Measure for about so many seconds what an overlay needs; whether it is complete now."""
        if kind not in (VALUE, GRADIENT):
            return True
        slots = self._slots(kind, moment)
        wanted = slots[slots >= 0]
        return self.measures.fill(wanted[~self.measures.known[wanted]].tolist(), budget)

    def at(self, kind: str, moment: int, hidden: frozenset[int] = frozenset()) -> Shown:
        """The numbers at a moment, as far as they are measured; those of `hidden` slots are not told."""
        if kind == BYTES:
            numbers = self._bytes_at(moment)
            known = np.isfinite(numbers)
        elif kind == TIME:
            numbers = self._seconds_at(moment)
            known = np.isfinite(numbers)
        elif kind in (VALUE, GRADIENT):
            slots = self._slots(kind, moment)
            known = (slots >= 0) & self.measures.known[slots]
            if hidden:
                known &= ~np.isin(slots, list(hidden))
            table = self.measures.means if kind == VALUE else self.measures.norms
            numbers = np.where(known, table[slots], np.nan)
        else:
            numbers = np.full(len(self.model.nodes), np.nan)
            known = np.zeros(len(numbers), dtype=bool)
        return Shown(kind, numbers, known, scale_for(numbers))

    def _slots(self, kind: str, moment: int) -> NDArray[np.intp]:
        return self._arrivals.values(moment) if kind == VALUE else self._arrivals.gradients(moment)

    def _bytes_at(self, moment: int) -> Floats:
        """What each node has written so far; NaN for nodes of which nothing has run."""
        nodes, moments, sizes = self._bytes
        return self._total(nodes, sizes, moments <= moment)

    def _seconds_at(self, moment: int) -> Floats:
        """What each node has taken so far; NaN where nothing has run, or nothing is measured."""
        if self.measures.seconds is None:
            return np.full(len(self.model.nodes), np.nan)
        nodes, moments, _ = self._bytes
        seconds = np.array([0.0, *self.measures.seconds])[moments]
        return self._total(nodes, seconds, (moments <= moment) & (moments > 0))

    def _total(self, nodes: NDArray[np.intp], amounts: Floats, arrived: NDArray[np.bool_]) -> Floats:
        total = np.bincount(nodes[arrived], amounts[arrived], minlength=len(self.model.nodes))
        count = np.bincount(nodes[arrived], minlength=len(self.model.nodes))
        return np.where(count > 0, total, np.nan)


def _written(model: GraphModel, program: Program) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """Node, moment and bytes of each output; values from outside are there from the start."""
    rows: list[tuple[int, int, int]] = []
    for place, node in enumerate(model.nodes):
        if not node.instrs:
            rows.append((place, 0, program.values[node.slot].nbytes if node.slot >= 0 else 0))
        outputs = ((index, program.instrs[index].output) for index in node.instrs)
        rows.extend((place, index + 1, program.values[slot].nbytes) for index, slot in outputs)
    table = np.array(rows, dtype=np.intp).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2].astype(np.float64)


def overlay_title(kind: str) -> str:
    """The name of an overlay in the interface's language."""
    return {
        NONE: tr("No overlay"),
        VALUE: tr("Value"),
        GRADIENT: tr("Gradient norm"),
        TIME: tr("Time spent"),
        BYTES: tr("Bytes"),
    }[kind]


def measured(kind: str, x: float) -> str:
    """What a node's number is, short enough for its card: "|x| 0.12", "‖∂‖ 3.1e−4", "4.7 KiB", "12 µs"."""
    if kind in (BYTES, TIME):
        return amount_text(kind, x)
    return f"{'|x|' if kind == VALUE else '‖∂‖'} {number(x, 3)}"


def explained(kind: str, x: float) -> str:
    """The same in words, for tooltips and screen readers."""
    if kind == BYTES:
        return tr("{size} written").format(size=size_text(x))
    if kind == TIME:
        return tr("{time} so far").format(time=time_text(x))
    text = number(x, 4)
    return (tr("mean |x| = {x}") if kind == VALUE else tr("gradient norm = {x}")).format(x=text)


def amount_text(kind: str, x: float) -> str:
    """A number of an overlay with its unit."""
    return size_text(x) if kind == BYTES else time_text(x) if kind == TIME else number(x)


def size_text(size: float) -> str:
    """Bytes as a short text: "40 B", "4.7 KiB"."""
    unit = 0
    while size >= 1024 and unit < len(_UNITS) - 1:
        size /= 1024
        unit += 1
    return f"{size:.0f} {_UNITS[unit]}" if unit == 0 or size >= 100 else f"{size:.1f} {_UNITS[unit]}"
