"""Where in a recorded iteration a finding can be seen."""

from __future__ import annotations

from gradviz.engine.program import Program

from ..recording import last_gradients, parameter_slots
from ..snapshots import activation_slots
from .model import Finding
from .rules import RULES


def slot_of(finding: Finding, program: Program) -> int | None:
    """The slot whose value shows it, None if this iteration has no such value."""
    shows = RULES[finding.rule].shows
    if shows == "activation":
        return activation_slots(program).get(finding.place)
    if shows == "input":
        found = (number for number, slot in enumerate(program.slots) if slot.name == finding.place)
        return next(found, None)
    if shows == "gradient" and finding.place:
        return last_gradients(program).get(finding.place)
    if shows in ("weight", "update") and finding.place:
        slots = parameter_slots(program).get(finding.place)
        return None if slots is None else slots[1]
    return program.loss


def moment_of(slot: int, program: Program) -> int:
    """The moment at which the slot's value has just been computed; 0 if it was there before."""
    return program.producers[slot] + 1
