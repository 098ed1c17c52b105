"""Text that looks the same wherever it is painted."""

from __future__ import annotations

from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QPaintEngine, QPainter, QPainterPath


def draw_text(painter: QPainter, place: QPointF, text: str) -> None:
    """Draw text with the painter's font and pen; into an SVG as outlines, as readers may lack the fonts."""
    engine = painter.paintEngine()
    if engine is None or engine.type() != QPaintEngine.Type.SVG:
        painter.drawText(place, text)
        return
    path = QPainterPath()
    path.addText(place, painter.font(), text)
    painter.fillPath(path, painter.pen().color())
