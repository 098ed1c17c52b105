"""The row below the sheet: undo, redo, clear, the brush, and a button that opens an image."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from gradviz.app.drawing import Drawing
from gradviz.app.i18n import tr

from ... import icons
from ...listening import listen
from ...theme import Theme, ThemeManager
from .pad import BRUSH, DrawPad

_THIN, _THICK = 4, 24  # hundredths of the sheet's side


class DrawTools(QWidget):
    """Acts on a drawing and on the pad's brush."""

    def __init__(
        self, drawing: Drawing, pad: DrawPad, themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._drawing, self._pad = drawing, pad
        self.undo, self.redo, self.clear, self.open = (
            QToolButton(autoRaise=True, iconSize=QSize(18, 18)) for _ in range(4)
        )
        self.undo.setShortcut(QKeySequence("Ctrl+Z"))
        self.redo.setShortcut(QKeySequence("Ctrl+Shift+Z"))
        self.clear.setShortcut(QKeySequence("Ctrl+Backspace"))
        self.open.setShortcut(QKeySequence("Ctrl+O"))
        self._brush_icon = QLabel()
        self.brush = QSlider(Qt.Orientation.Horizontal)
        self.brush.setRange(_THIN, _THICK)
        self.brush.setValue(round(100 * BRUSH))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self.undo, self.redo, self.clear, self._brush_icon):
            row.addWidget(widget)
        row.addWidget(self.brush, 1)
        row.addWidget(self.open)
        self.undo.clicked.connect(drawing.undo)
        self.redo.clicked.connect(drawing.redo)
        self.clear.clicked.connect(drawing.clear)
        self.brush.valueChanged.connect(self._choose_brush)
        listen(self, drawing.changed, self._follow)
        themes.changed.connect(self._recolour)
        self._recolour(themes.theme)
        self._follow()

    def _choose_brush(self, hundredths: int) -> None:
        self._pad.brush = hundredths / 100

    def _follow(self) -> None:
        self.undo.setEnabled(self._drawing.can_undo)
        self.redo.setEnabled(self._drawing.can_redo)
        self.clear.setEnabled(bool(self._drawing.visible))

    def _recolour(self, theme: Theme) -> None:
        pairs = ((self.undo, "undo"), (self.redo, "redo"), (self.clear, "close"), (self.open, "open"))
        for button, name in pairs:
            button.setIcon(icons.icon(name, theme))
        self._brush_icon.setPixmap(icons.pixmap("brush", theme.muted, 16, self.devicePixelRatioF()))

    def retranslate(self) -> None:
        tips = (
            (self.undo, tr("Take back the last stroke")),
            (self.redo, tr("Draw the stroke again")),
            (self.clear, tr("Wipe the sheet")),
            (self.open, tr("Open an image of a digit")),
        )
        for button, tip in tips:
            key = button.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            button.setToolTip(f"{tip} ({key})")
            button.setAccessibleName(tip)
        self.brush.setToolTip(tr("How thick the brush is"))
        self.brush.setAccessibleName(tr("How thick the brush is"))
