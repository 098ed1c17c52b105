"""A field for one number, such as the learning rate: what makes no sense is marked, told, and never used."""

from __future__ import annotations

import math

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QKeyEvent, QKeySequence
from PyQt6.QtWidgets import QLineEdit, QStyle, QWidget

from gradviz.app.i18n import tr
from gradviz.app.numerals import number


def parse(text: str) -> float:
    """The number that a text means, with a decimal comma or a true minus sign too; ValueError if none."""
    return float(text.strip().replace(",", ".").replace("−", "-"))


class NumberField(QLineEdit):
    """Takes a number from `low` to `high`; Enter or leaving the field applies it."""

    value_changed = pyqtSignal(float)
    refused = pyqtSignal(str)

    def __init__(
        self, value: float, low: float = 0.0, high: float = 1e6, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._value, self._low, self._high = value, low, high
        self.setMaxLength(24)
        self._show(value)
        self.textEdited.connect(self._check)
        self.editingFinished.connect(self._apply)

    @property
    def value(self) -> float:
        """The last number that made sense."""
        return self._value

    def set_value(self, value: float) -> None:
        """Show another number, without telling anybody."""
        self._value = value
        self._show(value)

    def problem(self, text: str) -> str | None:
        """Why a text will not do, or None."""
        try:
            value = parse(text)
        except ValueError:
            return tr("“{text}” is not a number").format(text=text.strip())
        if not math.isfinite(value):
            return tr("The number must be finite")
        if not self._low <= value <= self._high:
            return tr("The number must lie between {low} and {high}").format(
                low=number(self._low), high=number(self._high)
            )
        return None

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.matches(QKeySequence.StandardKey.Cancel):
            self._show(self._value)
            self._mark(False)
        else:
            super().keyPressEvent(event)

    def _check(self, text: str) -> None:
        self._mark(self.problem(text) is not None)

    def _apply(self) -> None:
        text = self.text()
        problem = self.problem(text)
        if problem is not None:
            self._mark(True)
            self.refused.emit(problem)
            return
        value = parse(text)
        self._mark(False)
        self._show(value)
        if value != self._value:
            self._value = value
            self.value_changed.emit(value)

    def _show(self, value: float) -> None:
        self.setText(f"{value:.10g}")

    def _mark(self, invalid: bool) -> None:
        if bool(self.property("invalid")) != invalid:
            self.setProperty("invalid", invalid)
            style = self.style()
            assert isinstance(style, QStyle)
            style.unpolish(self)
            style.polish(self)
