"""The widget that draws a scalar graph: pan, zoom, and a cursor that arrow keys move along the edges."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QPointF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QHelpEvent, QKeyEvent, QPaintEvent
from PyQt6.QtSvg import QSvgGenerator
from PyQt6.QtWidgets import QToolTip, QWidget

from gradviz.app.inside.microscope import ElementGraph
from gradviz.app.inside.scope_texts import spoken
from gradviz.app.inside.tree_layout import Places, arrange
from gradviz.app.layout.types import Rect

from ...graph.camera import Camera
from ...graph.export import frame
from ...graph.hits import NOTHING, Hit
from ...graph.lettering import Lettering
from ...graph.viewport import Viewport
from ...painting import painting
from ...theme import Theme
from .scope_cards import Focus, ScopePainter, tip

READABLE = 0.8  # a larger graph is not made smaller than this, but panned
Key = Qt.Key
_ARROWS = (Key.Key_Left, Key.Key_Right, Key.Key_Up, Key.Key_Down)
_ACTS = (Key.Key_Return, Key.Key_Enter, Key.Key_Space)
_OWN_KEYS = {
    *_ARROWS,
    *_ACTS,
    Key.Key_Backspace,
    Key.Key_Escape,
    Key.Key_PageUp,
    Key.Key_PageDown,
    Key.Key_Home,
    Key.Key_Plus,
    Key.Key_Equal,
    Key.Key_Minus,
    Key.Key_0,
}


class ScopeView(Viewport):
    """Shows an `ElementGraph`; cards are named by their numbers in it."""

    activated = pyqtSignal(int)  # click or Enter: go on, open or close, turn the page
    moved_to = pyqtSignal(int)  # the cursor
    back_wanted = pyqtSignal()
    close_wanted = pyqtSignal()
    page_wanted = pyqtSignal(int, int)  # card, pages on

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._places: Places | None = None  # before Qt asks for the bounds
        super().__init__(parent)
        self._theme = theme
        self._lettering = Lettering()
        self._painter: ScopePainter | None = None
        self._focus = Focus()
        self.graph: ElementGraph | None = None
        self.gestures.clicked.connect(self._clicked)
        self.gestures.hovered.connect(self._hovered)

    # What is shown.

    @property
    def at(self) -> int:
        """The card that the keyboard is at."""
        return self._focus.at

    def rect_of(self, place: int) -> Rect:
        """Where a card is, in units of the world."""
        assert self._places is not None
        return self._places.rects[place]

    def show_graph(self, graph: ElementGraph, at: int = 0, anew: bool = True) -> None:
        """Show a graph with the cursor at a card; `anew` looks at the result first."""
        self.graph = graph
        self._focus = Focus(at)
        self._lay_out()
        if anew:
            self._look_anew()
        else:
            self._reveal()
        self._tell()

    def _lay_out(self) -> None:
        if self.graph is not None:
            self._painter = ScopePainter(self.graph, self._theme, self._lettering)
            self._places = arrange(self.graph, self._painter.sizes())
        self.update()

    def _look_anew(self) -> None:
        """Everything, if it is legible so; else the result with its operands, in the middle."""
        fitted = self.mover.goal.fitted(self.bounds, 24.0, 1.0)
        if fitted.scale < READABLE:
            box, scale = self.bounds, min(max(fitted.scale, READABLE), 1.0)
            across = (self.width() - 48.0) / max(box.width, 1.0)
            scale = max(min(scale, across), 0.6 * scale)
            rect = self.rect_of(self.at)
            x = (
                box.x + box.width / 2
                if across >= scale
                else box.x + box.width - (self.width() / 2 - 24) / scale
            )
            fitted = Camera(x, rect.y + rect.height / 2, scale, self.width(), self.height())
        self.move_camera(fitted, smooth=False)
        self.keeps_fitting = True

    def refit(self) -> None:
        if self.graph is not None and self._places is not None:
            self._look_anew()

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self._lay_out()

    def refresh_fonts(self) -> None:
        """The text's size has changed."""
        self._lettering = Lettering()
        self._lay_out()

    @property
    def bounds(self) -> Rect:
        return self._places.bounds if self._places is not None else Rect(0.0, 0.0, 1.0, 1.0)

    def hit(self, place: QPointF) -> Hit:
        if self._places is None:
            return NOTHING
        x, y = self.camera.world(place.x(), place.y())
        for number, rect in enumerate(self._places.rects):
            if rect.x <= x <= rect.x + rect.width and rect.y <= y <= rect.y + rect.height:
                return Hit("node", str(number))
        return NOTHING

    # Painting.

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with painting(self) as painter:
            if self._painter is None or self._places is None:
                painter.fillRect(self.rect(), self._theme.canvas)
                return
            self._painter.paint(painter, self.camera, self._places, self._focus)

    def write_svg(self, generator: QSvgGenerator) -> None:
        """Draw the whole graph into an SVG."""
        assert self._painter is not None and self._places is not None  # noqa: PT018
        camera = frame(self.bounds)
        generator.setSize(QSize(int(camera.width), int(camera.height)))
        with painting(generator) as painter:
            self._painter.paint(painter, camera, self._places, None)

    # Pointer.

    def _clicked(self, hit: Hit) -> None:
        if hit.node:
            self.go_to(int(hit.node))
            self.activated.emit(int(hit.node))

    def _hovered(self, hit: Hit) -> None:
        hovered = int(hit.node) if hit.node else -1
        if hovered != self._focus.hovered:
            self._focus = Focus(self._focus.at, hovered)
            self.setCursor(Qt.CursorShape.PointingHandCursor) if hovered > 0 else self.unsetCursor()
            self.update()

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self.graph is not None:
            hit = self.hit(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), tip(self.graph, int(hit.node)) if hit.node else "", self)
            return True
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            if plain and event.key() in _OWN_KEYS:  # shortcuts of the window, some of them
                event.accept()
                return True
        return super().event(event)

    # Keyboard.

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        key = Key(event.key())
        if key in _ARROWS:
            self._step(key)
        elif key in _ACTS:
            self.activated.emit(self.at)
        elif key in (Key.Key_PageUp, Key.Key_PageDown):
            self.page_wanted.emit(self.at, 1 if key == Key.Key_PageDown else -1)
        elif key == Key.Key_Backspace:
            self.back_wanted.emit()
        elif key == Key.Key_Escape:
            self.close_wanted.emit()
        elif key == Key.Key_Home:
            self.go_to(0)
        elif key in (Key.Key_Plus, Key.Key_Equal):
            self.zoom_in()
        elif key == Key.Key_Minus:
            self.zoom_out()
        elif key == Key.Key_0:
            self.fit()
        else:
            super().keyPressEvent(event)

    def go_to(self, place: int) -> None:
        """Put the cursor on a card, and that into sight."""
        self._focus = Focus(place, self._focus.hovered)
        self._reveal()
        self.update()
        self._tell()
        self.moved_to.emit(place)

    def _step(self, key: Qt.Key) -> None:
        """Left: into the operands; right: to what it goes into; up and down: within the column."""
        if self.graph is None or self._places is None:
            return
        edges, at = self.graph.edges, self.at
        if key == Key.Key_Left:
            ways = [edge.source for edge in edges if edge.target == at]
            chosen = [edge.source for edge in edges if edge.target == at and edge.chosen]
            found = (chosen or ways[:1])[:1]
        elif key == Key.Key_Right:
            found = [edge.target for edge in edges if edge.source == at]
        else:
            found = self._beside(at, -1 if key == Key.Key_Up else 1)
        if found:
            self.go_to(found[0])

    def _beside(self, at: int, way: int) -> list[int]:
        assert self._places is not None
        column = [i for i, c in enumerate(self._places.columns) if c == self._places.columns[at]]
        column.sort(key=lambda i: self.rect_of(i).y)
        place = column.index(at) + way
        return column[place : place + 1] if place >= 0 else []

    def _reveal(self) -> None:
        if self._places is not None:
            self.reveal(self.rect_of(self.at))

    def _tell(self) -> None:
        """What a screen reader says of the card that the cursor is on."""
        if self.graph is not None:
            self.setAccessibleDescription(spoken(self.graph, self.at))
