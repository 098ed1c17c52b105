"""Axes in their part of a figure, with a legend beside them, fitted to the room that there is."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from .style import Entry, PlotStyle, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

LEGEND_LINES = 18  # more entries than this get no legend: pointing at a line tells its name
_LOW = 13.0  # ems; parts lower than this do without the name of the horizontal axis
_LINE = 1.55  # ems that an entry of the legend takes
_COLUMN = (13.0, 20.0)  # ems that one column of the legend takes, and two
_LETTERS = (20, 13)  # that there is room for with one column, and with two
_FAINT = 0.35  # how much is seen of an entry that is switched off


def margins(
    part: SubFigure, left: float, right: float, bottom: float, top: float
) -> tuple[float, float, float, float]:
    """Margins in points as what is left for axes: x, y, width and height as shares of the part."""
    width, height = size_of(part)
    x, y = min(left / width, 0.45), min(bottom / height, 0.45)
    return x, y, max(0.1, 1.0 - x - min(right / width, 0.45)), max(0.1, 1.0 - y - min(top / height, 0.45))


def size_of(part: SubFigure) -> tuple[float, float]:
    """Width and height of a part of a figure, in points."""
    scale = part.dpi / 72.0
    return max(part.bbox.width / scale, 1.0), max(part.bbox.height / scale, 1.0)


class Frame:
    """One pair of axes; `place` is to be called when the size of the part changes."""

    def __init__(self, part: SubFigure, style: PlotStyle, left: float = 5.0, bottom: float = 3.4) -> None:
        self.axes: Axes = part.add_axes((0.1, 0.1, 0.8, 0.8))
        self.axes.set_autoscale_on(False)  # limits are settled with the data
        self._part, self._style = part, style
        self.left, self.bottom = left, bottom  # ems for what stands beside the axes
        self._entries: Sequence[Entry] = ()
        self._hidden: Collection[str] = ()
        self._columns = 0  # of the legend as it is drawn
        self._legend: Any = None

    @property
    def height(self) -> float:
        """How high the axes are, in ems."""
        return float(size_of(self._part)[1] * self.axes.get_position().height / self._style.points)

    def set_legend(self, entries: Sequence[Entry], hidden: Collection[str] = ()) -> None:
        """Explain looks; one entry needs no explanation, too many get none."""
        entries = entries if 1 < len(entries) <= LEGEND_LINES else ()
        if list(entries) == list(self._entries) and set(hidden) == set(self._hidden):
            return
        self._entries, self._hidden = tuple(entries), frozenset(hidden)
        self._columns = -1
        self.place()

    def entry_at(self, x: float, y: float) -> str:
        """The key of the legend's entry at a place in pixels, or ""."""
        if self._legend is None:
            return ""
        for entry, text, handle in zip(
            self._entries, self._legend.get_texts(), self._legend.legend_handles, strict=False
        ):
            box = text.get_window_extent()
            left = min(box.x0, handle.get_window_extent().x0)
            if left - 2 <= x <= box.x1 + 2 and box.y0 - 2 <= y <= box.y1 + 2:
                return entry.key
        return ""

    def place(self) -> None:
        """Fit axes and legend into their part."""
        em = self._style.points
        _, height = size_of(self._part)
        low = height < _LOW * em
        self.axes.xaxis.label.set_visible(not low)
        bottom = em * (self.bottom - 1.4 if low else self.bottom)
        columns = 0
        if self._entries:
            columns = min(2, math.ceil(len(self._entries) * _LINE * em / max(height - 2.0 * em, em)))
            if len(self._entries) * _LINE * em > 2.4 * max(height - em, em):
                columns = 0  # it would be cut off
        right = em * (_COLUMN[columns - 1] if columns else 1.5)
        self.axes.set_position(margins(self._part, em * self.left, right, bottom, em * 2.4))
        # Labels get their places, as matplotlib's way to find them takes as long as all else.
        box = self.axes.get_position()
        width, height = size_of(self._part)
        self.axes.xaxis.set_label_coords(1.0, -2.05 * em / (height * box.height))
        self.axes.yaxis.set_label_coords(-(self.left - 1.2) * em / (width * box.width), 1.0)
        if columns != self._columns:
            self._columns = columns
            self._make_legend()

    def _make_legend(self) -> None:
        # matplotlib is in memory when there are axes
        from matplotlib.lines import Line2D

        if self._legend is not None:
            self._legend.remove()
            self._legend = None
        if not self._columns:
            return
        handles = [
            Line2D(
                [],
                [],
                color=e.look.colour,
                linestyle=e.look.dash,
                marker=e.look.marker,
                label=shortened(e.label, _LETTERS[self._columns - 1]),
                alpha=e.look.alpha,
                linewidth=e.look.width,
                markersize=4,
            )
            for e in self._entries
        ]
        self._legend = self.axes.legend(
            handles=handles,
            loc="upper left",
            bbox_to_anchor=(1.01, 1.04),
            borderaxespad=0,
            handlelength=1.8,
            labelspacing=0.3,
            columnspacing=1.2,
            ncols=self._columns,
        )
        for entry, text, handle in zip(
            self._entries, self._legend.get_texts(), self._legend.legend_handles, strict=True
        ):
            if entry.key in self._hidden:
                text.set_alpha(_FAINT)
                handle.set_alpha(_FAINT)
