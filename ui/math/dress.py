"""Styles for a Markdown document: Qt has no CSS for it, so each block and fragment gets its format."""

from __future__ import annotations

from collections.abc import Iterator

from PyQt6.QtGui import (
    QBrush,
    QFont,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFragment,
    QTextFrameFormat,
    QTextTableFormat,
)

from ..fonts import mono_font, ui_font
from ..theme import Theme
from ..theme.palette import mix

POINTS = 10.0
_HEADINGS = {1: 15.0, 2: 12.5, 3: 11.0}
_LEADING = 5.0  # pixels between lines; a share of the height would tear lines with formulas apart
_DISTANCE = int(QTextBlockFormat.LineHeightTypes.LineDistanceHeight.value)
_OBJECT = chr(0xFFFC)  # stands for an image in a block's text


def dress(document: QTextDocument, theme: Theme, zoom: float) -> None:
    """Give every block and fragment its font, colours and spacing."""
    _Dresser(document, theme, zoom).run()


def blocks(document: QTextDocument) -> Iterator[QTextBlock]:
    """The blocks of a document, in order."""
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def fragments(block: QTextBlock) -> Iterator[QTextFragment]:
    """The stretches of one format in a block."""
    place = block.begin()
    while not place.atEnd():
        yield place.fragment()
        place += 1


class _Dresser:
    def __init__(self, document: QTextDocument, theme: Theme, zoom: float) -> None:
        self._document = document
        self._theme = theme
        self._zoom = zoom

    def run(self) -> None:
        cursor = QTextCursor(self._document)
        cursor.beginEditBlock()
        self._remove_strays()
        before: QTextBlock | None = None
        for block in blocks(self._document):
            self._block(block, before)
            before = block
        for kind, first, last in reversed(list(self._runs())):
            style = self._document.findBlock(first).blockFormat()
            cursor.setPosition(first)
            cursor.setPosition(last, QTextCursor.MoveMode.KeepAnchor)
            frame = cursor.insertFrame(self._frame_format(kind))
            assert frame is not None
            # insertFrame has given this format to an empty block outside of the frame
            frame.firstCursorPosition().setBlockFormat(style)
        self._flatten_gaps()
        cursor.endEditBlock()

    def _remove_strays(self) -> None:
        """A table after code gets an empty paragraph in its first cell."""
        for block in list(blocks(self._document)):
            cursor = QTextCursor(block)
            table = cursor.currentTable()
            if table is None or block.text() or not block.next().isValid():
                continue
            after = QTextCursor(block.next())
            if after.currentTable() == table and table.cellAt(after) == table.cellAt(cursor):
                cursor.deleteChar()

    def _flatten_gaps(self) -> None:
        """Frames come with empty paragraphs before or after them, which cannot be removed."""
        for block in blocks(self._document):
            cursor = QTextCursor(block)
            if block.text() or cursor.currentFrame() != self._document.rootFrame():
                continue
            style = QTextBlockFormat()
            style.setLineHeight(1.0, int(QTextBlockFormat.LineHeightTypes.FixedHeight.value))
            cursor.setBlockFormat(style)

    def _runs(self) -> Iterator[tuple[str, int, int]]:
        """Stretches of code and of quotes as (kind, first position, last position)."""
        kind, first, last = "", 0, 0
        for block in blocks(self._document):
            now = _kind(block)
            if now != kind:
                if kind:
                    yield kind, first, last
                kind, first = now, block.position()
            last = block.position() + block.length() - 1
        if kind:
            yield kind, first, last

    def _frame_format(self, kind: str) -> QTextFrameFormat:
        style = QTextFrameFormat()
        unit = 8.0 * self._zoom
        style.setPadding(unit)
        style.setTopMargin(unit * 0.5)
        style.setBottomMargin(unit)
        quote = mix(self._theme.panel, self._theme.accent, 0.09)
        style.setBackground(QBrush(self._theme.code_margin if kind == "code" else quote))
        style.setBorder(1.0)
        style.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        line = self._theme.border if kind == "code" else mix(self._theme.panel, self._theme.accent, 0.35)
        style.setBorderBrush(QBrush(line))
        return style

    def _block(self, block: QTextBlock, before: QTextBlock | None) -> None:
        cursor = QTextCursor(block)
        table = cursor.currentTable()
        if table is not None:  # line heights would put its cells out of line
            table.setFormat(self._table_format(table.format()))
        else:
            cursor.setBlockFormat(self._block_format(block, before))
        head = table is not None and table.cellAt(cursor).row() == 0
        kind, level = _kind(block), block.blockFormat().headingLevel()
        for fragment in list(fragments(block)):
            cursor.setPosition(fragment.position())
            cursor.setPosition(fragment.position() + fragment.length(), QTextCursor.MoveMode.KeepAnchor)
            cursor.setCharFormat(self._char_format(fragment.charFormat(), kind, level, head))

    def _block_format(self, block: QTextBlock, before: QTextBlock | None) -> QTextBlockFormat:
        style = block.blockFormat()
        unit = 8.0 * self._zoom
        style.setLineHeight(_LEADING * self._zoom, _DISTANCE)
        style.setTopMargin(0.0)
        style.setBottomMargin(unit)
        style.setLeftMargin(0.0)
        style.setRightMargin(0.0)
        kind = _kind(block)
        if level := style.headingLevel():
            style.setTopMargin(0.0 if before is None else unit * (2.0 if level < 3 else 1.5))
            style.setBottomMargin(unit * 0.75)
            style.setLineHeight(2.0 * self._zoom, _DISTANCE)
        elif kind:
            style.setLineHeight((3.0 if kind == "code" else _LEADING) * self._zoom, _DISTANCE)
            style.setBottomMargin(0.0 if kind == "code" or _kind(block.next()) != kind else unit)
            style.setNonBreakableLines(False)
        elif block.textList() is not None:
            style.setBottomMargin(unit * 0.5)
            style.setIndent(0)  # Qt indents an item that begins with a formula, unless it is the first one
        elif block.text().strip() == _OBJECT:  # a formula on a line of its own
            style.setLeftMargin(unit * 2)
            style.setTopMargin(unit * 0.5)
        return style

    def _char_format(self, old: QTextCharFormat, kind: str, level: int, head: bool) -> QTextCharFormat:
        if old.isImageFormat():
            picture = old.toImageFormat()
            picture.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignBaseline)
            return picture
        style = QTextCharFormat()
        style.setFont(self._font(old, kind, level, head))
        style.setForeground(QBrush(self._theme.text))
        if kind == "code":
            style.setForeground(QBrush(self._theme.code_text))
        elif old.fontFixedPitch():
            style.setForeground(QBrush(self._theme.code_text))
            style.setBackground(QBrush(mix(self._theme.panel, self._theme.text, 0.08)))
        if old.isAnchor():
            style.setAnchor(True)
            style.setAnchorHref(old.anchorHref())
            style.setToolTip(old.toolTip())
            style.setForeground(QBrush(self._theme.accent))
            style.setFontUnderline(True)
        return style

    def _font(self, old: QTextCharFormat, kind: str, level: int, head: bool) -> QFont:
        bold = old.fontWeight() > QFont.Weight.Medium
        weight = QFont.Weight.DemiBold if bold or level or head else QFont.Weight.Normal
        points = _HEADINGS.get(level, POINTS) * self._zoom
        if kind == "code" or old.fontFixedPitch():
            return mono_font(points * 0.93, QFont.Weight.Bold if bold else QFont.Weight.Normal)
        font = ui_font(points, weight)
        font.setItalic(old.fontItalic())
        font.setStrikeOut(old.fontStrikeOut())
        return font

    def _table_format(self, style: QTextTableFormat) -> QTextTableFormat:
        style.setBorderBrush(QBrush(self._theme.border))
        style.setBorder(1.0)
        style.setBorderStyle(QTextTableFormat.BorderStyle.BorderStyle_Solid)
        style.setBorderCollapse(True)
        style.setCellPadding(5.0 * self._zoom)
        style.setBottomMargin(8.0 * self._zoom)
        return style


def _kind(block: QTextBlock) -> str:
    """ "code", "quote" or ""."""
    style = block.blockFormat()
    if not block.isValid():
        return ""
    if style.hasProperty(QTextFormat.Property.BlockCodeFence) or style.hasProperty(
        QTextFormat.Property.BlockCodeLanguage
    ):
        return "code"
    return "quote" if style.intProperty(QTextFormat.Property.BlockQuoteLevel) else ""
