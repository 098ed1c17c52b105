"""A plot on one pair of axes, with its title, its legend and a text while it is empty."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradviz.app.i18n import tr
from gradviz.app.plot_data import PlotData

from .frame import Frame
from .options import PlotOptions
from .plot import Limits, Plot, room_for
from .style import PlotStyle

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure


class AxesPlot(Plot):
    """What such plots share; `legend`: whether there is room for one."""

    by_iteration = True  # the horizontal axis counts iterations
    left, bottom = 5.0, 3.4  # ems beside the axes

    def __init__(self, options: PlotOptions, legend: bool = True) -> None:
        self.options, self.with_legend = options, legend
        self.log = options.log(self.name)
        self._cursor: Any = None

    # What differs.

    def title(self) -> str:
        raise NotImplementedError

    def empty_text(self) -> str:
        raise NotImplementedError

    def dress(self, axes: Axes) -> None:
        """Scales, labels, and what does not depend on the data."""

    def home(self) -> tuple[Limits, Limits]:
        """The limits while nothing is known."""
        return (0.5, 10.0), (1e-4 if self.log else 0.0, 1.0)

    # What is shared.

    def build(self, part: SubFigure, style: PlotStyle) -> None:
        """Make the axes; the rest comes with the data."""
        self.style = style
        self.frame = Frame(part, style, self.left, self.bottom)
        self.axes: Axes = self.frame.axes
        self.set_title(self.title())
        self._text = self.axes.text(
            0.5, 0.5, self.empty_text(), transform=self.axes.transAxes, ha="center", va="center",
            color=style.theme.muted.name(), linespacing=1.5,
        )  # fmt: skip
        self._cursor = None
        if self.by_iteration:
            self.axes.set_xlabel(tr("iteration"), loc="right", labelpad=1)
            self.axes.xaxis.get_major_locator().set_params(integer=True)
            self._cursor = self.axes.axvline(
                1.0, color=style.theme.accent.name(), linewidth=1.0, alpha=0.7, visible=False, animated=True
            )
        self.dress(self.axes)
        x, y = self.home()
        self.axes.set_xlim(*x)
        self.axes.set_ylim(*y)
        self.zoomed = False
        self.place()

    def place(self) -> None:
        self.frame.place()

    def set_title(self, text: str) -> None:
        """Above the axes, at their left; its place is given, as finding one takes long."""
        self.axes.set_title(text, loc="left", y=1.0)

    def say_empty(self, empty: bool) -> bool:
        """Show or hide the text; True if that changes it."""
        if self._text.get_visible() is empty:
            return False
        self._text.set_visible(empty)
        return True

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show yet."""
        return bool(self._text.get_visible())

    def show_cursor(self, data: PlotData) -> None:
        """A line at the iteration that is being looked at, if there are others."""
        if self._cursor is None:
            return
        shown, newest = data.shown, data.newest
        self._cursor.set_visible(shown is not None and newest is not None and newest > 1)
        if shown is not None:
            self._cursor.set_xdata([shown, shown])

    def fit_iterations(self, first: float, last: float) -> bool:
        """Move the horizontal limits if iterations from first to last no longer fit, or leave much room."""
        low, high = self.axes.get_xlim()
        top = max(room_for(last - first), 1.0) + first
        if low == first - 0.5 and last <= high <= max(top, first + 1.0) * 1.001:
            return False
        self.axes.set_xlim(first - 0.5, top)
        return True

    @property
    def pixels(self) -> int:
        """How wide the axes are."""
        return max(int(self.axes.bbox.width), 50)

    def overlays(self) -> Sequence[Artist]:
        return () if self._cursor is None else (self._cursor,)

    def all_axes(self) -> Sequence[Axes]:
        return (self.axes,)

    def unzoom(self) -> None:
        self.zoomed = False
        x, y = self.home()
        self.axes.set_xlim(*x)
        self.axes.set_ylim(*y)

    def texts(self) -> Collection[Any]:
        return (self._text,)

    def legend_at(self, x: float, y: float) -> str:
        return self.frame.entry_at(x, y)

    def iteration_at(self, axes: Axes, x: float, y: float) -> int | None:
        if not self.by_iteration or axes is not self.axes or self._text.get_visible():
            return None
        place = float(self.axes.transData.inverted().transform((x, y))[0])
        known = self.known_iterations()
        if not known.size:
            return None
        return int(known[np.argmin(np.abs(known - place))])

    def known_iterations(self) -> np.ndarray:
        """Where there are data."""
        return np.array([])
