"""What the user calls a slot."""

from __future__ import annotations

from gradviz.engine.program import Program

GRAD = ".grad"


def names(program: Program) -> dict[int, str]:
    """The first name that each named slot is bound to, or that the recorder gave it."""
    found = {number: slot.name for number, slot in enumerate(program.slots) if slot.name}
    for row in program.bindings:
        if row.slot is not None:
            found.setdefault(row.slot, row.name)
    return found


def name_of(program: Program, slot: int) -> str:
    """The name of one slot, or ""."""
    if program.slots[slot].name:
        return program.slots[slot].name
    return next((row.name for row in program.bindings if row.slot == slot), "")
