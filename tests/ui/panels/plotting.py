"""What the tests of the plots share."""

import numpy as np
from gradviz.ui.panels.plots.panel import PlotsPanel

from gradviz.app.recording import Metrics
from gradviz.app.session import Session


def canvas(panel: PlotsPanel):  # type: ignore[no-untyped-def]
    """The canvas, which matplotlib must have been loaded for."""
    assert panel.figure.canvas is not None
    return panel.figure.canvas


def lines(panel: PlotsPanel, number: int = 0) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """What the lines of a plot show."""
    panel.figure.draw_now()
    plot = panel.plots[number]
    return {line.get_label(): line.get_data() for line in plot.moving()}


def train(session: Session, count: int) -> None:
    """Append the numbers of some iterations."""
    first = len(session.metrics) + 1
    names = list(session.metrics[0].update_ratios)
    session.add_metrics(
        [Metrics(n, 2.0 / n, {}, dict.fromkeys(names, 1e-3 / n)) for n in range(first, first + count)]
    )
