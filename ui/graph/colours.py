"""The canvas's colours, mixed once per theme from the theme's own.

Lines are opaque: overlapping strokes of transparent lines would show their joints.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from gradviz.engine.program import Phase
from gradviz.ui.theme import Theme
from gradviz.ui.theme.palette import mix
from numpy.typing import NDArray
from PyQt6.QtGui import QColor

from gradviz.app.graph.overlay import BYTES, GRADIENT, TIME, VALUE

from ..panels.inspector.colours import ColourMap
from .scene import CURRENT, PENDING, PHASES

Numbers = NDArray[Any]

LEVELS = 16  # steps of an overlay's colours
_PHASED_EDGES = (Phase.BACKWARD, Phase.UPDATE)


@dataclass(frozen=True)
class CardColours:
    """One card: its parts' colours for one phase and status."""

    fill: QColor
    border: QColor
    bar: QColor
    chip: QColor
    glyph: QColor
    title: QColor
    subtitle: QColor
    value: QColor
    flat: QColor  # the whole card where it is a few pixels large


class Colours:
    """Everything the canvas paints with, for one theme."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.canvas = theme.canvas
        self.dots = mix(theme.canvas, theme.control, 0.22)
        self.accent = theme.accent
        self.halo = mix(theme.canvas, theme.accent, 0.28)
        self.selected = theme.text
        self.hovered = mix(theme.control, theme.text, 0.35)
        self.frame = mix(theme.canvas, theme.control, 0.75)
        self.frame_fill = mix(theme.canvas, theme.control, 0.06)
        self.frame_title = theme.muted
        self.heat = theme.gradient
        self.heat_track = mix(theme.node_fill, theme.border, 0.7)
        self.breakpoint = theme.error
        self.lamp = theme.warning  # what is lit on request: a line's nodes, where a number comes from
        self.label = theme.muted
        self.cards = [[_card(theme, phase, status) for status in range(3)] for phase in PHASES]
        self.edges = [_edge(theme, PHASES[s // 4], bool(s & 2), bool(s & 1)) for s in range(4 * len(PHASES))]
        self.hit = mix(theme.canvas, theme.text, 0.62)
        self.ramps = {kind: ramp(theme, kind) for kind in (VALUE, GRADIENT, BYTES, TIME)}
        self.lit = [_lit(theme, phase) for phase in PHASES]

    def card(self, phase: int, status: int) -> CardColours:
        """The colours of a card, by the numbers of its phase and status."""
        return self.cards[phase][status]


@lru_cache(maxsize=4)
def colours_of(theme: Theme) -> Colours:
    """The colours of a theme, mixed once: every opening of a module makes a new painter."""
    return Colours(theme)


def ramp(theme: Theme, kind: str) -> list[QColor]:
    """The colours of an overlay from level 0 to 1, and last that of what is not finite.

    They grow darker (in the dark theme brighter) all the way, so that they can be told apart without hue.
    """
    colours = ColourMap(theme)
    hues = {GRADIENT: theme.gradient, BYTES: theme.update, TIME: theme.accent}
    hue = hues.get(kind, theme.positive)
    shades = [colours.neutral, *colours.shades(hue)]
    return [
        *(shades[round(level / LEVELS * (len(shades) - 1))] for level in range(LEVELS + 1)),
        colours.broken,
    ]


def edge_styles(phase: Numbers, saved: Numbers, done: Numbers) -> Numbers:
    """The numbers of edges' colours in `Colours.edges`."""
    return phase.astype(np.intp) * 4 + saved * 2 + done


def with_alpha(colour: QColor, alpha: float) -> QColor:
    """The colour, translucent: for what lies over a picture."""
    made = QColor(colour)
    made.setAlphaF(alpha)
    return made


def _card(theme: Theme, phase: Phase, status: int) -> CardColours:
    hue = theme.phase(phase)
    if status == PENDING:
        fill = theme.node_pending
        return CardColours(
            fill=fill,
            border=mix(theme.canvas, theme.node_border, 0.6),
            bar=mix(fill, hue, 0.4),
            chip=mix(fill, hue, 0.08),
            glyph=mix(fill, hue, 0.65),
            title=mix(fill, theme.text, 0.7),
            subtitle=theme.faint,
            value=theme.faint,
            flat=mix(theme.canvas, hue, 0.3),
        )
    fill = mix(theme.node_done, theme.accent, 0.1) if status == CURRENT else theme.node_done
    return CardColours(
        fill=fill,
        border=theme.accent if status == CURRENT else mix(theme.node_border, hue, 0.25),
        bar=hue,
        chip=mix(fill, hue, 0.16),
        glyph=hue,
        title=theme.text,
        subtitle=theme.muted,
        value=mix(hue, theme.text, 0.15),
        flat=theme.accent if status == CURRENT else mix(theme.canvas, hue, 0.75),
    )


def _edge(theme: Theme, phase: Phase, saved: bool, done: bool) -> QColor:
    line = mix(theme.edge, theme.phase(phase), 0.6) if phase in _PHASED_EDGES else theme.edge
    if saved:
        return mix(theme.canvas, line, 0.6 if done else 0.38)
    return line if done else mix(theme.canvas, line, 0.55)


def _lit(theme: Theme, phase: Phase) -> QColor:
    """An edge of the current node."""
    return theme.phase(phase)
