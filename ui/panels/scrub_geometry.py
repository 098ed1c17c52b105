"""Where moments lie on the scrubber, and which runs of instructions it labels; numbers only, no painting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise

from gradviz.engine.program import Phase, Program

from gradviz.app.timeline import Timeline

WHOLE = 5  # iterations at most that are shown side by side; of more, only the current one


@dataclass(frozen=True, slots=True)
class Span:
    """A range of moments drawn from `left` over `width` pixels."""

    start: int
    stop: int
    left: float
    width: float

    def x_of(self, moment: float) -> float:
        """The place of a moment, which may lie outside of the range."""
        return self.left + (moment - self.start) * self.step

    def moment_at(self, x: float) -> int:
        """The nearest moment of the range."""
        near = round(self.start + (x - self.left) / self.step) if self.step else self.start
        return min(max(near, self.start), self.stop)

    def instruction_at(self, x: float) -> int | None:
        """The instruction (its number over all iterations) drawn at a place."""
        if not self.step or not self.left <= x < self.left + self.width:
            return None
        return min(self.start + int((x - self.left) / self.step), self.stop - 1)

    @property
    def step(self) -> float:
        """Pixels from one moment to the next."""
        return self.width / (self.stop - self.start) if self.stop > self.start else 0.0


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring instructions of one module and phase, local numbers start … stop - 1, and their name."""

    start: int
    stop: int
    phase: Phase
    title: str


def visible_range(timeline: Timeline) -> tuple[int, int]:
    """The moments on show: all, or those of the current iteration where there are many iterations."""
    if len(timeline.programs) <= WHOLE:
        return 0, timeline.length
    iteration = timeline.locate()[0]
    start = timeline.start_of(iteration)
    return start, start + len(timeline.programs[iteration])


def module_runs(program: Program) -> tuple[Run, ...]:
    """The program cut where module or phase change; outside of modules each op is a run of its own."""
    keys = [
        (instr.site.phase, instr.site.module, "" if instr.site.module else instr.op)
        for instr in program.instrs
    ]
    if not keys:
        return ()
    cuts = [0, *(i for i, (a, b) in enumerate(pairwise(keys), 1) if a != b), len(keys)]
    runs = []
    for start, stop in pairwise(cuts):
        phase, module, op = keys[start]
        runs.append(Run(start, stop, phase, module or op))
    return tuple(runs)


def outermost(runs: tuple[Run, ...]) -> Iterator[Run]:
    """The runs put together by outermost module: layer1.0.conv1, layer1.0.bn1 … become layer1."""
    for (phase, title), group in groupby(runs, lambda run: (run.phase, run.title.partition(".")[0])):
        members = list(group)
        yield Run(members[0].start, members[-1].stop, phase, title)
