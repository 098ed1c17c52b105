"""The sign of each phase, the same wherever phases are told apart without colour."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gradviz.engine.program import Phase

SIGNS: Mapping[Phase, str] = MappingProxyType(
    {
        Phase.ZERO_GRAD: "0",
        Phase.FORWARD: "→",
        Phase.LOSS: "ℓ",
        Phase.BACKWARD: "←",
        Phase.UPDATE: "Δ",
    }
)
