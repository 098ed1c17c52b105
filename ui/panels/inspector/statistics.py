"""Shape and statistics of a tensor in a line or two of text."""

from __future__ import annotations

from gradviz.app.facts import ValueFacts
from gradviz.app.i18n import tr
from gradviz.app.inside.veil import HIDDEN
from gradviz.app.numerals import number, shape_text
from gradviz.app.tensor_facts import TensorFacts


def shape_line(facts: ValueFacts | None) -> str:
    """1×6×28×28 float32; "" for nothing."""
    if facts is None:
        return ""
    shape = HIDDEN if facts.shapeless else shape_text(facts.shape) or tr("scalar")
    return f"{shape}  {facts.dtype}"


def statistics_text(facts: TensorFacts) -> str:
    """The statistics in one or two lines of rich text."""
    parts = [
        (tr("min"), number(facts.min)),
        (tr("mean"), number(facts.mean)),
        (tr("max"), number(facts.max)),
        (tr("std"), number(facts.std)),
        (tr("zeros"), f"{number(100 * facts.zeros, 3)} %"),
    ]
    rows = (("\u2060".join(label), value) for label, value in parts)  # nobr does not hold Chinese together
    text = "&ensp; ".join(f"<nobr>{label}&nbsp;<b>{value}</b></nobr>" for label, value in rows)
    if facts.nonfinite:
        broken = tr("{n} not finite").format(n=facts.nonfinite)
        text += f"&ensp; <nobr><b>{broken}</b></nobr>"
    return text
