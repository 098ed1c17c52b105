"""Whether two recorded iterations are one program with other inputs, so that one can stand for all."""

from __future__ import annotations

from collections.abc import Container

import numpy as np

from ..program import Program, SlotKind


def difference(one: Program, two: Program, given: Container[str]) -> str | None:
    """What differs between two iterations besides the inputs that are `given` by name; None if nothing does.

    Seeds of random ops may differ; numbers and tensors that Python code has put in may not.
    """
    if len(one) != len(two):
        return f"{len(one)} and {len(two)} instructions"
    for number, (a, b) in enumerate(zip(one.instrs, two.instrs, strict=True)):
        if (a.op, a.inputs, a.output) != (b.op, b.inputs, b.output):
            return f"instruction {number}: {a.op} and {b.op}"
        if {k: v for k, v in a.attrs.items() if k != "seed"} != {
            k: v for k, v in b.attrs.items() if k != "seed"
        }:
            return f"instruction {number}: {a.op} with {dict(a.attrs)} and {dict(b.attrs)}"
    for number, (x, y) in enumerate(zip(one.slots, two.slots, strict=True)):
        if (x.shape, x.dtype, x.kind, x.name) != (y.shape, y.dtype, y.kind, y.name):
            return f"{x.name or f'slot {number}'}: {x.dtype}{list(x.shape)} and {y.dtype}{list(y.shape)}"
        fixed = x.kind is SlotKind.CONSTANT or (x.kind is SlotKind.INPUT and x.name not in given)
        if fixed and not _equal(one.values[number], two.values[number]):
            return f"{x.name or f'slot {number}'}: its value, which the code has put in"
    return None


def _equal(x: np.ndarray, y: np.ndarray) -> bool:
    return np.array_equal(x, y, equal_nan=x.dtype.kind == "f")
