"""What stands in the panel before a lesson can begin: its code runs, has failed, or waits for a yes."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from gradviz.app.i18n import language, tr
from gradviz.app.lessons.model import Lesson

from ... import icons
from ...fonts import mono_font
from ...theme import Theme, ThemeManager
from .buttons import Button
from .texts import STRONG, Label, plain

_SELECTABLE = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard


class WaitingPage(QWidget):
    """Three faces: "running" with a bar and Cancel, "failed" with the reason, "asking" with the code."""

    cancelled = pyqtSignal()
    agreed = pyqtSignal(object)  # Lesson
    retried = pyqtSignal(object)  # Lesson
    left = pyqtSignal()

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._lesson: Lesson | None = None
        self.state = ""
        self._message = ""
        self.title = Label(14, STRONG, wordWrap=True)
        self._icon = QLabel()
        self.words = Label(wordWrap=True)
        self.words.setTextInteractionFlags(_SELECTABLE)
        self.bar = QProgressBar(textVisible=False, minimum=0, maximum=0)
        self.details = QPlainTextEdit(readOnly=True)
        self.details.setFont(mono_font(9))
        self.yes, self.no = Button(), Button()
        self.yes.setProperty("primary", True)
        self._build()
        self.yes.clicked.connect(self._say_yes)
        self.no.clicked.connect(self._say_no)
        themes.changed.connect(self._recolour)

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.yes)
        buttons.addWidget(self.no)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.title)
        column.addLayout(row)
        column.addWidget(self.bar)
        column.addWidget(self.details, 1)
        column.addLayout(buttons)
        column.addStretch(0)

    def show_running(self, lesson: Lesson) -> None:
        """The lesson's code runs."""
        self._show("running", lesson, "", "")

    def show_failed(self, lesson: Lesson, message: str, details: str) -> None:
        """It cannot be opened, and why."""
        self._show("failed", lesson, message, details)

    def show_asking(self, lesson: Lesson) -> None:
        """A lesson from elsewhere: its code runs only if the user agrees."""
        files = lesson.code_files()
        codes = {file.name: file.read_text(encoding="utf-8", errors="replace") for file in files}
        parts = codes.values() if len(codes) == 1 else (f"# {name}\n{code}" for name, code in codes.items())
        self._show("asking", lesson, "", "\n".join(parts))

    def _show(self, state: str, lesson: Lesson, message: str, details: str) -> None:
        self.state, self._lesson, self._message = state, lesson, message
        self.details.setPlainText(details)
        self.details.setVisible(bool(details))
        self.bar.setVisible(state == "running")
        self._icon.setVisible(state != "running")
        self.yes.setVisible(state != "running")
        self.retranslate()
        self._recolour(self._themes.theme)

    def retranslate(self) -> None:
        """All words in the current language."""
        lesson = self._lesson
        if lesson is None:
            return
        self.title.setText(plain(lesson.text(language()).title))
        if self.state == "running":
            self.words.setText(tr("Running the lesson's code…"))
            self.no.setText(tr("Cancel"))
            self.no.setToolTip(tr("Stop the lesson's code"))
        elif self.state == "failed":
            self.words.setText(self._message)
            self.yes.setText(tr("Try again"))
            self.yes.setToolTip(tr("Run the lesson's code once more"))
            self.no.setText(tr("All lessons"))
            self.no.setToolTip(tr("Back to the list of lessons"))
        else:
            self.words.setText(
                tr(
                    "This lesson comes from {folder}. To show it, gradviz runs its code ({file}, below) on "
                    "this computer. Code can do all that you can do: run it only if you trust its author."
                ).format(folder=lesson.folder, file=lesson.setup.name)
            )
            self.yes.setText(tr("Run its code"))
            self.yes.setToolTip(tr("Run the code and open the lesson"))
            self.no.setText(tr("Do not run it"))
            self.no.setToolTip(tr("Back to the list of lessons"))
        self.details.setAccessibleName(tr("Code") if self.state == "asking" else tr("Details"))
        self.details.setToolTip(self.details.accessibleName())
        self.words.setAccessibleName(self.words.text())
        self.bar.setAccessibleName(tr("Running the lesson's code…"))

    def _recolour(self, theme: Theme) -> None:
        name, colour = ("error", theme.error) if self.state == "failed" else ("warning", theme.warning)
        self._icon.setPixmap(icons.pixmap(name, colour, 16, self.devicePixelRatioF()))

    def _say_yes(self) -> None:
        (self.agreed if self.state == "asking" else self.retried).emit(self._lesson)

    def _say_no(self) -> None:
        (self.cancelled if self.state == "running" else self.left).emit()
