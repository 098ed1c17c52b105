"""Feature maps: what each channel of a layer made of the recorded sample, at this moment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradviz.app.csv_text import csv_text
from gradviz.app.i18n import tr
from gradviz.app.numerals import index_text, number
from gradviz.app.plot_data import PlotData

from ..inspector.colours import ColourMap, scale_for
from ..inspector.raster import Plan, plan_for
from .frame import margins
from .pictures import paint
from .plot import Plot
from .stale import stale_text
from .style import PlotStyle

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

_PALE = 0.45  # how much is seen of what belongs to older weights


class FeaturePlot(Plot):
    """The channels of one layer's output, side by side; the colours of all mean the same."""

    name = "features"

    def __init__(self, layer: str = "") -> None:
        self.layer = layer
        self._shown: np.ndarray | None = None
        self._state: tuple[str, int, str] | None = None
        self._plan: Plan = plan_for(())

    def build(self, part: SubFigure, style: PlotStyle) -> None:
        """Make axes without ticks."""
        self._part, self._style = part, style
        self._map = ColourMap(style.theme)
        self._state = None
        self._axes: Axes = part.add_axes((0.02, 0.05, 0.96, 0.8))
        self._axes.set_axis_off()
        self._text = self._axes.text(
            0.5, 0.5, "", transform=self._axes.transAxes, ha="center", va="center",
            color=style.theme.muted.name(), linespacing=1.5,
        )  # fmt: skip
        self.place()

    def place(self) -> None:
        em = self._style.points
        self._axes.set_position(margins(self._part, em, em, em * 0.8, em * 2.4))

    def update(self, data: PlotData) -> bool:
        """Paint the channels anew, if they are others."""
        name = self.layer if self.layer in data.maps else next(iter(data.maps), "")
        shown = data.feature_map(name)
        stale = stale_text(data.shown, data.newest)
        state = (name, id(shown.base if shown is not None and shown.base is not None else shown), stale)
        if state == self._state:
            return False
        self._state, self._shown, self._name = state, shown, name
        for image in list(self._axes.images):
            image.remove()
        self._axes.set_title("")
        self._text.set_text("")
        if shown is None:
            self._text.set_text(
                tr("Step forward until {layer} is computed.").format(layer=name)
                if name
                else tr("No layer makes images here.\nOpen a network with convolutions, such as LeNet.")
            )
            return True
        self._plan = plan_for(shown.shape)
        scale = scale_for(float(np.nanmin(shown)), float(np.nanmax(shown)))
        paint(self._axes, self._plan, shown, scale, self._map, _PALE if stale else 1.0)
        reach = number(max(abs(scale.low), abs(scale.high)), 3)
        title = f"{name}   ±{reach}" if scale.signed else f"{name}   0…{reach}"
        self._axes.set_title(f"{title}   {stale}" if stale else title, loc="center")
        if not self.zoomed:
            self._axes.set_xlim(0, self._plan.columns)
            self._axes.set_ylim(self._plan.rows, 0)
        return True

    def all_axes(self) -> Sequence[Axes]:
        return (self._axes,)

    def unzoom(self) -> None:
        super().unzoom()
        self._state = None

    def texts(self) -> Collection[Any]:
        return (self._text,)

    def read(self, axes: Axes | None, x: float, y: float) -> str:
        """The element under the pointer."""
        if axes is not self._axes or self._shown is None:
            return ""
        column, row = axes.transData.inverted().transform((x, y))
        index = self._plan.index_at(int(np.floor(row)), int(np.floor(column)), (0,) * self._shown.ndim)
        if index is None:
            return ""
        return f"{self._name}{index_text((0, *index))} = {number(float(self._shown[index]))}"

    def csv(self, data: PlotData) -> str:
        """One line for each element."""
        if self._shown is None:
            return ""
        places = np.indices(self._shown.shape).reshape(3, -1)
        return csv_text(["channel", "row", "column", self._name], [*places, self._shown.reshape(-1)])
