"""The field that finds nodes by name, op, shape or condition; `Finding` looks for what is typed into it."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QKeyEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from gradviz.app.i18n import tr

from .. import icons
from ..fonts import ui_font
from ..theme import Theme
from .search_help import fill_help, help_tip

ICON = QSize(14, 14)


class SearchField(QWidget):
    """Enter asks for the next match, Shift+Enter for the one before, Ctrl+Enter opens it, Escape gives up."""

    typed = pyqtSignal(str)
    moved = pyqtSignal(int)  # 1: on to the next match, -1: back
    opened = pyqtSignal()  # the match, if it is a closed module
    left = pyqtSignal()  # Escape

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ops: tuple[str, ...] = ()  # offered by the help, as are these modules
        self.modules: tuple[str, ...] = ()
        self.edit = QLineEdit(clearButtonEnabled=True)
        self.edit.setMinimumWidth(96)
        self.edit.setMaximumWidth(260)
        self._icon, self._help = QAction(self), QAction(self)
        self.edit.addAction(self._icon, QLineEdit.ActionPosition.LeadingPosition)
        self.edit.addAction(self._help, QLineEdit.ActionPosition.TrailingPosition)
        self.before, self.after = (QToolButton(autoRaise=True, iconSize=ICON) for _ in range(2))
        self.count = QLabel()
        self.count.setProperty("tone", "muted")
        self.count.setFont(ui_font(9, tabular=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.edit, 4)
        row.addSpacing(4)
        for part in (self.count, self.before, self.after):
            row.addWidget(part)
        row.addStretch(1)
        self.edit.textEdited.connect(self.typed)
        self.edit.textChanged.connect(lambda text: None if text else self.typed.emit(""))
        self._help.triggered.connect(self.show_help)
        self.before.clicked.connect(lambda: self.moved.emit(-1))
        self.after.clicked.connect(lambda: self.moved.emit(1))
        self.edit.installEventFilter(self)
        self.tell("", wrong=False)
        self.retranslate()

    def retranslate(self) -> None:
        self.edit.setPlaceholderText(tr("Find a node"))
        self.edit.setAccessibleName(tr("Find a node"))
        self.edit.setToolTip(help_tip())
        self._help.setText(tr("What can be looked for"))
        self._help.setToolTip(tr("What can be looked for"))
        for button, text in ((self.before, tr("Previous match")), (self.after, tr("Next match"))):
            button.setToolTip(text)
            button.setAccessibleName(text)

    def recolour(self, theme: Theme) -> None:
        """Take over another theme."""
        self._icon.setIcon(icons.icon("search", theme, theme.muted))
        self._help.setIcon(icons.icon("more", theme, theme.muted))
        self.before.setIcon(icons.icon("step-back", theme, theme.muted))
        self.after.setIcon(icons.icon("step-forward", theme, theme.muted))

    def start(self) -> None:
        """Put the cursor into the field."""
        self.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.edit.selectAll()

    def show_help(self) -> None:
        """Show examples of what can be looked for; choosing one adds it to the text."""
        menu = fill_help(self, self.ops, self.modules, self.add)
        menu.popup(self.edit.mapToGlobal(self.edit.rect().bottomLeft()))

    def add(self, term: str) -> None:
        """Add a term to what is looked for."""
        text = f"{self.edit.text().strip()} {term}".strip()
        self.edit.setText(text)
        self.edit.setFocus()
        self.typed.emit(text)

    def tell(self, count: str, wrong: bool, details: str = "") -> None:
        """Tell how many matches there are; `wrong` if there are none, or the text makes no sense."""
        self.count.setText(count)
        self.count.setToolTip(details)
        self.count.setAccessibleDescription(details)
        found = bool(count) and not wrong
        self.count.setVisible(bool(count))
        for button in (self.before, self.after):
            button.setVisible(found)
        self.edit.setProperty("invalid", wrong)
        if (style := self.edit.style()) is not None:
            style.polish(self.edit)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                    self.opened.emit()
                else:
                    self.moved.emit(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.edit.clear()
                self.left.emit()
                return True
        return False
