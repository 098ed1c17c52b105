"""Short notes that hang below the cards: what somebody has found out about their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gradviz.ui.theme import Theme
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from .camera import Camera
from .colours import Colours
from .ink import draw_text
from .lettering import Lettering
from .node_layer import screen_rects
from .scene import Scene

NOTES_FROM = 0.45  # scale; below it only what is wrong shows, as a dot
PAD = 4.0
OVERLAP = 5.0  # pixels by which a note covers its card's border


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of text in one of the theme's colours, by name."""

    text: str
    colour: str = "text"


@dataclass(frozen=True, slots=True)
class Note:
    """A note on one node; `level` 0 is quiet, 1 and 2 are outlined as a warning and as an error."""

    parts: tuple[Part, ...]
    level: int = 0

    @property
    def text(self) -> str:
        """The whole text."""
        return "  ".join(part.text for part in self.parts)


class Notes:
    """Paints the notes of one scene in one theme."""

    def __init__(self, scene: Scene, colours: Colours, lettering: Lettering) -> None:
        self._scene = scene
        self._theme: Theme = colours.theme
        self._lettering = lettering

    def paint(self, painter: QPainter, camera: Camera, notes: Mapping[str, Note]) -> None:
        """Paint what the camera sees."""
        if not notes:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        visible = self._scene.nodes_in(camera.visible(24)).tolist()
        for number in visible:
            note = notes.get(self._scene.model.nodes[number].id)
            if note is not None:
                card = QRectF(*screen_rects(camera, self._scene.rects[number : number + 1])[0].tolist())
                if camera.scale >= NOTES_FROM:
                    self._paint(painter, camera, note, card)
                elif note.level:
                    self._paint_dot(painter, note, card)

    def _paint(self, painter: QPainter, camera: Camera, note: Note, card: QRectF) -> None:
        scale = min(max(camera.scale, 0.8), 1.5)
        font, metrics = self._lettering.font("label", scale)
        widths = [metrics.horizontalAdvance(part.text) for part in note.parts]
        gap = 2 * PAD
        width = sum(widths) + gap * (len(widths) - 1) + 2 * PAD
        box = QRectF(card.center().x() - width / 2, card.bottom() - OVERLAP, width, metrics.height() + 2)
        painter.setPen(QPen(self._line(note.level), 1.0 + 0.6 * note.level))
        painter.setBrush(self._theme.card)
        painter.drawRoundedRect(box, PAD, PAD)
        painter.setFont(font)
        x = box.left() + PAD
        for part, wide in zip(note.parts, widths, strict=True):
            painter.setPen(getattr(self._theme, part.colour))
            draw_text(painter, QPointF(x, box.top() + 1 + metrics.ascent()), part.text)
            x += wide + gap
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_dot(self, painter: QPainter, note: Note, card: QRectF) -> None:
        painter.setPen(QPen(self._theme.canvas, 1.0))
        painter.setBrush(self._line(note.level))
        painter.drawEllipse(card.bottomRight(), 2.0 + note.level, 2.0 + note.level)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _line(self, level: int) -> QColor:
        return (self._theme.border, self._theme.warning, self._theme.error)[level]
