"""Image files as ink."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QColor, QImage, QImageReader, QPainter

from gradviz.app.drawing import DrawingError, Ink, ink_of_image
from gradviz.app.i18n import tr

from ...painting import painting

_LARGEST = 512  # pixels of a side; more would only be averaged away
PATTERN = "*.png *.jpg *.jpeg *.bmp *.gif *.webp"


def read_ink(path: Path) -> Ink:
    """The ink of an image file; DrawingError if it cannot be read or is of one colour."""
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > _LARGEST:
        reader.setScaledSize(size.scaled(QSize(_LARGEST, _LARGEST), Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        raise DrawingError(
            tr("{name} cannot be read as an image: {reason}").format(
                name=path.name, reason=reader.errorString()
            )
        )
    return ink_of_image(grey_of(image))


def grey_of(image: QImage) -> np.ndarray:
    """Pixels from 0 (black) to 1 (white), float32 (height, width); what is transparent counts as white."""
    paper = QImage(image.size(), QImage.Format.Format_RGB32)
    paper.fill(QColor("white"))
    with painting(paper) as painter:
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        painter.drawImage(0, 0, image)
    grey = paper.convertToFormat(QImage.Format.Format_Grayscale8)
    bits = grey.constBits()
    assert bits is not None
    bits.setsize(grey.sizeInBytes())
    rows = np.frombuffer(bits, np.uint8).reshape(grey.height(), grey.bytesPerLine())
    return rows[:, : grey.width()].astype(np.float32) / np.float32(255)
