"""The whole graph as a picture or as SVG, at any size."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QBuffer, QIODevice, QRect, QSize
from PyQt6.QtGui import QImage, QPainter
from PyQt6.QtSvg import QSvgGenerator

from gradviz.app.i18n import tr
from gradviz.app.layout.types import Rect

from .camera import Camera
from .marks import Focus
from .painter import ScenePainter

MARGIN = 24.0  # units of the world
MAX_SIDE = 16_384  # pixels
MAX_AREA = 100_000_000


def frame(bounds: Rect, width: float | None = None) -> Camera:
    """The camera for a picture of everything, `width` pixels wide or at scale 1, within pictures' limits."""
    across, down = bounds.width + 2 * MARGIN, bounds.height + 2 * MARGIN
    scale = (width or across) / across
    if width is not None:
        scale = min(scale, MAX_SIDE / across, MAX_SIDE / down, (MAX_AREA / (across * down)) ** 0.5)
    x, y = bounds.x + bounds.width / 2, bounds.y + bounds.height / 2
    return Camera(x, y, scale, max(round(across * scale), 1), max(round(down * scale), 1))


def image(painter: ScenePainter, focus: Focus, width: int) -> QImage:
    """A picture of the graph with its current node and breakpoints."""
    if width < 1:
        raise ValueError(f"a picture cannot be {width} pixels wide")
    camera = frame(painter.scene.bounds, width)
    picture = QImage(int(camera.width), int(camera.height), QImage.Format.Format_ARGB32_Premultiplied)
    _paint(painter, QPainter(picture), camera, focus)
    return picture


def svg(painter: ScenePainter, focus: Focus, path: Path) -> None:
    """Write the graph as SVG, whole or not at all."""
    camera = frame(painter.scene.bounds)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(QSize(int(camera.width), int(camera.height)))
    generator.setViewBox(QRect(0, 0, int(camera.width), int(camera.height)))
    generator.setResolution(96)
    generator.setTitle(tr("Graph"))
    # The text is outlines; this is for whoever reads or searches the file.
    generator.setDescription(", ".join(node.title for node in painter.scene.model.nodes))
    _paint(painter, QPainter(generator), camera, focus)
    _write_whole(path, buffer.data().data())


def _paint(painter: ScenePainter, device: QPainter, camera: Camera, focus: Focus) -> None:
    painter.paint_directly(device, camera, Focus(current=focus.current, breakpoints=focus.breakpoints))
    device.end()


def _write_whole(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
