"""Which instructions come from which line of the user's code, and what has become of them at a moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradviz.engine.program import Phase, Program

from .i18n import tr
from .numerals import number, shape_text
from .state import StateView

Line = tuple[str, int]  # file, line number from 1


@dataclass(frozen=True, slots=True)
class LineNote:
    """What stands behind a line: its newest value, and the gradient of it; "" where there is none yet."""

    value: str
    gradient: str


class CodeMap:
    """The lines of one program."""

    def __init__(self, program: Program) -> None:
        self.program = program

    @cached_property
    def instrs(self) -> dict[Line, tuple[int, ...]]:
        """For each line its instructions of all phases, in order."""
        found: dict[Line, list[int]] = {}
        for index, instr in enumerate(self.program.instrs):
            if instr.site.file and instr.site.line > 0:
                found.setdefault((instr.site.file, instr.site.line), []).append(index)
        return {line: tuple(rows) for line, rows in found.items()}

    def line_of(self, index: int) -> Line | None:
        """The line of an instruction."""
        site = self.program.instrs[index].site
        return (site.file, site.line) if site.file and site.line > 0 else None

    def lines_of(self, indices: Iterable[int]) -> set[Line]:
        """The lines of some instructions."""
        return {line for index in indices if (line := self.line_of(index)) is not None}

    def next_slot(self, line: Line, slot: int | None) -> int | None:
        """The result of the line's first operation; after one of its own slots, of the next one."""
        slots = [self.program.instrs[index].output for index in self.instrs.get(line, ())]
        if not slots:
            return None
        return slots[(slots.index(slot) + 1) % len(slots)] if slot in slots else slots[0]

    def notes(self, file: str, state: StateView) -> dict[int, LineNote]:
        """For each line of a file that has computed something by now, what it was."""
        found: dict[int, LineNote] = {}
        for (name, line), indices in self.instrs.items():
            if name == file and (note := self._note(indices, state)) is not None:
                found[line] = note
        return found

    def _note(self, indices: tuple[int, ...], state: StateView) -> LineNote | None:
        instrs = self.program.instrs
        own = [i for i in indices if instrs[i].site.phase is not Phase.BACKWARD and i < state.moment]
        if not own:
            return None
        slot = instrs[own[-1]].output
        gradient = state.gradient(slot)
        return LineNote(
            value_text(state.program.values[slot]), "" if gradient is None else gradient_text(gradient)
        )


def value_text(value: np.ndarray) -> str:
    """A number as it is; of a tensor the shape and the mean: "1×6×28×28 · mean 0.03"."""
    if value.size == 1:
        return number(float(value.reshape(())))
    shape = shape_text(value.shape)
    if not value.size:
        return shape
    with np.errstate(invalid="ignore", over="ignore"):
        mean = float(value.mean(dtype=np.float64))
    return tr("{shape} · mean {x}").format(shape=shape, x=number(mean, 3))


def gradient_text(gradient: np.ndarray) -> str:
    """∂ and the number, or the mean magnitude."""
    if gradient.size == 1:
        return f"∂ {number(float(gradient.reshape(())))}"
    if not gradient.size:
        return "∂"
    with np.errstate(invalid="ignore", over="ignore"):
        size = float(np.abs(gradient).mean(dtype=np.float64))
    return tr("∂ mean size {x}").format(x=number(size, 3))
