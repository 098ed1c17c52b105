"""A cursor over the moments of recorded iterations; time travel moves it, and nothing is undone."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from psygnal import Signal

from gradviz.engine.program import Phase, Program

from .breakpoints import Breakpoints, Stops


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of instructions of one phase: those numbered start to stop - 1 over all iterations.

    `iteration` is the index of the iteration. At moment `start` none of them has run, at `stop` all have.
    """

    phase: Phase
    iteration: int
    start: int
    stop: int


class Timeline:
    """Iterations one after another; at moment m the first m instructions have run, 0 <= m <= length.

    The moment between two iterations belongs to the earlier one: its last instruction has just run. Every
    move clamps to the ends and emits `changed` once, with the new moment, unless there is nothing to move.
    """

    changed = Signal(int, reemission="latest-only")

    def __init__(self, programs: Sequence[Program] = (), numbers: Sequence[int] = ()) -> None:
        self._programs: list[Program] = []
        self._numbers: list[int] = []
        self._ends: list[int] = []  # global moment at which each iteration has run
        self._segments: list[Segment] = []
        self._module_starts: list[int] = []  # moments after which another module, phase or iteration comes
        self._stops: list[Stops] = []
        self._moment = 0
        self.breakpoints = Breakpoints()
        for place, program in enumerate(programs):
            self.extend(program, numbers[place] if numbers else None)

    def extend(self, program: Program, number: int | None = None) -> None:
        """Append one more iteration; the cursor stays where it is.

        `number` is what it is called: iterations that were trained in between are not here.
        """
        self._numbers.append(number if number is not None else (self._numbers or [0])[-1] + 1)
        start, number = self.length, len(self._programs)
        stops = Stops(program)
        phases = [instr.site.phase for instr in program.instrs]
        modules = [(place.module, place.phase) for place in stops.places]
        marks = [*_changes(phases), len(phases)]
        self._segments += [Segment(phases[a], number, start + a, start + b) for a, b in pairwise(marks)]
        self._module_starts += [start + index for index in _changes(modules)]
        self._programs.append(program)
        self._stops.append(stops)
        self._ends.append(start + len(program))

    def replace(self, iteration: int, program: Program) -> None:
        """Show other values in an iteration of the same instructions; the cursor stays where it is."""
        self._stops[iteration] = Stops(program)
        self._programs[iteration] = program

    @property
    def length(self) -> int:
        """The number of instructions of all iterations, which is the last moment."""
        return self._ends[-1] if self._ends else 0

    @property
    def programs(self) -> tuple[Program, ...]:
        """The iterations' programs."""
        return tuple(self._programs)

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The runs of one phase, in order; they cover all instructions."""
        return tuple(self._segments)

    @property
    def numbers(self) -> tuple[int, ...]:
        """What the iterations are called, counted from 1 over all that were trained."""
        return tuple(self._numbers)

    # Where the cursor is.

    @property
    def moment(self) -> int:
        """How many instructions have run."""
        return self._moment

    def locate(self, moment: int | None = None) -> tuple[int, int]:
        """The index of the iteration and the moment within it; (0, 0) when nothing is recorded."""
        moment = self._moment if moment is None else self._clamp(moment)
        if not self._ends:
            return 0, 0
        iteration = bisect_left(self._ends, moment)
        return iteration, moment - self.start_of(iteration)

    def start_of(self, iteration: int) -> int:
        """The moment before the first instruction of an iteration."""
        return self._ends[iteration - 1] if iteration else 0

    @property
    def current(self) -> tuple[int, int] | None:
        """The iteration and index of the instruction that has just run; None at the very start."""
        if self._moment == 0:
            return None
        iteration, local = self.locate()
        return iteration, local - 1

    @property
    def segment(self) -> Segment | None:
        """The segment of the instruction that has just run (at the very start: of the first one)."""
        if not self._segments:
            return None
        return self._segments[bisect_left(self._segments, max(self._moment, 1), key=lambda s: s.stop)]

    def stops(self, iteration: int) -> Stops:
        """What is known about breakpoints in an iteration."""
        return self._stops[iteration]

    # Moves.

    def go(self, moment: int) -> None:
        """Jump to a moment."""
        moment = self._clamp(moment)
        if moment != self._moment:
            self._moment = moment
            self.changed.emit(moment)

    def step(self, n: int = 1) -> None:
        """Move by `n` instructions, backwards if it is negative."""
        self.go(self._moment + n)

    def start(self) -> None:
        """Before everything."""
        self.go(0)

    def end(self) -> None:
        """After everything."""
        self.go(self.length)

    def step_module(self, direction: int = 1) -> None:
        """On (or back) to the next moment at which the module or the phase changes."""
        self.go(self._neighbour(self._module_starts, direction))

    def phase_jump(self, direction: int = 1) -> None:
        """On (or back) to the next moment at which a phase begins."""
        self.go(self._neighbour([segment.start for segment in self._segments], direction))

    def phase_start(self) -> None:
        """Before the first instruction of this phase; from there, of the phase before."""
        self.phase_jump(-1)

    def phase_end(self) -> None:
        """After the last instruction of this phase; from there, of the next phase."""
        self.go(self._neighbour([segment.stop for segment in self._segments], 1))

    def run(self, direction: int = 1) -> bool:
        """On (or back) to the next instruction with a breakpoint, or to the end.

        The instruction is then the current one: it has just run. Returns whether a breakpoint was met.
        """
        end = self.length if direction > 0 else 0
        found = None
        if self.breakpoints:
            ahead = range(self._moment + 1, end + 1) if direction > 0 else range(self._moment - 1, end, -1)
            found = self._first_stop(ahead)
        self.go(end if found is None else found)
        return found is not None

    def _first_stop(self, moments: Iterable[int]) -> int | None:
        for moment in moments:
            iteration, local = self.locate(moment)
            if self._stops[iteration].stops_at(local - 1, self.breakpoints):
                return moment
        return None

    def _neighbour(self, moments: Sequence[int], direction: int) -> int:
        """The next larger or smaller of sorted moments, or the end on that side."""
        if direction > 0:
            place = bisect_right(moments, self._moment)
            return moments[place] if place < len(moments) else self.length
        place = bisect_left(moments, self._moment)
        return moments[place - 1] if place else 0

    def _clamp(self, moment: int) -> int:
        return min(max(int(moment), 0), self.length)


def _changes(items: Sequence[object]) -> list[int]:
    """The places where something else begins, the first included."""
    return [i for i, item in enumerate(items) if i == 0 or item != items[i - 1]]
