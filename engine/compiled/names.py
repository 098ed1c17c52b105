"""What a program's names say about running it again: what is wanted at the end, and what goes on."""

from __future__ import annotations

from collections.abc import Container, Iterable

from ..program import Program, SlotKind


def usual(program: Program) -> set[int]:
    """The slots that one wants to see afterwards: the loss, and what each name means at the end."""
    last = {binding.name: binding.slot for binding in program.bindings}
    slots = {slot for slot in last.values() if slot is not None}
    return slots if program.loss is None else slots | {program.loss}


def carried(program: Program) -> dict[int, int]:
    """For what a parameter, buffer or gradient is at the end, the slot that it was at the start."""
    first: dict[str, int] = {}
    last: dict[str, int | None] = {}
    for binding in program.bindings:
        if binding.slot is not None:
            first.setdefault(binding.name, binding.slot)
        last[binding.name] = binding.slot
    found: dict[int, int] = {}
    for name, slot in first.items():
        end = last[name]
        written = end is not None and program.slots[end].kind is SlotKind.VALUE
        if written and program.slots[slot].kind not in (SlotKind.VALUE, SlotKind.CONSTANT):
            assert end is not None
            found.setdefault(end, slot)
    return found


def reached(program: Program, wanted: Iterable[int]) -> list[bool]:
    """Which instructions the wanted slots depend on."""
    needed = [False] * len(program)
    producers = program.producers
    stack = [producers[slot] for slot in wanted]
    while stack:
        index = stack.pop()
        if index >= 0 and not needed[index]:
            needed[index] = True
            stack += [producers[slot] for slot in program.instrs[index].inputs]
    return needed


def ends(program: Program, kept: Container[int]) -> dict[str, int]:
    """The kept slots that names mean at the end, where the program has computed them."""
    last = {binding.name: binding.slot for binding in program.bindings}
    return {
        name: slot
        for name, slot in last.items()
        if slot is not None and slot in kept and program.slots[slot].kind is SlotKind.VALUE
    }
