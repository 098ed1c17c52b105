"""What the model says at every place: the regions of its classes on a plane, or the curve that it fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PyQt6.QtGui import QColor

from gradviz.app.csv_text import csv_text
from gradviz.app.decision import Fit, Region
from gradviz.app.i18n import tr
from gradviz.app.numerals import number
from gradviz.app.plot_data import PlotData

from .axes_plot import AxesPlot
from .maps import Answers, Maps
from .options import PlotOptions
from .plot import Limits
from .stale import stale_text
from .style import Entry, Look, plain_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PALE = 0.4  # how much is seen of what belongs to older weights
_GROUND = 0.55  # how strong the surest region is
_MARKERS = "osD^v<>P"
_SAMPLES = 1500  # more are not drawn


class BoundaryPlot(AxesPlot):
    """Regions coloured by the likeliest class, paler where it is less sure, with the samples on them."""

    name = "boundary"
    by_iteration = False

    def __init__(self, options: PlotOptions, maps: Maps, legend: bool = True) -> None:
        super().__init__(options, legend)
        self._maps = maps
        self._drawn: tuple[object, ...] = ()
        self._artists: list[Any] = []
        self._points: list[Any] = []

    def title(self) -> str:
        return tr("Decision boundary")

    def empty_text(self) -> str:
        return tr("Open data with one or two numbers for each sample,\nsuch as two moons.")

    def dress(self, axes: Axes) -> None:
        self._drawn, self._artists, self._points = (), [], []
        axes.grid(False)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(lambda v, _: plain_label(v))

    def home(self) -> tuple[Limits, Limits]:
        return (-1.0, 1.0), (-1.0, 1.0)

    def update(self, data: PlotData) -> bool:
        """Draw it anew, if the model says something else, or if time has passed over it."""
        answers = self._maps.answers
        stale = stale_text(answers.iteration, data.newest) if answers is not None else ""
        if self._maps.keeps_up:
            stale = ""  # the next answers are on their way
        changed = self.say_empty(answers is None)
        state = (answers, stale)
        if state == self._drawn:
            return changed
        new = not self._drawn or not isinstance(self._drawn[0], Answers) or answers is None
        self._drawn = state
        for artist in self._artists:
            artist.remove()
        self._artists = []
        if answers is None:
            for artist in self._points:
                artist.remove()
            self._points = []
            return True
        shown = answers.shown
        name = tr("Fitted curve") if isinstance(shown, Fit) else tr("Decision boundary")
        when = stale or tr("iteration {n}").format(n=answers.iteration)
        self.set_title(f"{name}   {when}")
        alpha = _PALE if stale else 1.0
        if isinstance(shown, Region):
            self._regions(shown, alpha)
        else:
            self._artists += self.axes.plot(
                shown.xs, shown.ys, color=self.style.theme.loss.name(), linewidth=2.2, alpha=alpha, zorder=3
            )
        if new or not self._points:
            self._samples(answers)
            if not self.zoomed:
                self.unzoom()
        return True

    def unzoom(self) -> None:
        self.zoomed = False
        answers = self._maps.answers
        if answers is None:
            super().unzoom()
            return
        self.axes.set_xlim(answers.shown.xs[0], answers.shown.xs[-1])
        if isinstance(answers.shown, Region):
            self.axes.set_ylim(answers.shown.ys[0], answers.shown.ys[-1])
        else:
            values = np.concatenate([answers.targets.reshape(-1), answers.shown.ys])
            low, high = float(np.nanmin(values)), float(np.nanmax(values))
            room = 0.08 * (high - low) or 1.0
            self.axes.set_ylim(low - room, high + room)

    def _colours(self, count: int) -> list[QColor]:
        looks = self.style.looks([f"class {i}" for i in range(count)])
        return [QColor(look.colour) for look in looks.values()]

    def _regions(self, region: Region, alpha: float) -> None:
        count = region.probabilities.shape[-1]
        colours = np.array([[c.red(), c.green(), c.blue()] for c in self._colours(count)], float)
        card = self.style.theme.card
        ground = np.array([card.red(), card.green(), card.blue()], float)
        best = np.nan_to_num(region.probabilities.max(axis=-1), nan=1.0 / count)
        sure = (best - 1.0 / count) / max(1.0 - 1.0 / count, 1e-9)
        strength = (alpha * _GROUND * (0.25 + 0.75 * sure))[..., None]
        pixels = ground + strength * (colours[region.classes] - ground)
        self._artists.append(
            self.axes.imshow(
                pixels.clip(0, 255).astype(np.uint8), origin="lower", aspect="auto", interpolation="bilinear",
                extent=(region.xs[0], region.xs[-1], region.ys[0], region.ys[-1]), zorder=1,
            )
        )  # fmt: skip
        edges = region.classes
        if count == 2 and np.isfinite(region.probabilities).all() and edges.min() != edges.max():
            line = self.axes.contour(
                region.xs, region.ys, region.probabilities[..., 1], [0.5],
                colors=[self.style.theme.text.name()], linewidths=1.4, alpha=alpha, zorder=2,
            )  # fmt: skip
            self._artists.append(line)

    def _samples(self, answers: Answers) -> None:
        """The samples, those of the test hollow."""
        for artist in self._points:
            artist.remove()
        self._points = []
        edge = self.style.theme.card.name()
        inputs, targets = answers.inputs[:_SAMPLES], answers.targets[:_SAMPLES]
        if isinstance(answers.shown, Fit):
            colour = self.style.theme.value.name()
            self._points.append(
                self.axes.scatter(inputs[:, 0], targets.reshape(len(targets), -1)[:, 0], s=14, color=colour,
                                  edgecolors=edge, linewidths=0.6, zorder=2)
            )  # fmt: skip
            return
        count = answers.shown.probabilities.shape[-1]
        looks = [Look(c.name(), "", _MARKERS[i % 8]) for i, c in enumerate(self._colours(count))]
        self.frame.set_legend(
            [Entry("", name, look) for name, look in zip(answers.classes, looks, strict=False)]
        )
        for i, shade in enumerate(self._colours(count)):
            mine = inputs[targets == i]
            self._points.append(
                self.axes.scatter(mine[:, 0], mine[:, 1], s=16, color=shade.name(), marker=_MARKERS[i % 8],
                                  edgecolors=edge, linewidths=0.6, zorder=4)
            )  # fmt: skip

    def read(self, axes: Axes | None, x: float, y: float) -> str:
        """What the model says at the computed place that is nearest to the pointer."""
        answers = self._maps.answers
        if axes is not self.axes or answers is None:
            return ""
        a, b = self.axes.transData.inverted().transform((x, y))
        shown = answers.shown
        i = int(np.argmin(np.abs(shown.xs - a)))
        if isinstance(shown, Fit):
            return tr("f({x}) = {y}").format(x=number(float(shown.xs[i]), 3), y=number(float(shown.ys[i])))
        j = int(np.argmin(np.abs(shown.ys - b)))
        best = int(shown.classes[j, i])
        names = answers.classes
        return tr("class {name}: {share} % at ({x}, {y})").format(
            name=names[best] if best < len(names) else best,
            share=f"{100 * shown.probabilities[j, i, best]:.3g}",
            x=number(float(shown.xs[i]), 3),
            y=number(float(shown.ys[j]), 3),
        )

    def csv(self, data: PlotData) -> str:
        """One line for each computed place."""
        answers = self._maps.answers
        if answers is None:
            return ""
        shown = answers.shown
        if isinstance(shown, Fit):
            return csv_text(["x", "y"], [shown.xs, shown.ys])
        y, x = np.meshgrid(shown.ys, shown.xs, indexing="ij")
        count = shown.probabilities.shape[-1]
        columns = [shown.probabilities[..., c].reshape(-1) for c in range(count)]
        return csv_text(
            ["x", "y", *(f"p{c}" for c in range(count))], [x.reshape(-1), y.reshape(-1), *columns]
        )
