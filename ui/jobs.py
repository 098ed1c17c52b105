"""The status bar's right side: what runs in the background, how far it is, and a button to stop it."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QElapsedTimer, QTimer
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from gradviz.app.i18n import language_changed, tr

from . import icons
from .fonts import ui_font
from .listening import listen
from .theme import Theme, ThemeManager

TELL_TIME_AFTER = 2_000  # ms


class Job(QWidget):
    """One running job; `end` takes it away."""

    def __init__(
        self, title: str, cancel: Callable[[], object] | None, theme: Theme, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._title, self._detail = title, ""
        self._label = QLabel(title)
        self._label.setFont(ui_font(9, tabular=True))
        self._bar = QProgressBar(textVisible=False)
        self._bar.setRange(0, 0)
        self._bar.setFixedWidth(96)
        self._stop = QToolButton(autoRaise=True)
        self._stop.setVisible(cancel is not None)
        if cancel is not None:
            self._stop.clicked.connect(lambda: cancel())
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 0, 0)
        row.setSpacing(6)
        for widget in (self._label, self._bar, self._stop):
            row.addWidget(widget)
        self._clock = QElapsedTimer()
        self._clock.start()
        self._ticks = QTimer(self, interval=1000)
        self._ticks.timeout.connect(self._tell)
        self._ticks.start()
        self.retranslate()
        self.recolour(theme)

    @property
    def text(self) -> str:
        """What it says now."""
        return self._label.text()

    @property
    def stop_button(self) -> QToolButton:
        return self._stop

    def report(self, done: int = 0, total: int = 0, detail: str = "") -> None:
        """So much of the total is done (total 0: nobody knows); `detail` is added to the title."""
        self._detail = detail
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        self._tell()

    def end(self) -> None:
        """Take it away."""
        self._ticks.stop()
        self.hide()
        self.deleteLater()

    def retranslate(self) -> None:
        self._stop.setToolTip(tr("Stop: {title}").format(title=self._title))
        self._stop.setAccessibleName(self._stop.toolTip())
        self._bar.setAccessibleName(self._title)
        self._bar.setToolTip(self._title)
        self._tell()

    def recolour(self, theme: Theme) -> None:
        self._stop.setIcon(icons.icon("close", theme, theme.muted))

    def _tell(self) -> None:
        parts = [self._title]
        if self._detail:
            parts.append(self._detail)
        if self._clock.elapsed() >= TELL_TIME_AFTER:
            parts.append(tr("{n} s").format(n=self._clock.elapsed() // 1000))
        self._label.setText(" · ".join(parts))


class JobStrip(QWidget):
    """All running jobs side by side."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 8, 0)
        themes.changed.connect(self._recolour)
        listen(self, language_changed, self.retranslate)
        self.retranslate()

    @property
    def jobs(self) -> list[Job]:
        """Those that run, oldest first."""
        return [job for job in self.findChildren(Job) if not job.isHidden()]

    def begin(self, title: str, cancel: Callable[[], object] | None = None) -> Job:
        """Show that something runs; the caller reports and ends it."""
        job = Job(title, cancel, self._themes.theme, self)
        self._row.addWidget(job)
        job.show()
        return job

    def retranslate(self, language: str = "") -> None:
        self.setAccessibleName(tr("What is running"))
        for job in self.jobs:
            job.retranslate()

    def _recolour(self, theme: Theme) -> None:
        for job in self.jobs:
            job.recolour(theme)
