"""A colour and a dash for each contender, the same in the list, the curves, the map and the table."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from ...theme import Theme
from ..plots.style import PlotStyle

_DASHES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
)


def pens(theme: Theme, count: int, width: float = 1.8) -> list[QPen]:
    """The pens of so many contenders: colours of the plots, told apart by their dashes too."""
    looks = PlotStyle(theme).looks([f"{number}.weight" for number in range(count)])
    made = []
    for number, look in enumerate(looks.values()):
        pen = QPen(QColor(look.colour), width, _DASHES[number % len(_DASHES)])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        made.append(pen)
    return made


def paint_end(painter: QPainter, x: float, y: float, colour: QColor, lost: bool, edge: QColor) -> None:
    """Where a line ends: a dot, or a cross for one that has diverged."""
    if lost:
        painter.setPen(QPen(edge, 4.0))
        _cross(painter, x, y)
        painter.setPen(QPen(colour, 2.2))
        _cross(painter, x, y)
        return
    painter.setPen(QPen(edge, 1.2))
    painter.setBrush(colour)
    painter.drawEllipse(round(x) - 4, round(y) - 4, 8, 8)


def _cross(painter: QPainter, x: float, y: float) -> None:
    left, right, top, bottom = round(x) - 4, round(x) + 4, round(y) - 4, round(y) + 4
    painter.drawLine(left, top, right, bottom)
    painter.drawLine(left, bottom, right, top)
