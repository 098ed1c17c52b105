"""What the pointer does on a figure: zoom by wheel or box, back by double click, legends, clicks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from matplotlib.backend_bases import Event, MouseButton, MouseEvent
from PyQt6.QtCore import QPoint, QRect, Qt, QTimer
from PyQt6.QtWidgets import QApplication, QRubberBand

from .plot import Plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .canvas import PlotCanvas

_STEP = 0.8  # of the width stays at each notch of the wheel
_MOVED = 5  # pixels; less is a click, not a box


class Gestures:
    """Turns events of a canvas into zooms and calls; `plots` are those that it shows."""

    def __init__(self, canvas: PlotCanvas, plots: Callable[[], Sequence[Plot]]) -> None:
        self._canvas, self._plots = canvas, plots
        self._pressed: tuple[Axes, float, float] | None = None
        self._band = QRubberBand(QRubberBand.Shape.Rectangle, canvas)
        self._wait = QTimer(canvas, singleShot=True)  # whether a click becomes a double click
        self._wait.timeout.connect(self._click)
        self._clicked: int | None = None
        self.on_legend: Callable[[str], None] = lambda key: None
        self.on_iteration: Callable[[int], None] = lambda number: None
        self.on_zoom: Callable[[], None] = lambda: None
        for name, act in (
            ("scroll_event", self._scrolled),
            ("button_press_event", self._press),
            ("motion_notify_event", self._move),
            ("button_release_event", self._release),
        ):
            canvas.mpl_connect(name, act)

    def unzoom(self) -> bool:
        """Show everything again; False if nothing was zoomed."""
        zoomed = [plot for plot in self._plots() if plot.zoomed]
        for plot in zoomed:
            plot.unzoom()
        if zoomed:
            self.on_zoom()
        return bool(zoomed)

    def zoom_by(self, steps: float, axes: Axes, x: float, y: float) -> None:
        """Zoom about a place in pixels: into it for positive steps."""
        plot = self._plot_of(axes)
        if plot is None:
            return
        factor = _STEP**steps
        box = axes.bbox
        self._show(
            plot,
            axes,
            (x + (box.x0 - x) * factor, y + (box.y0 - y) * factor),
            (x + (box.x1 - x) * factor, y + (box.y1 - y) * factor),
        )

    def _show(self, plot: Plot, axes: Axes, first: tuple[float, float], last: tuple[float, float]) -> None:
        """Make two corners in pixels those of the axes."""
        back = axes.transData.inverted()
        (left, low), (right, high) = back.transform(first), back.transform(last)
        if left != right and low != high:
            plot.zoom(axes, (float(left), float(right)), (float(low), float(high)))
            self.on_zoom()

    def _plot_of(self, axes: Axes | None) -> Plot | None:
        return next((plot for plot in self._plots() if axes is not None and axes in plot.all_axes()), None)

    # Events; their places are in physical pixels, from the bottom.

    def _scrolled(self, event: Event) -> None:
        if isinstance(event, MouseEvent) and event.inaxes is not None:
            self.zoom_by(event.step, event.inaxes, event.x, event.y)

    def _press(self, event: Event) -> None:
        if not isinstance(event, MouseEvent) or event.button is not MouseButton.LEFT:
            return
        self._pressed = None
        if event.dblclick:
            self._wait.stop()
            self.unzoom()
            return
        key = next((key for plot in self._plots() if (key := plot.legend_at(event.x, event.y))), "")
        if key:
            self.on_legend(key)
        elif event.inaxes is not None and self._plot_of(event.inaxes) is not None:
            self._pressed = event.inaxes, event.x, event.y

    def _move(self, event: Event) -> None:
        if not isinstance(event, MouseEvent):
            return
        if self._pressed is None:
            over = any(plot.legend_at(event.x, event.y) for plot in self._plots())
            shape = Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor
            if self._canvas.cursor().shape() != shape:
                self._canvas.setCursor(shape)
            return
        if self._is_box(event):
            self._band.setGeometry(
                QRect(self._place(*self._pressed[1:]), self._place(event.x, event.y)).normalized()
            )
            self._band.show()

    def _is_box(self, event: MouseEvent) -> bool:
        if self._pressed is None:
            return False
        _, x, y = self._pressed
        return max(abs(event.x - x), abs(event.y - y)) > _MOVED

    def _release(self, event: Event) -> None:
        if not isinstance(event, MouseEvent) or self._pressed is None:
            return
        axes, x, y = self._pressed
        box = self._is_box(event)
        plot = self._plot_of(axes)
        self._pressed = None
        self._band.hide()
        if plot is None:
            return
        if not box:
            self._clicked = plot.iteration_at(axes, event.x, event.y)
            # Where a double click means something, a click has to wait for it.
            self._wait.start(QApplication.doubleClickInterval() if plot.zoomed else 0)
            return
        bounds = axes.bbox
        left, right = sorted(max(min(v, bounds.x1), bounds.x0) for v in (x, event.x))
        low, high = sorted(max(min(v, bounds.y1), bounds.y0) for v in (y, event.y))
        if right - left > _MOVED or high - low > _MOVED:
            if right - left <= _MOVED:  # a box as good as flat: zoom along the other axis only
                left, right = bounds.x0, bounds.x1
            if high - low <= _MOVED:
                low, high = bounds.y0, bounds.y1
            self._show(plot, axes, (left, low), (right, high))

    def _click(self) -> None:
        number, self._clicked = self._clicked, None
        if number is not None:
            self.on_iteration(number)

    def _place(self, x: float, y: float) -> QPoint:
        ratio = self._canvas.device_pixel_ratio
        return QPoint(round(x / ratio), round(self._canvas.height() - y / ratio))
