"""A place for plots in the window: loads matplotlib when it is first seen, and draws not too often."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import QLabel, QStackedLayout, QWidget

from gradviz.app.i18n import tr
from gradviz.app.plot_data import PlotData

from ...workers.task import Task
from .load import load_matplotlib
from .plot import Plot
from .style import PlotStyle

if TYPE_CHECKING:
    from .canvas import PlotCanvas

SHORTEST = 70  # ms between two drawings, about 14 a second
_SHARE, _BESIDE = 3.0, 8.0  # and at least this many times what the last one took; the second beside training
LONGEST = 2000  # ms that a plot may lag behind


class FigureView(QWidget):
    """Shows the plots that `show_plots` was given, with the newest data, while it is visible."""

    ready = pyqtSignal()  # matplotlib is there
    read = pyqtSignal(str)  # what the pointer points at
    legend_clicked = pyqtSignal(str)  # the key of an entry
    iteration_clicked = pyqtSignal(int)
    failed = pyqtSignal(str, str)  # message, details

    def __init__(self, data: Callable[[], PlotData], style: PlotStyle, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data = data
        self._style = style
        self._plots: Sequence[Plot] = ()
        self._stale = True  # the data have changed since the last drawing
        self._built = False
        self._running = False  # something is trained, which drawing would slow down
        self._task: Task | None = None
        self.canvas: PlotCanvas | None = None
        self.waiting = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.waiting.setProperty("tone", "muted")
        self._rest = QTimer(self, singleShot=True, interval=SHORTEST)
        self._rest.timeout.connect(self._draw_if_stale)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.waiting)
        self.setMinimumHeight(110)

    def show_plots(self, plots: Sequence[Plot], style: PlotStyle) -> None:
        """Replace the plots, or their style."""
        self._plots, self._style = plots, style
        self._built = False
        self.request()

    def request(self) -> None:
        """The data have changed: draw soon, but not more often than makes sense."""
        self._stale = True
        if self.isVisible() and not self._rest.isActive():
            self._rest.start(0)

    def _draw_if_stale(self) -> None:
        if self._stale and self.isVisible() and self.canvas is not None:
            self.draw_now()
            share = _BESIDE if self._running else _SHARE
            self._rest.start(min(max(SHORTEST, int(self.canvas.seconds * 1000 * share)), LONGEST))

    def set_running(self, running: bool) -> None:
        """While something is trained draw less often; what has come of it is drawn without a rest."""
        self._running = running
        if not running and self._rest.isActive():
            self._rest.start(0)

    def draw_now(self) -> None:
        """Draw the newest data at once."""
        if self.canvas is None:
            return
        self._stale = False
        if not self._built:
            self._built = True
            self.canvas.set_plots(self._plots, self._style)
        self.canvas.show_data(self._data())

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        if self.canvas is None and self._task is None:
            self._task = Task(load_matplotlib, self)
            self._task.finished.connect(self._loaded)
            self._task.failed.connect(self._not_loaded)
            self._task.start()
        elif self._stale:
            self.request()

    def _loaded(self, result: object) -> None:
        # imported here, as it imports matplotlib, which is in memory by now
        from .canvas import PlotCanvas

        self._task = None
        self.canvas = PlotCanvas(self._style)
        self.canvas.on_read = self.read.emit
        self.canvas.on_stale = self.request
        self.canvas.gestures.on_legend = self.legend_clicked.emit
        self.canvas.gestures.on_iteration = self.iteration_clicked.emit
        self.canvas.setAccessibleName(tr("Plots"))
        self._stack.addWidget(self.canvas)
        self._stack.setCurrentWidget(self.canvas)
        self.ready.emit()
        self.request()

    def _not_loaded(self, message: str, details: str) -> None:
        self._task = None
        self.waiting.setText(tr("The plots cannot be shown: {reason}").format(reason=message))
        self.failed.emit(self.waiting.text(), details)

    def shut_down(self) -> None:
        """Wait for the loading, if it is under way; call this before the window goes."""
        self._rest.stop()
        if self._task is not None:
            self._task.shut_down()

    def retranslate(self) -> None:
        if self.canvas is None:
            self.waiting.setText(tr("Loading the plots…"))
        else:
            self.canvas.setAccessibleName(tr("Plots"))
        self.waiting.setAccessibleName(tr("Plots"))
