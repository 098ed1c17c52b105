"""The commands of action_table.py as QActions of the window: text, tip, key, icon and handler."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QWidget

from gradviz.app.i18n import language_changed

from . import icons
from .action_table import COMMANDS, words
from .listening import listen
from .theme import Theme, ThemeManager


class Actions(QObject):
    """All actions by the id of their command; their keys work in the whole window."""

    def __init__(self, window: QWidget, themes: ThemeManager) -> None:
        super().__init__(window)
        self._themes = themes
        self._actions: dict[str, QAction] = {}
        for name, command in COMMANDS.items():
            action = QAction(window)
            action.setObjectName(name)
            action.setCheckable(command.checkable)
            action.setAutoRepeat(command.repeats)
            action.setShortcuts([QKeySequence(key) for key in command.keys])
            window.addAction(action)
            self._actions[name] = action
        themes.changed.connect(self._recolour)
        listen(self, language_changed, self.retranslate)
        self.retranslate()
        self._recolour(themes.theme)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._actions)

    def connect(self, **handlers: Callable[[], object]) -> None:
        """Give commands what they do; `toggle_module=f` means the command "toggle-module"."""
        for name, handler in handlers.items():
            action = self._actions[name.replace("_", "-")]
            action.triggered.connect(lambda checked=False, handler=handler: handler())

    def enable(self, allowed: bool, *names: str) -> None:
        """Allow or grey out some commands."""
        for name in names:
            self._actions[name].setEnabled(allowed)

    def unhandled(self) -> list[str]:
        """Commands that do nothing yet."""
        return [name for name, action in self._actions.items() if not action.receivers(action.triggered)]

    def retranslate(self, language: str = "") -> None:
        for name, (text, tip) in words().items():
            action = self._actions[name]
            action.setText(text)
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{tip} ({keys})" if keys else tip)
            action.setStatusTip("")  # the status bar is the moment's

    def _recolour(self, theme: Theme) -> None:
        for name, command in COMMANDS.items():
            if command.icon:
                self._actions[name].setIcon(icons.icon(command.icon, theme))
