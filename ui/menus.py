"""The menu bar, from tables of command ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PyQt6.QtGui import QAction, QActionGroup
from PyQt6.QtWidgets import QMenu, QMenuBar

from gradviz.app.graph.overlay import KINDS, overlay_title
from gradviz.app.i18n import LANGUAGES, language_changed, tr
from gradviz.app.settings import Settings

from .actions import Actions
from .listening import listen

SEPARATOR = "-"
MENUS = {
    "file": (
        "open",
        "recent",
        SEPARATOR,
        "open-data",
        "open-mnist",
        "download-mnist",
        SEPARATOR,
        "save",
        "export",
        "export-pytorch",
        SEPARATOR,
        "quit",
    ),
    "edit": (
        "undo",
        "redo",
        SEPARATOR,
        "check-gradient",
        "nudge",
        "change-value",
        "predict",
        SEPARATOR,
        "breakpoint",
        "breakpoint-nonfinite",
        "clear-breakpoints",
    ),
    "view": (
        "focus-node",
        "microscope",
        "fit",
        "toggle-module",
        "open-all",
        "close-all",
        "repeats",
        "overlay",
        SEPARATOR,
        "panels",
        "memory-strip",
        "reset-layout",
        SEPARATOR,
        "theme",
        "language",
        "text-larger",
        "text-smaller",
        "text-normal",
        "reduced-motion",
    ),
    "run": (
        "record",
        "train",
        "next-sample",
        "draw",
        "race",
        "go-to-iteration",
        "start-over",
        "cancel",
        SEPARATOR,
        "play",
        "play-back",
        "to-breakpoint",
        "back-to-breakpoint",
        "find-origin",
        "diagnosis",
        "fork",
        SEPARATOR,
        "step-forward",
        "step-back",
        "module-forward",
        "module-back",
        SEPARATOR,
        "phase-start",
        "phase-end",
        "phase-back",
        "phase-forward",
        "first",
        "last",
        "memory-peak",
    ),
    "lessons": (
        "lessons",
        "practice",
        "hunt",
        "present",
        "export-lesson",
        "gallery",
        SEPARATOR,
        "lesson-list",
    ),
    "help": ("shortcuts", "about"),
}


class Menus:
    """Fills a menu bar; submenus that depend on something are filled when they are opened."""

    def __init__(
        self,
        bar: QMenuBar,
        actions: Actions,
        settings: Settings,
        panels: Sequence[QAction],
        lessons: Callable[[], Sequence[tuple[str, str]]],
        *,
        open_recent: Callable[[Path], object],
        open_lesson: Callable[[str], object],
        choose_language: Callable[[str], object],
        choose_overlay: Callable[[str], object],
        choose_repeats: Callable[[int], object],
    ) -> None:
        self._actions, self._settings, self._lessons = actions, settings, lessons
        self._open_recent, self._open_lesson = open_recent, open_lesson
        self._choose_language, self._choose_overlay = choose_language, choose_overlay
        self._choose_repeats = choose_repeats
        self._menus = {name: QMenu(bar) for name in MENUS}
        self.recent, self.theme, self.language = QMenu(bar), QMenu(bar), QMenu(bar)
        self.overlay, self.repeats = QMenu(bar), QMenu(bar)
        self._themes = QActionGroup(bar)
        for name in ("theme-system", "theme-light", "theme-dark"):
            self._themes.addAction(actions[name])
            self.theme.addAction(actions[name])
        for name, commands in MENUS.items():
            bar.addMenu(self._menus[name])
            self._fill(self._menus[name], commands, panels)
        self.recent.aboutToShow.connect(self._fill_recent)
        self.language.aboutToShow.connect(self._fill_languages)
        self.overlay.aboutToShow.connect(self._fill_overlays)
        self.repeats.aboutToShow.connect(self._fill_repeats)
        self._menus["lessons"].aboutToShow.connect(self._fill_lessons)
        listen(bar, language_changed, self.retranslate)
        self.retranslate()

    def menu(self, name: str) -> QMenu:
        """A menu of the bar by its id."""
        return self._menus[name]

    def _fill(self, menu: QMenu, commands: Sequence[str], panels: Sequence[QAction]) -> None:
        submenus = {
            "recent": self.recent,
            "theme": self.theme,
            "language": self.language,
            "overlay": self.overlay,
            "repeats": self.repeats,
        }
        for command in commands:
            if command == SEPARATOR:
                menu.addSeparator()
            elif command in submenus:
                menu.addMenu(submenus[command])
            elif command == "panels":
                menu.addActions(list(panels))
            elif command != "lesson-list":
                menu.addAction(self._actions[command])

    def _fill_recent(self) -> None:
        self.recent.clear()
        for text in self._settings.recent_files:
            path = Path(text)
            action = self.recent.addAction(path.name)
            assert action is not None
            action.setToolTip(text)
            action.triggered.connect(partial(_call, self._open_recent, path))
        if not self._settings.recent_files:
            self._nothing(self.recent, tr("Nothing opened yet"))

    def _fill_languages(self) -> None:
        names = {"system": tr("Like the system"), **LANGUAGES}
        self._offer(self.language, names, self._settings.language, self._choose_language)

    def _fill_overlays(self) -> None:
        names = {kind: overlay_title(kind) for kind in KINDS}
        self._offer(self.overlay, names, self._settings.overlay, self._choose_overlay)

    def _fill_repeats(self) -> None:
        names = {3: tr("From 3 on"), 2: tr("From 2 on"), 0: tr("Never")}
        self._offer(self.repeats, names, self._settings.repeats_from, self._choose_repeats)

    def _offer(
        self, menu: QMenu, names: Mapping[Any, str], now: object, choose: Callable[[Any], object]
    ) -> None:
        """Fill a menu with choices of which one holds."""
        menu.clear()
        group = QActionGroup(menu)
        for choice, name in names.items():
            action = menu.addAction(name)
            assert action is not None
            action.setCheckable(True)
            action.setChecked(choice == now)
            group.addAction(action)
            action.triggered.connect(partial(_call, choose, choice))

    def _fill_lessons(self) -> None:
        menu = self._menus["lessons"]
        for old in menu.actions()[len(MENUS["lessons"]) - 1 :]:
            menu.removeAction(old)
            old.deleteLater()
        lessons = self._lessons()
        for identifier, title in lessons:
            action = menu.addAction(title)
            assert action is not None
            action.triggered.connect(partial(_call, self._open_lesson, identifier))
        if not lessons:
            self._nothing(menu, tr("No lesson can be read"))

    def _nothing(self, menu: QMenu, text: str) -> None:
        action = menu.addAction(text)
        assert action is not None
        action.setEnabled(False)

    def retranslate(self, language: str = "") -> None:
        titles = {
            "file": tr("&File"),
            "edit": tr("&Edit"),
            "view": tr("&View"),
            "run": tr("&Run"),
            "lessons": tr("&Lessons"),
            "help": tr("&Help"),
        }
        for name, title in titles.items():
            self._menus[name].setTitle(title)
        self.recent.setTitle(tr("Recent files"))
        self.theme.setTitle(tr("Theme"))
        self.repeats.setTitle(tr("Fold repeated blocks"))
        self.overlay.setTitle(tr("Colour the graph by"))
        self.language.setTitle(tr("Language"))


def _call(handler: Callable[[Any], object], argument: object, checked: bool = False) -> None:
    handler(argument)
