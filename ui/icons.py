"""Our own icons: drawings of one colour in assets/icons, painted in the theme's."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from PyQt6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PyQt6.QtSvg import QSvgRenderer

from .theme import Theme


def names() -> list[str]:
    """Every icon that there is."""
    folder = files("gradviz.assets") / "icons"
    return sorted(file.name.removesuffix(".svg") for file in folder.iterdir() if file.name.endswith(".svg"))


class _Drawn(QIconEngine):
    """Draws an icon in the size that is asked for when it is asked for; most sizes never are."""

    def __init__(self, name: str, shades: dict[QIcon.Mode, QColor]) -> None:
        super().__init__()
        self._name = name
        self._shades = shades

    def paint(self, painter: QPainter | None, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        assert painter is not None
        _renderer(self._name, self._shade(mode)).render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        side = min(size.width(), size.height())
        return pixmap(self._name, self._shade(mode), side) if side > 0 else QPixmap()  # a button without room

    def clone(self) -> QIconEngine:
        return _Drawn(self._name, self._shades)

    def _shade(self, mode: QIcon.Mode) -> QColor:
        return self._shades.get(mode, self._shades[QIcon.Mode.Normal])


def icon(name: str, theme: Theme, colour: QColor | None = None) -> QIcon:
    """The icon in `colour` (default: that of text), and fainter where it is disabled."""
    return QIcon(_Drawn(name, {QIcon.Mode.Normal: colour or theme.text, QIcon.Mode.Disabled: theme.faint}))


def pixmap(name: str, colour: QColor, size: int = 16, scale: float = 1.0) -> QPixmap:
    """The icon, `size` pixels square, for a screen with `scale` device pixels to one of them."""
    side = round(size * scale)
    picture = QPixmap(side, side)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    _renderer(name, colour).render(painter, QRectF(0, 0, side, side))
    painter.end()
    picture.setDevicePixelRatio(scale)
    return picture


def _renderer(name: str, colour: QColor) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_drawing(name).replace("currentColor", colour.name()).encode()))


@cache
def _drawing(name: str) -> str:
    return (files("gradviz.assets") / "icons" / f"{name}.svg").read_text(encoding="utf-8")
