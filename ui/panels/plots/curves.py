"""Lines by iteration, thinned to what can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradviz.app.csv_text import csv_text
from gradviz.app.i18n import tr
from gradviz.app.numerals import number
from gradviz.app.plot_data import Curve, PlotData
from gradviz.app.plot_data_series import decimated, longest

from .axes_plot import AxesPlot
from .options import PlotOptions
from .plot import nearest, settle
from .style import Entry, Look, hides, plain_label, power_label

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes


_COLUMNS = 1200  # of all lines together: about 12 ms of drawing


class CurvePlot(AxesPlot):
    """Lines over a linear or logarithmic axis, with one name and look each."""

    def __init__(self, options: PlotOptions, legend: bool = True) -> None:
        super().__init__(options, legend)
        self._lines: dict[str, Any] = {}
        self._markers: dict[str, str] = {}
        self._widths: dict[str, float] = {}
        self._names: tuple[str, ...] | None = None
        self._curves: Sequence[Curve] = ()

    # What differs.

    def curves(self, data: PlotData) -> Sequence[Curve]:
        raise NotImplementedError

    def look(self, name: str, data: PlotData) -> Look:
        """How a line looks: by default as its parameter does everywhere."""
        return self.style.looks([*data.parameters, name])[name]

    def entries(self, names: Sequence[str], data: PlotData) -> list[Entry]:
        """The legend: by default that of the parameters."""
        return self.style.legend(names, data.parameters)

    def hidden(self, name: str) -> bool:
        """Whether the legend has switched a line off."""
        return hides(self.options.hidden, name)

    def label(self, name: str) -> str:
        """What the pointer reads as the name of a line."""
        return name

    def value_text(self, value: float) -> str:
        return number(value)

    def with_marks(self, values: np.ndarray) -> np.ndarray:
        """The values that the vertical limits have to hold."""
        return values

    # What is shared.

    def dress(self, axes: Axes) -> None:
        self._lines, self._names = {}, None
        axes.set_yscale("log" if self.log else "linear")
        axes.yaxis.set_major_formatter(lambda v, _: power_label(v) if self.log else self.tick_text(v))
        axes.yaxis.minorticks_off()

    def tick_text(self, value: float) -> str:
        return plain_label(value)

    def update(self, data: PlotData) -> bool:
        """Give the lines their points."""
        self._curves = curves = self.curves(data)
        changed = tuple(curve.name for curve in curves) != self._names
        if changed:
            self._remake(curves, data)
        dense = longest(curves) > self.pixels
        for curve in curves:
            line = self._lines[curve.name]
            width = self._widths[curve.name]
            line.set_linewidth(min(width, 1.0) if dense and width < 1.7 else width)
            line.set_visible(not self.hidden(curve.name))
            x, y = self._visible_part(curve)
            line.set_data(x, np.where(y > 0, y, np.nan) if self.log else y)
            line.set_marker((self._markers[curve.name] or "o") if len(x) < 30 else "")
        empty = not any(np.isfinite(curve.y).any() for curve in curves)
        changed = self.say_empty(empty) or changed
        self.show_cursor(data)
        return (not self.zoomed and self._fit(curves, data.newest or 0)) or changed

    def _visible_part(self, curve: Curve) -> tuple[np.ndarray, np.ndarray]:
        count = min(len(curve.x), len(curve.y))
        x, y = curve.x[:count], curve.y[:count]
        if self.zoomed:
            low, high = self.axes.get_xlim()
            first, last = np.searchsorted(x, (low, high))
            x, y = x[max(first - 1, 0) : last + 1], y[max(first - 1, 0) : last + 1]
        # Strokes of many lines that jump up and down cost most of all; their extremes always stay.
        lines = max(1, sum(1 for name in self._lines if not self.hidden(name)))
        return decimated(x, y, min(self.pixels, max(80, _COLUMNS // lines)))

    def _remake(self, curves: Sequence[Curve], data: PlotData) -> None:
        for line in self._lines.values():
            line.remove()
        self._names = tuple(curve.name for curve in curves)
        self._lines, self._markers, self._widths = {}, {}, {}
        for name in self._names:
            look = self.look(name, data)
            self._markers[name], self._widths[name] = look.marker, look.width
            self._lines[name] = self.axes.plot(
                [], [], color=look.colour, linestyle=look.dash, alpha=look.alpha, linewidth=look.width,
                markersize=4 if look.marker else 3, label=name, animated=True,
            )[0]  # fmt: skip
        if self.with_legend:
            self.frame.set_legend(self.entries(self._names, data) if self._names else (), self.options.hidden)

    def _fit(self, curves: Sequence[Curve], newest: int) -> bool:
        """Move the limits if the points no longer fit, or leave too much room."""
        changed = False
        shown = [curve for curve in curves if not self.hidden(curve.name)]
        values = np.concatenate([curve.y for curve in shown]) if shown else np.array([])
        limits = settle(self.axes.get_ylim(), self.with_marks(values), self.log)
        if limits is not None:
            self.axes.set_ylim(*limits)
            changed = True
        ends = [(curve.x[0], curve.x[-1]) for curve in curves if len(curve.x)]
        if ends:
            last = max(newest, *(b for _, b in ends))
            changed = self.fit_iterations(min(a for a, _ in ends), last) or changed
        return changed

    def moving(self) -> Sequence[Artist]:
        return list(self._lines.values())

    def known_iterations(self) -> np.ndarray:
        most = max(self._curves, key=lambda curve: len(curve.x), default=None)
        return np.array([]) if most is None else most.x

    def read(self, axes: Axes | None, x: float, y: float) -> str:
        """The value of the point nearest to the pointer."""
        if axes is not self.axes or not self._names:
            return ""
        found = nearest(self.axes, list(self._lines.values()), x, y)
        if found is None:
            return ""
        name, point = self._names[found[0]], found[1]
        xs, ys = self._lines[name].get_data()
        return tr("{name} · iteration {n}: {value}").format(
            name=self.label(name), n=int(xs[point]), value=self.value_text(float(ys[point]))
        )

    def csv(self, data: PlotData) -> str:
        """One line for each iteration that any line has a point at."""
        curves = self.curves(data)
        x = np.unique(np.concatenate([curve.x for curve in curves])) if curves else np.array([])
        columns = [x]
        for curve in curves:
            column = np.full(len(x), np.nan)
            column[np.searchsorted(x, curve.x)] = curve.y[: len(curve.x)]
            columns.append(column)
        return csv_text(["iteration", *(curve.name for curve in curves)], columns)
