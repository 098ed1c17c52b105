"""How one node looks: a card, with as much text as its size on the screen can carry."""

from __future__ import annotations

from dataclasses import dataclass

from gradviz.engine.program import Phase
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from gradviz.app.graph.model import GraphNode, NodeKind
from gradviz.app.layout.types import Rect

from .colours import CardColours
from .lettering import BAR, CHIP, FOLD, GAP, HEAT, PAD, SHORT_KINDS, STACK, Lettering

ALL_TEXT_FROM = 0.6  # scale from which every line is legible; below it the title alone fills the card
SMALLEST = 7  # pixels; a smaller title is not worth painting
RADIUS = 8.0
NO_VALUE = "–"

PHASE_GLYPHS = {
    Phase.ZERO_GRAD: "∅",
    Phase.FORWARD: "→",
    Phase.LOSS: "L",
    Phase.BACKWARD: "←",
    Phase.UPDATE: "↻",
}
KIND_GLYPHS: dict[NodeKind, str] = {
    "input": "▷",
    "parameter": "θ",
    "buffer": "b",
    "gradient": "∂",
    "constant": "#",
}


@dataclass(frozen=True)
class Card:
    """One node as it looks now."""

    node: GraphNode
    colours: CardColours
    heat_colour: QColor
    heat_track: QColor
    value: str
    heat: float | None


def glyph(node: GraphNode) -> str:
    """The sign that tells a node's kind, or, of ops and modules, its phase."""
    return KIND_GLYPHS.get(node.kind) or PHASE_GLYPHS[node.phase]


def text_top(height: float, node: GraphNode, lettering: Lettering) -> float:
    """How far below a card's upper border its text begins at scale 1."""
    return (height - lettering.title_height - lettering.lines(node) * lettering.line_height) / 2


def fold_rect(node: GraphNode, rect: Rect, lettering: Lettering) -> Rect:
    """Where a folded module's + is, in units of the world."""
    right = rect.x + rect.width - STACK - PAD
    top = rect.y + text_top(rect.height - STACK, node, lettering)
    return Rect(right - FOLD, top + (lettering.title_height - FOLD) / 2, FOLD, FOLD)


def outline(kind: NodeKind, rect: QRectF, scale: float) -> QPainterPath:
    """The border of a card: pills are values from outside, rounded boxes are ops and modules."""
    radius = rect.height() / 2 if kind in SHORT_KINDS else min(RADIUS * scale, rect.height() / 2)
    path = QPainterPath()
    path.addRoundedRect(rect, radius, radius)
    return path


def paint_card(painter: QPainter, card: Card, rect: QRectF, scale: float, lettering: Lettering) -> None:
    """Paint a card into `rect` (pixels) at `scale`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    front = QRectF(rect)
    if card.node.kind == "module":
        front = rect.adjusted(0, 0, -STACK * scale, -STACK * scale)
        _paint_body(painter, card, front.translated(STACK * scale, STACK * scale), scale, back=True)
    _paint_body(painter, card, front, scale, back=False)
    if scale >= ALL_TEXT_FROM:
        _paint_lines(painter, card, front, scale, lettering)
    else:
        _paint_title_only(painter, card, front, scale, lettering)
    if card.heat is not None:
        _paint_heat(painter, card, front, scale)


def _paint_body(painter: QPainter, card: Card, rect: QRectF, scale: float, back: bool) -> None:
    pill = card.node.kind in SHORT_KINDS
    width = 1.0 if scale < 1.2 else 1.2
    inset = rect.adjusted(width / 2, width / 2, -width / 2, -width / 2)
    shape = outline(card.node.kind, inset, scale)
    pen = QPen(card.colours.border, width)
    if card.node.kind == "constant":
        pen.setStyle(Qt.PenStyle.DotLine)
    if back or pill:
        painter.setPen(pen)
        painter.setBrush(card.colours.fill)
        painter.drawPath(shape)
        return
    painter.fillPath(shape, card.colours.bar)
    radius = min(RADIUS * scale, inset.height() / 2)
    painter.fillPath(_right_of_bar(inset, max(BAR * scale, 1.5), radius), card.colours.fill)
    painter.strokePath(shape, pen)


def _right_of_bar(rect: QRectF, bar: float, radius: float) -> QPainterPath:
    """The rounded box without a strip at its left."""
    x, y, right, bottom = rect.left() + bar, rect.top(), rect.right(), rect.bottom()
    path = QPainterPath(QPointF(x, y))
    path.lineTo(right - radius, y)
    path.arcTo(right - 2 * radius, y, 2 * radius, 2 * radius, 90, -90)
    path.lineTo(right, bottom - radius)
    path.arcTo(right - 2 * radius, bottom - 2 * radius, 2 * radius, 2 * radius, 0, -90)
    path.lineTo(x, bottom)
    path.closeSubpath()
    return path


def _paint_lines(painter: QPainter, card: Card, rect: QRectF, scale: float, lettering: Lettering) -> None:
    node, colours = card.node, card.colours
    left = rect.left() + (PAD + (GAP / 2 if node.kind in SHORT_KINDS else BAR)) * scale
    right = rect.right() - PAD * scale
    line = lettering.title_height * scale
    top = rect.top() + text_top(rect.height() / scale, node, lettering) * scale
    chip = QRectF(left, top + (line - CHIP * scale) / 2, CHIP * scale, CHIP * scale)
    _paint_chip(painter, card, chip, scale, lettering)
    if node.kind == "module":
        side = FOLD * scale
        right -= side
        box = QRectF(right, top + (line - side) / 2, side, side)
        paint_fold(painter, box, colours.subtitle, opened=False)
        right -= GAP / 2 * scale
    title = QRectF(chip.right() + GAP * scale, top, right - chip.right() - GAP * scale, line)
    _text(painter, lettering.font("title", scale), title, node.title, colours.title)
    rows = [(node.subtitle, colours.subtitle)] if node.subtitle else []
    if node.kind not in SHORT_KINDS or not rows:
        rows.append((card.value or NO_VALUE, colours.value))
    row = QRectF(left, top + line, rect.right() - PAD * scale - left, lettering.line_height * scale)
    if node.kind in SHORT_KINDS:  # under the title, as a pill has no room at its left end
        row.setLeft(title.left())
    for text, colour in rows:
        _text(painter, lettering.font("text", scale), row, text, colour)
        row.translate(0, row.height())


def _text(
    painter: QPainter, lettered: tuple[QFont, QFontMetricsF], box: QRectF, text: str, colour: QColor
) -> None:
    """One line, vertically centred in a box, cut where it does not fit."""
    font, metrics = lettered
    painter.setFont(font)
    painter.setPen(colour)
    baseline = box.top() + (box.height() + metrics.ascent() - metrics.descent()) / 2
    text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width() + 0.5)
    painter.drawText(QPointF(box.left(), baseline), text)


def _paint_chip(painter: QPainter, card: Card, box: QRectF, scale: float, lettering: Lettering) -> None:
    """The square (of values from outside: the disc) with the glyph."""
    radius = box.height() / 2 if card.node.kind in SHORT_KINDS else 5 * scale
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(card.colours.chip)
    painter.drawRoundedRect(box, radius, radius)
    font, metrics = lettering.font("glyph", scale)
    sign = glyph(card.node)
    painter.setFont(font)
    painter.setPen(card.colours.glyph)
    ink = metrics.tightBoundingRect(sign)
    painter.drawText(box.center() - ink.center(), sign)


def paint_fold(painter: QPainter, box: QRectF, colour: QColor, opened: bool) -> None:
    """The square with a + (closed) or − (opened)."""
    pen = QPen(colour, 1.0)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    square = QRectF(
        round(box.left()) + 0.5, round(box.top()) + 0.5, round(box.width()) - 1, round(box.width()) - 1
    )
    painter.setOpacity(0.55)
    painter.drawRoundedRect(square, square.width() / 4, square.width() / 4)
    painter.setOpacity(1.0)
    arm = square.width() * 0.25
    centre = square.center()
    pen.setWidthF(max(1.0, square.width() / 11))
    painter.setPen(pen)
    painter.drawLine(centre - QPointF(arm, 0), centre + QPointF(arm, 0))
    if not opened:
        painter.drawLine(centre - QPointF(0, arm), centre + QPointF(0, arm))


def _paint_title_only(
    painter: QPainter, card: Card, rect: QRectF, scale: float, lettering: Lettering
) -> None:
    """The title as large as the card allows: what one reads of a graph seen from afar."""
    bar, edge = (0.0, 6 * scale) if card.node.kind in SHORT_KINDS else (max(BAR * scale, 1.5), 0.0)
    box = rect.adjusted(bar + edge + 2, 0, -edge - 2, 0)
    title = card.node.title
    pixels = min(lettering.pixels("title", 1.0), int(0.62 * rect.height()))
    pixels = max(
        min(pixels, int(pixels * box.width() / max(_advance(lettering, pixels, title), 1.0))), SMALLEST
    )
    if pixels > 0.85 * rect.height():
        return
    box.setLeft(box.left() + max((box.width() - _advance(lettering, pixels, title)) / 2, 0.0))
    _text(painter, lettering.sized("title", pixels), box, title, card.colours.title)


def _advance(lettering: Lettering, pixels: int, title: str) -> float:
    return lettering.sized("title", max(pixels, 1))[1].horizontalAdvance(title)


def _paint_heat(painter: QPainter, card: Card, rect: QRectF, scale: float) -> None:
    """The size of the gradient, as the length of a bar along the lower border."""
    height = max(HEAT * scale, 1.5)
    ends = rect.height() / 2 if card.node.kind in SHORT_KINDS else PAD * scale
    track = QRectF(rect.left() + ends, rect.bottom() - 1.9 * height, rect.width() - 2 * ends, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(card.heat_track)
    painter.drawRoundedRect(track, height / 2, height / 2)
    filled = QRectF(track)
    filled.setWidth(max(track.width() * min(max(card.heat or 0.0, 0.0), 1.0), height))
    painter.setBrush(card.heat_colour)
    painter.drawRoundedRect(filled, height / 2, height / 2)
