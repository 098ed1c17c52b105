"""The paths of a race on one loss surface, seen from above."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from gradviz.app.i18n import tr
from gradviz.app.numerals import number
from gradviz.app.race_map import RaceMap

from ...fonts import ui_font
from ...painting import painting
from ...theme import Theme, ThemeManager
from ...theme.palette import mix
from .looks import paint_end, pens

_FINE = 240  # pixels of the surface's side
BANDS = 14  # of equal ratios of the loss above its lowest


class RaceMapView(QWidget):
    """Bands of equal loss, darker where it is high; the start is a ring, the ends are dots or crosses."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self.map: RaceMap | None = None
        self._lost: tuple[bool, ...] = ()
        self._ended = False
        self._image: QImage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(220, 170)
        themes.changed.connect(self._recolour)

    def show_map(self, made: RaceMap | None, lost: tuple[bool, ...] = (), ended: bool = False) -> None:
        """Show another map; `lost` have diverged; `ended`: if there is no map, none will come."""
        self.map, self._lost, self._ended = made, lost, ended
        self._recolour(self._themes.theme)

    def sizeHint(self) -> QSize:
        return QSize(320, 260)

    def caption(self) -> tuple[str, str]:
        """What goes to the right, and what upwards."""
        made = self.map
        if made is None:
            return "", ""
        if made.flat:
            return made.names
        first, second = (f"{100 * share:.0f} %" for share in made.explained)
        return (
            tr("principal component 1: {share} of the spread").format(share=first),
            tr("component 2: {share}").format(share=second),
        )

    def empty_text(self) -> str:
        """Why there is no map."""
        if self._ended:
            return tr("There is no loss surface: it was cancelled, or nobody has moved.")
        return tr("The map of the paths is drawn when the race has ended.")

    def _recolour(self, theme: Theme) -> None:
        self._image = None if self.map is None else _picture(self.map, theme)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        theme = self._themes.theme
        metrics = QFontMetrics(ui_font(8.5))
        line = metrics.height() + 4
        area = QRectF(4, line + 4, self.width() - 18, self.height() - 2 * line - 12)
        with painting(self) as painter:
            painter.setFont(ui_font(8.5))
            if self.map is None or self._image is None:
                painter.setPen(theme.muted)
                text = self.empty_text()
                flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(area.adjusted(20, 0, -20, 0), flags, text)
                return
            right, up = self.caption()
            painter.setPen(theme.muted)
            painter.drawText(
                QRectF(area.left(), 0, area.width(), line), Qt.AlignmentFlag.AlignLeft, f"↑ {up}"
            )
            below = QRectF(area.left(), area.bottom() + 4, area.width(), line)
            painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{right} →")
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(area, self._image)
            painter.setClipRect(area)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_paths(painter, area, self.map)

    def _paint_paths(self, painter: QPainter, area: QRectF, made: RaceMap) -> None:
        theme = self._themes.theme
        looks = pens(theme, len(made.paths), 2.0)
        edge = theme.card
        places = [self._places(path, area, made) for path in made.paths]
        for points, pen in zip(places, looks, strict=True):
            under = QPen(edge, 4.0)
            for each in (under, pen):
                painter.setPen(each)
                painter.drawPolyline(QPolygonF(points))
        for number_, (points, pen) in enumerate(zip(places, looks, strict=True)):
            lost = number_ < len(self._lost) and self._lost[number_]
            shown = [p for p in points if area.contains(p)] or points[:1]
            end = shown[-1] if lost else points[-1]
            paint_end(painter, end.x(), end.y(), pen.color(), lost, edge)
        if places and places[0]:
            painter.setPen(QPen(theme.text, 2.0))
            painter.setBrush(edge)
            painter.drawEllipse(places[0][0], 5.0, 5.0)

    def _places(self, path: np.ndarray, area: QRectF, made: RaceMap) -> list[QPointF]:
        reach = float(made.surface.alphas[-1])
        inside = np.clip(path / reach, -8.0, 8.0)
        x = area.left() + (inside[:, 0] + 1) / 2 * area.width()
        y = area.bottom() - (inside[:, 1] + 1) / 2 * area.height()
        return [QPointF(float(a), float(b)) for a, b in zip(x, y, strict=True)]

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Paths on the loss surface"))
        right, up = self.caption()
        self.setAccessibleDescription(f"{right}, {up}" if right else "")
        tip = tr("A ring: the common start. Dots: where they are. Crosses: where one has diverged.")
        if self.map is not None:
            low = float(np.nanmin(self.map.surface.losses))
            tip += "\n" + tr("The lowest loss on the map is {x}.").format(x=number(low))
        self.setToolTip(tip)
        self.update()


def _picture(made: RaceMap, theme: Theme) -> QImage:
    """The surface in bands, low losses light (dark in the dark theme), with fine lines between them."""
    losses = made.surface.losses
    finite = losses[np.isfinite(losses)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    middle = float(np.median(finite)) if finite.size else high
    floor = low - max((middle - low) * 0.02, 1e-12)  # else most bands would crowd round the lowest place
    height = np.log(np.where(np.isfinite(losses), losses, high) - floor)
    shares = (height - height.min()) / max(float(np.ptp(height)), 1e-12)
    fine = _enlarged(shares, _FINE)[::-1]  # the second direction goes upwards
    bands = np.minimum((fine * BANDS).astype(int), BANDS - 1)
    edge = (np.diff(bands, axis=0, prepend=bands[:1]) != 0) | (
        np.diff(bands, axis=1, prepend=bands[:, :1]) != 0
    )
    ground, deep = theme.card, mix(theme.card, theme.positive, 0.75)
    colours = [mix(ground, deep, band / (BANDS - 1)) for band in range(BANDS)]
    table = np.array(
        [colour.rgb() for colour in [*colours, mix(ground, QColor(theme.muted), 0.45)]], np.uint32
    )
    pixels = np.ascontiguousarray(table[np.where(edge, BANDS, bands)])
    image = QImage(pixels.data, _FINE, _FINE, _FINE * 4, QImage.Format.Format_RGB32)
    return image.copy()  # the pixels go with this function


def _enlarged(values: np.ndarray, size: int) -> np.ndarray:
    """Bilinear interpolation onto a finer grid."""
    n = len(values)
    places = np.linspace(0, n - 1, size)
    weights = np.maximum(0.0, 1.0 - np.abs(places[:, np.newaxis] - np.arange(n)))
    return np.asarray(weights @ values @ weights.T)
