"""Which theme is on: the system's, followed while running, or a fixed one. Dresses the application in it."""

from __future__ import annotations

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QApplication, QToolTip

from .palette import DARK, LIGHT, Theme
from .style import build_palette, build_stylesheet

CHOICES = ("system", "light", "dark")


class ThemeManager(QObject):
    """Holds the current theme; `choice` is "system", "light" or "dark"."""

    changed = pyqtSignal(object)  # Theme

    def __init__(self, choice: str = "system", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choice = choice if choice in CHOICES else "system"
        self._app: QApplication | None = None
        hints = QGuiApplication.styleHints()
        assert hints is not None
        hints.colorSchemeChanged.connect(self._system_changed)
        self._theme = self._wanted()

    @property
    def theme(self) -> Theme:
        return self._theme

    @property
    def choice(self) -> str:
        return self._choice

    def set_choice(self, choice: str) -> None:
        """Follow the system ("system") or stay "light" or "dark"."""
        if choice not in CHOICES:
            raise ValueError(f"no such theme: {choice!r}")
        self._choice = choice
        self._refresh()

    def install(self, app: QApplication) -> None:
        """Dress the whole application in the theme, now and whenever it changes."""
        self._app = app
        app.setStyle("Fusion")  # the one style that takes every colour from the palette
        self._dress(app)

    def dress_again(self) -> None:
        """After another font for all: what the style sheet has dressed keeps the old one until then."""
        if self._app is not None:
            self._dress(self._app)

    def _wanted(self) -> Theme:
        if self._choice != "system":
            return DARK if self._choice == "dark" else LIGHT
        hints = QGuiApplication.styleHints()
        return DARK if hints is not None and hints.colorScheme() == Qt.ColorScheme.Dark else LIGHT

    def _system_changed(self) -> None:
        if self._choice == "system":
            self._refresh()

    def _refresh(self) -> None:
        wanted = self._wanted()
        if wanted is self._theme:
            return
        self._theme = wanted
        if self._app is not None:
            self._dress(self._app)
        self.changed.emit(wanted)

    def _dress(self, app: QApplication) -> None:
        palette = build_palette(self._theme)
        app.setPalette(palette)
        QToolTip.setPalette(palette)
        app.setStyleSheet(build_stylesheet(self._theme))
