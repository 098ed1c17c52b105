"""Messages above the panels: never a dialog in the way. Level by icon and word, not by colour alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QColor, QGuiApplication, QKeyEvent
from PyQt6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gradviz.app.i18n import language_changed, tr

from . import icons
from .fonts import mono_font
from .listening import listen
from .theme import Theme, ThemeManager

Action = tuple[str, Callable[[], object]]

INFO_STAYS = 8_000  # ms
AT_MOST = 3  # messages at a time; the oldest goes first
DETAILS_HEIGHT = 160
SELECTABLE = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard


class MessageBar(QWidget):
    """A column of messages, newest last; empty, it takes no room."""

    shown = pyqtSignal(str, str)  # level, text
    _posted = pyqtSignal(str, str, str)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 0, 8, 0)
        self._column.setSpacing(4)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        themes.changed.connect(self._recolour)
        listen(self, language_changed, self.retranslate)
        self._posted.connect(self.show_message)
        self.retranslate()

    @property
    def messages(self) -> list[Message]:
        """What is shown, oldest first."""
        widgets = (self._column.itemAt(i).widget() for i in range(self._column.count()))
        return [widget for widget in widgets if isinstance(widget, Message)]

    def show_message(
        self, text: str, level: str = "info", details: str = "", actions: Sequence[Action] = ()
    ) -> Message:
        """Show one message; a text that is shown already is counted instead of repeated."""
        for message in self.messages:
            if message.text == text and message.level == level and not actions:
                message.repeat(details)
                return message
        made = Message(text, level, details, actions, self._themes.theme, self)
        made.closed.connect(self.remove)
        self._column.addWidget(made)
        made.show()
        self._margins()
        for message in self.messages[:-AT_MOST]:
            self.remove(message)
        self.shown.emit(level, text)
        return made

    def post(self, text: str, level: str = "info", details: str = "") -> None:
        """As show_message, from any thread."""
        self._posted.emit(text, level, details)

    def remove(self, message: QWidget) -> None:
        """Take one message away."""
        self._column.removeWidget(message)
        message.hide()
        message.deleteLater()
        self._margins()

    def clear(self) -> None:
        """Take all messages away."""
        for message in self.messages:
            self.remove(message)

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Messages"))
        for message in self.messages:
            message.retranslate()

    def _recolour(self, theme: Theme) -> None:
        for message in self.messages:
            message.recolour(theme)

    def _margins(self) -> None:
        room = 4 if self._column.count() else 0
        self._column.setContentsMargins(8, room, 8, room)


class Message(QFrame):
    """One message with its buttons; an info goes away by itself unless one points at it or is in it."""

    closed = pyqtSignal(QWidget)

    def __init__(
        self, text: str, level: str, details: str, actions: Sequence[Action], theme: Theme, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.text, self.level, self.count = text, level, 1
        self._actions = [self._action_button(*action) for action in actions]
        self._icon, self._label = QLabel(), QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._label.setTextInteractionFlags(SELECTABLE)
        self._more, self._copy, self._close = QPushButton(checkable=True), QToolButton(), QToolButton()
        self._details = QPlainTextEdit(details, readOnly=True)
        self._build()
        self._timer = QTimer(self, interval=INFO_STAYS, singleShot=True)
        self._timer.timeout.connect(self._close_itself)
        if level == "info" and not actions:
            self._timer.start()
        self.retranslate()
        self.recolour(theme)

    def _build(self) -> None:
        self._details.setFont(mono_font(9))
        self._details.setMaximumHeight(DETAILS_HEIGHT)
        self._details.hide()
        self._label.setMinimumWidth(80)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._label, 1)
        for button in (*self._actions, self._more, self._copy, self._close):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 6, 6)
        column.addLayout(row)
        column.addWidget(self._details)
        self._more.setVisible(bool(self._details.toPlainText()))
        self._more.toggled.connect(self._details.setVisible)
        self._copy.clicked.connect(self.copy)
        self._close.clicked.connect(lambda: self.closed.emit(self))

    def _action_button(self, text: str, handler: Callable[[], object]) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(text)

        def act() -> None:
            self.closed.emit(self)
            handler()

        button.clicked.connect(act)
        return button

    @property
    def action_buttons(self) -> list[QPushButton]:
        return self._actions

    def repeat(self, details: str) -> None:
        """Say that it happened once more."""
        self.count += 1
        if details:
            self._details.setPlainText(details)
            self._more.show()
        self.retranslate()
        if self._timer.isActive():
            self._timer.start()

    def copy(self) -> None:
        """Put the message and its details on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None
        clipboard.setText("\n\n".join(filter(None, (self.text, self._details.toPlainText()))))

    def retranslate(self) -> None:
        word = {"info": tr("Note"), "warning": tr("Warning"), "error": tr("Error")}[self.level]
        times = tr("{text} (× {count})").format(text=self.text, count=self.count)
        self._label.setText(self.text if self.count == 1 else times)
        self._icon.setAccessibleName(word)
        self._icon.setToolTip(word)
        self._label.setAccessibleName(tr("{level}: {text}").format(level=word, text=self.text))
        self.setAccessibleName(self._label.accessibleName())
        self._more.setText(tr("Details"))
        self._more.setToolTip(tr("Show or hide the details"))
        self._details.setAccessibleName(tr("Details"))
        self._details.setToolTip(tr("The details of this message"))
        for button, name in ((self._copy, tr("Copy the message")), (self._close, tr("Close the message"))):
            button.setAccessibleName(name)
            button.setToolTip(name)

    def recolour(self, theme: Theme) -> None:
        colour = {"info": theme.accent, "warning": theme.warning, "error": theme.error}[self.level]
        self._icon.setPixmap(icons.pixmap(self.level, colour, 20, self.devicePixelRatioF()))
        self._copy.setIcon(icons.icon("copy", theme, theme.muted))
        self._close.setIcon(icons.icon("close", theme, theme.muted))
        self.setStyleSheet(_sheet(theme, colour))

    def _close_itself(self) -> None:
        focus = QApplication.focusWidget()
        if self.underMouse() or (focus is not None and self.isAncestorOf(focus)):
            self._timer.start()
        else:
            self.closed.emit(self)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.closed.emit(self)
        else:
            super().keyPressEvent(event)


def _sheet(theme: Theme, colour: QColor) -> str:
    return (
        f"Message {{ background: {theme.card.name()}; border: 1px solid {theme.border.name()};"
        f" border-left: 4px solid {colour.name()}; border-radius: 6px; }}"
    )
