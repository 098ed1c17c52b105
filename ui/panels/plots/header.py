"""The row above the plots: which group, which plot of it, and what can be chosen about it."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QTabBar,
    QToolButton,
    QWidget,
)

from gradviz.app.i18n import tr

from ...fonts import ui_font
from .catalogue import GROUPS, PLOTS, group_of, group_title, plot_title

PLANES = ("random", "gradient")


class PlotHeader(QWidget):
    """Tabs for the groups, a list for the plots of one; `chosen` tells a plot's name."""

    chosen = pyqtSignal(str)

    def __init__(self, plot: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plot = plot if plot in PLOTS else PLOTS[0]
        self._last = {group: plots[0] for group, plots in GROUPS.items()}  # of each group
        self._last[group_of(self._plot)] = self._plot
        self.tabs = QTabBar()
        self.which = QComboBox()
        self.item = QComboBox()  # a kernel, a layer, a kind of state, a plane
        self.compute = QPushButton()
        self.progress = QProgressBar()
        self.readout = QLabel(alignment=Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.log = QToolButton(checkable=True)
        self.more = QToolButton(popupMode=QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.more)
        self.more.setMenu(self.menu)
        self._lay_out()
        self.tabs.currentChanged.connect(self._group_chosen)
        self.which.activated.connect(lambda number: self.choose(self._plots()[number]))

    def _lay_out(self) -> None:
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(True)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for _ in GROUPS:
            self.tabs.addTab("")
        for combo in (self.which, self.item):
            combo.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(90)
        self.progress.setMaximumHeight(8)
        self.progress.hide()
        self.readout.setFont(ui_font(9.0))
        self.readout.setProperty("tone", "muted")
        self.readout.setMinimumWidth(0)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 0)
        row.setSpacing(6)
        row.addWidget(self.tabs)
        row.addWidget(self.which)
        row.addWidget(self.item)
        row.addWidget(self.compute)
        row.addWidget(self.progress)
        row.addWidget(self.readout, 1)
        row.addWidget(self.log)
        row.addWidget(self.more)

    @property
    def plot(self) -> str:
        return self._plot

    def choose(self, plot: str) -> None:
        """Show a plot as chosen, and tell it."""
        self._plot = plot
        group = group_of(plot)
        self._last[group] = plot
        self.tabs.blockSignals(True)
        self.tabs.setCurrentIndex(tuple(GROUPS).index(group))
        self.tabs.blockSignals(False)
        self._fill()
        self.chosen.emit(plot)

    def _plots(self) -> tuple[str, ...]:
        return GROUPS[group_of(self._plot)]

    def _group_chosen(self, number: int) -> None:
        self.choose(self._last[tuple(GROUPS)[number]])

    def _fill(self) -> None:
        plots = self._plots()
        self.which.clear()
        self.which.addItems([plot_title(plot) for plot in plots])
        self.which.setCurrentIndex(plots.index(self._plot))
        self.which.setVisible(len(plots) > 1)

    def set_items(self, items: dict[str, str], chosen: str) -> None:
        """What can be chosen about the plot, by its key; nothing hides the list."""
        keys = [self.item.itemData(i) for i in range(self.item.count())]
        texts = [self.item.itemText(i) for i in range(self.item.count())]
        if keys != list(items) or texts != list(items.values()):
            self.item.clear()
            for key, text in items.items():
                self.item.addItem(text, key)
        if items:
            self.item.setCurrentIndex(max(self.item.findData(chosen), 0))
        self.item.setVisible(bool(items))

    def set_computing(self, computing: bool) -> None:
        """While something is computed, the button stops it."""
        self.compute.setText(tr("Stop") if computing else tr("Compute"))
        self.compute.setToolTip(
            tr("Stop computing the loss surface") if computing else tr("Compute the loss surface anew")
        )
        self.progress.setVisible(computing)
        self.progress.setValue(0)

    def show_progress(self, done: int, total: int) -> None:
        """How much of it is done."""
        self.progress.setMaximum(total)
        self.progress.setValue(done)

    def retranslate(self, item_tip: str) -> None:
        """All texts anew."""
        self.tabs.setAccessibleName(tr("Which group of plots"))
        for number, group in enumerate(GROUPS):
            self.tabs.setTabText(number, group_title(group))
        self.which.setAccessibleName(tr("Which plot"))
        self.which.setToolTip(tr("Which plot"))
        self.item.setAccessibleName(item_tip)
        self.item.setToolTip(item_tip)
        self.log.setText(tr("log"))
        self.log.setToolTip(tr("Logarithmic scale"))
        self.log.setAccessibleName(tr("Logarithmic scale"))
        self.more.setToolTip(tr("Copy or save the plots"))
        self.more.setAccessibleName(tr("Copy or save the plots"))
        self.readout.setAccessibleName(tr("Value under the pointer"))
        self.progress.setAccessibleName(tr("How much of the loss surface is computed"))
        self._fill()
