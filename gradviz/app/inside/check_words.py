"""A gradient check in words."""

from __future__ import annotations

from gradviz.engine.program import Program

from ..i18n import tr
from ..numerals import number
from .check import Check, Verdict
from .subject import op_title


def verdict_text(check: Check) -> str:
    """The verdict in a few words."""
    return {
        Verdict.AGREES: tr("The gradient agrees"),
        Verdict.DIFFERS: tr("The gradient does not agree"),
        Verdict.KINK: tr("There is a kink here"),
        Verdict.MISSING: tr("There is no gradient to compare"),
    }[check.verdict]


def error_text(check: Check) -> str:
    """The relative error; a dash where there is nothing to compare."""
    return "–" if check.error is None else number(check.error, 2)


def explanation(check: Check, program: Program, arrived: bool) -> str:
    """What the verdict means; `arrived`: backward has come to the gradient by now."""
    slope = number(check.exact, 6)
    parts = []
    if check.verdict is Verdict.KINK:
        parts.append(_kink(check, program))
    elif check.verdict is Verdict.MISSING:
        text = tr(
            "Backward leaves no gradient here, as nobody has asked for it. By differences it is {slope}."
        )
        parts.append(text.format(slope=slope))
    elif check.verdict is Verdict.DIFFERS:
        text = tr("By differences it is {slope}. Some rule, or what was done to the gradient, is wrong.")
        parts.append(text.format(slope=slope))
    elif check.gradient == check.exact == 0:
        parts.append(tr("Moving this number a little does not change the loss."))
    if check.gradient is not None and not arrived:
        parts.append(tr("Backward comes to it at a later moment."))
    return " ".join(parts)


def _kink(check: Check, program: Program) -> str:
    sides = check.sides
    assert sides.kink is not None
    where = op_title(program, sides.kink)
    text = tr(
        "{op} has a corner at this number: just below it the loss changes at the rate {below}, just above it "
        "at {above}. There is no single derivative; the engine follows PyTorch in choosing {chosen}."
    )
    chosen = number(check.gradient) if check.gradient is not None else "–"
    return text.format(op=where, below=number(sides.below), above=number(sides.above), chosen=chosen)


def step_note(check: Check, program: Program, place: int) -> str:
    """What spoils the difference with one of the steps; "" if nothing does, or nobody knows yet."""
    if place >= len(check.double):
        return ""
    crossed = check.double[place].crossed
    if crossed is None:
        return ""
    text = tr(
        "This step reaches over a corner of {op}: the two ends lie on different pieces of the function."
    )
    return text.format(op=op_title(program, crossed))
