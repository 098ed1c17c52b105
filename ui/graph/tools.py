"""The strip above the canvas: search, folding, zoom, and what follows the cursor."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from gradviz.app.i18n import tr

from .. import icons
from ..fonts import ui_font
from ..theme import Theme
from .overlay_button import OverlayButton
from .search import SearchField

ICON = QSize(18, 18)
PICTURES = {
    "open_all": "unfold",
    "close_all": "fold",
    "zoom_out": "zoom-out",
    "zoom_in": "zoom-in",
    "fit": "fit",
    "follow": "follow",
    "outline": "table",
}
CHECKABLE = ("follow", "outline")


class ToolStrip(QFrame):
    """Buttons by name (`buttons["fit"]`), the search field and the scale."""

    pressed = pyqtSignal(str)  # the name of a button
    toggled = pyqtSignal(str, bool)  # the name of a checkable one

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.search = SearchField()
        self.overlay = OverlayButton()
        self.overlay.setIconSize(ICON)
        self.scale = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.scale.setProperty("tone", "muted")
        self.scale.setFont(ui_font(9, tabular=True))
        self.scale.setMinimumWidth(self.scale.fontMetrics().horizontalAdvance("1000 %"))
        self.buttons = {name: self._button(name) for name in PICTURES}
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(2)
        row.addWidget(self.search, 1)
        for name in ("open_all", "close_all"):
            row.addWidget(self.buttons[name])
        row.addWidget(self.overlay)
        row.addSpacing(8)
        row.addWidget(self.buttons["zoom_out"])
        row.addWidget(self.scale)
        for name in ("zoom_in", "fit"):
            row.addWidget(self.buttons[name])
        row.addSpacing(8)
        for name in CHECKABLE:
            row.addWidget(self.buttons[name])
        self.retranslate()

    def _button(self, name: str) -> QToolButton:
        button = QToolButton(autoRaise=True, iconSize=ICON, checkable=name in CHECKABLE)
        button.setObjectName(f"graph-{name}")
        if name in CHECKABLE:
            button.toggled.connect(lambda on: self.toggled.emit(name, on))
        else:
            button.clicked.connect(lambda: self.pressed.emit(name))
        return button

    def retranslate(self) -> None:
        self.search.retranslate()
        self.overlay.retranslate()
        self.scale.setToolTip(tr("How large the graph is shown"))
        self.scale.setAccessibleName(tr("Zoom"))
        for name, text in {
            "open_all": tr("Open all modules"),
            "close_all": tr("Close all modules"),
            "zoom_out": tr("Zoom out (−)"),
            "zoom_in": tr("Zoom in (+)"),
            "fit": tr("Show the whole graph (0)"),
            "follow": tr("Keep the current operation in sight"),
            "outline": tr("Show the graph as a list"),
        }.items():
            self.buttons[name].setToolTip(text)
            self.buttons[name].setAccessibleName(text)

    def recolour(self, theme: Theme) -> None:
        """Take over another theme."""
        self.search.recolour(theme)
        self.overlay.recolour(theme)
        for name, picture in PICTURES.items():
            self.buttons[name].setIcon(icons.icon(picture, theme))

    def show_scale(self, scale: float | None) -> None:
        """Tell how large the graph is shown, 1 being its natural size; None while there is no graph."""
        self.scale.setText(tr("{n} %").format(n=round(scale * 100)) if scale is not None else "")
