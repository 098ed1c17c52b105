"""The loss surface around some weights, as filled contours, with the path that training took over it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradviz.app.csv_text import csv_text
from gradviz.app.i18n import tr
from gradviz.app.landscape import Surface
from gradviz.app.numerals import number
from gradviz.app.plot_data import PlotData

from .axes_plot import AxesPlot
from .maps import Maps
from .options import PlotOptions
from .plot import Limits
from .stale import stale_text
from .style import plain_label
from .surfaces import Weights

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEVELS = 18
_PALE = 0.4  # how much is seen of what belongs to older weights
_OUTLIERS = 0.97  # the share of the losses that the colours tell apart


class SurfacePlot(AxesPlot):
    """Contours of the loss over a plane of weights; equal steps of the loss, or of its logarithm."""

    name = "surface"
    by_iteration = False
    left = 5.5

    def __init__(self, options: PlotOptions, maps: Maps, legend: bool = True) -> None:
        super().__init__(options, legend)
        self._maps = maps
        self._drawn: tuple[object, ...] = ()
        self._artists: list[Any] = []
        self._path = np.zeros((0, 3))

    def title(self) -> str:
        return tr("Loss surface")

    def empty_text(self) -> str:
        return tr("The loss around the weights of now.\nPress Compute to walk all over it.")

    def home(self) -> tuple[Limits, Limits]:
        return (-1.0, 1.0), (-1.0, 1.0)

    def dress(self, axes: Axes) -> None:
        self._drawn, self._artists = (), []
        axes.grid(False)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(lambda v, _: plain_label(v))

    def update(self, data: PlotData) -> bool:
        """Draw the contours anew, if there are others, or if time has passed over them."""
        made = self._maps.surface
        stale = stale_text(made.iteration, data.newest) if made is not None and not made.path else ""
        path = (made.path or self._maps.path) if made is not None else ()
        state = (made, stale, len(path), self.log)
        changed = self.say_empty(made is None)
        if state == self._drawn:
            return changed
        new = not self._drawn or self._drawn[0] is not made
        self._drawn = state
        for artist in self._artists:
            artist.remove()
        self._artists = []
        if made is None:
            return True
        title = self._titles()[made.kind]
        self.set_title(f"{title}   {stale}" if stale else title)
        self._contours(made.surface, _PALE if stale else 1.0)
        self._walk(made.surface, path)
        along = {"random": tr("direction 1"), "gradient": tr("gradient"), "step": tr("gradient")}
        across = {"random": tr("direction 2"), "gradient": tr("momentum"), "step": tr("direction 2")}
        self.axes.set_xlabel(along[made.kind], loc="right")
        self.axes.set_ylabel(across[made.kind], loc="top")
        if new and not self.zoomed:
            self.unzoom()
        return True

    def unzoom(self) -> None:
        self.zoomed = False
        made = self._maps.surface
        if made is None:
            super().unzoom()
            return
        self.axes.set_xlim(made.surface.alphas[0], made.surface.alphas[-1])
        self.axes.set_ylim(made.surface.betas[0], made.surface.betas[-1])

    def _titles(self) -> dict[str, str]:
        return {
            "random": tr("Loss surface · two random directions, filter by filter"),
            "gradient": tr("Loss surface · plane of gradient and momentum"),
            "step": tr("Loss surface · gradient and a random direction"),
        }

    def _contours(self, surface: Surface, alpha: float) -> None:
        """Filled contours; the highest losses share a colour, so that a cliff leaves the valley visible."""
        z = surface.losses
        finite = z[np.isfinite(z)]
        if not finite.size:
            return
        low, high = float(finite.min()), float(np.quantile(finite, _OUTLIERS))
        high = max(high, low + max(abs(low), 1e-12) * 1e-6)
        spaced = np.geomspace if self.log and low > 0 else np.linspace
        levels = spaced(low, high, LEVELS)
        shown = np.clip(np.where(np.isfinite(z), z, high), levels[0], levels[-1])
        places = np.linspace(0.06, 0.96, LEVELS - 1)
        # imported here, as it imports matplotlib
        from matplotlib import colormaps

        colours = colormaps["magma" if self.style.theme.dark else "viridis"](places)
        filled = self.axes.contourf(
            surface.alphas, surface.betas, shown, levels, colors=colours, alpha=alpha, antialiased=False
        )
        lines = self.axes.contour(
            surface.alphas, surface.betas, shown, levels, colors=[self.style.theme.card.name()],
            linewidths=0.4, alpha=0.5,
        )  # fmt: skip
        self._artists += [filled, lines]

    def _walk(self, surface: Surface, places: Sequence[tuple[int, Weights | None]]) -> None:
        """The path over it, and where its middle is."""
        nowhere = (np.nan, np.nan)
        path = [(n, *(nowhere if weights is None else surface.project(weights))) for n, weights in places]
        self._path = np.array(path, float).reshape(-1, 3)
        theme = self.style.theme
        ink = "#ffffff"
        if len(path) > 1:
            self._artists += self.axes.plot(
                self._path[:, 1], self._path[:, 2], color=ink, linewidth=1.4, marker="o", markersize=2.5
            )
            self._artists += self.axes.plot(
                self._path[-1:, 1], self._path[-1:, 2], color=ink, marker="o", markersize=6,
                markeredgecolor=theme.accent.name(),
            )  # fmt: skip
        self._artists += self.axes.plot(
            [0.0], [0.0], color="#ffffff", marker="X", markersize=8, markeredgecolor="#1b1f2a"
        )

    def iteration_at(self, axes: Axes, x: float, y: float) -> int | None:
        if axes is not self.axes or not len(self._path):
            return None
        places = self.axes.transData.transform(self._path[:, 1:])
        away = np.hypot(places[:, 0] - x, places[:, 1] - y)
        best = int(np.nanargmin(away))
        return int(self._path[best, 0]) if away[best] < 12 else None

    def read(self, axes: Axes | None, x: float, y: float) -> str:
        """The loss at the computed place that is nearest to the pointer."""
        made = self._maps.surface
        if axes is not self.axes or made is None:
            return ""
        a, b = self.axes.transData.inverted().transform((x, y))
        surface = made.surface
        i, j = int(np.argmin(np.abs(surface.alphas - a))), int(np.argmin(np.abs(surface.betas - b)))
        return tr("loss {value} at ({a}, {b})").format(
            value=number(float(surface.losses[j, i])),
            a=number(float(surface.alphas[i]), 3),
            b=number(float(surface.betas[j]), 3),
        )

    def csv(self, data: PlotData) -> str:
        """One line for each computed place."""
        made = self._maps.surface
        if made is None:
            return ""
        b, a = np.meshgrid(made.surface.betas, made.surface.alphas, indexing="ij")
        return csv_text(["a", "b", "loss"], [a.reshape(-1), b.reshape(-1), made.surface.losses.reshape(-1)])
