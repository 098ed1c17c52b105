"""How the cards and edges of a scalar graph look: elements as slim pills, operations with their sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gradviz.engine.program import SlotKind
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from gradviz.app.i18n import tr
from gradviz.app.inside.microscope import ElementGraph, ScopeEdge, ScopeNode
from gradviz.app.inside.scope_texts import operation, page_text, sign_of, title
from gradviz.app.inside.tree_layout import Places
from gradviz.app.layout.types import Rect
from gradviz.app.numerals import number

from ...graph.camera import Camera
from ...graph.cards import KIND_GLYPHS
from ...graph.ink import draw_text
from ...graph.lettering import Lettering
from ...theme import Theme
from ...theme.palette import mix

PAD = 9.0
GAP = 8.0
GLYPH = 16.0  # across, of the sign at a card's left
LINE = 22.0  # the height of a card of one line
TALL = 44.0  # of the result
CORNER = 7.0
THIN, THICK = 1.0, 4.5  # of edges
MARK = 14.0
LEGIBLE = 6  # pixels; smaller text is left out
WIDEST_NAME = 300.0


@dataclass(frozen=True)
class Focus:
    """The card that the keyboard is at, and the one under the pointer."""

    at: int = 0
    hovered: int = -1


class ScopePainter:
    """Paints one scalar graph in one theme."""

    def __init__(self, graph: ElementGraph, theme: Theme, lettering: Lettering) -> None:
        self._graph = graph
        self._theme = theme
        self._lettering = lettering

    # Sizes.

    def sizes(self) -> list[tuple[float, float]]:
        """What each card needs at scale 1."""
        return [self._size(node) for node in self._graph.nodes]

    def _size(self, node: ScopeNode) -> tuple[float, float]:
        letters = self._lettering
        value = letters.width("text", number(node.value))
        height = max(LINE, letters.line_height + 5)
        if not node.path:
            name = letters.width("title", node.title)
            below = letters.width("text", f"{operation(node)}   {number(node.value)}")
            return max(name, below) + 2 * PAD + GLYPH + GAP, height * 2
        name = min(letters.width("text", self._name(node)), WIDEST_NAME)
        sign = max(GLYPH, letters.width("title", sign_of(node.fn)) + 8) if node.kind == "op" else GLYPH
        parts = [sign, value, *([name] if name else [])]
        return sum(parts) + GAP * (len(parts) - 1) + 2 * PAD + 4, height

    def _name(self, node: ScopeNode) -> str:
        if node.kind == "op":
            return "+" if node.closed else ""
        return "" if node.kind == "number" else title(node)

    # Painting.

    def paint(self, painter: QPainter, camera: Camera, places: Places, focus: Focus | None) -> None:
        """Paint everything that is in sight; without a focus for a file."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(QRectF(0, 0, camera.width, camera.height), self._theme.canvas)
        shares = self._shares()
        for edge, share in zip(self._graph.edges, shares, strict=True):
            self._edge(painter, camera, places.rects, edge, share)
        for place, node in enumerate(self._graph.nodes):
            box = _box(camera, places.rects[place])
            if box.bottom() < 0 or box.top() > camera.height:
                continue
            self._card(painter, box, node, camera.scale)
            if focus is not None and place in (focus.at, focus.hovered):
                self._ring(painter, box, place == focus.at, camera.scale)
        for edge in self._graph.edges:
            self._mark(painter, camera, places.rects, edge)

    def _shares(self) -> list[float]:
        """For each edge how much of its card's largest operand it carries, 0 to 1; 0 in products."""
        largest: dict[int, float] = {}
        nodes = self._graph.nodes
        for edge in self._graph.edges:
            largest[edge.target] = max(largest.get(edge.target, 0.0), abs(nodes[edge.source].value))
        shares = []
        for edge in self._graph.edges:
            top, own = largest[edge.target], abs(nodes[edge.source].value)
            sums = nodes[edge.target].fn == "add" and 0 < top < float("inf")
            shares.append(own / top if sums else float(edge.chosen))
        return shares

    def _edge(
        self, painter: QPainter, camera: Camera, rects: Sequence[Rect], edge: ScopeEdge, share: float
    ) -> None:
        source, target = (_box(camera, rects[i]) for i in (edge.source, edge.target))
        start = QPointF(source.right(), source.center().y())
        end = QPointF(target.left(), target.center().y())
        bend = (end.x() - start.x()) / 2
        path = QPainterPath(start)
        path.cubicTo(start + QPointF(bend, 0), end - QPointF(bend, 0), end)
        node, theme = self._graph.nodes[edge.source], self._theme
        decides = any(other.chosen for other in self._graph.operands(edge.target))
        colour = theme.accent if edge.chosen else self._sign_colour(node, edge)
        pen = QPen(mix(theme.canvas, colour, 0.8), (THIN + (THICK - THIN) * share) * min(camera.scale, 1.5))
        if node.kind == "rest" or (decides and not edge.chosen):
            pen.setStyle(Qt.PenStyle.DotLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)

    def _sign_colour(self, node: ScopeNode, edge: ScopeEdge) -> QColor:
        """Terms of a sum pull up or down."""
        if self._graph.nodes[edge.target].fn != "add":
            return self._theme.edge
        value = -node.value if edge.mark == "−" else node.value
        return self._theme.negative if value < 0 else self._theme.positive

    def _mark(self, painter: QPainter, camera: Camera, rects: Sequence[Rect], edge: ScopeEdge) -> None:
        """The operand's role, in a disc where its edge begins."""
        text = edge.mark or ("✓" if edge.chosen else "")
        size = MARK * camera.scale
        if not text or size < LEGIBLE:
            return
        font, metrics = self._lettering.font("label", camera.scale)
        box = _box(camera, rects[edge.source])
        width = max(size, metrics.horizontalAdvance(text) + size * 0.5)
        disc = QRectF(box.right() - size * 0.25, box.center().y() - size / 2, width, size)
        painter.setPen(QPen(self._theme.accent if edge.chosen else self._theme.node_border, 1.0))
        painter.setBrush(self._theme.canvas)
        painter.drawRoundedRect(disc, size / 2, size / 2)
        painter.setFont(font)
        painter.setPen(self._theme.accent if edge.chosen else self._theme.text)
        draw_text(painter, disc.center() - metrics.tightBoundingRect(text).center(), text)

    def _card(self, painter: QPainter, box: QRectF, node: ScopeNode, scale: float) -> None:
        theme, hue = self._theme, self._hue(node)
        pill = node.kind in ("element", "number") and node.path != ()
        radius = box.height() / 2 if pill else min(CORNER * scale, box.height() / 2)
        pen = QPen(mix(theme.node_border, hue, 0.35), 1.0)
        if node.kind in ("rest", "number"):
            pen.setStyle(Qt.PenStyle.DashLine if node.kind == "rest" else Qt.PenStyle.DotLine)
        painter.setPen(pen)
        painter.setBrush(theme.node_pending if node.kind == "rest" else theme.node_fill)
        painter.drawRoundedRect(box, radius, radius)
        self._glyph(painter, box, node, scale, hue)
        self._texts(painter, box, node, scale, hue)

    def _hue(self, node: ScopeNode) -> QColor:
        if node.kind in ("element", "op") and node.slot >= 0:
            return self._theme.gradient if node.gradient else self._theme.value
        return self._theme.muted

    def _sign(self, node: ScopeNode) -> str:
        if node.kind == "rest":
            return "…"
        if node.kind == "number":
            return KIND_GLYPHS["constant"]
        if node.kind == "op" and (node.path or node.count):
            return sign_of(node.fn)
        if node.computed:
            return "∂" if node.gradient else "→"
        kind = self._graph.program.slots[node.slot].kind
        return KIND_GLYPHS["gradient"] if node.gradient else KIND_GLYPHS.get(_kinds(kind), "→")

    def _glyph(self, painter: QPainter, box: QRectF, node: ScopeNode, scale: float, hue: QColor) -> None:
        """The sign of the operation, or of the element's kind, in a chip."""
        text = self._sign(node)
        height = GLYPH * scale
        if height < LEGIBLE:
            return
        font, metrics = self._lettering.font("title" if node.kind == "op" else "glyph", scale)
        width = max(height, metrics.horizontalAdvance(text) + 6 * scale)
        chip = QRectF(box.left() + PAD * scale * 0.6, box.center().y() - height / 2, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mix(self._theme.node_fill, hue, 0.16))
        radius = height / 2 if node.kind in ("element", "number") and node.path else 4 * scale
        painter.drawRoundedRect(chip, radius, radius)
        painter.setFont(font)
        painter.setPen(mix(hue, self._theme.text, 0.2))
        draw_text(painter, chip.center() - metrics.tightBoundingRect(text).center(), text)

    def _texts(self, painter: QPainter, box: QRectF, node: ScopeNode, scale: float, hue: QColor) -> None:
        letters, theme = self._lettering, self._theme
        if letters.pixels("text", scale) < LEGIBLE:
            return
        value = number(node.value) if node.kind != "rest" or node.value == node.value else ""
        inner = box.adjusted(PAD * scale, 0, -PAD * scale, 0)
        ink = mix(hue, theme.text, 0.25)
        if not node.path:
            inner.setLeft(inner.left() + (GLYPH + GAP) * scale)
            top, low = QRectF(inner), QRectF(inner)
            top.setHeight(inner.height() / 2)
            low.setTop(top.bottom())
            top.translate(0, 1.5 * scale)
            low.translate(0, -1.5 * scale)
            _line(painter, letters.font("title", scale), top, node.title, theme.text)
            _line(painter, letters.font("text", scale), low, operation(node), theme.muted)
            _line(painter, letters.font("text", scale), low, value, ink, right=True)
            return
        font = letters.font("text", scale)
        _line(painter, font, inner, value, ink, right=True)
        used = font[1].horizontalAdvance(value) + GAP * scale
        first = PAD * 0.6 * scale + max(
            GLYPH * scale,
            letters.font("title", scale)[1].horizontalAdvance(self._sign(node)) + 6 * scale
            if node.kind == "op"
            else 0.0,
        )
        name = QRectF(box.left() + first + 6 * scale, box.top(), 0, box.height())
        name.setRight(inner.right() - used)
        _line(painter, font, name, self._name(node), theme.text if node.computed else theme.muted)

    def _ring(self, painter: QPainter, box: QRectF, focused: bool, scale: float) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._theme.accent if focused else self._theme.control, 2.0 if focused else 1.2))
        grown = box.adjusted(-2, -2, 2, 2)
        radius = min((CORNER + 2) * scale + 2, grown.height() / 2)
        painter.drawRoundedRect(grown, radius, radius)


def tip(graph: ElementGraph, place: int) -> str:
    """What the pointer is told about a card, in lines."""
    node = graph.nodes[place]
    lines = [
        f"{title(node)} = {number(node.value, 9)}" if node.kind != "op" or not node.path else operation(node)
    ]
    if node.slope is not None:
        lines.append(tr("factor (∂ result / ∂ this): {slope}").format(slope=number(node.slope, 6)))
    if pages := page_text(node):
        lines.append(pages)
    if node.computed:
        lines.append(tr("Click: what it is made from"))
    elif node.kind == "rest":
        lines.append(tr("Click: the next terms"))
    elif node.kind == "op" and node.path and node.count:
        lines.append(tr("Click: open") if node.closed else tr("Click: close"))
    elif node.kind == "element" and node.path:
        lines.append(tr("It came from outside: here the way ends"))
    return "\n".join(lines)


def _kinds(kind: SlotKind) -> str:
    return kind.value


def _box(camera: Camera, rect: Rect) -> QRectF:
    found = camera.screen_rect(rect)
    return QRectF(found.x, found.y, found.width, found.height)


def _line(
    painter: QPainter,
    lettered: tuple[QFont, QFontMetricsF],
    box: QRectF,
    text: str,
    colour: QColor,
    right: bool = False,
) -> None:
    """One line, vertically centred in a box, cut where it does not fit."""
    if not text or box.width() <= 0:
        return
    font, metrics = lettered
    text = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, box.width() + 0.5)
    left = box.right() - metrics.horizontalAdvance(text) if right else box.left()
    painter.setFont(font)
    painter.setPen(colour)
    baseline = box.top() + (box.height() + metrics.ascent() - metrics.descent()) / 2
    draw_text(painter, QPointF(left, baseline), text)
