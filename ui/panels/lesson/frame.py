"""What stands around a lesson's page: title and progress, the way back to the step, Back and Next."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from gradviz.app.i18n import tr

from ... import icons
from ...theme import Theme, ThemeManager
from .buttons import Button
from .dots import ProgressDots
from .texts import STRONG, Label


class Header(QWidget):
    """The lesson's title, the button that leads to the list, and a dot for each step."""

    left = pyqtSignal()
    chosen = pyqtSignal(int)  # a step

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.home = QToolButton(autoRaise=True)
        self.title = Label(tone="muted", wordWrap=True)
        self.dots = ProgressDots(themes)
        self.number = Label(9, tabular=True, tone="muted")
        self.home.clicked.connect(self.left)
        self.dots.chosen.connect(self.chosen)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.home, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.title, 1)
        progress = QHBoxLayout()
        progress.setContentsMargins(4, 0, 0, 0)
        progress.setSpacing(8)
        progress.addWidget(self.dots, 1)
        progress.addWidget(self.number)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 16, 4)
        column.setSpacing(2)
        column.addLayout(row)
        column.addLayout(progress)
        themes.changed.connect(self._recolour)
        self._recolour(themes.theme)

    def show_steps(self, title: str, names: list[str], asks: list[bool], index: int) -> None:
        """The title, the steps' headings, whether each asks something, and which one is current."""
        self.title.setText(title)
        self.dots.show_steps(names, asks, index)
        self.number.setText(tr("{number} of {count}").format(number=index + 1, count=len(names)))
        self.home.setToolTip(tr("All lessons"))
        self.home.setAccessibleName(tr("All lessons"))

    def _recolour(self, theme: Theme) -> None:
        self.home.setIcon(icons.icon("module-back", theme))


class PageHead(QWidget):
    """The title of a page that is no lesson, and the button that leads to the list."""

    left = pyqtSignal()

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.home = QToolButton(autoRaise=True)
        self.title = Label(14, STRONG, wordWrap=True)
        self.home.clicked.connect(self.left)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 16, 4)
        row.setSpacing(4)
        row.addWidget(self.home, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.title, 1)
        themes.changed.connect(self._recolour)
        self._recolour(themes.theme)

    def set_title(self, title: str) -> None:
        """Show a title."""
        self.title.setText(title)
        self.home.setToolTip(tr("All lessons"))
        self.home.setAccessibleName(tr("All lessons"))

    def _recolour(self, theme: Theme) -> None:
        self.home.setIcon(icons.icon("module-back", theme))


class AstrayBar(QFrame):
    """Says that the window shows another moment than the step's, and leads back."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = Label(wordWrap=True)
        self.back = Button()
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 16, 6)
        row.setSpacing(8)
        row.addWidget(self._words, 1)
        row.addWidget(self.back)
        themes.changed.connect(self._recolour)
        self._recolour(themes.theme)
        self.hide()

    def retranslate(self) -> None:
        """All words in the current language."""
        self._words.setText(tr("You are at another moment."))
        self.back.setText(tr("Back to this step"))
        self.back.setToolTip(tr("Move the cursor to what this step is about"))

    def _recolour(self, theme: Theme) -> None:
        self.setStyleSheet(f"AstrayBar {{ background: {theme.selection.name()}; border: none; }}")


class Footer(QFrame):
    """Back and Next; Next is the one that leads on, unless a question waits for its answer."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.previous, self.next = Button(), Button()
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(8)
        row.addWidget(self.previous)
        row.addStretch(1)
        row.addWidget(self.next)
        for button in (self.previous, self.next):
            button.setMinimumWidth(88)
        themes.changed.connect(self._recolour)
        self._recolour(themes.theme)

    def show_ways(self, first: bool, last: bool, waiting: bool) -> None:
        """Whether this is the first or the last step, and whether its question waits."""
        self.previous.setText(tr("Back"))
        self.previous.setToolTip(tr("The step before (Alt+Left)"))
        self.previous.setEnabled(not first)
        self.next.setText(tr("Done") if last else tr("Skip") if waiting else tr("Next"))
        self.next.setToolTip(
            tr("Back to the list of lessons (Alt+Right)") if last else tr("The next step (Alt+Right)")
        )
        self.next.set_primary(not waiting)

    def _recolour(self, theme: Theme) -> None:
        self.setStyleSheet(
            f"Footer {{ background: {theme.panel.name()}; border: none;"
            f" border-top: 1px solid {theme.border.name()}; }}"
        )
