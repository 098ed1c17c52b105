"""Numbers changed by hand: the recorded program computed again with them, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradviz.engine.program import Program
from gradviz.engine.rerun import Progress, rerun

from ..edits import Change, Edit
from ..session import Session

Index = tuple[int, ...]
Values = Mapping[int, Mapping[Index, float]]  # slot -> element -> value
BUDGET = 2**29  # bytes of computed values that undo may keep


@dataclass(frozen=True, eq=False)
class Altered:
    """An iteration with other values in some slots: as it was recorded, what was changed, what that gives."""

    recorded: Program
    changes: Values
    program: Program

    @cached_property
    def size(self) -> int:
        """The bytes of the values that it does not share with what was recorded."""
        pairs = zip(self.program.values, self.recorded.values, strict=True)
        return sum(new.nbytes for new, old in pairs if new is not old)


def alter(recorded: Program, changes: Values, progress: Progress | None = None) -> Altered:
    """Compute an iteration again with these values; AbandonedError if `progress` says so.

    Without changes, it is the recorded program itself.
    """
    kept = {slot: dict(elements) for slot, elements in changes.items() if elements}
    arrays = {}
    for slot, elements in kept.items():
        array = np.array(recorded.values[slot])
        for element, value in elements.items():
            array[element] = value
        arrays[slot] = array
    return Altered(recorded, kept, rerun(recorded, arrays, None, progress) if kept else recorded)


def with_change(changes: Values, recorded: Program, slot: int, elements: Mapping[Index, float]) -> Values:
    """The changes and some more; an element that is what it was when recorded is no change."""
    row = {**changes.get(slot, {}), **elements}
    old = recorded.values[slot]
    # Compared as it will be stored: 0.1 typed for a float32 that shows as 0.1 changes nothing.
    row = {at: x for at, x in row.items() if not _same(old.dtype.type(x), old[at])}
    return {**changes, slot: row}


def _same(new: np.generic, old: np.generic) -> bool:
    return new.tobytes() == old.tobytes()


@dataclass(frozen=True)
class Alteration(Change["tuple[int, Altered]"]):
    """One undoable change of an iteration's values."""


class Alterations:
    """What is changed by hand in the session's recording; with undo by way of the session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._shown: dict[int, Altered] = {}
        self._lineage = self._lineage_now()
        self._kept: list[Alteration] = []
        session.recording_changed.connect(self._recording_changed)

    def at(self, iteration: int) -> Altered | None:
        """An iteration as it is shown, and what it is made from; None if there is no such iteration."""
        timeline = self._session.timeline
        if timeline is None or not 0 <= iteration < len(timeline.programs):
            return None
        if iteration in self._shown:
            return self._shown[iteration]
        program = timeline.programs[iteration]
        return Altered(program, {}, program)

    @property
    def now(self) -> Altered | None:
        """The iteration under the cursor."""
        timeline = self._session.timeline
        return None if timeline is None else self.at(timeline.locate()[0])

    @property
    def slots(self) -> frozenset[int]:
        """The slots of the iteration under the cursor in which something is changed."""
        now = self.now
        return frozenset(now.changes) if now is not None else frozenset()

    def show(self, text: str, iteration: int, after: Altered) -> None:
        """Show an iteration with other values; undo takes it back exactly."""
        before = self.at(iteration)
        if before is None or before.recorded is not after.recorded:
            raise ValueError("these values belong to another recording")
        edit = Alteration(text, (iteration, before), (iteration, after), self._assign)
        self._kept.append(edit)
        self._let_go()
        self._session.do(edit)

    def _assign(self, state: tuple[int, Altered]) -> None:
        iteration, altered = state
        self._shown.pop(iteration, None)
        if altered.changes:
            self._shown[iteration] = altered
        self._session.replace_program(iteration, altered.program)

    def _let_go(self) -> None:
        """Forget the oldest changes where all of them together are too large."""
        while len(self._kept) > 1 and sum(edit.after[1].size for edit in self._kept) > BUDGET:
            oldest = self._kept.pop(0)
            self._session.forget(lambda edit, oldest=oldest: edit is oldest)  # type: ignore[misc]

    def _lineage_now(self) -> object:
        recording = self._session.recording
        return recording.lineage if recording is not None else None

    def _recording_changed(self) -> None:
        lineage = self._lineage_now()
        if lineage is not self._lineage:
            self._lineage = lineage
            self._shown.clear()
            if self._kept:
                self._kept.clear()
                self._session.forget(_is_alteration)


def _is_alteration(edit: Edit) -> bool:
    return isinstance(edit, Alteration)
