"""Plots on the clipboard, and as pictures and numbers in files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QMenu

from gradviz.app.i18n import tr

from .export import PICTURES, ask

if TYPE_CHECKING:
    from .panel import PlotsPanel


class PlotFiles:
    """Copies and saves what a panel shows; `told` hears of it."""

    def __init__(self, panel: PlotsPanel, told: Callable[[str, str], None]) -> None:
        self._panel, self._told = panel, told

    def fill(self, menu: QMenu) -> None:
        """The menu of what can be done."""
        menu.clear()
        menu.addAction(tr("Copy picture"), self.copy)
        menu.addAction(tr("Save picture…"), self.save_picture)
        menu.addAction(tr("Save numbers as CSV…"), self.save_numbers)
        menu.addSeparator()
        menu.addAction(tr("Zoom in"), lambda: self.zoom(2))
        menu.addAction(tr("Zoom out"), lambda: self.zoom(-2))
        menu.addAction(tr("Show all of the plot"), self.unzoom)

    def zoom(self, steps: float) -> None:
        """Zoom into the middle of each plot, or out of it."""
        canvas = self._panel.figure.canvas
        for plot in self._panel.plots if canvas is not None else ():
            for axes in plot.all_axes():
                box = axes.bbox
                canvas.gestures.zoom_by(steps, axes, (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)

    def unzoom(self) -> None:
        """Show everything after zooming."""
        canvas = self._panel.figure.canvas
        if canvas is not None:
            canvas.gestures.unzoom()

    def copy(self) -> None:
        """Put a picture of the plots on the clipboard."""
        figure, clipboard = self._panel.figure, QGuiApplication.clipboard()
        if figure.canvas is not None and clipboard is not None:
            figure.draw_now()
            clipboard.setPixmap(figure.canvas.grab())

    def save_picture(self) -> None:
        """Ask where to save the plots, as PNG, SVG or PDF."""
        figure = self._panel.figure
        canvas = figure.canvas
        if canvas is not None:
            figure.draw_now()
            write = lambda path: canvas.save(str(path), dpi=200)  # noqa: E731
            ask(self._panel, f"{self._panel.tab}.png", PICTURES, write, self._told)

    def save_numbers(self) -> None:
        """Ask where to save the plotted numbers, as CSV."""
        self._panel.figure.draw_now()
        ask(self._panel, f"{self._panel.tab}.csv", ("csv",), self._write_numbers, self._told)

    def _write_numbers(self, path: Path) -> None:
        data = self._panel.data()
        path.write_text("\n".join(plot.csv(data) for plot in self._panel.plots), encoding="utf-8")
