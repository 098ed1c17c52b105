"""How one node looks: a card, with as much text as its size on the screen can carry."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from gradviz.app.graph.model import GraphNode, NodeKind
from gradviz.app.layout.types import Rect

from ..phases import SIGNS
from .colours import CardColours
from .ink import draw_text
from .lettering import BAR, CHIP, FOLD, GAP, HEAT, PAD, SHORT_KINDS, STACK, Lettering, Role

ALL_TEXT_FROM = 0.75  # scale from which every line is legible; below it the title fills the card
LETTERS = 4  # of a title that is cut off, with its dots
LINES_FROM = 0.42  # scale from which more than the title is shown
SMALLEST = 7  # pixels; a smaller title is not worth painting
RADIUS = 8.0
THINNEST = 1.5  # pixels of a bar
NO_VALUE = "–"

KIND_GLYPHS: dict[NodeKind, str] = {
    "input": "▷",
    "parameter": "θ",
    "buffer": "b",
    "gradient": "∂",
    "constant": "#",
}

Lettered = tuple[QFont, QFontMetricsF]


@dataclass(frozen=True)
class Card:
    """One node as it looks now."""

    node: GraphNode
    colours: CardColours
    heat_colour: QColor
    heat_track: QColor
    value: str
    heat: float | None
    thick: float = 1.0  # of the bar at the bottom


def glyph(node: GraphNode) -> str:
    """The sign that tells a node's kind, or, of ops and modules, its phase."""
    return KIND_GLYPHS.get(node.kind) or SIGNS[node.phase]


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
        _paint_seen_from_afar(painter, card, front, scale, lettering)
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
    painter.fillPath(_right_of_bar(inset, max(BAR * scale, THINNEST), radius), card.colours.fill)
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
    row = QRectF(left, top + line, rect.right() - PAD * scale - left, lettering.line_height * scale)
    if node.kind in SHORT_KINDS:  # under the title, as a pill has no room at its left end
        row.setLeft(title.left())
    for text, colour in _further_lines(card):
        _text(painter, lettering.font("text", scale), row, text, colour)
        row.translate(0, row.height())


def _text(painter: QPainter, lettered: Lettered, box: QRectF, text: str, colour: QColor) -> None:
    """One line, vertically centred in a box, cut where it does not fit."""
    font, metrics = lettered
    painter.setFont(font)
    painter.setPen(colour)
    baseline = box.top() + (box.height() + metrics.ascent() - metrics.descent()) / 2
    text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width() + 0.5)
    draw_text(painter, QPointF(box.left(), baseline), text)


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
    draw_text(painter, box.center() - ink.center(), sign)


def paint_fold(painter: QPainter, box: QRectF, colour: QColor, opened: bool) -> None:
    """The square with a + (closed) or − (opened)."""
    pen = QPen(colour, 1.0)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    square = QRectF(
        round(box.left()) + 0.5, round(box.top()) + 0.5, round(box.width()) - 1, round(box.width()) - 1
    )
    before = painter.opacity()
    painter.setOpacity(0.55 * before)
    painter.drawRoundedRect(square, square.width() / 4, square.width() / 4)
    painter.setOpacity(before)
    arm = square.width() * 0.25
    centre = square.center()
    pen.setWidthF(max(1.0, square.width() / 11))
    painter.setPen(pen)
    painter.drawLine(centre - QPointF(arm, 0), centre + QPointF(arm, 0))
    if not opened:
        painter.drawLine(centre - QPointF(0, arm), centre + QPointF(0, arm))


def _paint_seen_from_afar(
    painter: QPainter, card: Card, rect: QRectF, scale: float, lettering: Lettering
) -> None:
    """The title, larger than in proportion, and below it the shape and the value as far as there is room."""
    pill = card.node.kind in SHORT_KINDS
    bar, side = (0.0, 6 * scale) if pill else (max(BAR * scale, THINNEST), 0.0)
    box = rect.adjusted(bar + side + 2, 0, -side - 2, 0)
    largest = min(round(8 + 8 * scale), int(0.62 * rect.height()))
    title = _fitting(lettering, "title", card.node.title, largest, box.width())
    if title is None or title[1].ascent() > rect.height():
        return
    rows = [(card.node.title, title, card.colours.title)]
    room = rect.height() - 2.2 * max(HEAT * scale, THINNEST)  # the text keeps clear of the bar at the bottom
    high = title[1].height()
    for text, colour in _further_lines(card) if scale >= LINES_FROM else ():
        size = round(6 + 4 * scale) if card.node.subtitle else round(7 + 5 * scale)
        font = _fitting(lettering, "text", text, size, box.width(), whole=True)
        if font is None or high + font[1].height() > room:
            break
        rows.append((text, font, colour))
        high += font[1].height()
    top = rect.top() + ((rect.height() if len(rows) == 1 else room) - high) / 2
    for text, font, colour in rows:
        spare = box.width() - font[1].horizontalAdvance(text)
        line = QRectF(box.left() + max(spare / 2, 0.0), top, box.width(), font[1].height())
        _text(painter, font, line, text, colour)
        top += line.height()


def _fitting(
    lettering: Lettering, role: Role, text: str, largest: int, width: float, whole: bool = False
) -> Lettered | None:
    """The largest font in which a text fits, or, unless `whole`, the smallest if enough letters do."""
    wide = lettering.sized(role, max(largest, SMALLEST))[1].horizontalAdvance(text)
    pixels = max(min(largest, int(largest * width / max(wide, 1.0))), SMALLEST)
    font, metrics = lettering.sized(role, pixels)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width + 0.5)
    wanted = len(text) if whole else min(len(text), LETTERS)
    return (font, metrics) if len(shown) >= wanted else None


def _further_lines(card: Card) -> list[tuple[str, QColor]]:
    """What stands below the title."""
    node, colours = card.node, card.colours
    rows = [(node.subtitle, colours.subtitle)] if node.subtitle else []
    if node.kind not in SHORT_KINDS or not rows:
        rows.append((card.value or NO_VALUE, colours.value))
    return rows


def _paint_heat(painter: QPainter, card: Card, rect: QRectF, scale: float) -> None:
    """The size of the gradient, as the length of a bar along the lower border."""
    height = max(HEAT * card.thick * scale, THINNEST)
    ends = rect.height() / 2 if card.node.kind in SHORT_KINDS else PAD * scale
    track = QRectF(
        rect.left() + ends,
        rect.bottom() - height - 0.9 * max(HEAT * scale, THINNEST),
        rect.width() - 2 * ends,
        height,
    )
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(card.heat_track)
    painter.drawRoundedRect(track, height / 2, height / 2)
    filled = QRectF(track)
    filled.setWidth(max(track.width() * min(max(card.heat or 0.0, 0.0), 1.0), height))
    painter.setBrush(card.heat_colour)
    painter.drawRoundedRect(filled, height / 2, height / 2)
