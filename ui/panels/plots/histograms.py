"""Histograms of the gradients, one step line for each parameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradviz.app.i18n import tr
from gradviz.app.plot_data import Histograms, PlotData, csv_text

from .axes_plot import AxesPlot
from .options import PlotOptions
from .plot import Limits
from .style import hides, plain_label, power_label

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes


class GradientPlot(AxesPlot):
    """How large the gradients known at this moment are: by magnitude on a logarithmic scale, or signed."""

    name = "gradients"
    by_iteration = False

    def __init__(self, options: PlotOptions, legend: bool = True) -> None:
        super().__init__(options, legend)
        self._lines: dict[str, Any] = {}
        self._shown: Histograms | None = None

    def title(self) -> str:
        return tr("Gradients,  log |g|") if self.log else tr("Gradients")

    def empty_text(self) -> str:
        return tr("No gradient yet:\nstep into backward.")

    def home(self) -> tuple[Limits, Limits]:
        return (1e-4 if self.log else -1.0, 1.0), (0.0, 30.0)

    def dress(self, axes: Axes) -> None:
        self._lines, self._shown = {}, None
        axes.set_xscale("log" if self.log else "linear")
        axes.set_xlabel("|g|" if self.log else "g", loc="right", labelpad=1)
        axes.xaxis.set_major_formatter(lambda v, _: power_label(v) if self.log else plain_label(v))
        axes.xaxis.minorticks_off()
        axes.yaxis.set_major_formatter(lambda v, _: f"{v:g} %")

    def unzoom(self) -> None:
        super().unzoom()
        self._shown = None

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
            self._lines[row.name].set_visible(not hides(self.options.hidden, row.name))
        changed = self.say_empty(not names) or changed
        if self.zoomed:
            return changed
        if names and not same_bins:
            self.axes.set_xlim(histograms.edges[0], histograms.edges[-1])
            changed = True
        top = max((float(row.shares.max()) for row in histograms.rows), default=0.0) or 1.0
        if names and not top <= self.axes.get_ylim()[1] <= top * 1.8:
            self.axes.set_ylim(0.0, top * 1.25)
            changed = True
        return changed

    def _remake(self, names: Sequence[str], data: PlotData) -> None:
        for line in self._lines.values():
            line.remove()
        looks = self.style.looks(data.parameters)
        self._lines = {
            name: self.axes.plot(
                [], [], color=looks[name].colour, linestyle=looks[name].dash, drawstyle="steps-post",
                linewidth=1.3, label=name, animated=True,
            )[0]
            for name in names
        }  # fmt: skip
        if self.with_legend:
            self.frame.set_legend(self.style.legend(names, data.parameters), self.options.hidden)

    def moving(self) -> Sequence[Artist]:
        return list(self._lines.values())

    def read(self, axes: Axes | None, x: float, y: float) -> str:
        """The bin under the pointer, of the line that is nearest above or below it."""
        if axes is not self.axes or self._shown is None or not self._shown.rows:
            return ""
        edges = self._shown.edges
        place_x, place_y = self.axes.transData.inverted().transform((x, y))
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
