"""Axes in their part of a figure, with a legend beside them, fitted to the room that there is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .style import Look, PlotStyle

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

LEGEND_LINES = 9  # more entries than this get no legend: pointing at a line tells its name
_LOW = 13.0  # ems; parts lower than this do without the name of the horizontal axis
_LINE = 1.55  # ems that an entry of the legend takes
_COLUMN = (13.0, 20.0)  # ems that one column of the legend takes, and two


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

    def __init__(self, part: SubFigure, style: PlotStyle) -> None:
        self.axes: Axes = part.add_axes((0.1, 0.1, 0.8, 0.8))
        self.axes.set_autoscale_on(False)  # limits are settled with the data
        self._part, self._style = part, style
        self._entries: Sequence[tuple[str, Look]] = ()
        self._columns = 0  # of the legend as it is drawn
        self._legend: Any = None

    def set_legend(self, entries: Sequence[tuple[str, Look]]) -> None:
        """Explain looks; one entry needs no explanation, too many get none."""
        self._entries = entries if 1 < len(entries) <= LEGEND_LINES else ()
        self._columns = -1
        self.place()

    def place(self) -> None:
        """Fit axes and legend into their part."""
        em = self._style.points
        _, height = size_of(self._part)
        low = height < _LOW * em
        self.axes.xaxis.label.set_visible(not low)
        bottom = em * (2.0 if low else 3.4)
        columns = 0
        if self._entries:
            columns = min(2, math.ceil(len(self._entries) * _LINE * em / (height - 2.0 * em)))
        right = em * (_COLUMN[columns - 1] if columns else 1.5)
        self.axes.set_position(margins(self._part, em * 5, right, bottom, em * 2.4))
        if columns != self._columns:
            self._columns = columns
            self._make_legend()

    def _make_legend(self) -> None:
        # matplotlib is in memory when there are axes
        from matplotlib.lines import Line2D

        if self._legend is not None:
            self._legend.remove()
            self._legend = None
        if self._columns:
            handles = [
                Line2D([], [], color=look.colour, linestyle=look.dash, label=name)
                for name, look in self._entries
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
