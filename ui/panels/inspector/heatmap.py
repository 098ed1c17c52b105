"""A tensor as a picture: each element a cell whose colour tells its sign and size."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, pyqtSignal
from PyQt6.QtGui import QEnterEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from gradviz.app.i18n import tr
from gradviz.app.numerals import index_text, number

from ...painting import painting
from ...theme import Theme, ThemeManager
from .colours import ColourMap, Scale
from .heatmap_paint import paint_cells, paint_outline, paint_ring, render
from .lens import Lens
from .raster import Index, compose, plan_for

_STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
_OWN_KEYS = {*_STEPS, Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus, Qt.Key.Key_0}
_ZOOM = 1.25


class HeatMap(QWidget):
    """Shows an array; hovering reads it, a click or arrow keys choose an element; Ctrl+wheel, +, − zoom."""

    element_hovered = pyqtSignal(object)  # Index or None
    element_chosen = pyqtSignal(object)  # Index

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._map = ColourMap(themes.theme)
        self._array: np.ndarray | None = None
        self._scale = Scale(0.0, 1.0)
        self.lens = Lens(lambda: QSizeF(self.size()))
        self._values = np.zeros((1, 1))
        self._filled = np.zeros((1, 1), bool)
        self._image: QImage | None = None
        self._image_factor = 1
        self._grip: QPointF | None = None
        self._element: Index | None = None
        self._hovered: Index | None = None
        self._marked: tuple[Index, ...] = ()
        self.setMouseTracking(True)
        # Not by a click: the arrow keys shall go on stepping through time after it.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        themes.changed.connect(self._set_theme)

    # What is shown.

    def marked(self) -> tuple[Index, ...]:
        """The elements that are outlined."""
        return self._marked

    def reduction(self) -> int:
        """How many cells of a row share one dot of the screen; 1: every element is drawn."""
        return max(1, int(np.ceil(1 / (self.lens.side() * self.devicePixelRatioF()))))

    def show_array(self, array: np.ndarray | None, scale: Scale, leading: Index = ()) -> None:
        """Show (the slice `leading` of) an array in a colour scale; None shows nothing."""
        if array is None or self._array is None or array.shape != self._array.shape:
            self.lens.reset()
        self._array, self._scale, self.lens.leading = array, scale, leading
        self.lens.plan = plan_for(array.shape if array is not None else ())
        self._hovered = None
        if array is not None and array.size:
            self._values, self._filled = compose(self.lens.plan, array, leading)
        else:
            self._values, self._filled = np.zeros((1, 1)), np.zeros((1, 1), bool)
        self._image = None
        self.updateGeometry()
        self.update()

    def set_element(self, element: Index | None) -> None:
        """Put a ring around an element."""
        self._element = element
        self._describe()
        self.update()

    def set_marked(self, indices: Iterable[Index]) -> None:
        """Outline elements, for example those that an op reads for one element of its output."""
        self._marked = tuple(indices)
        self.update()

    def _describe(self) -> None:
        if self._array is not None and self._element is not None and self._fits(self._element):
            value = number(float(self._array[self._element]))
            self.setAccessibleDescription(f"{index_text(self._element)} = {value}")
        else:
            self.setAccessibleDescription("")

    def _fits(self, index: Index) -> bool:
        return (
            self._array is not None
            and len(index) == self._array.ndim
            and all(0 <= i < n for i, n in zip(index, self._array.shape, strict=True))
        )

    def _set_theme(self, theme: Theme) -> None:
        self._map = ColourMap(theme)
        self._image = None
        self.update()

    # Geometry.

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self.lens.height_for(width)

    def sizeHint(self) -> QSize:
        return QSize(240, self.heightForWidth(max(self.width(), 120)))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, 12)

    def index_at(self, place: QPointF) -> Index | None:
        """The element at a place of the widget."""
        return self.lens.index_at(place) if self._array is not None and self._array.size else None

    def set_zoom(self, zoom: float, about: QPointF | None = None) -> None:
        """Enlarge about a place, the middle if none is given; 1 shows everything."""
        self.lens.set_zoom(zoom, about or QPointF(self.width() / 2, self.height() / 2))
        self._image = None
        self.update()

    # Painting.

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if self._array is not None and self._array.size:
            with painting(self) as painter:
                self._paint(painter)

    def _paint(self, painter: QPainter) -> None:
        side, factor, origin = self.lens.side(), self.reduction(), self.lens.origin()
        if self._image is None or factor != self._image_factor:
            self._image_factor = factor
            self._image = render(self._values, self._filled, self._map, self._scale, factor)
        target = QRectF(origin, self._image.deviceIndependentSize() * side * factor)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(target, self._image)
        if factor == 1:
            paint_cells(painter, self, self._values, self._filled, self._map, self._scale, self.lens)
        marked = {self.lens.plan.cell_of(i) for i in self._marked if self._visible(i)}
        paint_outline(painter, marked, origin, side, self._map.theme)
        for index, hover in ((self._hovered, True), (self._element, False)):
            if index is not None and self._visible(index):
                paint_ring(painter, self.lens.rect_of(index), self._map.theme, hover, self.hasFocus())

    def _visible(self, index: Index) -> bool:
        sliced = self.lens.plan.sliced
        return self._fits(index) and index[:sliced] == self.lens.leading[:sliced]

    # Reading and choosing.

    def event(self, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.Leave:
            self._hover(None)
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            event.setAccepted(plain and event.key() in _OWN_KEYS)  # shortcuts of the window, some of them
            return event.isAccepted()
        return super().event(event)

    def enterEvent(self, event: QEnterEvent | None) -> None:
        assert event is not None
        self._hover(self.index_at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        if self._grip is not None and event.buttons() & Qt.MouseButton.MiddleButton:
            self.lens.move_to(self._grip - event.position())
            self.update()
            return
        self._hover(self.index_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        if event.button() == Qt.MouseButton.MiddleButton:
            self._grip = event.position() + self.lens.offset()
        elif event.button() == Qt.MouseButton.LeftButton:
            index = self.index_at(event.position())
            if index is not None:
                self.element_chosen.emit(index)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        self._grip = None

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        assert event is not None
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_zoom(self.lens.zoom * _ZOOM ** (event.angleDelta().y() / 120), event.position())
            event.accept()
        else:
            event.ignore()  # let the panel scroll

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        key = Qt.Key(event.key())
        if key in _STEPS and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self._step(*_STEPS[key])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.set_zoom(self.lens.zoom * _ZOOM)
        elif key == Qt.Key.Key_Minus:
            self.set_zoom(self.lens.zoom / _ZOOM)
        elif key == Qt.Key.Key_0:
            self.set_zoom(1.0)
        else:
            super().keyPressEvent(event)

    def _step(self, down: int, right: int) -> None:
        """Choose the next element in a direction, over gaps."""
        if self._element is None or not self._visible(self._element):
            start = self.lens.plan.index_at(0, 0, self.lens.leading)
            if start is not None and self._array is not None and self._array.size:
                self.element_chosen.emit(start)
            return
        row, column = self.lens.plan.cell_of(self._element)
        for distance in (1, 2):
            place = row + down * distance, column + right * distance
            index = self.lens.plan.index_at(*place, self.lens.leading)
            if index is not None:
                self.element_chosen.emit(index)
                self.lens.show(index)
                self.update()
                return

    def _hover(self, index: Index | None) -> None:
        if index != self._hovered:
            self._hovered = index
            self.element_hovered.emit(index)
            self.update()

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Heat map"))
        self.setToolTip(
            tr("Click, arrow keys: choose an element; double click: change it. Ctrl+wheel, + −, 0: zoom.")
        )
