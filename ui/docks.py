"""Where the panels stand: lesson and code on the left, inspector on the right, timeline and plots below."""

from __future__ import annotations

import base64
import binascii

from PyQt6.QtCore import QByteArray, QSize, Qt
from PyQt6.QtGui import QAction, QFont
from PyQt6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QMainWindow, QTabWidget, QToolButton, QWidget

from gradviz.app.i18n import language_changed, tr
from gradviz.app.settings import Settings

from . import icons
from .fonts import ui_font
from .listening import listen
from .theme import Theme, ThemeManager

STATE_VERSION = 1
# Shares of the window that look right from 1280 × 800 to 1920 × 1080.
LEFT_SHARE, RIGHT_SHARE, PLOTS_SHARE = 0.225, 0.265, 0.22
Area = Qt.DockWidgetArea
Feature = QDockWidget.DockWidgetFeature


class DockTitle(QWidget):
    """A thin title: the name, and a button that hides the panel."""

    def __init__(self, dock: QDockWidget, themes: ThemeManager) -> None:
        super().__init__(dock)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("surface", "panel")
        self._label = QLabel(self)
        self._label.setFont(ui_font(9, QFont.Weight.DemiBold))
        self._label.setProperty("tone", "muted")
        self._close = QToolButton(self, autoRaise=True, iconSize=QSize(14, 14))
        self._close.clicked.connect(dock.close)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 2, 4, 2)
        row.addWidget(self._label)
        row.addStretch(1)
        row.addWidget(self._close)
        themes.changed.connect(self._recolour)
        self._recolour(themes.theme)

    def set_title(self, title: str) -> None:
        """Show another name."""
        self._label.setText(title)
        self._close.setToolTip(tr("Hide this panel: {title}").format(title=title))
        self._close.setAccessibleName(self._close.toolTip())

    def _recolour(self, theme: Theme) -> None:
        self._close.setIcon(icons.icon("close", theme, theme.muted))


class Docks:
    """Builds the docks of a window and remembers how the user arranges them."""

    def __init__(
        self,
        window: QMainWindow,
        themes: ThemeManager,
        *,
        lesson: QWidget,
        code: QWidget,
        diagnosis: QWidget,
        training: QWidget,
        inspector: QWidget,
        timeline: QWidget,
        plots: QWidget,
    ) -> None:
        self._window, self._themes = window, themes
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.setProperty("surface", "panel")
        self.tabs.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.tabs.addTab(lesson, "")
        self.tabs.addTab(code, "")
        self.tabs.addTab(diagnosis, "")
        self.tabs.addTab(training, "")
        self._findings = 0
        self.left = self._dock("left", self.tabs, Area.LeftDockWidgetArea, titled=False)
        self.right = self._dock("inspector", inspector, Area.RightDockWidgetArea)
        self.timeline = self._dock("timeline", timeline, Area.BottomDockWidgetArea, titled=False)
        self.timeline.setFeatures(Feature.NoDockWidgetFeatures)
        self.plots = self._dock("plots", plots, Area.BottomDockWidgetArea, titled=False)
        window.setDockNestingEnabled(True)
        window.setCorner(Qt.Corner.BottomLeftCorner, Area.BottomDockWidgetArea)
        # The inspector has the most to show, one thing below the other, so it gets the window's whole height.
        window.setCorner(Qt.Corner.BottomRightCorner, Area.RightDockWidgetArea)
        window.splitDockWidget(self.timeline, self.plots, Qt.Orientation.Vertical)
        listen(window, language_changed, self.retranslate)
        self.retranslate()

    def _dock(self, name: str, panel: QWidget, area: Qt.DockWidgetArea, titled: bool = True) -> QDockWidget:
        dock = QDockWidget(self._window)
        dock.setObjectName(name)
        dock.setWidget(panel)
        dock.setTitleBarWidget(DockTitle(dock, self._themes) if titled else QWidget(dock))
        self._window.addDockWidget(area, dock)
        return dock

    @property
    def view_actions(self) -> list[QAction]:
        """What shows and hides the panels, for the menu."""
        actions = (dock.toggleViewAction() for dock in (self.left, self.right, self.plots))
        return [action for action in actions if action is not None]

    def show_lesson(self) -> None:
        """Bring the lessons to the front."""
        self.left.show()
        self.tabs.setCurrentIndex(0)

    def show_inspector(self) -> None:
        """Bring the inspector to the front."""
        self.right.show()
        self.right.raise_()

    def show_code(self) -> None:
        """Bring the code to the front."""
        self.left.show()
        self.tabs.setCurrentIndex(1)

    def show_diagnosis(self) -> None:
        """Bring the diagnosis to the front."""
        self.left.show()
        self.tabs.setCurrentIndex(2)

    def count_findings(self, count: int) -> None:
        """Say on the diagnosis' tab how many findings there are."""
        self._findings = count
        name = tr("Diagnosis")
        self.tabs.setTabText(2, tr("{name} ({n})").format(name=name, n=count) if count else name)

    def reset(self) -> None:
        """Every panel at its place, in its usual size."""
        places = (
            (self.left, Area.LeftDockWidgetArea),
            (self.right, Area.RightDockWidgetArea),
            (self.timeline, Area.BottomDockWidgetArea),
            (self.plots, Area.BottomDockWidgetArea),
        )
        for dock, area in places:
            dock.setFloating(False)
            self._window.addDockWidget(area, dock)
            dock.show()
        self._window.splitDockWidget(self.timeline, self.plots, Qt.Orientation.Vertical)
        size = self._window.size()
        widths = [round(size.width() * LEFT_SHARE), round(size.width() * RIGHT_SHARE)]
        self._window.resizeDocks([self.left, self.right], widths, Qt.Orientation.Horizontal)
        self._window.resizeDocks([self.plots], [round(size.height() * PLOTS_SHARE)], Qt.Orientation.Vertical)

    def widen_lesson(self, width: int) -> None:
        """Give the lesson's side so many pixels, as far as there is room."""
        self._window.resizeDocks([self.left], [width], Qt.Orientation.Horizontal)

    def remember(self, settings: Settings) -> None:
        """Put the arrangement into the settings."""
        settings.geometry = _text(self._window.saveGeometry())
        settings.window_state = _text(self._window.saveState(STATE_VERSION))

    def restore(self, settings: Settings) -> bool:
        """Arrange as the settings say; False if they say nothing that can be used."""
        geometry, state = _bytes(settings.geometry), _bytes(settings.window_state)
        if geometry.isEmpty() or state.isEmpty() or not self._window.restoreGeometry(geometry):
            return False
        return self._window.restoreState(state, STATE_VERSION)

    def retranslate(self, language: str = "") -> None:
        self.tabs.setTabText(0, tr("Lesson"))
        self.tabs.setTabText(1, tr("Code"))
        self.tabs.setTabText(3, tr("Train"))
        self.tabs.setTabToolTip(3, tr("Train, and see how well the model does"))
        self.tabs.setTabToolTip(0, tr("Lessons that lead through a recording"))
        self.count_findings(self._findings)
        self.tabs.setTabToolTip(1, tr("The source, with the current line lit"))
        self.tabs.setTabToolTip(2, tr("What rules have found in the training run"))
        titles = {
            self.left: tr("Lesson, code and diagnosis"),
            self.right: tr("Inspector"),
            self.timeline: tr("Timeline"),
            self.plots: tr("Plots"),
        }
        self.tabs.setAccessibleName(titles[self.left])
        for dock, title in titles.items():
            dock.setWindowTitle(title)
            bar = dock.titleBarWidget()
            if isinstance(bar, DockTitle):
                bar.set_title(title)


def _text(data: QByteArray) -> str:
    return base64.b64encode(data.data()).decode("ascii")


def _bytes(text: str) -> QByteArray:
    try:
        return QByteArray(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return QByteArray()
