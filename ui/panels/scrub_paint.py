"""Paints the scrubber: phases told apart by colour, pattern, sign and word; what has run is darker."""

from __future__ import annotations

from collections.abc import Iterable

from gradviz.engine.program import Phase
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from gradviz.app.narration import phase_title
from gradviz.app.timeline import Segment

from ..phases import SIGNS
from ..theme import Theme
from ..theme.palette import contrast, mix
from .scrub_geometry import Span

PATTERNS = {
    Phase.ZERO_GRAD: Qt.BrushStyle.Dense7Pattern,
    Phase.FORWARD: Qt.BrushStyle.NoBrush,
    Phase.LOSS: Qt.BrushStyle.Dense6Pattern,
    Phase.BACKWARD: Qt.BrushStyle.BDiagPattern,
    Phase.UPDATE: Qt.BrushStyle.HorPattern,
}
RADIUS = 4.0
GAP = 1.0  # between two segments
TICK = 5.0  # length of the mark where a module begins
TICK_EVERY = 5.0  # pixels; denser ticks are left out
LABEL_MARGIN = 4.0


def paint_segment(
    painter: QPainter, theme: Theme, segment: Segment, span: Span, band: QRectF, moment: int, font: QFont
) -> None:
    """One run of a phase: light where it has yet to run, in full colour up to `moment`."""
    left = span.x_of(max(segment.start, span.start))
    right = span.x_of(min(segment.stop, span.stop)) - GAP
    if right <= left:
        return
    box = QRectF(left, band.top(), max(right - left, 1.0), band.height())
    colour = theme.phase(segment.phase)
    pending, done = mix(theme.card, colour, 0.16), mix(theme.card, colour, 0.9)
    split = min(max(span.x_of(moment), box.left()), box.right())
    parts = (
        (QRectF(box.left(), box.top(), split - box.left(), box.height()), done, _ink_on(done, theme)),
        (QRectF(split, box.top(), box.right() - split, box.height()), pending, theme.text),
    )
    text = _fitting_label(segment.phase, box.width(), font)
    for part, ground, ink in parts:
        if part.width() <= 0:
            continue
        painter.save()
        painter.setClipRect(part)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(box, RADIUS, RADIUS)
        painter.setBrush(QBrush(_veil(ink), PATTERNS[segment.phase]))
        painter.drawRoundedRect(box, RADIUS, RADIUS)
        painter.setPen(ink)
        painter.setFont(font)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        painter.restore()


def paint_ticks(painter: QPainter, theme: Theme, places: Iterable[tuple[float, float]], band: QRectF) -> None:
    """A mark at each place (from, to) that is wide enough."""
    tick = QColor(theme.text)
    tick.setAlpha(110)
    painter.setPen(QPen(tick, 1))
    for left, right in places:
        if right - left >= TICK_EVERY:
            painter.drawLine(QPointF(left, band.bottom() - TICK), QPointF(left, band.bottom()))


def paint_names(
    painter: QPainter, theme: Theme, places: Iterable[tuple[float, float, str]], band: QRectF, font: QFont
) -> None:
    """Below the band a name for each place (from, to), where there is room."""
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    painter.setPen(theme.muted)
    for left, right, name in places:
        if metrics.horizontalAdvance(name) + LABEL_MARGIN <= right - left:
            box = QRectF(left, band.bottom() + 1, right - left, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)


def paint_gaps(painter: QPainter, theme: Theme, places: Iterable[float], band: QRectF) -> None:
    """A gap before each place: there another iteration begins."""
    for left in places:
        painter.fillRect(QRectF(left - 2 * GAP, band.top(), 2 * GAP, band.height()), theme.panel)


def paint_cursor(painter: QPainter, theme: Theme, x: float, band: QRectF, focused: bool) -> None:
    """The handle: a line through the band with a grip on top."""
    painter.setPen(QPen(theme.card, 4))
    painter.drawLine(QPointF(x, band.top() - 2), QPointF(x, band.bottom() + 2))
    painter.setPen(QPen(theme.text, 2))
    painter.drawLine(QPointF(x, band.top() - 2), QPointF(x, band.bottom() + 2))
    grip = QPainterPath()
    grip.moveTo(x - 6, band.top() - 9)
    grip.lineTo(x + 6, band.top() - 9)
    grip.lineTo(x + 6, band.top() - 5)
    grip.lineTo(x, band.top() + 1)
    grip.lineTo(x - 6, band.top() - 5)
    grip.closeSubpath()
    painter.setPen(QPen(theme.accent if focused else theme.card, 1.5))
    painter.setBrush(theme.accent if focused else theme.text)
    painter.drawPath(grip)


def paint_breakpoint(painter: QPainter, theme: Theme, x: float, band: QRectF) -> None:
    """A dot above the instruction at which a run stops."""
    painter.setPen(QPen(theme.card, 1))
    painter.setBrush(theme.error)
    painter.drawEllipse(QPointF(x, band.top() - 4), 3.5, 3.5)


def paint_overview(
    painter: QPainter,
    theme: Theme,
    strip: QRectF,
    bounds: Iterable[tuple[int, int]],
    length: int,
    moment: int,
) -> None:
    """All iterations on one thin strip: the current one marked, what has run darker."""
    per_moment = strip.width() / max(length, 1)
    painter.setPen(Qt.PenStyle.NoPen)
    for start, stop in bounds:
        left, right = strip.left() + start * per_moment, strip.left() + stop * per_moment
        current = start < moment <= stop or (moment == 0 and start == 0)
        painter.setBrush(theme.accent if current else mix(theme.border, theme.muted, 0.5 * (stop <= moment)))
        gap = 1.0 if right - left > 3 else 0.0
        box = QRectF(left, strip.top(), max(right - left - gap, 1.0), strip.height())
        painter.drawRect(box.adjusted(0, 0, 0, 0) if current else box.adjusted(0, 1, 0, -1))


def _fitting_label(phase: Phase, width: float, font: QFont) -> str:
    metrics = QFontMetricsF(font)
    for text in (f"{SIGNS[phase]} {phase_title(phase)}", phase_title(phase), SIGNS[phase]):
        if metrics.horizontalAdvance(text) + LABEL_MARGIN <= width:
            return text
    return ""


def _ink_on(ground: QColor, theme: Theme) -> QColor:
    return max((theme.text, theme.card), key=lambda ink: contrast(ink, ground))


def _veil(ink: QColor) -> QColor:
    veil = QColor(ink)
    veil.setAlpha(34)
    return veil
