"""Our own icons: drawings of one colour in assets/icons, painted in the theme's."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from PyQt6.QtCore import QByteArray, QRectF, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPixmap
from PyQt6.QtSvg import QSvgRenderer

from .theme import Theme

SIZES = (16, 20, 24)
SCALES = (1, 2, 3)  # device pixels per pixel


def names() -> list[str]:
    """Every icon that there is."""
    folder = files("gradviz.assets") / "icons"
    return sorted(file.name.removesuffix(".svg") for file in folder.iterdir() if file.name.endswith(".svg"))


def icon(name: str, theme: Theme, colour: QColor | None = None) -> QIcon:
    """The icon in `colour` (default: that of text), and fainter where it is disabled."""
    made = QIcon()
    shades = {QIcon.Mode.Normal: colour or theme.text, QIcon.Mode.Disabled: theme.faint}
    for mode, shade in shades.items():
        for size in SIZES:
            for scale in SCALES:
                made.addPixmap(pixmap(name, shade, size, scale), mode)
    return made


def pixmap(name: str, colour: QColor, size: int = 16, scale: float = 1.0) -> QPixmap:
    """The icon, `size` pixels square, for a screen with `scale` device pixels to one of them."""
    renderer = QSvgRenderer(QByteArray(_drawing(name).replace("currentColor", colour.name()).encode()))
    side = round(size * scale)
    picture = QPixmap(side, side)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    picture.setDevicePixelRatio(scale)
    return picture


@cache
def _drawing(name: str) -> str:
    return (files("gradviz.assets") / "icons" / f"{name}.svg").read_text(encoding="utf-8")
