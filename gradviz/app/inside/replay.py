"""One recorded number computed again from other inputs, within the few instructions that belong together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gradviz.engine.interpret import step
from gradviz.engine.program import Phase, Program


def replay(program: Program, index: int, changes: Mapping[int, np.ndarray]) -> np.ndarray | None:
    """The result of instruction `index` if the slots in `changes` had other values of the same shape.

    Recomputed are only the instructions that differentiate the same forward instruction, or, in the update,
    that belong to the update. None if the result does not depend on the changes, or cannot be computed.
    """
    values = list(program.values)
    for slot, value in changes.items():
        values[slot] = np.ascontiguousarray(value, program.values[slot].dtype).reshape(value.shape)
    changed = set(changes)
    for each in together(program, index):
        instr = program.instrs[each]
        if instr.output not in changes and not changed.isdisjoint(instr.inputs):
            try:
                with np.errstate(all="ignore"):
                    values[instr.output] = np.asarray(step(program, each, values))
            except (ValueError, IndexError):  # a kernel that refuses these numbers
                return None
            changed.add(instr.output)
    output = program.instrs[index].output
    return values[output] if output in changed else None


def together(program: Program, index: int) -> list[int]:
    """The instruction and those before it that it is computed from and that are part of the same thing."""
    site = program.instrs[index].site
    found, waiting = {index}, [index]
    while waiting:
        for slot in program.instrs[waiting.pop()].inputs:
            producer = program.producers[slot]
            if producer < 0 or producer in found:
                continue
            other = program.instrs[producer].site
            kin = site.phase is Phase.UPDATE or (site.phase is Phase.BACKWARD and site.origin >= 0)
            if kin and other.phase is site.phase and other.origin == site.origin:
                found.add(producer)
                waiting.append(producer)
    return sorted(found)
