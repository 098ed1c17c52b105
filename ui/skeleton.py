"""What stands in the graph's place until there is one: faint boxes, and what is being prepared."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, QTimer
from PyQt6.QtGui import QFont, QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from gradviz.app.i18n import language_changed, tr

from .fonts import ui_font
from .listening import listen
from .theme import ThemeManager

# A small network: columns of boxes, as (how many, width, height).
COLUMNS = ((1, 56, 56), (2, 104, 44), (3, 104, 44), (2, 104, 44), (1, 72, 44))
GAP_X, GAP_Y = 48, 24
PATIENCE = 1_500  # ms


class Skeleton(QWidget):
    """Says what is being prepared, and after a while why it takes so long."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self.title, self.detail = QLabel(), QLabel()
        self.title.setFont(ui_font(13, QFont.Weight.DemiBold))
        self.detail.setProperty("tone", "muted")
        self.bar = QProgressBar(textVisible=False)
        self.bar.setFixedWidth(280)
        self.bar.setRange(0, 0)
        self._patience = QTimer(self, interval=PATIENCE, singleShot=True)
        self._patience.timeout.connect(self._explain)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 40)
        column.setSpacing(8)
        column.addStretch(1)
        for widget in (self.title, self.bar, self.detail):
            row = QHBoxLayout()
            row.addStretch(1)
            row.addWidget(widget)
            row.addStretch(1)
            column.addLayout(row)
        themes.changed.connect(self._repaint)
        listen(self, language_changed, self.retranslate)
        self.retranslate()

    def retranslate(self, language: str = "") -> None:
        self.title.setText(tr("Recording LeNet-5 on a handwritten digit…"))
        self.setAccessibleName(self.title.text())
        self.bar.setAccessibleName(tr("Preparation"))
        self.bar.setToolTip(tr("How far the preparation is"))
        if self.detail.text():
            self._explain()

    def _explain(self) -> None:
        self.detail.setText(tr("The first start compiles fast kernels. That takes some seconds, only once."))

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self._patience.start()

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        self._patience.stop()

    def _repaint(self, theme: object) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._themes.theme
        wide = sum(width for _, width, _ in COLUMNS) + GAP_X * (len(COLUMNS) - 1)
        x, middle = (self.width() - wide) / 2, self.height() * 0.42
        before: list[QRectF] = []
        for count, width, height in COLUMNS:
            top = middle - (count * height + (count - 1) * GAP_Y) / 2
            boxes = [QRectF(x, top + row * (height + GAP_Y), width, height) for row in range(count)]
            painter.setPen(QPen(theme.border, 1))
            for left in before:
                for right in boxes:
                    start, end = (
                        QPointF(left.right(), left.center().y()),
                        QPointF(right.left(), right.center().y()),
                    )
                    painter.drawLine(start, end)
            painter.setBrush(theme.panel)
            for box in boxes:
                painter.drawRoundedRect(box, 8, 8)
                painter.fillRect(
                    QRectF(box.left() + 12, box.center().y() - 3, box.width() * 0.5, 6), theme.border
                )
            before, x = boxes, x + width + GAP_X
