"""From a variable in the source to the slots that it means: `w`, `loss`, `self.conv1`."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from gradviz.engine.program import Program, SlotKind

from .names import GRAD
from .state import StateView

SELF = "self."


class Meaning(NamedTuple):
    """One value that a variable means: its title, the name that it is bound to, its slot."""

    title: str  # "w"; of `self.conv1` "weight" and "bias"
    path: str  # "layer1.conv1.weight"
    slot: int


class NamedSlots:
    """The names of one program."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def now(self, name: str, state: StateView, computed: bool) -> list[Meaning]:
        """What a variable means at a moment.

        `self.conv1` means conv1's parameters, if only one module is called so. A name that is not bound, but
        that results are called by (`output = net(x)`), means the newest of them, if it was `computed`.
        """
        found = []
        for title, path, first in self.bound(name):
            now = state.slot_of(path)
            slot = first if now is None else now
            if state.written(slot):
                found.append(Meaning(title, path, slot))
        if not found and computed:
            made = [slot for slot in self._results.get(name, ()) if state.written(slot)]
            found = [Meaning(name, name, made[-1])] if made else []
        return found

    def bound(self, name: str) -> list[Meaning]:
        """What a name is bound to, with its first slots."""
        if not name.startswith(SELF):
            return [Meaning(name, name, self._first[name])] if name in self._first else []
        return self._of_attribute(name.removeprefix(SELF))

    def _of_attribute(self, attribute: str) -> list[Meaning]:
        """The parameters of the one module, or the one parameter, that is called so; none if several are."""
        found: dict[str, list[Meaning]] = {}
        for path, slot in self._first.items():
            parts = path.split(".")
            if attribute in parts[-2:]:
                holder = ".".join(parts if parts[-1] == attribute else parts[:-1])
                found.setdefault(holder, []).append(Meaning(parts[-1], path, slot))
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
