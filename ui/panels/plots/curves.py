"""Plots by iteration: the loss, and each parameter's update relative to its weight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradviz.app.i18n import tr
from gradviz.app.numerals import number
from gradviz.app.plot_data import HEALTHY_RATIO, Curve, PlotData, csv_text

from .frame import Frame
from .plot import nearest, room_for, settle
from .style import Look, PlotStyle, plain_label, power_label

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure


class CurvePlot:
    """Lines by iteration over a linear or logarithmic axis, with one name and look each."""

    name = ""

    def __init__(self, log: bool, legend: bool) -> None:
        self.log = log
        self._legend = legend
        self._lines: dict[str, Any] = {}
        self._names: tuple[str, ...] = ()
        self._text: Any = None

    # What differs.

    def title(self) -> str:
        raise NotImplementedError

    def empty_text(self) -> str:
        raise NotImplementedError

    def curves(self, data: PlotData) -> Sequence[Curve]:
        raise NotImplementedError

    # What is shared.

    def build(self, part: SubFigure, style: PlotStyle) -> None:
        """Make the axes; lines come with the data."""
        self._style = style
        self._lines = {}
        self._names = ()
        self._frame = Frame(part, style)
        self._axes: Axes = self._frame.axes
        self._axes.set_yscale("log" if self.log else "linear")
        self._axes.set_xlim(0.5, 10.0)
        self._axes.set_ylim(1e-4 if self.log else 0.0, 1.0)
        self._axes.set_title(self.title(), loc="left")
        self._axes.set_xlabel(tr("iteration"), loc="right", labelpad=1)
        self._axes.xaxis.get_major_locator().set_params(integer=True)
        self._axes.yaxis.set_major_formatter(lambda v, _: power_label(v) if self.log else plain_label(v))
        if self.log:
            self._axes.yaxis.set_minor_formatter(lambda v, _: "")
        self._text = self._axes.text(
            0.5,
            0.5,
            self.empty_text(),
            transform=self._axes.transAxes,
            ha="center",
            va="center",
            color=style.theme.muted.name(),
        )
        self.decorate(self._axes, style)
        self.place()

    def decorate(self, axes: Axes, style: PlotStyle) -> None:
        """Add what does not depend on the data."""

    def place(self) -> None:
        """Fit the axes into their part of the figure; called when its size changes."""
        self._frame.place()

    def update(self, data: PlotData) -> bool:
        """Give the lines their points."""
        curves = self.curves(data)
        changed = tuple(curve.name for curve in curves) != self._names
        if changed:
            self._remake(curves, data)
        for curve in curves:
            line = self._lines[curve.name]
            y = np.where(curve.y > 0, curve.y, np.nan) if self.log else curve.y
            line.set_data(curve.x, y)
            line.set_marker("o" if len(curve.x) < 30 else "")
        known = any(np.isfinite(curve.y).any() for curve in curves)
        if self._text.get_visible() is known:
            self._text.set_visible(not known)
            changed = True
        return self._fit(curves) or changed

    def _remake(self, curves: Sequence[Curve], data: PlotData) -> None:
        for line in self._lines.values():
            line.remove()
        names = tuple(curve.name for curve in curves)
        looks = self._style.looks([*data.parameters, *(n for n in names if n not in data.parameters)])
        self._names = names
        self._lines = {
            name: self._axes.plot(
                [], [], color=self.colour(name, looks[name].colour), linestyle=looks[name].dash,
                markersize=3, label=name, animated=True,
            )[0]
            for name in names
        }  # fmt: skip
        if self._legend:
            self._frame.set_legend([*self._style.legend(names), *self.marks()] if names else ())

    def marks(self) -> Sequence[tuple[str, Look]]:
        """More entries for the legend."""
        return ()

    def colour(self, name: str, usual: str) -> str:
        return usual

    def _fit(self, curves: Sequence[Curve]) -> bool:
        """Move the limits if the points no longer fit, or leave too much room."""
        changed = False
        values = np.concatenate([curve.y for curve in curves]) if curves else np.array([])
        limits = settle(self._axes.get_ylim(), self._with_marks(values), self.log)
        if limits is not None:
            self._axes.set_ylim(*limits)
            changed = True
        ends = [(curve.x[0], curve.x[-1]) for curve in curves if len(curve.x)]
        if ends:
            first, last = min(a for a, _ in ends), max(b for _, b in ends)
            low, high = self._axes.get_xlim()
            top = max(room_for(last - first), 1.0) + first
            if low != first - 0.5 or not last <= high <= max(top, first + 1.0) * 1.001:
                self._axes.set_xlim(first - 0.5, top)
                changed = True
        return changed

    def _with_marks(self, values: np.ndarray) -> np.ndarray:
        return values

    def moving(self) -> Sequence[Artist]:
        return list(self._lines.values())

    def read(self, axes: Axes | None, x: float, y: float) -> str:
        """The value of the point nearest to the pointer."""
        if axes is not self._axes:
            return ""
        lines = list(self._lines.values())
        found = nearest(self._axes, lines, x, y)
        if found is None:
            return ""
        line, point = found
        xs, ys = lines[line].get_data()
        return tr("{name} · iteration {n}: {value}").format(
            name=self._names[line], n=int(xs[point]), value=number(float(ys[point]))
        )

    def csv(self, data: PlotData) -> str:
        curves = self.curves(data)
        x = curves[0].x if curves else np.array([])
        return csv_text(["iteration", *(c.name for c in curves)], [x, *(c.y for c in curves)])


class LossPlot(CurvePlot):
    """The loss by iteration."""

    name = "loss"

    def title(self) -> str:
        return tr("Loss")

    def empty_text(self) -> str:
        return tr("No iteration with a loss yet.\nRecord one, or train.")

    def curves(self, data: PlotData) -> Sequence[Curve]:
        return (data.loss,)

    def marks(self) -> Sequence[tuple[str, Look]]:
        """More entries for the legend."""
        return ()

    def colour(self, name: str, usual: str) -> str:
        return self._style.theme.loss.name()


class RatioPlot(CurvePlot):
    """‖Δw‖ / ‖w‖ by iteration, and where it usually lies."""

    name = "updates"

    def __init__(self, legend: bool) -> None:
        super().__init__(True, legend)

    def title(self) -> str:
        return tr("Update / weight,  |Δw| / |w|")

    def empty_text(self) -> str:
        return tr("No update of the weights yet.\nRecord an iteration, or train.")

    def curves(self, data: PlotData) -> Sequence[Curve]:
        return data.ratios

    def decorate(self, axes: Axes, style: PlotStyle) -> None:
        look = self._mark()
        axes.axhline(HEALTHY_RATIO, color=look.colour, linewidth=1.5, linestyle=look.dash)

    def _mark(self) -> Look:
        return Look(self._style.theme.text.name(), (0, (1, 2)))

    def marks(self) -> Sequence[tuple[str, Look]]:
        return ((tr("usual"), self._mark()),)

    def _with_marks(self, values: np.ndarray) -> np.ndarray:
        return np.append(values, (HEALTHY_RATIO * 0.5, HEALTHY_RATIO * 2)) if values.size else values
