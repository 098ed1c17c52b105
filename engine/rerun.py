"""Executing a recorded program again with some values changed: had this number been another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from .dispatch import compute
from .dtypes import dtype_named
from .interpret import spec_of, step
from .op import REGISTRY, Spec
from .program import Instr, Program

Progress = Callable[[int, int], bool]
"""Called with (done, of) before each instruction that is run again; False gives up."""


class AbandonedError(Exception):
    """The caller's progress function has asked to give up."""


def affected(program: Program, slots: Mapping[int, object] | set[int], stop: int | None = None) -> list[int]:
    """The instructions before `stop` whose result may change if the values of `slots` do, in order.

    An instruction that writes one of `slots` itself is not among them: its result is replaced.
    """
    changed = set(slots)
    found = []
    for index, instr in enumerate(program.instrs[:stop]):
        if instr.output not in slots and not changed.isdisjoint(instr.inputs):
            changed.add(instr.output)
            found.append(index)
    return found


def rerun(
    program: Program,
    changes: Mapping[int, np.ndarray],
    stop: int | None = None,
    progress: Progress | None = None,
) -> Program:
    """The program with other values in some slots, and all that follows from them computed again.

    `changes` maps slots to values of the same shape; a slot that an instruction writes may be among them: the
    instruction's own result is then ignored. Instructions from `stop` on keep their old values, which no
    longer belong to the others. ValueError for another shape; AbandonedError if `progress` says so.
    """
    values = list(program.values)
    for slot, value in changes.items():
        row = program.slots[slot]
        array = np.array(value, dtype_named(row.dtype).numpy)
        if array.shape != row.shape:
            raise ValueError(f"slot {slot} has shape {row.shape}, not {array.shape}")
        values[slot] = _frozen(array)
    indices = affected(program, changes, stop)
    for done, index in enumerate(indices):
        if progress is not None and not progress(done, len(indices)):
            raise AbandonedError
        values[program.instrs[index].output] = _frozen(step(program, index, values))
    return replace(program, values=tuple(values))


def in_double(program: Program, stop: int | None = None) -> Program:
    """The same computation in double precision up to instruction `stop`: what exact arithmetic would come to.

    Only what is computed before `stop` is kept; bindings, contributions and later instructions are left out.
    """
    instrs = tuple(_widened(instr) for instr in program.instrs[:stop])
    values = [_wide(value) for value in program.values]
    for instr in instrs:
        op = REGISTRY[instr.op]
        specs = tuple(_wide_spec(program, slot) for slot in instr.inputs)
        inputs = tuple(values[slot] for slot in instr.inputs)
        values[instr.output] = _frozen(np.asarray(compute(op, specs, inputs, instr.attrs)[1]))
    slots = tuple(
        replace(slot, dtype="float64") if slot.dtype in ("float32", "float16") else slot
        for slot in program.slots
    )
    return replace(program, instrs=instrs, slots=slots, values=tuple(values), bindings=(), contributions=())


def _wide_spec(program: Program, slot: int) -> Spec:
    spec = spec_of(program, slot)
    return spec._replace(dtype=dtype_named("float64")) if spec.dtype.is_floating_point else spec


def _wide(value: np.ndarray) -> np.ndarray:
    return value.astype(np.float64) if value.dtype.kind == "f" else value


def _widened(instr: Instr) -> Instr:
    """Attributes that name a floating point dtype name the wide one."""
    narrow = {key: "float64" for key, value in instr.attrs.items() if value in ("float16", "float32")}
    return replace(instr, attrs={**instr.attrs, **narrow}) if narrow else instr


def _frozen(array: np.ndarray) -> np.ndarray:
    if array.flags.writeable:
        array.flags.writeable = False
    return array
