"""The names of the phases, as they are shown everywhere; describe.py makes sentences of moments."""

from __future__ import annotations

from gradviz.engine.program import Phase

from .i18n import tr


def phase_title(phase: Phase) -> str:
    """The name of a phase in the interface's language."""
    return {
        Phase.ZERO_GRAD: tr("zero grad"),
        Phase.FORWARD: tr("forward"),
        Phase.LOSS: tr("loss"),
        Phase.BACKWARD: tr("backward"),
        Phase.UPDATE: tr("update"),
    }[phase]
