"""The looks that the user chooses: theme, language, size of text, motion. Applied at once and remembered."""

from __future__ import annotations

from PyQt6.QtCore import QLibraryInfo, QTranslator
from PyQt6.QtWidgets import QApplication

from gradviz.app.i18n import LANGUAGES, language, set_language
from gradviz.app.settings import Settings

from .fonts import own_sizes, scale_own, set_text_scale, text_scale
from .theme import ThemeManager

STEP = 1.125  # from one size of text to the next
SMALLEST, LARGEST = 0.75, 2.0


class Preferences:
    """Changes the settings' looks and makes the application follow."""

    def __init__(self, app: QApplication, settings: Settings, themes: ThemeManager) -> None:
        self._app, self._settings, self._themes = app, settings, themes
        self._translator: QTranslator | None = None

    def choose_theme(self, choice: str) -> None:
        """ "system", "light" or "dark"."""
        self._settings.theme = choice
        self._themes.set_choice(choice)
        self._settings.save()

    def switch_theme(self) -> None:
        """From light to dark or back, no longer as the system is."""
        self.choose_theme("light" if self._themes.theme.dark else "dark")

    def choose_language(self, code: str) -> None:
        """One of LANGUAGES, or "system"."""
        self._settings.language = code
        self.speak(code)
        self._settings.save()

    def switch_language(self) -> None:
        """On to the next language."""
        codes = list(LANGUAGES)
        self.choose_language(codes[(codes.index(language()) + 1) % len(codes)])

    def scale_text(self, steps: int) -> None:
        """So many sizes larger (or smaller, if negative); 0 goes back to the usual size."""
        wanted = self._settings.text_scale * STEP**steps if steps else 1.0
        scale = min(max(wanted, SMALLEST), LARGEST)
        self._settings.text_scale = 1.0 if abs(scale - 1.0) < 0.01 else scale
        ratio = self._settings.text_scale / text_scale()
        sizes = own_sizes()
        set_text_scale(self._app, self._settings.text_scale)
        self._themes.dress_again()
        scale_own(sizes, ratio)
        self._settings.save()

    def reduce_motion(self, reduced: bool) -> None:
        """Jump instead of gliding."""
        self._settings.reduced_motion = reduced
        self._settings.save()

    def speak(self, code: str) -> None:
        """Show another language without remembering it; Qt's own words too."""
        set_language(code)
        if self._translator is not None:
            self._app.removeTranslator(self._translator)
            self._translator = None
        if language() != "en":
            translator = QTranslator()
            folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
            if translator.load(f"qtbase_{language()}", folder):
                self._app.installTranslator(translator)
                self._translator = translator
