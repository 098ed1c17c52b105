"""The canvas's fonts at every zoom, and how large a card must be for its text.

A card's size depends on its text alone, never on a value, so that stepping moves nothing.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import Literal

from gradviz.ui.fonts import mono_font, ui_font
from PyQt6.QtGui import QFont, QFontMetricsF, QGuiApplication

from gradviz.app.graph.model import GraphModel, GraphNode

Role = Literal["title", "text", "glyph", "frame", "label"]
ROLES: tuple[Role, ...] = ("title", "text", "glyph", "frame", "label")
ROUND_UP = 0.2  # of a pixel

BAR = 4.0  # the phase's bar at the left
PAD = 10.0  # between the border and the text
TOP = 8.0
CHIP = 18.0  # the square with the phase's glyph
GAP = 8.0
FOLD = 16.0  # the + of a module
STACK = 4.0  # how far a module's second card peeks out
HEAT = 3.0  # the bar at the bottom
MIN_WIDTH = 96.0
MAX_WIDTH = 264.0
GRID = 8.0
WIDEST_VALUE = "mean −0.000000"  # room for any value's text; longer ones are cut
SHORT_KINDS = ("input", "parameter", "buffer", "gradient", "constant")  # two lines are enough for them


def _usual(role: Role) -> QFont:
    match role:
        case "title":
            return ui_font(10, QFont.Weight.DemiBold)
        case "text":
            return mono_font(8.5)
        case "glyph":
            return ui_font(8.5, QFont.Weight.DemiBold)
        case "frame":
            return ui_font(9, QFont.Weight.DemiBold)
        case _:
            return mono_font(8)


class Lettering:
    """Fonts by role and scale, and the sizes that follow; made anew when the text's size changes.

    Qt draws text in whole pixels' sizes only, so a scale is rounded down to the next of them.
    """

    def __init__(self) -> None:
        screen = QGuiApplication.primaryScreen()
        dots = screen.logicalDotsPerInch() if screen is not None else 96.0
        self._pixels = {role: _usual(role).pointSizeF() * dots / 72 for role in ROLES}
        self._fonts: dict[tuple[Role, int], tuple[QFont, QFontMetricsF]] = {}
        self._widths: dict[tuple[Role, str], float] = {}

    def font(self, role: Role, scale: float = 1.0) -> tuple[QFont, QFontMetricsF]:
        """The font of a role, about `scale` times its usual size, with its metrics."""
        return self.sized(role, self.pixels(role, scale))

    def pixels(self, role: Role, scale: float) -> int:
        """The size in pixels that a role's font has at a scale."""
        return max(math.floor(self._pixels[role] * scale + ROUND_UP), 1)

    def sized(self, role: Role, pixels: int) -> tuple[QFont, QFontMetricsF]:
        """The font of a role, `pixels` large, with its metrics."""
        key = role, pixels
        if key not in self._fonts:
            font = _usual(role)
            font.setPixelSize(pixels)
            # Positions between pixels, so that words keep their proportions.
            font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
            self._fonts[key] = font, QFontMetricsF(font)
        return self._fonts[key]

    def width(self, role: Role, text: str) -> float:
        """The most that a text needs at scale 1, and at other scales in proportion."""
        key = role, text
        if key not in self._widths:
            pixels = self.pixels(role, 2.0)
            advance = self.sized(role, pixels)[1].horizontalAdvance(text)
            self._widths[key] = advance * (self._pixels[role] + ROUND_UP) / pixels
        return self._widths[key]

    @cached_property
    def title_height(self) -> float:
        """The height of a card's first line at scale 1."""
        return max(math.ceil(self.font("title")[1].height()), CHIP)

    @cached_property
    def line_height(self) -> float:
        """The height of each further line at scale 1."""
        return math.ceil(self.font("text")[1].height()) + 1

    def card_size(self, node: GraphNode) -> tuple[float, float]:
        """Width and height of a card at scale 1, multiples of the grid."""
        first = CHIP + GAP + self.width("title", node.title)
        if node.kind == "module":
            first += GAP + FOLD
        inner = max(first, self.width("text", node.subtitle), self.width("text", WIDEST_VALUE))
        if node.kind == "module":
            inner += STACK
        sides = BAR + 2 * PAD if node.kind not in SHORT_KINDS else 2 * PAD + GAP
        width = min(max(inner + sides, MIN_WIDTH), MAX_WIDTH)
        height = 2 * TOP + self.title_height + self.lines(node) * self.line_height
        height += STACK if node.kind == "module" else 0.0
        return _up(width), _up(height)

    @staticmethod
    def lines(node: GraphNode) -> int:
        """How many lines a card has below its title."""
        return 2 if node.subtitle and node.kind not in SHORT_KINDS else 1

    def sizes(self, model: GraphModel) -> dict[str, tuple[float, float]]:
        """The sizes of all cards by node id."""
        return {node.id: self.card_size(node) for node in model.nodes}


def _up(length: float) -> float:
    return math.ceil(length / GRID) * GRID
