"""What a check, a nudge or a change by hand is about, and why one of them may make no sense."""

from __future__ import annotations

from gradviz.engine.program import Program, SlotKind
from gradviz.engine.rerun import affected

from ..i18n import tr
from ..names import name_of
from ..numerals import index_text
from ..state import StateView


def subject_of(program: Program, slot: int) -> int:
    """The value that a gradient belongs to; any other slot itself."""
    for row in program.contributions:
        if slot in (row.total, row.grad):
            return row.slot
    return slot


def why_no_check(state: StateView, slot: int) -> str | None:
    """Why a value's gradient cannot be compared with a finite difference now, or None if it can."""
    program = state.program
    loss = program.loss
    if loss is None:
        return tr("There is no loss: the recording has no backward pass, so there is nothing to compare.")
    if program.values[loss].size != 1:
        return tr("Backward began at a tensor of several numbers: a finite difference needs a single one.")
    if (problem := _why_fixed(state, slot)) is not None:
        return problem
    stop = program.producers[loss] + 1
    if slot != loss and loss not in {program.instrs[i].output for i in affected(program, {slot}, stop)}:
        return tr("The loss does not depend on this value, so its gradient is zero.")
    return None


def why_no_nudge(state: StateView, slot: int) -> str | None:
    """Why a value cannot be moved a little, or None if it can."""
    return _why_fixed(state, slot)


def why_no_change(state: StateView, slot: int) -> str | None:
    """Why a value cannot be changed by hand, or None if it can."""
    if state.program.slots[slot].kind is SlotKind.VALUE:
        return tr("This value is computed. Change what it is computed from: an input or a parameter.")
    return _why_fixed(state, slot)


def _why_fixed(state: StateView, slot: int) -> str | None:
    value = state.program.values[slot]
    if not state.written(slot):
        return tr("This value is not computed yet at this moment. Step forward first.")
    if value.dtype.kind != "f":
        return tr("These are whole numbers, such as classes: they cannot be moved a little.")
    if value.size == 0:
        return tr("This tensor has no elements.")
    return None


def title_of(
    program: Program, slot: int, element: tuple[int, ...] | None = None, gradient: bool = False
) -> str:
    """What a value, or its gradient, is called: "conv1.weight[0, 0, 2, 3]", "∂L/∂relu"."""
    name = name_of(program, slot)
    if not name:
        producer = program.producers[slot]
        name = op_title(program, producer) if producer >= 0 else tr("a constant")
    text = name + (index_text(element) if element is not None else "")
    return f"∂L/∂{text}" if gradient else text


def op_title(program: Program, producer: int) -> str:
    """Which operation an instruction is, with its module."""
    instr = program.instrs[producer]
    module = instr.site.module
    return f"{module} · {instr.op}" if module not in ("", instr.op) else instr.op
