"""Where the cells of a heat map lie in its widget: fitted to it, or enlarged and moved."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QPointF, QRectF, QSizeF

from .raster import Index, Plan, plan_for

LARGEST_CELL = 40.0  # pixels, not enlarged
LARGEST_ZOOMED = 64.0
MOST_HEIGHT = 300  # of the picture
EDGE = 3.0  # pixels around the picture, for the ring around an element at its border


class Lens:
    """Maps places of a widget, whose size `size` tells, to elements and back."""

    def __init__(self, size: Callable[[], QSizeF]) -> None:
        self._size = size
        self.plan: Plan = plan_for(())
        self.leading: Index = ()
        self.zoom = 1.0
        self.upper = 1.0  # the share of a cell, from above, for its number; the rest is for something else
        self._offset = QPointF()

    def reset(self) -> None:
        """Show everything."""
        self.zoom, self._offset = 1.0, QPointF()

    def height_for(self, width: float) -> int:
        """The height of a widget of this width that shows everything."""
        side = min((width - 2 * EDGE) / self.plan.columns, LARGEST_CELL)
        return int(max(12, min(MOST_HEIGHT, round(side * self.plan.rows))) + 2 * EDGE)

    def side(self) -> float:
        """The side of a cell in pixels, less than 1 where not every element can be seen."""
        page = self._page()
        fit = min(page.width() / self.plan.columns, page.height() / self.plan.rows, LARGEST_CELL)
        return max(fit, 1e-3) * self.zoom

    def origin(self) -> QPointF:
        """Where the first cell is."""
        return QPointF(EDGE, EDGE) - self._offset

    def rect_of(self, index: Index) -> QRectF:
        """Where an element is."""
        row, column = self.plan.cell_of(index)
        side, origin = self.side(), self.origin()
        return QRectF(origin.x() + column * side, origin.y() + row * side, side, side)

    def index_at(self, place: QPointF) -> Index | None:
        """The element at a place."""
        side, origin = self.side(), self.origin()
        row, column = int((place.y() - origin.y()) // side), int((place.x() - origin.x()) // side)
        return self.plan.index_at(row, column, self.leading)

    def set_zoom(self, zoom: float, about: QPointF) -> None:
        """Enlarge; what lies at `about` stays there."""
        zoom = min(max(zoom, 1.0), max(1.0, LARGEST_ZOOMED * self.zoom / self.side()))
        factor = zoom / self.zoom
        self.zoom = zoom
        about = about - QPointF(EDGE, EDGE)
        self.move_to((self._offset + about) * factor - about)

    def move_to(self, offset: QPointF) -> None:
        """Show the part that begins at `offset`, as far as there is one."""
        side, page = self.side(), self._page()
        most_x = max(0.0, self.plan.columns * side - page.width())
        most_y = max(0.0, self.plan.rows * side - page.height())
        self._offset = QPointF(min(max(offset.x(), 0.0), most_x), min(max(offset.y(), 0.0), most_y))

    def offset(self) -> QPointF:
        """Where the shown part begins."""
        return QPointF(self._offset)

    def show(self, index: Index) -> None:
        """Move as little as needed to have an element in sight."""
        place, size = self.rect_of(index), self._size()
        dx = min(0.0, place.left()) + max(0.0, place.right() - size.width())
        dy = min(0.0, place.top()) + max(0.0, place.bottom() - size.height())
        self.move_to(self._offset + QPointF(dx, dy))

    def _page(self) -> QSizeF:
        size = self._size()
        return QSizeF(max(size.width() - 2 * EDGE, 1.0), max(size.height() - 2 * EDGE, 1.0))
