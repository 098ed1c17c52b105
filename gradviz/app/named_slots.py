"""From a variable in the source to the slots that it means: `w`, `loss`, `self.conv1`."""

from __future__ import annotations

from functools import cached_property

from gradviz.engine.program import Program, SlotKind

from .names import GRAD
from .state import StateView

SELF = "self."


class NamedSlots:
    """The names of one program."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def now(self, name: str, state: StateView, computed: bool) -> list[tuple[str, int]]:
        """What a variable means at a moment: a title and a slot for each value.

        `self.conv1` means conv1's parameters, if only one module is called so. A name that is not bound, but
        that results are called by (`output = net(x)`), means the newest of them, if it was `computed`.
        """
        found = []
        for title, slot in self.bound(name):
            now = state.slot_of(self.path(name, title))
            slot = slot if now is None else now
            if state.written(slot):
                found.append((title, slot))
        if not found and computed:
            made = [slot for slot in self._results.get(name, ()) if state.written(slot)]
            found = [(name, made[-1])] if made else []
        return found

    def bound(self, name: str) -> list[tuple[str, int]]:
        """The title and first slot of each value that a name is bound to."""
        if not name.startswith(SELF):
            return [(name, self._first[name])] if name in self._first else []
        paths = self._of_attribute(name.removeprefix(SELF))
        return [(f"{name}{path.end}", self._first[path.whole]) for path in paths]

    def path(self, name: str, title: str) -> str:
        """The bound name ("layer1.conv.weight") behind a title ("self.conv.weight") of a variable."""
        if not name.startswith(SELF):
            return name
        paths = self._of_attribute(name.removeprefix(SELF))
        return next((path.whole for path in paths if f"{name}{path.end}" == title), "")

    def _of_attribute(self, attribute: str) -> list[_Path]:
        """The parameters of the one module, or the one parameter, that is called so; none if several are."""
        found: dict[str, list[_Path]] = {}
        for whole in self._first:
            parts = whole.split(".")
            for place, part in enumerate(parts):
                if part == attribute and len(parts) - place <= 2:
                    holder = ".".join(parts[: place + 1])
                    end = "".join(f".{rest}" for rest in parts[place + 1 :])
                    found.setdefault(holder, []).append(_Path(whole, end))
        return next(iter(found.values())) if len(found) == 1 else []

    @cached_property
    def _first(self) -> dict[str, int]:
        """For each bound name (but gradients) its first slot."""
        found: dict[str, int] = {}
        for row in self._program.bindings:
            if row.slot is not None and not row.name.endswith(GRAD):
                found.setdefault(row.name, row.slot)
        return found

    @cached_property
    def _results(self) -> dict[str, list[int]]:
        """For each name the computed slots that are called so, in order."""
        found: dict[str, list[int]] = {}
        for number, slot in enumerate(self._program.slots):
            if slot.name and slot.kind is SlotKind.VALUE:
                found.setdefault(slot.name, []).append(number)
        producers = self._program.producers
        return {name: sorted(slots, key=producers.__getitem__) for name, slots in found.items()}


class _Path:
    """A bound name, and what of it comes after the attribute: "conv1.weight" and ".weight"."""

    __slots__ = ("end", "whole")

    def __init__(self, whole: str, end: str) -> None:
        self.whole, self.end = whole, end
