"""Histograms over time: one row for each tensor, in its own colour, magnitudes upwards, iterations to the
right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PyQt6.QtGui import QColor

from gradviz.app.csv_text import csv_text
from gradviz.app.i18n import tr
from gradviz.app.plot_data import PlotData
from gradviz.app.plot_data_heat import Heat, HeatMaker, Part, at_iterations

from .axes_plot import AxesPlot
from .options import PlotOptions
from .plot import Limits
from .style import Look, hides, power_label, shortened

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

_MOST = 14  # more rows than this: weights only, as far as there are any
_COLUMNS = 800
_LINE = 1.25  # ems that the name of a row takes


class HeatPlot(AxesPlot):
    """Rows of histograms of log10|x|; darker is more."""

    part: Part = "gradients"
    left = 9.5

    def __init__(self, options: PlotOptions, legend: bool = True) -> None:
        super().__init__(options, legend)
        self._maker = HeatMaker(self.part)
        self._heat: Heat | None = None
        self._drawn: tuple[object, ...] = ()
        self._image: Any = None

    def symbol(self) -> str:
        raise NotImplementedError

    def empty_text(self) -> str:
        return tr("Nothing has been looked at closely yet.\nTrain to fill this plot.")

    def home(self) -> tuple[Limits, Limits]:
        return (0.5, 10.0), (1.0, 0.0)

    def dress(self, axes: Axes) -> None:
        self._heat, self._drawn, self._image = None, (), None
        axes.grid(False)
        axes.tick_params(axis="y", length=0)

    def update(self, data: PlotData) -> bool:
        """Paint the image anew, if there is a new snapshot."""
        snapshots = tuple(data.rows.snapshots)
        self.show_cursor(data)
        newest = float(data.newest or 1)
        state = (
            len(snapshots),
            id(snapshots[-1]) if snapshots else 0,
            self.options.hidden,
            self._window(newest),
        )
        changed = self.say_empty(not snapshots)
        if state == self._drawn or not snapshots:
            return changed
        self._drawn = state
        names = self._names(snapshots[-1])
        before = self._heat
        self._heat = heat = self._maker.heat(snapshots, names)
        if before is None or before.names != heat.names or not np.array_equal(before.edges, heat.edges):
            self._label_rows(heat)
            changed = True
        if not self.zoomed:
            if self.axes.get_ylim() != (float(len(heat.names) or 1), 0.0):
                self.axes.set_ylim(len(heat.names) or 1, 0)
                changed = True
            changed = self.fit_iterations(1.0, newest) or changed
        self._paint(heat, data, newest)
        return changed

    def _window(self, newest: float) -> tuple[float, float]:
        low, high = self.axes.get_xlim() if self.zoomed else (0.5, newest + 0.5)
        return max(low, 0.5), min(high, newest + 0.5)

    def _names(self, snapshot: Any) -> list[str]:
        known = [name for name in getattr(snapshot, self.part) if not self._is_hidden(name)]
        if len(known) <= _MOST or self.part == "activations":
            return known
        return [name for name in known if name.endswith("weight")] or known

    def _is_hidden(self, name: str) -> bool:
        return hides(self.options.hidden, name)

    def looks(self, names: Sequence[str], data: PlotData) -> dict[str, Look]:
        return self.style.looks([*data.parameters, *names])

    def _label_rows(self, heat: Heat) -> None:
        count = len(heat.names)
        step = max(1, int(np.ceil(count * _LINE / max(self.frame.height, 1.0))))
        shown = range(0, count, step)
        self.axes.set_yticks([i + 0.5 for i in shown], [_short(heat.names[i]) for i in shown])
        low, high = (power_label(10.0 ** float(edge)) for edge in (heat.edges[0], heat.edges[-1]))
        told = tr("{title}: in each row {symbol} from {low} up to {high}")
        self.set_title(told.format(title=self.title(), symbol=self.symbol(), low=low, high=high))

    def _paint(self, heat: Heat, data: PlotData, newest: float) -> None:
        low, high = self._window(newest)
        columns = min(_COLUMNS, self.pixels)  # as they are seen, as what is stretched gets blurred
        centres = low + (np.arange(columns) + 0.5) * (high - low) / columns
        times, inverse = np.unique(at_iterations(heat, centres), return_inverse=True)
        pixels = self._pixels(heat, times, data)[:, inverse]
        if self._image is None:
            self._image = self.axes.imshow(pixels, aspect="auto", interpolation="auto", animated=True)
        self._image.set_data(pixels)
        self._image.set_extent((low, high, float(len(heat.names) or 1), 0.0))

    def _pixels(self, heat: Heat, places: np.ndarray, data: PlotData) -> np.ndarray:
        """Red, green and blue: rows below one another, each with its largest magnitudes at the top."""
        ground = _rgb(self.style.theme.card)
        looks = self.looks(heat.names, data)
        bins = heat.shares.shape[1]
        pixels = np.empty((max(len(heat.names), 1), bins + 1, len(places), 3))
        pixels[...] = ground
        known = places >= 0
        for row, name in enumerate(heat.names):
            shares = heat.shares[row][::-1, places]  # what is before the first snapshot is blanked below
            top = float(heat.shares[row].max()) or 1.0
            strength = (np.sqrt(shares / top) * known)[..., None]
            pixels[row, :bins] += strength * (_rgb(QColor(looks[name].colour)) - ground)
            broken = known & (heat.nonfinite[row, places] > 0)
            pixels[row, : max(bins // 4, 1), broken] = _rgb(self.style.theme.error)
        pixels[:, bins] = _rgb(self.style.theme.grid)
        return np.clip(pixels, 0, 255).astype(np.uint8).reshape(-1, len(places), 3)

    def moving(self) -> Sequence[Artist]:
        return () if self._image is None else (self._image,)

    def unzoom(self) -> None:
        super().unzoom()
        self._drawn = ()

    def zoom(self, axes: Axes, x: Limits, y: Limits) -> None:
        super().zoom(axes, x, y)
        self._drawn = ()

    def known_iterations(self) -> np.ndarray:
        return np.array([]) if self._heat is None else self._heat.iterations

    def read(self, axes: Axes | None, x: float, y: float) -> str:
        """The bin under the pointer."""
        heat = self._heat
        if axes is not self.axes or heat is None or not heat.names:
            return ""
        iteration, height = self.axes.transData.inverted().transform((x, y))
        row = int(np.floor(height))
        time = int(at_iterations(heat, np.array([iteration]))[0])
        if not 0 <= row < len(heat.names) or time < 0:
            return ""
        bins = heat.shares.shape[1]
        place = bins - 1 - int((height - row) * (bins + 1))
        if not 0 <= place < bins:
            return ""
        text = tr("{name} · iteration {n}: {share} % from {low} to {high}").format(
            name=heat.names[row],
            n=int(heat.iterations[time]),
            share=f"{100 * heat.shares[row, place, time]:.3g}",
            low=f"{10 ** heat.edges[place]:.2g}",
            high=f"{10 ** heat.edges[place + 1]:.2g}",
        )
        if heat.zeros[row, time]:
            text += tr(" · {share} % are zero").format(share=f"{100 * heat.zeros[row, time]:.3g}")
        return text

    def csv(self, data: PlotData) -> str:
        """One line for each tensor, iteration and bin."""
        heat = self._maker.heat(tuple(data.rows.snapshots), None)
        rows, bins, times = np.indices(heat.shares.shape).reshape(3, -1)
        names = np.array(heat.names, dtype=object)
        return csv_text(
            ["iteration", "tensor", "low", "high", "share"],
            [
                heat.iterations[times],
                names[rows] if len(names) else rows,
                10 ** heat.edges[bins],
                10 ** heat.edges[bins + 1],
                heat.shares.reshape(-1),
            ],
        )


class GradientHeatPlot(HeatPlot):
    """The gradients' magnitudes over time."""

    name = "gradient_heat"
    part = "gradients"

    def title(self) -> str:
        return tr("Gradients over time")

    def symbol(self) -> str:
        return "|g|"


class WeightHeatPlot(HeatPlot):
    """The weights' magnitudes over time."""

    name = "weight_heat"
    part = "weights"

    def title(self) -> str:
        return tr("Weights over time")

    def symbol(self) -> str:
        return "|w|"


class ActivationHeatPlot(HeatPlot):
    """The activations' magnitudes over time."""

    name = "activation_heat"
    part = "activations"

    def title(self) -> str:
        return tr("Activations over time")

    def symbol(self) -> str:
        return "|x|"

    def looks(self, names: Sequence[str], data: PlotData) -> dict[str, Look]:
        return self.style.activation_looks(names, data.parameters)

    def _is_hidden(self, name: str) -> bool:
        return f"activation.{name}" in self.options.hidden


def _rgb(colour: QColor) -> np.ndarray:
    return np.array([colour.red(), colour.green(), colour.blue()], float)


def _short(name: str) -> str:
    """The end of a long name."""
    return shortened(name, 17)
