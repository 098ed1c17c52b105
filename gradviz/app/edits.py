"""Undo and redo of what the user sets: folding, breakpoints, values. Time travel is the timeline's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

LIMIT = 500  # edits that can be undone

T = TypeVar("T")


class Edit(Protocol):
    """One change that knows how to be made and unmade; `text` names it in the menu."""

    @property
    def text(self) -> str: ...

    def do(self) -> None: ...

    def undo(self) -> None: ...


@dataclass(frozen=True)
class Change(Generic[T]):
    """Setting one value."""

    text: str
    before: T
    after: T
    assign: Callable[[T], None]

    def do(self) -> None:
        """Set the new value."""
        self.assign(self.after)

    def undo(self) -> None:
        """Set the old value."""
        self.assign(self.before)


class EditStack:
    """The edits made so far and those undone."""

    def __init__(self) -> None:
        self._done: list[Edit] = []
        self._undone: list[Edit] = []

    def do(self, edit: Edit) -> None:
        """Make an edit; what was undone before is forgotten."""
        self._undone.clear()
        self._done.append(edit)
        del self._done[:-LIMIT]
        edit.do()

    def undo(self) -> bool:
        """Unmake the last edit; False if there is none."""
        if not self._done:
            return False
        edit = self._done.pop()
        self._undone.append(edit)
        edit.undo()
        return True

    def redo(self) -> bool:
        """Make the last unmade edit again; False if there is none."""
        if not self._undone:
            return False
        edit = self._undone.pop()
        self._done.append(edit)
        edit.do()
        return True

    def forget(self, unwanted: Callable[[Edit], bool]) -> None:
        """Forget some edits, done or undone, without unmaking them."""
        self._done = [edit for edit in self._done if not unwanted(edit)]
        self._undone = [edit for edit in self._undone if not unwanted(edit)]

    def clear(self) -> None:
        """Forget all edits."""
        self._done.clear()
        self._undone.clear()

    @property
    def undo_text(self) -> str | None:
        """What `undo` would unmake, or None."""
        return self._done[-1].text if self._done else None

    @property
    def redo_text(self) -> str | None:
        """What `redo` would make again, or None."""
        return self._undone[-1].text if self._undone else None
