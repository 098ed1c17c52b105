"""Paints memory and work along the timeline: stacked columns told apart by colour, pattern and order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from gradviz.app.inside.memory import Use

from ..theme import Theme
from ..theme.palette import mix
from .scrub_geometry import Span

ORDER = (Use.PARAMETER, Use.SAVED, Use.GRADIENT, Use.TEMPORARY)  # from below
PATTERNS = {
    Use.PARAMETER: Qt.BrushStyle.NoBrush,
    Use.SAVED: Qt.BrushStyle.VerPattern,
    Use.GRADIENT: Qt.BrushStyle.BDiagPattern,
    Use.TEMPORARY: Qt.BrushStyle.Dense6Pattern,
}
MARK = 4.0  # half the width of the peak's mark


def colour(theme: Theme, use: Use) -> QColor:
    """The colour of a use: values and gradients have theirs here too."""
    inks = {
        Use.PARAMETER: mix(theme.card, theme.control, 0.75),
        Use.SAVED: mix(theme.card, theme.value, 0.8),
        Use.GRADIENT: mix(theme.card, theme.gradient, 0.85),
        Use.TEMPORARY: mix(theme.card, theme.muted, 0.45),
    }
    return inks[use]


def columns(span: Span, count: int, offset: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Instructions 0 … count − 1 (from moment `offset` on) as columns of a pixel or more.

    Returns left edges, right edges, and the first instruction of each column.
    """
    edges = span.left + (offset + np.arange(count + 1) - span.start) * span.step
    if span.step >= 1.0:
        return edges[:-1], edges[1:], np.arange(count)
    pixels = np.floor(edges[:-1])
    first = np.flatnonzero(np.diff(pixels, prepend=-np.inf))
    return pixels[first], pixels[first] + 1.0, first


def paint_memory(
    painter: QPainter, theme: Theme, span: Span, rows: np.ndarray, offset: int, most: int, box: QRectF
) -> None:
    """The bytes after each instruction (rows) by use, `most` as high as the box."""
    count = len(rows) - 1
    lefts, rights, first = columns(span, count, offset)
    if not len(first) or not most:
        return
    tallest = np.array(
        [
            a + int(rows[a + 1 : b + 1].sum(axis=1).argmax())
            for a, b in zip(first, [*first[1:], count], strict=True)
        ]
    )
    shown = rows[tallest + 1]
    floor = np.zeros(len(first))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for use in ORDER:
        ceiling = floor + shown[:, use]
        ground, veil = QBrush(colour(theme, use)), QColor(theme.card)
        veil.setAlpha(90)
        shape = _steps(lefts, rights, box.bottom() - floor / most * box.height(),
                       box.bottom() - ceiling / most * box.height())  # fmt: skip
        painter.setPen(Qt.PenStyle.NoPen)
        for brush in (ground, QBrush(veil, PATTERNS[use])):
            painter.setBrush(brush)
            painter.drawPolygon(shape)
        floor = ceiling


def _steps(lefts: np.ndarray, rights: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> QPolygonF:
    points = [
        QPointF(x, y)
        for a, b, y in zip(lefts.tolist(), rights.tolist(), upper.tolist(), strict=True)
        for x in (a, b)
    ]
    points += [
        QPointF(x, y)
        for a, b, y in zip(lefts[::-1].tolist(), rights[::-1].tolist(), lower[::-1].tolist(), strict=True)
        for x in (b, a)
    ]
    return QPolygonF(points)


def paint_work(
    painter: QPainter, theme: Theme, span: Span, work: Sequence[float], offset: int, box: QRectF
) -> None:
    """A bar for each instruction, as high as the root of its share in the largest."""
    amounts = np.asarray(work, dtype=float)
    largest = float(amounts.max(initial=0.0))
    lefts, rights, first = columns(span, len(amounts), offset)
    if not largest or not len(first):
        return
    heights = np.sqrt(np.maximum.reduceat(amounts, first) / largest) * box.height()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(mix(theme.card, theme.accent, 0.8))
    for left, right, height in zip(lefts.tolist(), rights.tolist(), heights.tolist(), strict=True):
        if height >= 0.5:
            wide = max(right - left - (1.0 if right - left > 3 else 0.0), 1.0)
            painter.drawRect(QRectF(left, box.top(), wide, height))


def paint_peak(painter: QPainter, theme: Theme, x: float, box: QRectF) -> None:
    """A mark where there is most in memory."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.card, 1))
    painter.setBrush(theme.error)
    top = box.top() - MARK
    painter.drawPolygon(
        QPolygonF([QPointF(x - MARK, top), QPointF(x + MARK, top), QPointF(x, top + 1.6 * MARK)])
    )
