"""The figure inside of its widget: mostly only what moves is drawn. Import this lazily: matplotlib."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.backend_bases import Event, LocationEvent
from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
from matplotlib.figure import Figure
from PyQt6.QtGui import QResizeEvent

from gradviz.app.plot_data import PlotData

from .gestures import Gestures
from .plot import Plot
from .style import PlotStyle


class PlotCanvas(FigureCanvasQTAgg):
    """Shows plots side by side in one figure."""

    def __init__(self, style: PlotStyle) -> None:
        self._style = style
        self._plots: Sequence[Plot] = ()
        self._background: Any = None
        self.seconds = 0.0  # that the last drawing took, of everything or of what moves
        self.full_drawings = 0
        self.on_read: Callable[[str], None] = lambda text: None
        self.on_stale: Callable[[], None] = lambda: None  # it must be drawn again, soon
        super().__init__(Figure())  # type: ignore[no-untyped-call]
        self.mpl_connect("draw_event", self._drawn)
        self.mpl_connect("motion_notify_event", self._moved)
        self.mpl_connect("figure_leave_event", lambda _: self.on_read(""))
        self.gestures = Gestures(self, lambda: self._plots)
        self.gestures.on_zoom = self.draw_idle
        self.blits = 0

    def set_plots(self, plots: Sequence[Plot], style: PlotStyle) -> None:
        """Begin anew with these plots in this style."""
        self._plots, self._style = plots, style
        self._background = None
        self.figure.clear()
        with mpl.rc_context(rc=style.settings):
            self.figure.set_facecolor(style.theme.panel.name())
            # The last one has the legend for all.
            widths = [1.0] * (len(plots) - 1) + [1.3 if len(plots) > 1 else 1.0]
            parts = self.figure.subfigures(1, len(plots), squeeze=False, width_ratios=widths)[0]
            for part, plot in zip(parts, plots, strict=True):
                part.set_facecolor(style.theme.panel.name())
                plot.build(part, style)

    def show_data(self, data: PlotData) -> None:
        """Bring the plots up to date, with as little drawing as possible."""
        started = time.perf_counter()
        with mpl.rc_context(rc=self._style.settings):
            changed = [plot.update(data) for plot in self._plots]
        if any(changed) or self._background is None:
            self.draw()
        else:
            self.restore_region(self._background)  # type: ignore[no-untyped-call]
            self._draw_moving()
            self.blits += 1
            self.blit(self.figure.bbox)  # type: ignore[no-untyped-call]
        self.seconds = time.perf_counter() - started

    def draw(self) -> None:
        started = time.perf_counter()
        with mpl.rc_context(rc=self._style.settings):
            super().draw()  # type: ignore[no-untyped-call]
        self.seconds = time.perf_counter() - started
        self.full_drawings += 1

    def draw_idle(self) -> None:
        """Leave it to the owner's timer: matplotlib's own one may outlive the widget."""
        self._background = None
        self.on_stale()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)  # type: ignore[no-untyped-call]
        with mpl.rc_context(rc=self._style.settings):  # a legend may have to be made anew
            for plot in self._plots:
                plot.place()

    def save(self, path: str, **options: Any) -> None:
        """Write the figure to a file; its ending chooses the format."""
        with mpl.rc_context(rc=self._style.settings):
            self.figure.savefig(path, **options)

    def _drawn(self, event: Event) -> None:
        """Keep what was drawn as the background, and put what moves on it."""
        if event.canvas is not self:  # drawn for a file
            return
        self._background = self.copy_from_bbox(self.figure.bbox)  # type: ignore[no-untyped-call]
        self._draw_moving()

    def _draw_moving(self) -> None:
        for plot in self._plots:
            for artist in (*plot.moving(), *plot.overlays()):
                if artist.axes is not None and artist.get_visible():
                    artist.axes.draw_artist(artist)

    def _moved(self, event: Event) -> None:
        if not isinstance(event, LocationEvent):
            return
        texts = (plot.read(event.inaxes, event.x, event.y) for plot in self._plots)
        self.on_read(next((text for text in texts if text), ""))
