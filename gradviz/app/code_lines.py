"""Which instructions come from which line of the user's code, and what has become of them at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradviz.engine.program import Phase, Program

from .code_names import Assignment, assignments
from .i18n import tr
from .inside.veil import HIDDEN
from .named_slots import NamedSlots
from .names import GRAD
from .numerals import number, shape_text
from .state import StateView

Line = tuple[str, int]  # file, line number from 1


@dataclass(frozen=True, slots=True)
class LineNote:
    """One value behind a line: the variable that holds it ("" if none does), and its gradient ("" as yet)."""

    value: str
    gradient: str
    name: str = ""
    short: str = ""  # the value where there is little room
    short_gradient: str = ""

    @property
    def text(self) -> str:
        """The name and the value: "y = 2.5", "x: 1×6×28×28 · mean 0.03", "→ 0.5"."""
        return self._with_name(self.value)

    @property
    def short_text(self) -> str:
        """The same with less: of a tensor only the shape."""
        return self._with_name(self.short or self.value)

    def _with_name(self, value: str) -> str:
        if not self.name:
            return f"→ {value}"
        return f"{self.name}: {value}" if self.short else f"{self.name} = {value}"


class CodeMap:
    """The lines of one program; `sources` are the texts of its files, in which names are looked up."""

    def __init__(self, program: Program, sources: Mapping[str, str] | None = None) -> None:
        self.program = program
        self._sources = sources or {}
        self._assigned: dict[str, dict[int, Assignment]] = {}

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
        """The result of the line's first operation; after one of its own slots, of the next one.

        On a line that only names values from outside, those take the operations' place.
        """
        slots = [self.program.instrs[index].output for index in self.instrs.get(line, ())]
        slots = slots or self.leaves(line)
        if not slots:
            return None
        return slots[(slots.index(slot) + 1) % len(slots)] if slot in slots else slots[0]

    def leaves(self, line: Line) -> list[int]:
        """The slots that a line names: of `w = torch.tensor(2.0)` w, of `self.fc = nn.Linear(2, 1)` both."""
        assigned = self._assignment(*line)
        if assigned is None or assigned.first != line[1]:
            return []
        found = (self._named.bound(name) for name in assigned.names)
        return [row.slot for rows in found for row in rows]

    # What stands beside the lines.

    def notes(self, file: str, state: StateView) -> dict[int, tuple[LineNote, ...]]:
        """For each line of a file that has computed or named something by now, what it was."""
        found: dict[int, tuple[LineNote, ...]] = {}
        own = self._own_lines.get(file, {})
        lines = {*own, *(row.first for row in self._assignments(file).values())}
        for line in sorted(lines):
            indices = own.get(line)
            assigned = self._assignment(file, line)
            if indices:
                notes = self._computed(file, indices, assigned, state)
            else:
                notes = self._only_named(file, assigned, state)
            if notes:
                found[line] = notes
        return found

    def _computed(
        self, file: str, indices: tuple[int, ...], assigned: Assignment | None, state: StateView
    ) -> tuple[LineNote, ...]:
        """The newest result of a line with operations of its own."""
        done = [i for i in indices if i < state.moment]
        if not done:
            return ()
        instr, slot = self.program.instrs[done[-1]], self.program.instrs[done[-1]].output
        name = ""
        if assigned is not None and len(assigned.names) == 1 and self._is_last(file, assigned, done[-1]):
            name = assigned.names[0]
        elif assigned is not None and self.program.slots[instr.output].name in assigned.names:
            name = self.program.slots[instr.output].name
        return (self._note(slot, name, state.gradient(slot), state),)

    def _is_last(self, file: str, assigned: Assignment, index: int) -> bool:
        """Whether an instruction ends its statement, so that the variable now holds its result."""
        own = self._own_lines[file]
        rows = sorted(i for line in range(assigned.first, assigned.last + 1) for i in own.get(line, ()))
        instrs = self.program.instrs
        return index + 1 not in rows and instrs[index].op == instrs[rows[-1]].op

    def _only_named(self, file: str, assigned: Assignment | None, state: StateView) -> tuple[LineNote, ...]:
        """What the variables mean that a line without operations of its own names."""
        if assigned is None:
            return ()
        lines = range(assigned.first, assigned.last + 1)
        if any(self._own_lines.get(file, {}).get(line) for line in lines):
            return ()
        notes = []
        for name in assigned.names:
            for title, path, slot in self._named.now(name, state, assigned.computed):
                gradient = state.named(f"{path}{GRAD}")
                if gradient is None:
                    gradient = state.gradient(slot)
                notes.append(self._note(slot, title, gradient, state))
        return tuple(notes)

    def _note(self, slot: int, name: str, gradient: np.ndarray | None, state: StateView) -> LineNote:
        value = self.program.values[slot]
        shape = HIDDEN if slot in state.shapeless else shape_text(value.shape)
        return LineNote(
            HIDDEN if slot in state.hidden else value_text(value),
            "" if gradient is None else gradient_text(gradient),
            name,
            shape if value.size != 1 else "",
            "" if gradient is None else gradient_text(gradient, short=True),
        )

    # Tables.

    @cached_property
    def _own_lines(self) -> dict[str, dict[int, tuple[int, ...]]]:
        """For each file its lines with the instructions that backward did not make."""
        found: dict[str, dict[int, tuple[int, ...]]] = {}
        for (file, line), indices in self.instrs.items():
            own = tuple(i for i in indices if self.program.instrs[i].site.phase is not Phase.BACKWARD)
            if own:
                found.setdefault(file, {})[line] = own
        return found

    def _assignments(self, file: str) -> dict[int, Assignment]:
        if file not in self._assigned:
            self._assigned[file] = assignments(self._sources.get(file, ""))
        return self._assigned[file]

    def _assignment(self, file: str, line: int) -> Assignment | None:
        return self._assignments(file).get(line)

    @cached_property
    def _named(self) -> NamedSlots:
        return NamedSlots(self.program)


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


def gradient_text(gradient: np.ndarray, short: bool = False) -> str:
    """∂ and the number, or the mean magnitude: "∂ mean size 0.2", `short` "|∂| 0.2"."""
    if gradient.size == 1:
        return f"∂ {number(float(gradient.reshape(())))}"
    if not gradient.size:
        return "∂"
    with np.errstate(invalid="ignore", over="ignore"):
        size = float(np.abs(gradient).mean(dtype=np.float64))
    text = number(size, 3)
    return f"|∂| {text}" if short else tr("∂ mean size {x}").format(x=text)
