"""What is marked along the scrubber: modules, iterations, breakpoints, and the moments in words."""

from __future__ import annotations

from collections.abc import Iterator

from gradviz.app.describe import Narrator
from gradviz.app.i18n import tr
from gradviz.app.inside.veil import Veil
from gradviz.app.timeline import Timeline

from .scrub_geometry import WHOLE, Run, Span, module_runs, outermost

MAX_LABELLED = 4000  # instructions on show beyond which modules are not marked


class Marks:
    """The marks of one timeline; runs and sentences are made when they are first needed."""

    def __init__(self, timeline: Timeline, veil: Veil) -> None:
        self._timeline = timeline
        self._veil = veil
        self._narrators: dict[int, Narrator] = {}  # by iteration
        self.runs: dict[int, tuple[Run, ...]] = {}  # by iteration

    @property
    def overview(self) -> bool:
        """Whether there are so many iterations that only one is shown whole, below a strip of them all."""
        return len(self._timeline.programs) > WHOLE

    def sentence(self, moment: int) -> str:
        """What has just happened at a moment."""
        iteration, local = self._timeline.locate(moment)
        if iteration not in self._narrators:
            self._narrators[iteration] = Narrator(self._timeline.programs[iteration])
            self._narrators[iteration].veil = self._veil
        return self._narrators[iteration].moment(local)

    def ends(self) -> list[tuple[int, int]]:
        """First and last moment of each iteration."""
        timeline = self._timeline
        starts = map(timeline.start_of, range(len(timeline.programs)))
        return [(start, start + len(p)) for start, p in zip(starts, timeline.programs, strict=True)]

    def gaps(self, span: Span) -> Iterator[float]:
        """Where one iteration ends and the next begins."""
        for start, _ in self.ends()[1:]:
            if span.start < start < span.stop:
                yield span.x_of(start)

    def ticks(self, span: Span) -> Iterator[tuple[float, float]]:
        """From where to where each run is drawn."""
        for start, runs in self._runs(span):
            for run in runs:
                yield span.x_of(start + run.start), span.x_of(start + run.stop)

    def names(self, span: Span) -> Iterator[tuple[float, float, str]]:
        """What is named from where to where: iterations if several are on show, else outermost modules."""
        if len(self._timeline.programs) > 1 and not self.overview:
            for number, (start, stop) in zip(self._timeline.numbers, self.ends(), strict=True):
                yield span.x_of(start), span.x_of(stop), tr("iteration {n}").format(n=number)
            return
        for start, runs in self._runs(span):
            for run in outermost(runs):
                yield span.x_of(start + run.start), span.x_of(start + run.stop), run.title

    def breakpoints(self, span: Span) -> Iterator[float]:
        """The middle of each instruction on show that has a breakpoint."""
        timeline = self._timeline
        if timeline.breakpoints:
            for iteration, start in self._shown(span):
                for index in timeline.stops(iteration).hits(timeline.breakpoints):
                    yield span.x_of(start + index + 0.5)

    def _runs(self, span: Span) -> Iterator[tuple[int, tuple[Run, ...]]]:
        if span.stop - span.start <= MAX_LABELLED:
            for iteration, start in self._shown(span):
                if iteration not in self.runs:
                    self.runs[iteration] = module_runs(self._timeline.programs[iteration])
                yield start, self.runs[iteration]

    def _shown(self, span: Span) -> Iterator[tuple[int, int]]:
        for iteration, (start, stop) in enumerate(self.ends()):
            if start < span.stop and stop > span.start:
                yield iteration, start
