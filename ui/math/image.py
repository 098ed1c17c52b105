"""Formulas as pictures, for rich text."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QFont, QImage, QPainter

from .flow import Ink, lay_out, paint

_NO_WRAP = 1e6


@dataclass(frozen=True, eq=False)
class MathImage:
    """A picture and where its baseline lies, in whole logical pixels from the top."""

    image: QImage
    baseline: int


def math_image(tex: str, colour: QColor, dpr: float, font: QFont, strong: QColor | None = None) -> MathImage:
    """Paint one formula (its source, without dollar signs) for a screen of pixel ratio `dpr`."""
    block = lay_out(f"${tex}$", _NO_WRAP, font)
    down = math.ceil(block.first_baseline) - block.first_baseline  # a baseline between pixels would blur
    width, height = math.ceil(block.width) + 2, math.ceil(block.height + down) + 2
    image = QImage(
        max(1, math.ceil(width * dpr)),
        max(1, math.ceil(height * dpr)),
        QImage.Format.Format_ARGB32_Premultiplied,
    )
    image.setDevicePixelRatio(dpr)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.translate(1, 1 + down)
    paint(painter, block, font, Ink(colour, strong or colour))
    painter.end()
    return MathImage(image, math.ceil(block.first_baseline) + 1)
