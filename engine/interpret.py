"""The interpreter: executes a recorded program again, one instruction at a time, with the ops' own
kernels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .dispatch import compute
from .dtypes import dtype_named
from .op import REGISTRY, Spec, intern
from .program import Program, SlotKind


def spec_of(program: Program, slot: int) -> Spec:
    """Shape and dtype of a slot, as the ops' rules take them."""
    row = program.slots[slot]
    return intern(Spec(row.shape, dtype_named(row.dtype), row.kind is SlotKind.CONSTANT))


def step(program: Program, index: int, values: Sequence[np.ndarray | None]) -> np.ndarray:
    """The result of instruction `index`, computed from the values of its inputs."""
    instr = program.instrs[index]
    inputs = []
    for slot in instr.inputs:
        value = values[slot]
        assert value is not None, f"slot {slot} is read before it is written"
        inputs.append(value)
    specs = tuple(spec_of(program, slot) for slot in instr.inputs)
    return compute(REGISTRY[instr.op], specs, tuple(inputs), instr.attrs)[1]


def run(program: Program, inputs: Mapping[int, np.ndarray] | None = None) -> list[np.ndarray]:
    """Execute the whole program; `inputs` replaces values of slots that no instruction writes.

    Returns the value of every slot. With the recorded inputs the result equals `program.values` bit for bit.
    """
    values: list[np.ndarray | None] = [
        value if slot.kind is not SlotKind.VALUE else None
        for slot, value in zip(program.slots, program.values, strict=True)
    ]
    for slot, value in (inputs or {}).items():
        if program.slots[slot].kind is SlotKind.VALUE:
            raise ValueError(f"slot {slot} is written by the program; only inputs can be replaced")
        values[slot] = np.asarray(value)
    for index, instr in enumerate(program.instrs):
        values[instr.output] = step(program, index, values)
    return [value for value in values if value is not None]
