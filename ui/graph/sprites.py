"""Cards as pictures: each is painted once per zoom and look, and copied from then on."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPainter, QPixmap

CAPACITY = 4000
MARGIN = 2  # pixels around a card, for its antialiased border

PaintCard = Callable[[QPainter, int, QRectF, float], None]  # painter, number of the node, rectangle, scale


class SpriteCache:
    """Pictures of cards for one scene and theme.

    While one zooms, a picture of another zoom stands in, stretched; `begin` gives a frame a budget of time in
    which pictures are painted anew, and `stale` says whether another frame is needed.
    """

    def __init__(self, paint_card: PaintCard) -> None:
        self._paint_card = paint_card
        self._pictures: dict[int, tuple[int, float, float, QPixmap]] = {}
        self._left = 0.0  # seconds of this frame's budget
        self.stale = False

    def clear(self) -> None:
        """Forget all pictures (another scene, theme or font)."""
        self._pictures.clear()

    def begin(self, budget: float) -> None:
        """Start a frame that may spend `budget` seconds on painting pictures."""
        self._left = budget
        self.stale = False

    def draw(
        self, painter: QPainter, number: int, version: int, rect: QRectF, scale: float, ratio: float
    ) -> bool:
        """Copy the card of a node to `rect` (pixels); False if there is no picture and no time for one."""
        known = self._pictures.get(number)
        fresh = known is not None and known[:3] == (version, scale, ratio)
        if not fresh and self._left > 0.0:
            start = time.perf_counter()
            known = version, scale, ratio, self._painted(number, rect, scale, ratio)
            # Only painting counts: copying hundreds of pictures must not take the last ones' turn away.
            self._left -= time.perf_counter() - start
            self._pictures[number] = known
            if len(self._pictures) > CAPACITY:
                del self._pictures[next(iter(self._pictures))]  # the oldest
            fresh = True
        if known is None:
            self.stale = True
            return False
        if fresh:
            painter.drawPixmap(_on_pixel(rect, ratio), known[3])
            return True
        self.stale = True
        grown = scale / known[1]
        size = known[3].deviceIndependentSize() * grown
        margin = MARGIN * grown
        painter.drawPixmap(
            QRectF(rect.left() - margin, rect.top() - margin, size.width(), size.height()),
            known[3],
            QRectF(known[3].rect()),
        )
        return True

    def _painted(self, number: int, rect: QRectF, scale: float, ratio: float) -> QPixmap:
        width = math.ceil((rect.width() + 2 * MARGIN) * ratio)
        height = math.ceil((rect.height() + 2 * MARGIN) * ratio)
        picture = QPixmap(width, height)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self._paint_card(painter, number, QRectF(MARGIN, MARGIN, rect.width(), rect.height()), scale)
        painter.end()
        return picture


def _on_pixel(rect: QRectF, ratio: float) -> QPointF:
    """The place of a picture, on whole device pixels, so that its text stays sharp."""
    return QPointF(
        round((rect.left() - MARGIN) * ratio) / ratio, round((rect.top() - MARGIN) * ratio) / ratio
    )
