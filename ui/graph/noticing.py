"""From notes on values to notes on the cards that show them, also after the graph was folded otherwise."""

from __future__ import annotations

from collections.abc import Mapping

from gradviz.engine.program import Phase
from PyQt6.QtCore import QObject

from .canvas import GraphCanvas
from .notes import Note

_OWN = (Phase.FORWARD, Phase.LOSS)


class Noticing(QObject):
    """Keeps the notes of several sources; a card shows one line with all of its value."""

    def __init__(self, canvas: GraphCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._sources: dict[str, Mapping[int, Note]] = {}

    def show(self, source: str, notes: Mapping[int, Note]) -> None:
        """Show a source's notes by slot, instead of those that it had."""
        self._sources[source] = dict(notes)
        self.renew()

    def renew(self) -> None:
        """Find the cards anew."""
        found: dict[str, Note] = {}
        for notes in self._sources.values():
            for node in self._canvas.scene.model.nodes:
                note = notes.get(node.slot)
                if note is not None and (node.phase in _OWN or not node.instrs):
                    before = found.get(node.id)
                    found[node.id] = note if before is None else _both(before, note)
        self._canvas.focus.notes = found
        self._canvas.update()


def _both(first: Note, second: Note) -> Note:
    return Note((*first.parts, *second.parts), max(first.level, second.level))
