"""What every plot can do, and what plots of lines share."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradviz.app.plot_data import PlotData

from .style import PlotStyle

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

_REACH = 24.0  # pixels between the pointer and what it reads

Limits = tuple[float, float]


class Plot:
    """One plot in its part of a figure.

    `build` makes its artists; `place` fits them into their part of the figure; `update` gives them new data
    and says whether more than the artists of `moving` and `overlays` must be drawn; `read` is the text for
    the pointer. `zoomed`: the user has chosen the limits, so data do not change them.
    """

    name = ""
    log = False
    zoomed = False

    def build(self, part: SubFigure, style: PlotStyle) -> None:
        raise NotImplementedError

    def place(self) -> None:
        """Fit the axes into their part of the figure; called when its size changes."""

    def update(self, data: PlotData) -> bool:
        raise NotImplementedError

    def moving(self) -> Sequence[Artist]:
        """What shows the data and is drawn anew each time; all else is kept."""
        return ()

    def overlays(self) -> Sequence[Artist]:
        """What is drawn on top of it, such as the cursor."""
        return ()

    def read(self, axes: Axes | None, x: float, y: float) -> str:
        raise NotImplementedError

    def csv(self, data: PlotData) -> str:
        raise NotImplementedError

    def texts(self) -> Collection[Any]:
        """The artists that say why there is nothing to see."""
        return ()

    # What the pointer does.

    def all_axes(self) -> Sequence[Axes]:
        """The axes that can be zoomed."""
        return ()

    def zoom(self, axes: Axes, x: Limits, y: Limits) -> None:
        """Show this part."""
        self.zoomed = True
        axes.set_xlim(*x)
        axes.set_ylim(*y)

    def unzoom(self) -> None:
        """Show everything again, with the next data."""
        self.zoomed = False

    def legend_at(self, x: float, y: float) -> str:
        """The key of the legend's entry at a place in pixels, or ""."""
        return ""

    def iteration_at(self, axes: Axes, x: float, y: float) -> int | None:
        """The iteration that a click at this place in pixels means."""
        return None


def settle(limits: tuple[float, float], values: np.ndarray, log: bool) -> tuple[float, float] | None:
    """New axis limits if `values` do not fit into the old ones, or leave much of them empty; else None.

    New ones have some room, so that they need not move with every number.
    """
    shown = values[np.isfinite(values) & (values > 0 if log else True)]
    if not shown.size:
        return None
    low, high = float(shown.min()), float(shown.max())
    wanted = _with_room(low, high, log)
    inside = limits[0] <= low and high <= limits[1]
    return None if inside and _reach(limits, log) <= 1.6 * _reach(wanted, log) else wanted


def _with_room(low: float, high: float, log: bool) -> tuple[float, float]:
    if log:  # to whole halves of a decade
        low, high = math.log10(low), math.log10(high)
        return 10 ** (math.floor(low * 2 - 0.1) / 2), 10 ** (math.ceil(high * 2 + 0.1) / 2)
    if low == high:
        return low - max(abs(low), 1e-3) * 0.5, high + max(abs(high), 1e-3) * 0.5
    room = (high - low) * 0.08
    return (0.0 if 0 <= low < (high - low) * 0.5 else low - room), high + room


def _reach(limits: tuple[float, float], log: bool) -> float:
    return math.log10(limits[1] / limits[0]) if log else limits[1] - limits[0]


def room_for(count: float) -> float:
    """A round number of iterations that leaves room for more."""
    step = 10 ** math.floor(math.log10(max(count, 1)))
    return float(math.ceil((count * 1.05 + 1) / step * 2) / 2 * step)


def nearest(axes: Axes, lines: Sequence[Any], x: float, y: float) -> tuple[int, int] | None:
    """Which line (its number) and which of its points is at most a little way from a place in pixels."""
    best: tuple[float, int, int] | None = None
    for number, line in enumerate(lines):
        points = np.column_stack(line.get_data())
        if not line.get_visible() or not len(points):
            continue
        with np.errstate(invalid="ignore", divide="ignore"):
            places = axes.transData.transform(points)
        distances = np.hypot(places[:, 0] - x, places[:, 1] - y)
        distances[~np.isfinite(distances)] = np.inf
        point = int(np.argmin(distances))
        if best is None or distances[point] < best[0]:
            best = float(distances[point]), number, point
    if best is None or best[0] > _REACH:
        return None
    return best[1], best[2]
