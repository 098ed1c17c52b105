"""What one answers with: a field for numbers and shapes, three buttons for a sign, a list of choices."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent
from PyQt6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from gradviz.app.i18n import tr
from gradviz.app.speech import spoken

from ...theme import ThemeManager
from .buttons import ENTER
from .texts import Sentence, plain

SIGNS = ("+", "−", "0")


class Input(QWidget):
    """Base of the inputs: `text` is the answer as the player reads it, "" for none yet."""

    submitted = pyqtSignal()  # Enter
    edited = pyqtSignal()
    stays = False  # visible when the answer is shown

    def text(self) -> str:
        """The answer so far."""
        raise NotImplementedError

    def set_text(self, text: str) -> None:
        """Put an answer in."""
        raise NotImplementedError

    def set_words(self, choices: Mapping[str, str]) -> None:
        """Names and choices in the current language."""
        raise NotImplementedError

    def set_invalid(self, invalid: bool) -> None:
        """Mark what cannot be read, where that is possible at all."""

    def take_focus(self) -> None:
        """Put the keyboard here."""
        self.setFocus()


class FieldInput(Input):
    """One line: a number or a shape."""

    def __init__(self, shape: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shape = shape
        self.field = QLineEdit()
        self.field.returnPressed.connect(self.submitted)
        self.field.textEdited.connect(self._edited)
        self.setFocusProxy(self.field)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.field)

    def text(self) -> str:
        return self.field.text().strip()

    def set_text(self, text: str) -> None:
        self.field.setText(text)

    def set_words(self, choices: Mapping[str, str]) -> None:
        if self._shape:
            self.field.setPlaceholderText(tr("for example 6×28×28"))
            self.field.setAccessibleName(tr("Your prediction: a shape"))
        else:
            self.field.setPlaceholderText(tr("for example −0.5 or 2 · 0.75"))
            self.field.setAccessibleName(tr("Your prediction: a number"))
        self.field.setToolTip(tr("Type your prediction and press Enter"))

    def set_invalid(self, invalid: bool) -> None:
        self.field.setProperty("invalid", invalid)
        style = self.field.style()
        style.unpolish(self.field)
        style.polish(self.field)

    def _edited(self) -> None:
        self.set_invalid(False)
        self.edited.emit()


class SignInput(Input):
    """Positive, negative or zero."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self.buttons: dict[str, QPushButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for sign in SIGNS:
            button = _EnterButton(checkable=True)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.submitted.connect(self.submitted)
            button.clicked.connect(self.edited)
            self._group.addButton(button)
            self.buttons[sign] = button
            row.addWidget(button)
        self.setFocusProxy(self.buttons["+"])

    def text(self) -> str:
        return next((sign for sign, button in self.buttons.items() if button.isChecked()), "")

    def set_text(self, text: str) -> None:
        if text in self.buttons:
            self.buttons[text].setChecked(True)

    def set_words(self, choices: Mapping[str, str]) -> None:
        words = {"+": tr("+ positive"), "−": tr("− negative"), "0": tr("0 zero")}
        for sign, button in self.buttons.items():
            button.setText(words[sign])
            button.setAccessibleName(tr("Your prediction: {answer}").format(answer=words[sign]))
            button.setToolTip(tr("Choose a sign, then check it"))


class ChoiceInput(Input):
    """One of several sentences, which may be longer than a line."""

    stays = True

    def __init__(self, choices: tuple[str, ...], themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self.buttons: dict[str, QRadioButton] = {}
        self._labels: dict[str, _ChoiceText] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for choice in choices:
            button, label = _EnterRadio(), _ChoiceText(themes)
            button.submitted.connect(self.submitted)
            button.clicked.connect(self.edited)
            label.clicked.connect(button.click)
            self._group.addButton(button)
            self.buttons[choice], self._labels[choice] = button, label
            row = QHBoxLayout()
            row.setSpacing(2)
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(label, 1)
            column.addLayout(row)

    def text(self) -> str:
        return next((choice for choice, button in self.buttons.items() if button.isChecked()), "")

    def set_text(self, text: str) -> None:
        if text in self.buttons:
            self.buttons[text].setChecked(True)

    def set_words(self, choices: Mapping[str, str]) -> None:
        for choice, button in self.buttons.items():
            self._labels[choice].set_markdown(choices[choice])
            said = plain(spoken(choices[choice]))
            self._labels[choice].setAccessibleName(said)
            button.setAccessibleName(tr("Your prediction: {answer}").format(answer=said))
            button.setToolTip(tr("Choose one, then check it"))

    def take_focus(self) -> None:
        chosen = self._group.checkedButton() or next(iter(self.buttons.values()))
        chosen.setFocus()


class _EnterButton(QPushButton):
    submitted = pyqtSignal()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() in ENTER:
            self.click()
            self.submitted.emit()
        else:
            super().keyPressEvent(event)


class _EnterRadio(QRadioButton):
    submitted = pyqtSignal()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() in ENTER:
            self.click()
            self.submitted.emit()
        else:
            super().keyPressEvent(event)


class _ChoiceText(Sentence):
    """A choice's words, with formulas and code; a click on them is one on the button."""

    clicked = pyqtSignal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__(themes)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and self.isEnabled() and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()
