"""How far the value of a card is from that of a second run."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter, QPen

from ..fonts import ui_font
from ..theme.palette import contrast, mix
from .colours import Colours
from .labels import LABELS_FROM


@dataclass(frozen=True)
class Difference:
    """How far a node's value is from that of a second run: in words, and from 0 to 1."""

    text: str
    share: float


def paint_difference(
    painter: QPainter, card: QRectF, difference: Difference, scale: float, colours: Colours
) -> None:
    """A label at a card's upper left corner: the more colour, the farther apart; and how far."""
    font = ui_font(8)
    metrics = QFontMetricsF(font)
    text = f"Δ {difference.text}" if scale >= LABELS_FROM else ""
    width = metrics.horizontalAdvance(text) + 10 if text else 8.0
    height = metrics.height() + 2 if text else 8.0
    # At the left: labels of edges stand right of their middle.
    box = QRectF(card.left() - 6, card.top() - height * 0.75, width, height)
    ground = mix(colours.canvas, colours.lamp, 0.12 + 0.88 * difference.share**0.5)
    ink = max((colours.selected, colours.canvas), key=lambda each: contrast(each, ground))
    painter.setPen(QPen(colours.lamp, 1.0))
    painter.setBrush(ground)
    painter.drawRoundedRect(box, height / 2, height / 2)
    painter.setPen(ink)
    painter.setFont(font)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    painter.setBrush(Qt.BrushStyle.NoBrush)
