"""The graph as a picture and as SVG."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from gradviz.ui.graph.canvas import GraphCanvas
from gradviz.ui.graph.export import MARGIN, MAX_AREA, MAX_SIDE, frame
from gradviz.ui.graph.state import NodeState
from gradviz.ui.theme import DARK, LIGHT
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QImage, QPainter
from PyQt6.QtSvg import QSvgRenderer

from gradviz.app.layout.types import Rect

SVG = "{http://www.w3.org/2000/svg}"


def colours(image: QImage) -> set[str]:
    plain = image.convertToFormat(QImage.Format.Format_RGB32)  # must live as long as its memory is read
    memory = plain.constBits()
    assert memory is not None
    pixels = np.frombuffer(memory.asstring(image.width() * image.height() * 4), dtype=np.uint32)
    return {QColor.fromRgb(int(pixel)).name() for pixel in np.unique(pixels)}


@pytest.mark.parametrize("width", [1, 200, 1000, 2400])
def test_a_picture_has_the_width_that_was_asked_for_and_shows_everything(
    canvas: GraphCanvas, width: int
) -> None:
    image = canvas.render_image(width)
    assert image.width() == width
    across, down = canvas.bounds.width + 2 * MARGIN, canvas.bounds.height + 2 * MARGIN
    assert image.height() == pytest.approx(width * down / across, abs=1.0)


def test_the_theme_of_a_picture_can_be_chosen(canvas: GraphCanvas) -> None:
    assert canvas.render_image(300).pixelColor(1, 1) == LIGHT.canvas
    assert canvas.render_image(300, dark=True).pixelColor(1, 1) == DARK.canvas
    assert canvas.render_image(300, dark=False).pixelColor(1, 1) == LIGHT.canvas
    canvas.set_theme(DARK)
    assert canvas.render_image(300).pixelColor(1, 1) == DARK.canvas


def test_a_picture_shows_the_current_node_but_not_what_the_pointer_does(canvas: GraphCanvas) -> None:
    plain = canvas.render_image(900)
    assert LIGHT.accent.name() not in colours(plain)
    canvas.set_selected("m:fc1:forward")
    canvas.focus.hovered = 3
    assert canvas.render_image(900) == plain
    canvas.set_current("m:fc1:forward")
    assert LIGHT.accent.name() in colours(canvas.render_image(900))


def test_pictures_keep_within_what_can_be_stored() -> None:
    for bounds in (Rect(0, 0, 100, 1e6), Rect(0, 0, 1e6, 100), Rect(0, 0, 9e4, 9e4)):
        camera = frame(bounds, 1_000_000)
        assert max(camera.width, camera.height) <= MAX_SIDE
        assert camera.width * camera.height <= MAX_AREA * 1.01


def test_no_width_is_an_error(canvas: GraphCanvas) -> None:
    with pytest.raises(ValueError, match="0 pixels"):
        canvas.render_image(0)


def rendered(path: Path) -> QImage:
    """An SVG as a picture 600 pixels wide."""
    renderer = QSvgRenderer(str(path))
    size = renderer.defaultSize()
    image = QImage(600, round(600 * size.height() / size.width()), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    return image


def grey(image: QImage) -> np.ndarray:
    """The brightness of a picture shrunk to 100×300 pixels, 0 to 255."""
    small = image.scaled(100, 300, transformMode=Qt.TransformationMode.SmoothTransformation)
    data = small.convertToFormat(QImage.Format.Format_Grayscale8)
    memory = data.constBits()
    assert memory is not None
    rows = np.frombuffer(memory.asstring(data.sizeInBytes()), dtype=np.uint8)
    return rows.reshape(300, data.bytesPerLine())[:, :100].astype(float)


def test_an_svg_needs_no_fonts(canvas: GraphCanvas, tmp_path: Path) -> None:
    canvas.set_states({"m:conv1:forward": NodeState("done", "mean 0.12", 0.4)})
    path = tmp_path / "graph.svg"
    canvas.render_svg(str(path))
    root = ET.parse(path).getroot()
    description = root.findtext(f"{SVG}desc") or ""
    assert all(node.title in description for node in canvas.scene.model.nodes)
    assert not list(root.iter(f"{SVG}text"))
    assert not list(root.iter(f"{SVG}image"))
    one, other = (grey(picture) for picture in (rendered(path), canvas.render_image(600)))
    assert np.abs(one - other).mean() < 4.0
    assert np.abs(one - LIGHT.canvas.lightness()).mean() > 8.0  # there is something to compare
    box = [float(part) for part in root.attrib["viewBox"].split()]
    assert box[2:] == pytest.approx(
        [canvas.bounds.width + 2 * MARGIN, canvas.bounds.height + 2 * MARGIN], abs=1.0
    )
    assert [file.name for file in tmp_path.iterdir()] == ["graph.svg"]


def test_an_svg_that_cannot_be_written_leaves_nothing_behind(canvas: GraphCanvas, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="missing"):
        canvas.render_svg(tmp_path / "missing" / "graph.svg")
    folder = tmp_path / "graph.svg"
    folder.mkdir()
    with pytest.raises(OSError, match="graph"):
        canvas.render_svg(folder)
    assert [file.name for file in tmp_path.iterdir()] == ["graph.svg"]
