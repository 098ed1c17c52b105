"""What lies over the canvas's corners: legend, overview, and notes about the layout."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton

from gradviz.app.graph.model import GraphModel
from gradviz.app.graph.overlay import Shown
from gradviz.app.i18n import tr
from gradviz.app.layout.types import Layout

from .. import icons
from ..fonts import ui_font
from ..theme import Theme
from .canvas import GraphCanvas
from .legend import Legend
from .minimap import Minimap
from .overlay_legend import OverlayLegend

EDGE = 12
BETWEEN = 8
LOW = 240  # pixels; a lower canvas has no room for the overlay's scale either
ROOMY = 480  # pixels; a lower canvas has no room for a legend (the timeline shows the same signs)


class Note(QFrame):
    """A short text at the top of the canvas, which can be closed."""

    def __init__(self, canvas: GraphCanvas) -> None:
        super().__init__(canvas)
        self.setProperty("surface", "card")
        self.label = QLabel()
        self.label.setFont(ui_font(9))
        self.close_button = QToolButton(autoRaise=True)
        self.close_button.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 2, 4, 2)
        row.addWidget(self.label)
        row.addWidget(self.close_button)
        self.hide()

    def say(self, text: str, details: str = "") -> None:
        """Show a text; the details are its tooltip."""
        self.label.setText(text)
        self.setToolTip(details)
        self.setAccessibleName(text)
        self.setAccessibleDescription(details)
        self.adjustSize()
        self.move(EDGE, EDGE)
        self.show()
        self.raise_()


class Corners(QObject):
    """Places the things that lie over the canvas."""

    def __init__(self, canvas: GraphCanvas, theme: Theme) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.legend = Legend(theme, canvas)
        self.scale = OverlayLegend(theme, canvas)
        self.minimap = Minimap(canvas)
        self.note = Note(canvas)
        self.waiting = Note(canvas)
        self.waiting.close_button.hide()
        self._method = ""
        self._trouble = ""
        self._folded_first = False
        canvas.installEventFilter(self)
        self.legend.set_phases(set())

    def show_graph(self, model: GraphModel, layout: Layout) -> None:
        """Explain another graph."""
        self.legend.set_phases({node.phase for node in model.nodes})
        self._place_legend()
        self.minimap.refresh()
        self._method = layout.method
        if layout.method != "simple":
            self._trouble = ""
            self.note.hide()
            if self._folded_first:
                self.note.say(tr("Too much to draw at once: some of it stays folded until you open it"))
            self._folded_first = False
        else:
            self._show_note()

    def show_overlay(self, shown: Shown | None) -> None:
        """Explain other numbers."""
        if self.scale.show_overlay(shown):
            self._place_legend()

    def show_folded_first(self) -> None:
        """Say, when the next graph is there, that it is not wholly open."""
        self._folded_first = True

    def show_trouble(self, message: str) -> None:
        """Graphviz has failed."""
        self._trouble = message

    def show_waiting(self, on: bool) -> None:
        """A layout takes its time, or no longer."""
        if on:
            self.waiting.say(tr("Laying out the graph…"))
        else:
            self.waiting.hide()

    def _show_note(self) -> None:
        self.note.say(tr("Simple layout: Graphviz could not lay this graph out"), self._trouble)

    def recolour(self, theme: Theme) -> None:
        """Take over another theme."""
        self.legend.set_theme(theme)
        self.scale.set_theme(theme)
        self.minimap.refresh()
        self.note.close_button.setIcon(icons.icon("close", theme, theme.muted))

    def refresh_fonts(self) -> None:
        """Take over another text size."""
        self.legend.refresh_fonts()
        self.scale.refresh_fonts()
        self._place_legend()

    def retranslate(self) -> None:
        self.legend.retranslate()
        self.scale.retranslate()
        self.minimap.retranslate()
        self.note.close_button.setToolTip(tr("Close this note"))
        self.note.close_button.setAccessibleName(tr("Close this note"))
        if self._method == "simple" and self.note.isVisible():
            self._show_note()
        self._place_legend()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.Resize:
            self._place_legend()
        return False

    def _place_legend(self) -> None:
        """In the lower left corner, if there is room for it beside the overview."""
        size = self.legend.sizeHint()
        roomy = self._canvas.height() >= ROOMY and self._canvas.width() >= 2 * size.width()
        self.legend.setVisible(roomy and not self.legend.empty)
        top = self._canvas.height() - EDGE - size.height()
        self.legend.setGeometry(EDGE, top, size.width(), size.height())
        wedge = self.scale.sizeHint()
        above = top - BETWEEN if self.legend.isVisibleTo(self._canvas) else self._canvas.height() - EDGE
        self.scale.setGeometry(EDGE, above - wedge.height(), wedge.width(), wedge.height())
        fits = self._canvas.height() >= LOW and self._canvas.width() >= 2 * wedge.width()
        self.scale.setVisible(fits and not self.scale.empty)
