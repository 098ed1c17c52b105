"""A nudge, and numbers changed by hand, as notes on the graph's cards."""

from __future__ import annotations

from collections.abc import Mapping

from gradviz.app.inside.nudge import Nudge
from gradviz.app.numerals import number

from ...graph.notes import Note, Part
from .effect_list import MARKS


def notes_of_nudge(nudge: Nudge | None) -> dict[int, Note]:
    """For each value that moves: ∂ what is predicted, Δ what happens, and a mark where they differ."""
    if nudge is None:
        return {}
    found = {}
    for slot, effect in nudge.effects.items():
        predicted, actual = (number(size, 3) for size in effect.sizes)
        parts = [Part(f"∂ {predicted}", "gradient"), Part(f"Δ {actual}", "value")]
        if effect.level:
            parts.append(Part(MARKS[effect.level], ("text", "warning", "error")[effect.level]))
        found[slot] = Note(tuple(parts), effect.level)
    return found


def notes_of_changes(counts: Mapping[int, int]) -> dict[int, Note]:
    """A pencil on each leaf that is changed by hand, and how many numbers of it are."""
    return {slot: Note((Part(f"✎ {count}", "accent"),)) for slot, count in counts.items()}
