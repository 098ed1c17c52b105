"""The composition root: makes the application, its state and its window, and runs them."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import QTimer
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QApplication

import gradviz
from gradviz.app.session import Session
from gradviz.app.settings import Settings

from . import icons
from .commands import Commands, open_at_start
from .errors import ErrorHooks
from .fonts import install_fonts
from .hunting import Hunting
from .lesson_editing import LessonEditing
from .lesson_exporting import LessonExporting
from .lesson_room import LessonRoom
from .lesson_tools import LessonTools
from .main_window import MainWindow
from .practice import Practice
from .preferences import Preferences
from .presenting import Presenting
from .theme import ThemeManager
from .tools import Tools
from .tracing import Tracing
from .warm_up import WarmUp


class Gradviz:
    """One running gradviz; `language` and `theme` hold for this start only."""

    def __init__(
        self, app: QApplication, settings: Settings, language: str | None = None, theme: str | None = None
    ) -> None:
        self.session = Session(settings)
        self.themes = ThemeManager(theme or settings.theme)
        self.themes.install(app)
        install_fonts(app, settings.text_scale)
        self.preferences = Preferences(app, settings, self.themes)
        self.preferences.speak(language or settings.language)
        self.window = MainWindow(app, self.session, self.themes, self.preferences)
        self.window.setWindowIcon(QIcon(icons.pixmap("graph", self.themes.theme.accent, 64)))
        self.commands = Commands(self.window)
        self.tools = Tools(self.window)
        self.lesson_tools = LessonTools(self.window)
        self.lesson_room = LessonRoom(self.window)
        self.lesson_editing = LessonEditing(self.window)
        self.practice = Practice(self.window)
        self.presenting = Presenting(app, self.window)
        self.exporting = LessonExporting(self.window)
        self.hunting = Hunting(self.window, self.lesson_tools)
        self.tracing = Tracing(self.window)
        self.warm_up = WarmUp(self.window.messages, self.window.status.jobs, self.window)
        self.hooks = ErrorHooks(self.window.messages.post)

    def show(self, path: str | None = None, script_arguments: Sequence[str] = ()) -> None:
        """Show the window at once; work begins when it is on the screen."""
        self.window.show()
        if self.session.settings.problem is not None:
            self.window.messages.show_message(self.session.settings.problem, "warning")
        soon = QTimer(self.window, singleShot=True, interval=0)
        soon.timeout.connect(lambda: self._begin(path, script_arguments))
        soon.start()

    def _begin(self, path: str | None, script_arguments: Sequence[str]) -> None:
        lab = self.window.lab
        lab.shown.connect(self.warm_up.start)
        lab.failed.connect(self.warm_up.start)
        if path is not None:
            self.window.centre.setCurrentWidget(self.window.graph)
            open_at_start(self.window, Path(path), script_arguments)
            self.warm_up.start()
        else:
            lab.start_over()

    def shut_down(self) -> bool:
        """After the window has closed: wait for what still runs; False if something does not stop."""
        return all([self.window.lab.shut_down(), self.warm_up.shut_down()])


def main(
    path: str | None = None,
    script_arguments: Sequence[str] = (),
    language: str | None = None,
    theme: str | None = None,
) -> int:
    """Open the window, with a script or recording if one is named; returns the exit status."""
    if sys.stderr is not None:  # None where there is no console
        faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C in the terminal ends it, also while Qt waits
    app = QApplication(["gradviz"])
    app.setApplicationName("gradviz")
    app.setApplicationDisplayName("gradviz")
    app.setApplicationVersion(gradviz.__version__)
    app.setDesktopFileName("gradviz")
    running = Gradviz(app, Settings.load(), language, theme)
    running.hooks.install()
    running.show(path, script_arguments)
    status = app.exec()
    running.hooks.remove()
    if not running.shut_down():  # a kernel in the middle of being compiled: nothing of the user's is lost
        os._exit(status)
    return status
