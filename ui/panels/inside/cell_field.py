"""The small field that opens on a cell to type another number."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QPoint, QRect, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent
from PyQt6.QtWidgets import QWidget

from gradviz.app.i18n import tr

from ...fonts import mono_font
from ...number_field import NumberField

Index = tuple[int, ...]
WIDTH = 132


def step_of(array: np.ndarray) -> float:
    """A step that is small for a tensor: a fiftieth of its largest magnitude, rounded to a digit."""
    finite = array[np.isfinite(array)]
    size = float(np.abs(finite).max(initial=0.0)) / 50 or 0.01
    return float(f"{size:.0e}")


def limits(dtype: np.dtype) -> float:
    """The largest number that a tensor can hold."""
    return float(np.finfo(dtype).max)


class CellField(NumberField):
    """Enter takes the number, Escape leaves it, Up and Down change it a little."""

    typed = pyqtSignal(object, float)  # Index, value
    left = pyqtSignal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(0.0, -1.0, 1.0, parent)
        self._index: Index = ()
        self._step = 1.0
        self.setFont(mono_font(9.0))
        self.hide()
        self.value_changed.connect(self._typed)
        self.returnPressed.connect(self._leave_if_right)

    def open(self, array: np.ndarray, index: Index, cell: QRect) -> None:
        """Open beside a cell of the parent, with its number selected."""
        self._index, self._step = index, step_of(array)
        self._low, self._high = -limits(array.dtype), limits(array.dtype)
        value = array[index]
        self.set_value(float(str(value)))  # its own digits, not those of the wider number
        self._mark(False)
        self.setText(str(value))
        parent = self.parentWidget()
        assert parent is not None
        size = self.sizeHint()
        x = min(max(cell.center().x() - WIDTH // 2, 0), max(parent.width() - WIDTH, 0))
        below = cell.bottom() + 2
        y = below if below + size.height() <= parent.height() else cell.top() - size.height() - 2
        self.setGeometry(QRect(QPoint(x, max(y, 0)), QPoint(x + WIDTH - 1, max(y, 0) + size.height() - 1)))
        self.setAccessibleName(tr("New value"))
        self.setToolTip(tr("Enter: take this number. Escape: leave it. Up and Down: change it a little."))
        self.show()
        self.raise_()
        self.setFocus()
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.give_up()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self.problem(self.text()) is None:
            direction = 1 if key == Qt.Key.Key_Up else -1
            self._turn(direction)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        if self.problem(self.text()) is not None:
            self.set_value(self.value)  # what makes no sense is left
        super().focusOutEvent(event)
        self.hide()

    def give_up(self) -> None:
        """Close without taking the number."""
        self.set_value(self.value)
        self.close_up()

    def close_up(self) -> None:
        """Close, and tell where the focus should go."""
        self.hide()
        self.left.emit()

    def _turn(self, direction: int) -> None:
        from_text = float(self.text().strip().replace(",", ".").replace("−", "-"))
        self.setText(f"{from_text + direction * self._step:.6g}")

    def _typed(self, value: float) -> None:
        self.typed.emit(self._index, value)

    def _leave_if_right(self) -> None:
        if self.problem(self.text()) is None:
            self.close_up()
