"""The plots of the training: all at a glance, or one of them large."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QMenu, QTabBar, QToolButton, QVBoxLayout, QWidget

from gradviz.app.i18n import language_changed, tr
from gradviz.app.plot_data import PlotData
from gradviz.app.session import Session

from ... import icons
from ...fonts import text_scale, ui_font
from ...listening import listen
from ...theme import Theme, ThemeManager
from .curves import LossPlot, RatioPlot
from .export import PICTURES, ask
from .figure_view import FigureView
from .histograms import GradientPlot
from .kernels import KernelPlot
from .plot import Plot
from .style import PlotStyle

TABS = ("overview", "loss", "gradients", "updates", "kernels")
OVERVIEW = ("loss", "gradients", "updates")  # the last one has the legend


class PlotsPanel(QWidget):
    """Follows the session's metrics and moment; `told` has news for the message bar."""

    told = pyqtSignal(str, str)  # text, level

    def __init__(self, session: Session, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._themes = themes
        self._tab = "overview"
        self._log = {"loss": False, "gradients": True}
        self._plots: list[Plot] = []
        self.tabs = QTabBar()
        self.readout = QLabel(alignment=Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.kernel = QComboBox()
        self.log = QToolButton(checkable=True)
        self.more = QToolButton(popupMode=QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.more)
        self.more.setMenu(self.menu)
        self.figure = FigureView(self.data, self._style())
        self._lay_out()
        self._listen()
        self._recolour(themes.theme)
        self.retranslate()

    def _lay_out(self) -> None:
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(True)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.kernel.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for _ in TABS:
            self.tabs.addTab("")
        self.readout.setFont(ui_font(9.0))
        self.readout.setProperty("tone", "muted")
        row = QHBoxLayout()
        row.setContentsMargins(8, 2, 8, 0)
        row.setSpacing(6)
        row.addWidget(self.tabs)
        row.addWidget(self.readout, 1)
        for widget in (self.kernel, self.log, self.more):
            row.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.figure, 1)

    def _listen(self) -> None:
        self.tabs.currentChanged.connect(lambda number: self.choose(TABS[number]))
        self.log.toggled.connect(self._log_toggled)
        self.kernel.activated.connect(lambda _: self._rebuild())
        self.figure.read.connect(self._read)
        self.figure.failed.connect(lambda message, _: self.told.emit(message, "error"))
        listen(self, self._session.metrics_changed, self._changed)
        listen(self, self._session.moment_changed, self._changed)
        listen(self, self._session.recording_changed, self._recording_changed)
        self._themes.changed.connect(self._recolour)
        listen(self, language_changed, self.retranslate)

    # What is shown.

    def data(self) -> PlotData:
        """The numbers of this moment."""
        return PlotData(tuple(self._session.metrics), self._session.state)

    @property
    def tab(self) -> str:
        return self._tab

    @property
    def plots(self) -> tuple[Plot, ...]:
        """The plots that are shown."""
        return tuple(self._plots)

    def choose(self, tab: str) -> None:
        """Show "overview", "loss", "gradients", "updates" or "kernels"."""
        self._tab = tab
        self.tabs.setCurrentIndex(TABS.index(tab))
        self._refresh_controls()
        self._rebuild()

    def _rebuild(self) -> None:
        log, alone = self._log, self._tab != "overview"
        wanted: dict[str, Plot] = {
            "loss": LossPlot(log["loss"], False),
            "gradients": GradientPlot(log["gradients"], alone),
            "updates": RatioPlot(True),
            "kernels": KernelPlot(self.kernel.currentText()),
        }
        self._plots = [wanted[self._tab]] if alone else [wanted[name] for name in OVERVIEW]
        self.figure.show_plots(self._plots, self._style())

    def _style(self) -> PlotStyle:
        return PlotStyle(self._themes.theme, text_scale())

    def _refresh_controls(self) -> None:
        names = list(self.data().convolutions)
        if names != [self.kernel.itemText(i) for i in range(self.kernel.count())]:
            kept = self.kernel.currentText()
            self.kernel.clear()
            self.kernel.addItems(names)
            self.kernel.setCurrentIndex(names.index(kept) if kept in names else min(0, len(names) - 1))
        self.kernel.setVisible(self._tab == "kernels" and bool(names))
        self.log.setVisible(self._tab in self._log)
        self.log.blockSignals(True)
        self.log.setChecked(self._log.get(self._tab, False))
        self.log.blockSignals(False)

    def _log_toggled(self, on: bool) -> None:
        if self._tab in self._log:
            self._log[self._tab] = on
            self._rebuild()

    def _changed(self, moment: int = 0) -> None:
        self.figure.request()

    def _recording_changed(self) -> None:
        self._refresh_controls()
        self.figure.request()

    def _read(self, text: str) -> None:
        self.readout.setText(text)

    # Export.

    def copy(self) -> None:
        """Put a picture of the plots on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        if self.figure.canvas is not None and clipboard is not None:
            self.figure.draw_now()
            clipboard.setPixmap(self.figure.canvas.grab())

    def save_picture(self) -> None:
        """Ask where to save the plots, as PNG, SVG or PDF."""
        canvas = self.figure.canvas
        if canvas is not None:
            self.figure.draw_now()
            write = lambda path: canvas.save(str(path), dpi=200)  # noqa: E731
            ask(self, f"{self._tab}.png", PICTURES, write, self.told.emit)

    def save_numbers(self) -> None:
        """Ask where to save the plotted numbers, as CSV."""
        self.figure.draw_now()
        ask(self, f"{self._tab}.csv", ("csv",), self._write_numbers, self.told.emit)

    def _write_numbers(self, path: Path) -> None:
        data = self.data()
        path.write_text("\n".join(plot.csv(data) for plot in self._plots), encoding="utf-8")

    # Looks and words.

    def _recolour(self, theme: Theme) -> None:
        self.more.setIcon(icons.icon("export", theme))
        self._rebuild()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange:
            self._rebuild()

    def shut_down(self) -> None:
        """End what runs in the background; call this before the window goes."""
        self.figure.shut_down()

    def retranslate(self, language: str = "") -> None:
        self.setAccessibleName(tr("Plots"))
        self.tabs.setAccessibleName(tr("Which plots"))
        names = (tr("Overview"), tr("Loss"), tr("Gradients"), tr("Updates"), tr("Kernels"))
        for number, name in enumerate(names):
            self.tabs.setTabText(number, name)
        self.log.setText(tr("log"))
        self.log.setToolTip(tr("Logarithmic scale"))
        self.log.setAccessibleName(tr("Logarithmic scale"))
        self.kernel.setAccessibleName(tr("Which convolution"))
        self.kernel.setToolTip(tr("Whose kernels are shown"))
        self.more.setToolTip(tr("Copy or save the plots"))
        self.more.setAccessibleName(tr("Copy or save the plots"))
        self.readout.setAccessibleName(tr("Value under the pointer"))
        self.menu.clear()
        self.menu.addAction(tr("Copy picture"), self.copy)
        self.menu.addAction(tr("Save picture…"), self.save_picture)
        self.menu.addAction(tr("Save numbers as CSV…"), self.save_numbers)
        self.figure.retranslate()
        self._refresh_controls()
        self._rebuild()
