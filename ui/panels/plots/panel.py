"""The plots of the training: all at a glance, or one of them large."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from gradviz.app.i18n import language_changed, tr
from gradviz.app.plot_data import PlotData
from gradviz.app.recording import Iteration
from gradviz.app.session import Session

from ... import icons
from ...fonts import text_scale
from ...listening import listen
from ...theme import Theme, ThemeManager
from .catalogue import CLOSER, LOG, PLOTS, items_of, make
from .figure_view import FigureView
from .files import PlotFiles
from .header import PlotHeader
from .maps import Maps
from .options import PlotOptions
from .plot import Plot
from .recorded import RecordedLog
from .series import StatePlot
from .style import PlotStyle
from .surfaces import Run

POLL = 100  # ms between two looks at a log that grows


class PlotsPanel(QWidget):
    """Follows the session's metrics and moment, and a run's log; `told` has news for the message bar."""

    told = pyqtSignal(str, str)  # text, level
    iteration_wanted = pyqtSignal(int)  # a click on a point of a plot by iteration

    def __init__(self, session: Session, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._themes = themes
        self.options = PlotOptions(session.settings)
        self._run: Run | None = None
        self._version = -1
        self._plots: list[Plot] = []
        self.maps = Maps(self._iteration, self)
        self.recorded = RecordedLog(session, self)
        self.header = PlotHeader(self.options.choice("plot", "overview"))
        self.figure = FigureView(self.data, self._style())
        self.files = PlotFiles(self, self.told.emit)
        self._poll = QTimer(self, interval=POLL)
        self._lay_out()
        self._listen()
        self._recolour(themes.theme)
        self.retranslate()
        self.header.choose(self.header.plot)

    def _lay_out(self) -> None:
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(2)
        column.addWidget(self.header)
        column.addWidget(self.figure, 1)

    def _listen(self) -> None:
        header, maps = self.header, self.maps
        header.chosen.connect(self._chosen)
        header.log.toggled.connect(self._log_toggled)
        header.item.activated.connect(lambda _: self._item_chosen())
        header.compute.clicked.connect(self._compute)
        self.figure.read.connect(header.readout.setText)
        self.figure.failed.connect(lambda message, _: self.told.emit(message, "error"))
        self.figure.legend_clicked.connect(self._toggle_entry)
        self.figure.iteration_clicked.connect(self.iteration_wanted)
        maps.changed.connect(self.figure.request)
        self.recorded.changed.connect(self._recording_seen)
        maps.computing_changed.connect(header.set_computing)
        maps.progressed.connect(header.show_progress)
        maps.told.connect(self.told)
        self._poll.timeout.connect(self._look)
        listen(self, self._session.metrics_changed, self._changed)
        listen(self, self._session.moment_changed, self._changed)
        listen(self, self._session.recording_changed, self._recording_changed)
        self._themes.changed.connect(self._recolour)
        listen(self, language_changed, self.retranslate)

    # A run.

    def follow(self, run: Run | None) -> None:
        """Show this run's log from now on; None: the session's own numbers."""
        if run is not self._run:
            self._run, self._version = run, -1
            self.maps.follow(run, self.recorded.run)
            self._refresh_controls()
            self._changed()

    def set_running(self, running: bool) -> None:
        """Look at the log again and again while it grows."""
        self.maps.running = running
        if running:
            self._poll.start()
        else:
            self._poll.stop()
            self._look()
        self.figure.set_running(running)

    def _look(self) -> None:
        if self._run is None or not self.isVisible():
            return
        self.maps.look()
        if self._run.log.version != self._version:
            self._version = self._run.log.version
            if self.header.plot == "state":
                self._refresh_controls()
            self.figure.request()

    def _iteration(self) -> Iteration | None:
        """Whose weights count while nothing trains: a run's last, unless one has gone back to a past one;
        without a run those of the iteration on the screen."""
        if self._run is None:
            return self._session.iteration
        recording = self._session.recording
        return recording.iterations[-1] if recording is not None and recording.iterations else None

    # What is shown.

    def data(self) -> PlotData:
        """The numbers of this moment."""
        shown = self._session.iteration
        log = self._run.log if self._run is not None else self.recorded.log
        return PlotData((), self._session.state, log, shown.number if shown is not None else None)

    @property
    def tab(self) -> str:
        return self.header.plot

    @property
    def plots(self) -> tuple[Plot, ...]:
        """The plots that are shown."""
        return tuple(self._plots)

    def choose(self, plot: str) -> None:
        """Show one of PLOTS, or "overview"."""
        self.header.choose(plot)

    def step(self, by: int) -> None:
        """Show the next plot, or the one before."""
        self.choose(PLOTS[(PLOTS.index(self.tab) + by) % len(PLOTS)])

    def _chosen(self, plot: str) -> None:
        self.options.choose("plot", plot)
        self.maps.wanted = plot == "boundary"
        self._refresh_controls()
        self._rebuild()
        self._look_closer()
        self.maps.look()

    def _rebuild(self) -> None:
        self._plots = make(self.tab, self.options, self.maps)
        for plot in self._plots:
            if isinstance(plot, StatePlot):
                plot.kind = self.options.choice("state")
        self.figure.show_plots(self._plots, self._style())

    def _style(self) -> PlotStyle:
        return PlotStyle(self._themes.theme, text_scale())

    def _refresh_controls(self) -> None:
        header, plot = self.header, self.tab
        items, option = items_of(plot, self.data())
        header.set_items(items, self.options.choice(option))
        header.log.setVisible(plot in LOG)
        header.log.blockSignals(True)
        header.log.setChecked(self.options.log(plot))
        header.log.blockSignals(False)
        header.compute.setVisible(plot == "surface")
        header.compute.setEnabled(self.maps.possible)
        header.progress.setVisible(plot == "surface" and self.maps.computing)

    def _log_toggled(self, on: bool) -> None:
        if self.tab in LOG:
            self.options.set_log(self.tab, on)
            self._rebuild()

    def _item_chosen(self) -> None:
        _, option = items_of(self.tab, self.data())
        if option:
            self.options.choose(option, str(self.header.item.currentData()))
            self._rebuild()

    def _toggle_entry(self, key: str) -> None:
        self.options.toggle(key)
        self._rebuild()

    def _compute(self) -> None:
        if self.maps.computing:
            self.maps.cancel()
        else:
            self.maps.compute(self.options.choice("plane", "random"))

    def _changed(self, moment: int = 0) -> None:
        self.maps.look()
        self.figure.request()

    def _recording_changed(self) -> None:
        self.maps.follow(self._run, self.recorded.run)
        self._refresh_controls()
        self._look_closer()
        self._changed()

    def _look_closer(self) -> None:
        """Without a run's own log, look at what is recorded, if the plot shows that."""
        if self._run is None and self.isVisible() and self.tab in CLOSER:
            self.recorded.look()

    def _recording_seen(self) -> None:
        self._refresh_controls()
        self.figure.request()

    # Looks and words.

    def _recolour(self, theme: Theme) -> None:
        self.header.more.setIcon(icons.icon("export", theme))
        self._rebuild()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange:
            self._rebuild()

    def shut_down(self) -> None:
        """End what runs in the background; call this before the window goes."""
        self._poll.stop()
        self.maps.shut_down()
        self.recorded.shut_down()
        self.figure.shut_down()

    def retranslate(self, language: str = "") -> None:
        self.setAccessibleName(tr("Plots"))
        tips = {"kernels": tr("Whose kernels are shown"), "surface": tr("Along which directions")}
        self.header.retranslate(tips.get(self.tab, tr("What is shown")))
        self.header.set_computing(self.maps.computing)
        self.files.fill(self.header.menu)
        self.figure.retranslate()
        self._refresh_controls()
        self._rebuild()
