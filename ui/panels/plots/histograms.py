"""Histograms of the gradients, one step line for each parameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradviz.app.i18n import tr
from gradviz.app.plot_data import Histograms, PlotData, csv_text

from .frame import Frame
from .style import PlotStyle, plain_label, power_label

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure


class GradientPlot:
    """How large the gradients known at this moment are; `log`: by magnitude, else with sign."""

    name = "gradients"

    def __init__(self, log: bool, legend: bool) -> None:
        self.log = log
        self._legend = legend

    def build(self, part: SubFigure, style: PlotStyle) -> None:
        """Make the axes; lines come with the data."""
        self._style = style
        self._lines: dict[str, Any] = {}
        self._shown: Histograms | None = None
        self._frame = Frame(part, style)
        self._axes: Axes = self._frame.axes
        self._axes.set_xscale("log" if self.log else "linear")
        self._axes.set_xlim(1e-4 if self.log else -1.0, 1.0)
        self._axes.set_ylim(0.0, 30.0)
        self._axes.set_title(tr("Gradients,  log |g|") if self.log else tr("Gradients"), loc="left")
        self._axes.set_xlabel("|g|" if self.log else "g", loc="right", labelpad=1)
        self._axes.xaxis.set_major_formatter(lambda v, _: power_label(v) if self.log else plain_label(v))
        if self.log:
            self._axes.xaxis.set_minor_formatter(lambda v, _: "")
        self._axes.yaxis.set_major_formatter(lambda v, _: f"{v:g} %")
        self._text = self._axes.text(
            0.5,
            0.5,
            tr("No gradient yet:\nstep into backward."),
            transform=self._axes.transAxes,
            ha="center",
            va="center",
            color=style.theme.muted.name(),
        )
        self.place()

    def place(self) -> None:
        """Fit the axes into their part of the figure."""
        self._frame.place()

    def update(self, data: PlotData) -> bool:
        """Give the lines their heights."""
        histograms = data.histograms(self.log)
        before, self._shown = self._shown, histograms
        names = [row.name for row in histograms.rows]
        same_bins = before is not None and np.array_equal(before.edges, histograms.edges)
        changed = names != list(self._lines)
        if changed:
            self._remake(names, data)
        for row in histograms.rows:
            self._lines[row.name].set_data(histograms.edges, np.append(row.shares, row.shares[-1:]))
        if self._text.get_visible() is bool(names):
            self._text.set_visible(not names)
            changed = True
        if names and not same_bins:
            self._axes.set_xlim(histograms.edges[0], histograms.edges[-1])
            changed = True
        top = max((float(row.shares.max()) for row in histograms.rows), default=0.0) or 1.0
        if names and not top <= self._axes.get_ylim()[1] <= top * 1.8:
            self._axes.set_ylim(0.0, top * 1.25)
            changed = True
        return changed

    def _remake(self, names: Sequence[str], data: PlotData) -> None:
        for line in self._lines.values():
            line.remove()
        looks = self._style.looks(data.parameters)
        self._lines = {
            name: self._axes.plot(
                [], [], color=looks[name].colour, linestyle=looks[name].dash, drawstyle="steps-post",
                linewidth=1.3, label=name, animated=True,
            )[0]
            for name in names
        }  # fmt: skip
        if self._legend:
            self._frame.set_legend(self._style.legend(names))

    def moving(self) -> Sequence[Artist]:
        return list(self._lines.values())

    def read(self, axes: Axes | None, x: float, y: float) -> str:
        """The bin under the pointer, of the line that is nearest above or below it."""
        if axes is not self._axes or self._shown is None or not self._shown.rows:
            return ""
        edges = self._shown.edges
        place_x, place_y = self._axes.transData.inverted().transform((x, y))
        column = int(np.searchsorted(edges, place_x)) - 1
        if not 0 <= column < len(edges) - 1:
            return ""
        row = min(self._shown.rows, key=lambda item: abs(item.shares[column] - place_y))
        show = (lambda value: f"{value:.2g}") if self.log else plain_label
        text = tr("{name}: {share} % from {low} to {high}").format(
            name=row.name,
            share=f"{row.shares[column]:.3g}",
            low=show(float(edges[column])),
            high=show(float(edges[column + 1])),
        )
        if self.log and row.zeros:
            text += tr(" · {share} % are zero").format(share=f"{row.zeros:.3g}")
        return text

    def csv(self, data: PlotData) -> str:
        histograms = data.histograms(self.log)
        columns = [histograms.edges[:-1], histograms.edges[1:], *(row.shares for row in histograms.rows)]
        return csv_text(["from", "to", *(row.name for row in histograms.rows)], columns)
