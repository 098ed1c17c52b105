"""The state of the app without a screen: what is recorded, where the cursor is, what is open and selected.

Widgets get the session by their constructor, call its methods and listen to its signals. Signals are emitted
after the whole change is made, never nested in one another (see `Announcer`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from psygnal import Signal

from .announcer import News
from .breakpoints import Breakpoints
from .edits import Change, Edit, EditStack
from .graph.build import build_graph
from .graph.folding import Owners
from .graph.limits import opened_within
from .graph.repeats import nest_of
from .graph.texts import scope_name
from .graph_cache import Build
from .i18n import tr
from .node_breakpoints import marked, toggled
from .settings import Settings
from .walk import Walk


class Session(Walk):
    """What all panels share: the walk through a recording, and what the user sets, with undo."""

    breakpoints_changed = Signal()
    folded_first = Signal()  # too much to be drawn at once: some of it stays folded
    edits_changed = Signal()  # what undo and redo would do

    def __init__(self, settings: Settings | None = None, build: Build = build_graph) -> None:
        super().__init__(build)
        self.settings = settings if settings is not None else Settings()
        self.repeats = self.settings.repeats_from
        self.breakpoints = Breakpoints()
        self._edits = EditStack()

    # Folding.

    def toggle_module(self, node_or_group_id: str) -> None:
        """Open a folded module, or close the open module that is named or that a named node lies in."""
        if self.graph is None:
            return
        node = self.graph.by_id.get(node_or_group_id)
        if node is not None and node.kind == "module":
            self._fold(self.open_modules | {node.module}, self._said(tr("Open {module}"), node.module))
            return
        group_id = self.graph.membership.get(node_or_group_id, node_or_group_id)
        group = next((group for group in self.graph.groups if group.id == group_id), None)
        if group is not None:
            self._fold(self.open_modules - {group.module}, self._said(tr("Close {module}"), group.module))

    def open_module(self, path: str) -> None:
        """Open a module and all that it lies in."""
        program = self.program
        around = nest_of(program, self.repeats).around(path) if program is not None else ()
        self._fold(self.open_modules | set(around), self._said(tr("Open {module}"), path))

    def open_to(self, instr: int) -> None:
        """Open all that hides an instruction, and select it."""
        program = self.program
        if program is None or self.graph is None:
            return
        nest = nest_of(program, self.repeats)
        around = nest.around(nest.homes(Owners(program).paths)[instr])
        if around:
            self._fold(self.open_modules | set(around), self._said(tr("Open {module}"), around[-1]))
        self.select_node(self.graph.node_of_instr[instr])

    def _said(self, text: str, path: str) -> str:
        program = self.program
        name = scope_name(nest_of(program, self.repeats), path) if program is not None else path
        return text.format(module=name)

    def open_all(self) -> None:
        """Open every module, or as many as can be laid out; `folded_first` then tells."""
        if (program := self.program) is not None:
            opened, whole = opened_within(program, self.open_modules, self.repeats)
            if not whole:
                self._news.queue(self.folded_first)
            self._fold(opened, tr("Open all modules"))
            self._news.tell()

    def close_all(self) -> None:
        """Fold every module."""
        self._fold(frozenset(), tr("Close all modules"))

    def fold_repeats(self, at_least: int) -> None:
        """Fold runs of so many repeats or more as one box; 0 for none."""
        if at_least != self.repeats:
            self.repeats = self.settings.repeats_from = at_least
            self.settings.save()
            self._rebuild()
            self._news.tell(self.graph_changed, self.selection_changed)

    def _fold(self, wanted: Iterable[str], text: str) -> None:
        after = frozenset(wanted)
        if after != self.open_modules:
            self._prepare(after)
            self._news.queue(self.edits_changed)
            self._edits.do(Change(text, self.open_modules, after, self._set_open))

    def _set_open(self, modules: frozenset[str]) -> None:
        self.open_modules = modules
        before = self.selection
        self._rebuild()
        self._news.tell(self.graph_changed, *([self.selection_changed] if self.selection != before else []))

    # Breakpoints.

    @property
    def breakpoint_nodes(self) -> frozenset[str]:
        """The nodes that show a breakpoint: their own, or one of what is folded into them."""
        if self.graph is None or self.timeline is None:
            return frozenset()
        return marked(self.graph, self.timeline.stops(self._iteration), self.breakpoints)

    def toggle_breakpoint(self, node_id: str) -> None:
        """Set or clear a breakpoint on a node; values from outside cannot have one."""
        node = self.graph.by_id.get(node_id) if self.graph is not None else None
        if node is not None and self.timeline is not None:
            after = toggled(node, self.timeline.stops(self._iteration), self.breakpoints)
            self._break(after, tr("Breakpoint on {node}").format(node=node.title))

    def toggle_op_breakpoint(self, op: str) -> None:
        """Set or clear a breakpoint on every op of a kind."""
        self._break(self.breakpoints.toggled_op(op), tr("Breakpoint on every {op}").format(op=op))

    def toggle_nonfinite_breakpoint(self) -> None:
        """Stop, or no longer stop, where a number stops being finite."""
        after = replace(self.breakpoints, nonfinite=not self.breakpoints.nonfinite)
        self._break(after, tr("Breakpoint on NaN and infinity"))

    def clear_breakpoints(self) -> None:
        """Clear all breakpoints."""
        self._break(Breakpoints(), tr("Clear all breakpoints"))

    def _break(self, after: Breakpoints, text: str) -> None:
        if after != self.breakpoints:
            self._news.queue(self.edits_changed)
            self._edits.do(Change(text, self.breakpoints, after, self._set_breakpoints))

    def _set_breakpoints(self, breakpoints: Breakpoints) -> None:
        self.breakpoints = breakpoints
        if self.timeline is not None:
            self.timeline.breakpoints = breakpoints
        self._news.tell(self.breakpoints_changed)

    def _loaded(self, same_structure: bool) -> tuple[News, ...]:
        if not same_structure:
            self._edits.clear()
            stops = self.timeline.stops(0) if self.timeline is not None else None
            kept = (place for place in self.breakpoints.instrs if stops is not None and stops.has(place))
            self.breakpoints = replace(self.breakpoints, instrs=frozenset(kept))
        if self.timeline is not None:
            self.timeline.breakpoints = self.breakpoints
        if self.program is not None and nest_of(self.program, self.repeats).chunks.boxes:
            self._news.queue(self.folded_first)
        return self.breakpoints_changed, self.edits_changed

    # Undo.

    @property
    def undo_text(self) -> str | None:
        """What `undo` would take back, or None."""
        return self._edits.undo_text

    @property
    def redo_text(self) -> str | None:
        """What `redo` would do again, or None."""
        return self._edits.redo_text

    def do(self, edit: Edit) -> None:
        """Make an edit that can be undone."""
        self._news.queue(self.edits_changed)
        self._edits.do(edit)
        self._news.tell()

    def forget(self, unwanted: Callable[[Edit], bool]) -> None:
        """Forget some edits without unmaking them, as they no longer belong to what is shown."""
        self._edits.forget(unwanted)
        self._news.tell(self.edits_changed)

    def undo(self) -> None:
        """Take back the last edit: a folding, a breakpoint, a value."""
        if self._edits.undo_text is not None:
            self._news.queue(self.edits_changed)
            self._edits.undo()

    def redo(self) -> None:
        """Do again what was taken back."""
        if self._edits.redo_text is not None:
            self._news.queue(self.edits_changed)
            self._edits.redo()
