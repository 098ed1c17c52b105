"""Moments in words: what the status bar says, a screen reader announces and the timeline's tips show."""

from __future__ import annotations

from gradviz.engine.program import Phase, Program

from .i18n import tr
from .numerals import number, shape_text


def phase_title(phase: Phase) -> str:
    """The name of a phase in the interface's language."""
    return {
        Phase.ZERO_GRAD: tr("zero grad"),
        Phase.FORWARD: tr("forward"),
        Phase.LOSS: tr("loss"),
        Phase.BACKWARD: tr("backward"),
        Phase.UPDATE: tr("update"),
    }[phase]


def result_text(program: Program, slot: int) -> str:
    """A slot in a few characters: its shape, "1×6×28×28", or its number if it is a single one."""
    value = program.values[slot]
    shape = shape_text(program.slots[slot].shape)
    return shape if value.ndim else number(float(value.reshape(())))


def instruction_sentence(program: Program, index: int) -> str:
    """One instruction: "forward · conv1: conv2d → 1×6×28×28"."""
    instr = program.instrs[index]
    words = {
        "phase": phase_title(instr.site.phase),
        "module": instr.site.module,
        "op": instr.op,
        "result": result_text(program, instr.output),
    }
    if instr.site.module and instr.site.module != instr.op:
        return tr("{phase} · {module}: {op} → {result}").format(**words)
    return tr("{phase} · {op} → {result}").format(**words)


def moment_sentence(program: Program | None, moment: int) -> str:
    """What has just happened at a moment of an iteration."""
    if program is None:
        return tr("Nothing is recorded yet")
    if moment == 0:
        return tr("Start · nothing has run yet")
    return instruction_sentence(program, moment - 1)
