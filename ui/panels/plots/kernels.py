"""Convolution kernels as images: before the update, their gradient, the update, and after it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradviz.app.i18n import tr
from gradviz.app.numerals import index_text, number
from gradviz.app.plot_data import Kernels, PlotData, csv_text

from ..inspector.colours import ColourMap, Scale, scale_for
from ..inspector.raster import Plan, plan_for
from .frame import margins
from .pictures import paint
from .plot import Plot
from .style import PlotStyle

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure


class KernelPlot(Plot):
    """Four images of one convolution's weight; the colours of before and after mean the same."""

    name = "kernels"

    def __init__(self, parameter: str = "") -> None:
        self.parameter = parameter
        self._shown: Kernels | None = None
        self._plan: Plan = plan_for(())

    def build(self, part: SubFigure, style: PlotStyle) -> None:
        """Make four axes without ticks."""
        self._part, self._style = part, style
        self._map = ColourMap(style.theme)
        self._shown = None
        self._axes: list[Axes] = [part.add_axes((0.02 + 0.245 * i, 0.12, 0.23, 0.76)) for i in range(4)]
        self._texts = []
        for axes in self._axes:
            axes.set_axis_off()
            self._texts.append(
                axes.text(
                    0.5, 0.5, "", transform=axes.transAxes, ha="center", va="center",
                    color=style.theme.muted.name(), wrap=True,
                )
            )  # fmt: skip
        self.place()

    def place(self) -> None:
        """Side by side, under their titles."""
        em = self._style.points
        x, y, width, height = margins(self._part, em, em, em * 1.8, em * 2.4)
        gap = 0.02
        each = (width - 3 * gap) / 4
        for i, axes in enumerate(self._axes):
            axes.set_position((x + i * (each + gap), y, each, height))

    def update(self, data: PlotData) -> bool:
        """Paint the images anew; images cannot be moved, so everything is drawn again."""
        name = self.parameter if self.parameter in data.convolutions else next(iter(data.convolutions), "")
        kernels = data.kernels(name)
        same = kernels is not None and self._shown is not None and _same(kernels, self._shown)
        if same or (kernels is None and self._shown is None and self._texts[0].get_text()):
            return False
        self._shown = kernels
        for axes in self._axes:
            for image in list(axes.images):
                image.remove()
            axes.set_title("")
        if kernels is None:
            self._say("", tr("There is no convolution in what is recorded."))
            return True
        self._plan = plan_for(kernels.before.shape)
        low = min(float(np.nanmin(x)) for x in (kernels.before, kernels.after) if x is not None and x.size)
        high = max(float(np.nanmax(x)) for x in (kernels.before, kernels.after) if x is not None and x.size)
        scale = scale_for(low, high)
        self._image(0, tr("{name} before").format(name=kernels.name), kernels.before, scale)
        self._image(1, tr("gradient"), kernels.gradient)
        self._image(2, tr("update Δw"), kernels.change)
        self._image(3, tr("after"), kernels.after, scale)
        return True

    def _say(self, first: str, text: str) -> None:
        for label in self._texts:
            label.set_text("")
        self._texts[0].set_text(text)

    def _image(self, number_: int, title: str, array: np.ndarray | None, scale: Scale | None = None) -> None:
        axes = self._axes[number_]
        self._texts[number_].set_text("" if array is not None else tr("not yet\ncomputed"))
        if array is None:
            axes.set_title(title, loc="center")
            return
        if scale is None:
            scale = scale_for(float(np.nanmin(array)), float(np.nanmax(array)))
        reach = number(max(abs(scale.low), abs(scale.high)), 3)
        axes.set_title(f"{title}   ±{reach}" if scale.signed else f"{title}   0…{reach}", loc="center")
        paint(axes, self._plan, array, scale, self._map)
        if self.zoomed:
            return
        axes.set_xlim(0, self._plan.columns)
        axes.set_ylim(self._plan.rows, 0)

    def all_axes(self) -> Sequence[Axes]:
        return self._axes

    def unzoom(self) -> None:
        super().unzoom()
        self._shown = None

    def texts(self) -> Collection[Any]:
        return self._texts

    def read(self, axes: Axes | None, x: float, y: float) -> str:
        """The element under the pointer."""
        if axes not in self._axes or self._shown is None:
            return ""
        kernels = self._shown
        array: Any = (kernels.before, kernels.gradient, kernels.change, kernels.after)[self._axes.index(axes)]
        if array is None:
            return ""
        column, row = axes.transData.inverted().transform((x, y))
        index = self._plan.index_at(int(np.floor(row)), int(np.floor(column)), (0,) * array.ndim)
        return (
            f"{kernels.name}{index_text(index)} = {number(float(array[index]))}" if index is not None else ""
        )

    def csv(self, data: PlotData) -> str:
        """One line for each element of the weight."""
        kernels = self._shown
        if kernels is None:
            return ""
        places = np.indices(kernels.before.shape).reshape(4, -1)
        known = [
            (title, array)
            for title, array in (
                ("before", kernels.before),
                ("gradient", kernels.gradient),
                ("change", kernels.change),
                ("after", kernels.after),
            )
            if array is not None
        ]
        header = ["out", "in", "row", "column", *(title for title, _ in known)]
        return csv_text(header, [*places, *(array.reshape(-1) for _, array in known)])


def _same(one: Kernels, other: Kernels) -> bool:
    return all(
        a is b
        for a, b in (
            (one.before, other.before),
            (one.gradient, other.gradient),
            (one.after, other.after),
        )
    )
