"""The sheet that one draws on, with the mouse or a pen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from gradviz.app.drawing import Drawing, Picture, Stroke
from gradviz.app.i18n import tr

from ...fonts import ui_font
from ...listening import listen
from ...painting import painting
from ...theme import ThemeManager

BRUSH = 0.12  # of the sheet's side: about as thick as the data's digits
_SIDE = 280


class DrawPad(QWidget):
    """A square sheet of paper; image files can be dropped on it."""

    file_dropped = pyqtSignal(Path)

    def __init__(self, drawing: Drawing, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.drawing, self._themes = drawing, themes
        self.brush = BRUSH
        self._down = False
        self.setAcceptDrops(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMinimumSize(_SIDE, _SIDE)
        listen(self, drawing.changed, self._drawn)
        themes.changed.connect(lambda _: self.update())

    def heightForWidth(self, width: int) -> int:
        return width

    def sizeHint(self) -> QSize:
        return QSize(_SIDE, _SIDE)

    @property
    def sheet(self) -> QRectF:
        """Where the paper is."""
        side = min(self.width(), self.height()) - 2.0
        return QRectF((self.width() - side) / 2, 1.0, side, side)

    def _place(self, position: QPointF) -> tuple[float, float]:
        sheet = self.sheet
        return (position.x() - sheet.x()) / sheet.width(), (position.y() - sheet.y()) / sheet.height()

    # Drawing. A pen on a tablet arrives as a mouse.

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._down = True
            self.drawing.begin(*self._place(event.position()), self.brush)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and self._down:
            self.drawing.extend(*self._place(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        self._down = False

    def _drawn(self) -> None:
        self.update()

    # Files.

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if event is not None and _file(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        if event is not None and (path := _file(event)) is not None:
            event.acceptProposedAction()
            self.file_dropped.emit(path)

    # Painting.

    def paintEvent(self, event: QPaintEvent | None) -> None:
        theme, sheet = self._themes.theme, self.sheet
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            outline = theme.accent if self.hasFocus() else theme.control
            painter.setPen(QPen(outline, 1.0))
            painter.setBrush(theme.card)
            painter.drawRoundedRect(sheet, 8, 8)
            shown = self.drawing.visible
            if not shown:
                painter.setPen(theme.muted)
                painter.setFont(ui_font(11.0))
                area = sheet.adjusted(24, 24, -24, -24)
                flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(area, flags, tr("Draw a digit here, or drop an image"))
            painter.setClipRect(sheet)
            painter.translate(sheet.topLeft())
            for item in shown:
                if isinstance(item, Stroke):
                    _paint_stroke(painter, item, sheet.width(), theme.text)
                else:
                    _paint_picture(painter, item, sheet.width(), theme.text)

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Sheet to draw on"))
        self.setToolTip(tr("Draw with the mouse or a pen, or drop an image file"))
        self.update()


def _paint_stroke(painter: QPainter, stroke: Stroke, side: float, colour: QColor) -> None:
    pen = QPen(colour, stroke.width * side)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    points = [QPointF(x * side, y * side) for x, y in stroke.points]
    if len(points) == 1:
        painter.drawPoint(points[0])
        return
    path = QPainterPath(points[0])
    for point in points[1:]:
        path.lineTo(point)
    painter.drawPath(path)


def _paint_picture(painter: QPainter, picture: Picture, side: float, colour: QColor) -> None:
    """The ink as the opacity of the pen's colour."""
    rows, columns = picture.ink.shape
    pixels = np.empty((rows, columns, 4), np.uint8)
    pixels[..., 0], pixels[..., 1], pixels[..., 2] = colour.blue(), colour.green(), colour.red()
    pixels[..., 3] = np.rint(picture.ink * 255).astype(np.uint8)
    image = QImage(pixels.data, columns, rows, columns * 4, QImage.Format.Format_ARGB32)
    scale = side / max(rows, columns)
    width, height = columns * scale, rows * scale
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRectF((side - width) / 2, (side - height) / 2, width, height), image)


def _file(event: QDropEvent) -> Path | None:
    data = event.mimeData()
    urls = data.urls() if data is not None else []
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
