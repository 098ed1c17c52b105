"""A recording and the cursor in it, the graph of the iteration under the cursor, and the selection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from psygnal import Signal

from gradviz.engine.program import Program

from .announcer import Announcer, News
from .graph.build import all_modules, build_graph
from .graph.model import GraphModel
from .graph_cache import Build, GraphCache
from .inside.veil import Veil
from .recording import Iteration, Metrics, Recording, metrics_of
from .selection import Selection, carry_over, inside, node_of, refit, select_node
from .state import StateView
from .timeline import Timeline


class Walk:
    """What is shown of a recording; `timeline` and `graph` are None while no iteration is recorded."""

    recording_changed = Signal()  # another recording, one more iteration, or other values in one
    moment_changed = Signal(int)
    graph_changed = Signal()
    selection_changed = Signal()
    metrics_changed = Signal()

    def __init__(self, build: Build = build_graph) -> None:
        self.recording: Recording | None = None
        self.timeline: Timeline | None = None
        self.graph: GraphModel | None = None
        self.selection = Selection()
        self.metrics: list[Metrics] = []
        self.veil = Veil()  # what is hidden until it has been predicted
        self.open_modules: frozenset[str] = frozenset()
        self.repeats = 0  # runs of so many or more are folded; 0 for none
        self._graphs = GraphCache(build)
        self._iteration = 0  # the iteration that `graph` shows
        self._fingerprints: list[str] = []
        self._news = Announcer()

    # What is shown.

    @property
    def program(self) -> Program | None:
        """The program of the iteration under the cursor; None while no iteration is recorded."""
        return None if self.timeline is None else self.timeline.programs[self.timeline.locate()[0]]

    @property
    def iteration(self) -> Iteration | None:
        """The iteration under the cursor."""
        if self.recording is None or self.timeline is None:
            return None
        return self.recording.iterations[self.timeline.locate()[0]]

    @property
    def state(self) -> StateView | None:
        """What is known at this moment."""
        if self.timeline is None:
            return None
        iteration, moment = self.timeline.locate()
        program = self.timeline.programs[iteration]
        return StateView(program, moment, self.veil.slots(program), self.veil.shapes(program))

    @property
    def current_node(self) -> str | None:
        """The node that contains the instruction that has just run."""
        if self.timeline is None or self.graph is None or (current := self.timeline.current) is None:
            return None
        return self.graph.node_of_instr.get(current[1])

    # Recordings.

    def load(self, recording: Recording) -> None:
        """Show another recording from its start; the folding and the selection stay if the structure does."""
        programs = [iteration.program for iteration in recording.iterations]
        fingerprints = [program.fingerprint() for program in programs]
        same_structure = bool(fingerprints) and fingerprints[:1] == self._fingerprints[:1]
        open_modules = self.open_modules
        if not same_structure:
            same_title = self.recording is not None and self.recording.title == recording.title
            open_modules &= all_modules(programs[0], self.repeats) if programs and same_title else frozenset()
        numbers = [iteration.number for iteration in recording.iterations]
        timeline = Timeline(programs, numbers) if programs else None
        if programs:  # what can fail comes before what changes
            self._graphs.get(programs[0], fingerprints[0], open_modules, self.repeats)
        self.recording = recording
        if self.timeline is not None:
            self.timeline.changed.disconnect(self._moment_changed)
        self.timeline = timeline
        self.open_modules = open_modules
        self._fingerprints = fingerprints
        self._iteration = 0
        rows = [*(iteration.metrics for iteration in recording.iterations), *recording.trained]
        self.metrics = sorted(rows, key=lambda row: row.iteration)
        if not same_structure:
            self.selection = Selection()
        more_news = self._loaded(same_structure)
        if self.timeline is not None:
            self.timeline.changed.connect(self._moment_changed)
        self._rebuild()
        self._news.tell(
            self.recording_changed,
            self.graph_changed,
            self.metrics_changed,
            self.selection_changed,
            *more_news,
            (self.moment_changed, 0),
        )

    def _loaded(self, same_structure: bool) -> tuple[News, ...]:
        """What a subclass does, and tells, when a new timeline has been made and nobody knows of it yet."""
        return ()

    def add_iteration(self, iteration: Iteration) -> None:
        """Append one more recorded iteration and move to where its first instruction has run.

        The moment before that would still show the iteration before.
        """
        if self.recording is None or self.timeline is None:
            self.load(replace(self.recording or Recording(""), iterations=(iteration,)))
            return
        self.recording = self.recording.with_iteration(iteration)
        self._fingerprints.append(iteration.program.fingerprint())
        self.metrics.append(iteration.metrics)
        start = self.timeline.length
        self.timeline.extend(iteration.program, iteration.number)
        self._news.queue(self.recording_changed, self.metrics_changed)
        self.timeline.go(start + 1)
        self._news.tell()  # if it was there already

    def replace_program(self, iteration: int, program: Program) -> None:
        """Show other values in one iteration: cursor, folding and selection stay, other iterations too.

        ValueError for a program of another structure; IndexError if there is no such iteration.
        """
        if self.recording is None or self.timeline is None or not 0 <= iteration < len(self._fingerprints):
            raise IndexError(f"no iteration {iteration} is recorded")
        before = self.recording.iterations[iteration]
        if program.fingerprint() != self._fingerprints[iteration]:
            raise ValueError(f"the program has not the structure of iteration {before.number}")
        after = replace(
            before, program=program, metrics=metrics_of(program, before.number, before.metrics.seconds)
        )
        self.recording = self.recording.with_other(iteration, after)
        self.metrics = [after.metrics if row is before.metrics else row for row in self.metrics]
        self.timeline.replace(iteration, program)
        self._news.tell(
            self.recording_changed, self.metrics_changed, (self.moment_changed, self.timeline.moment)
        )

    def add_metrics(self, metrics: Sequence[Metrics]) -> None:
        """Append the numbers of iterations that were trained without recording them."""
        if metrics:
            self.metrics.extend(metrics)
            self._news.tell(self.metrics_changed)

    # Selection.

    def select_node(self, node_id: str | None) -> None:
        """Select a node and the value that it shows; None selects nothing."""
        if self.graph is not None:
            self._select(select_node(node_id, self.graph))

    def select_slot(self, slot: int | None) -> None:
        """Select a value and the node that it belongs to, where one is drawn."""
        program = self.program
        if program is None or self.graph is None:
            return
        if slot is not None and not 0 <= slot < len(program.slots):
            raise IndexError(f"slot {slot} of a program with {len(program.slots)} slots")
        self._select(Selection() if slot is None else Selection(node_of(slot, program, self.graph), slot))

    def select_element(self, index: tuple[int, ...] | None) -> None:
        """Select one element of the selected value; IndexError if it has no such element."""
        program, slot = self.program, self.selection.slot
        if index is not None:
            shape = program.slots[slot].shape if program is not None and slot is not None else None
            if shape is None or not inside(index, shape):
                raise IndexError(f"no element {index} in a value of shape {shape}")
        self._select(replace(self.selection, element=index))

    def _select(self, selection: Selection) -> None:
        if selection != self.selection:
            self.selection = selection
            self._news.tell(self.selection_changed)

    # The graph follows the cursor.

    def _moment_changed(self, moment: int) -> None:
        graph, selection = self.graph, self.selection
        assert self.timeline is not None
        iteration = self.timeline.locate()[0]
        if iteration != self._iteration:
            self._show_iteration(iteration)
        news = [self.graph_changed] if self.graph is not graph else []
        news += [self.selection_changed] if self.selection != selection else []
        self._news.tell(*news, (self.moment_changed, moment))

    def _show_iteration(self, iteration: int) -> None:
        assert self.timeline is not None
        programs, before = self.timeline.programs, self._iteration
        self._iteration = iteration
        if self._fingerprints[iteration] != self._fingerprints[before]:
            old, new = ((programs[i], self.timeline.stops(i)) for i in (before, iteration))
            self.selection = carry_over(self.selection, old, new)
            self._rebuild()

    def _prepare(self, open_modules: frozenset[str]) -> None:
        """Build the graph that will be needed: if that fails, it fails before anything is changed."""
        if self.timeline is not None:
            program = self.timeline.programs[self._iteration]
            self._graphs.get(program, self._fingerprints[self._iteration], open_modules, self.repeats)

    def _rebuild(self) -> None:
        """Bring the graph up to date with the iteration and the folding, and the selection with the graph."""
        if self.timeline is None:
            self.graph = None
            self.selection = Selection()
            return
        program = self.timeline.programs[self._iteration]
        fingerprint = self._fingerprints[self._iteration]
        self.graph = self._graphs.get(program, fingerprint, self.open_modules, self.repeats)
        self.selection = refit(self.selection, program, self.graph)
