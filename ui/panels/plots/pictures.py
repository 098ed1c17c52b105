"""Tensors as images on axes, painted with the colours of the inspector's heat maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..inspector.colours import ColourMap, Scale
from ..inspector.raster import Plan, compose, shrink

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIDE = 600  # cells; larger pictures are reduced


def paint(
    axes: Axes, plan: Plan, array: np.ndarray, scale: Scale, colours: ColourMap, alpha: float = 1.0
) -> None:
    """Show a tensor as `plan` lays it out, one cell to a unit of the axes."""
    values, filled = compose(plan, array, (0,) * array.ndim)
    factor = max(1, -(-max(values.shape) // _SIDE))
    values, filled = shrink(values, filled, factor)
    pixels = colours.pixels(values, filled, scale)
    channels = np.stack([(pixels >> shift) & 0xFF for shift in (16, 8, 0, 24)], axis=-1).astype(np.uint8)
    extent = (0, plan.columns, plan.rows, 0)
    axes.imshow(channels, interpolation="nearest", extent=extent, aspect="equal", alpha=alpha)
