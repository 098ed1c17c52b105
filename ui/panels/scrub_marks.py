"""What is marked along the scrubber: modules, iterations, breakpoints, and the moments in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gradviz.app.describe import Narrator
from gradviz.app.i18n import tr
from gradviz.app.timeline import Timeline

from .scrub_geometry import WHOLE, Run, Span, module_runs

MAX_LABELLED = 4000  # instructions on show beyond which modules are not marked


class Marks:
    """The marks of one timeline; runs and sentences are made when they are first needed."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
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
        return self._narrators[iteration].moment(local)

    def ends(self) -> list[tuple[int, int]]:
        """First and last moment of each iteration."""
        timeline = self._timeline
        starts = map(timeline.start_of, range(len(timeline.programs)))
        return [(start, start + len(p)) for start, p in zip(starts, timeline.programs, strict=True)]

    def iterations(self, span: Span) -> Iterator[tuple[float, float, str]]:
        """From where to where each iteration is drawn and its name, where several are shown."""
        if len(self._timeline.programs) > 1 and not self.overview:
            for number, (start, stop) in enumerate(self.ends(), 1):
                yield span.x_of(start), span.x_of(stop), tr("iteration {n}").format(n=number)

    def modules(self, span: Span) -> Iterator[tuple[float, float, Run]]:
        """From where to where each run is drawn; without titles where iterations have theirs there."""
        if span.stop - span.start > MAX_LABELLED:
            return
        named = len(self._timeline.programs) == 1 or self.overview
        for iteration, start in self._shown(span):
            if iteration not in self.runs:
                self.runs[iteration] = module_runs(self._timeline.programs[iteration])
            for run in self.runs[iteration]:
                shown = run if named else replace(run, title="")
                yield span.x_of(start + run.start), span.x_of(start + run.stop), shown

    def breakpoints(self, span: Span) -> Iterator[float]:
        """The middle of each instruction on show that has a breakpoint."""
        timeline = self._timeline
        if timeline.breakpoints:
            for iteration, start in self._shown(span):
                for index in timeline.stops(iteration).hits(timeline.breakpoints):
                    yield span.x_of(start + index + 0.5)

    def _shown(self, span: Span) -> Iterator[tuple[int, int]]:
        for iteration, (start, stop) in enumerate(self.ends()):
            if start < span.stop and stop > span.start:
                yield iteration, start
