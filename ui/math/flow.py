"""Text with formulas in it, laid out in lines: `$a = b$ and so on`; lines break at spaces between words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from .breaks import pieces
from .typeset import EM, Outline, outline

MATH_SIZE = 1.28  # Computer Modern looks small beside Inter
_BODY = 1.2  # thickens the hairlines of Computer Modern, in units of EM
_BLANKS = " \t\n"  # not the no-break space
_WORDS = re.compile(r"[ \t\n]+|[^ \t\n]+")
_SPLIT = re.compile(r"(?<!\\)\$((?:[^$\\]|\\.)+)\$")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of plain text, or the source of one formula."""

    text: str
    math: bool


@dataclass(frozen=True)
class Item:
    """Something that is not broken over lines, placed by its baseline."""

    text: str
    shape: Outline | None
    width: float
    ascent: float
    descent: float
    space: float  # before it, unless it begins a line
    breaks: bool  # whether a line may begin here
    x: float = 0.0
    baseline: float = 0.0


@dataclass(frozen=True)
class Block:
    """Laid-out lines; `width` may be more than was asked for, if one item is wider."""

    items: tuple[Item, ...]
    width: float
    height: float
    first_baseline: float
    pixels: float  # size of the formulas' font


@dataclass(frozen=True, slots=True)
class Ink:
    """The colours to paint with; `strong` is for what `\\mathbf` set."""

    text: QColor
    strong: QColor


def split(text: str) -> list[Segment]:
    """Cut text into plain stretches and formulas; `\\$` is a dollar sign."""
    segments: list[Segment] = []
    end = 0
    for match in _SPLIT.finditer(text):
        if match.start() > end:
            segments.append(Segment(text[end : match.start()].replace(r"\$", "$"), False))
        segments.append(Segment(match.group(1), True))
        end = match.end()
    if end < len(text):
        segments.append(Segment(text[end:].replace(r"\$", "$"), False))
    return segments


def lay_out(
    text: str, width: float, font: QFont, scale: float = 1.0, indent: float = 1.5, breaking: bool = False
) -> Block:
    """Lines no wider than `width`, if possible; those after the first are indented by `indent` ems.

    `breaking` allows breaks inside of formulas, before relations and signs.
    """
    metrics = QFontMetricsF(font)
    pixels = _pixels(font, metrics) * MATH_SIZE * scale
    items = _items(_broken(split(text)) if breaking else split(text), metrics, pixels, scale)
    placed: list[Item] = []
    line: list[Item] = []
    x = y = widest = 0.0
    first_baseline: float | None = None
    margin = indent * pixels

    def finish() -> None:
        nonlocal y, first_baseline
        ascent = max((item.ascent for item in line), default=0.0)
        descent = max((item.descent for item in line), default=0.0)
        gap = pixels * 0.35 if placed else 0.0
        baseline = y + gap + ascent
        first_baseline = baseline if first_baseline is None else first_baseline
        placed.extend(_moved(item, item.x, baseline) for item in line)
        y = baseline + descent

    for item in items:
        space = item.space if line else 0.0
        if line and item.breaks and x + space + item.width > width:
            finish()
            line, x, space = [], margin, 0.0
        line.append(_moved(item, x + space, 0.0))
        x += space + item.width
        widest = max(widest, x)
    finish()
    return Block(tuple(placed), widest, y, first_baseline or 0.0, pixels)


def paint(painter: QPainter, block: Block, font: QFont, ink: Ink, scale: float = 1.0) -> None:
    """Paint a block with its upper left corner at the origin."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    small = QFont(font)
    small.setPointSizeF(font.pointSizeF() * scale)
    painter.setFont(small)
    for item in block.items:
        if item.shape is None:
            painter.setPen(ink.text)
            painter.drawText(QPointF(item.x, item.baseline), item.text)
            continue
        painter.save()
        painter.translate(item.x, item.baseline)
        painter.scale(block.pixels / EM, block.pixels / EM)
        for path, colour in ((item.shape.path, ink.text), (item.shape.strong, ink.strong)):
            painter.setPen(QPen(colour, _BODY, join=Qt.PenJoinStyle.RoundJoin))
            painter.setBrush(colour)
            painter.drawPath(path)
        painter.restore()


def _items(segments: list[Segment], metrics: QFontMetricsF, pixels: float, scale: float) -> list[Item]:
    items: list[Item] = []
    blank = metrics.horizontalAdvance(" ") * scale
    pending = False  # a space has been read since the last item
    for segment in segments:
        if segment.math and (shape := outline(segment.text)) is not None:
            k = pixels / EM
            items.append(
                Item(
                    segment.text,
                    shape,
                    shape.width * k,
                    shape.ascent * k,
                    shape.descent * k,
                    blank if pending else 0.0,
                    pending,
                )
            )
            pending = False
            continue
        # A formula that cannot be read is shown as it is.
        source = f"${segment.text}$" if segment.math else segment.text
        for word in _WORDS.findall(source):
            if word[0] in _BLANKS:
                pending = True
                continue
            items.append(
                Item(
                    word,
                    None,
                    metrics.horizontalAdvance(word) * scale,
                    metrics.ascent() * scale,
                    metrics.descent() * scale,
                    blank if pending else 0.0,
                    pending,
                )
            )
            pending = False
    return items


def _broken(segments: list[Segment]) -> list[Segment]:
    """The same with long formulas cut where they may be broken."""
    found: list[Segment] = []
    for segment in segments:
        if not segment.math or outline(segment.text) is None:
            found.append(segment)
            continue
        for i, piece in enumerate(pieces(segment.text)):
            if i:
                found.append(Segment(" ", False))
            found.append(Segment(piece, True))
    return found


def _pixels(font: QFont, metrics: QFontMetricsF) -> float:
    if font.pixelSize() > 0:
        return float(font.pixelSize())
    return font.pointSizeF() * metrics.fontDpi() / 72.0


def _moved(item: Item, x: float, baseline: float) -> Item:
    return Item(
        item.text, item.shape, item.width, item.ascent, item.descent, item.space, item.breaks, x, baseline
    )
