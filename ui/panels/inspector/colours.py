"""Colours for numbers: blue above zero, red below, zero like the ground; safe for the colour-blind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt6.QtGui import QColor

from ...theme import Theme
from ...theme.palette import mix

STEPS = 128  # of each sign
BROKEN = "#ffe14d"  # NaN and infinity: a yellow that every eye tells from all colours of both maps


@dataclass(frozen=True)
class Scale:
    """From which number to which the colours reach; `signed` ones are symmetric about zero."""

    low: float
    high: float

    @property
    def signed(self) -> bool:
        return self.low < 0

    def level(self, values: np.ndarray) -> np.ndarray:
        """Numbers as steps from -STEPS to STEPS; what is not finite becomes STEPS + 1."""
        finite = np.isfinite(values)
        reach = max(abs(self.low), abs(self.high)) or 1.0
        with np.errstate(invalid="ignore", over="ignore"):
            steps = np.rint(np.clip(values / reach, -1.0, 1.0) * STEPS)
        return np.where(finite, steps, STEPS + 1).astype(np.int16)


def scale_for(low: float, high: float) -> Scale:
    """Symmetric about zero if there are negative numbers, else from zero; NaN counts as 0."""
    low, high = (0.0 if np.isnan(x) else x for x in (low, high))
    if low < 0:
        reach = max(-low, high)
        return Scale(-reach, reach)
    return Scale(0.0, high)


class ColourMap:
    """The colours of one theme, as a table of pixels."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.neutral = mix(theme.card, theme.text, 0.05 if not theme.dark else 0.09)
        self.broken = QColor(BROKEN)
        ends = (
            self.shades(theme.negative)[::-1],
            [self.neutral],
            self.shades(theme.positive),
            [self.broken],
        )
        self._table = np.array([c.rgba() for part in ends for c in part], np.uint32)

    def shades(self, colour: QColor) -> list[QColor]:
        """From next to zero to the end: away from the ground, then darker (or lighter) than the colour."""
        deep = mix(colour, self.theme.text, 0.35)
        shades = []
        for i in range(1, STEPS + 1):
            share = (i / STEPS) ** 0.8
            shades.append(
                mix(self.neutral, colour, share / 0.7)
                if share < 0.7
                else mix(colour, deep, (share - 0.7) / 0.3)
            )
        return shades

    def pixels(self, values: np.ndarray, filled: np.ndarray, scale: Scale) -> np.ndarray:
        """ARGB32 for every cell; transparent where no element lies."""
        table = np.append(self._table, np.uint32(0))
        levels = scale.level(values.astype(np.float64, copy=False)) + STEPS
        return table[np.where(filled, levels, len(table) - 1)]

    def colour(self, value: float, scale: Scale) -> QColor:
        """The colour of one number."""
        level = int(scale.level(np.array([value]))[0])
        return QColor.fromRgba(int(self._table[level + STEPS]))


def text_on(ground: QColor) -> QColor:
    """Black or white, whichever is easier to read on a ground."""
    light = 0.299 * ground.red() + 0.587 * ground.green() + 0.114 * ground.blue()
    return QColor("#14161c") if light > 140 else QColor("#ffffff")
