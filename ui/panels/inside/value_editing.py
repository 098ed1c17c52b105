"""Changing the numbers of the tensor that is shown: in its heat map and in its table."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from gradviz.ui.panels.inspector.heatmap import HeatMap
from gradviz.ui.panels.inspector.tensor_view import TensorView
from PyQt6.QtCore import QEvent, QObject, QPointF, QRect, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QPaintEvent, QPolygonF
from PyQt6.QtWidgets import QWidget

from gradviz.app.facts import ValueFacts, shown_element

from ...painting import painting
from ...theme import Theme, ThemeManager
from .cell_field import CellField, step_of
from .cell_gestures import CellGestures

Index = tuple[int, ...]
_KEYS = (Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ValueEditing(QObject):
    """Adds to a tensor's view what changes its numbers; `allowed` says whether a value may be changed, and
    tells the user if not."""

    changed = pyqtSignal(int, object)  # slot, dict of Index -> value
    refused = pyqtSignal(str)
    asked = pyqtSignal(int)  # slot: whether it may be changed; the answer is `allowed`

    def __init__(self, view: TensorView, themes: ThemeManager) -> None:
        super().__init__(view)
        self._view = view
        self._slot = -1
        self.allowed = True
        self.field = CellField(view)
        self.marks = AlteredMarks(view.heatmap, themes)
        self.gestures = CellGestures(view.heatmap, lambda: view.element)
        self.gestures.edit_wanted.connect(self.edit)
        self.gestures.turned.connect(self.turn)
        self.gestures.drawn.connect(self._draw)
        view.table.doubleClicked.connect(lambda place: self.edit(view.table.numbers.element(place)))
        view.table.installEventFilter(self)
        self.field.typed.connect(lambda index, value: self.changed.emit(self._slot, {index: value}))
        self.field.refused.connect(self.refused)
        self.field.left.connect(self._give_focus_back)

    def edit(self, index: Index | None = None) -> None:
        """Open the field on an element; on the chosen one, or else the largest, if none is given."""
        found = self._array()
        if found is None:
            return
        array, facts = found
        index = shown_element(array, index if index is not None else self._view.element)
        if index is None or not self._ask(facts.slot):
            return
        self._slot = facts.slot
        if self._view.element != index:
            self._view.element_chosen.emit(index)
        self.field.open(array, index, self._cell(index))

    def turn(self, index: Index, steps: int) -> None:
        """Change an element a little."""
        found = self._array()
        if found is not None and self._ask(found[1].slot):
            array, facts = found
            value = float(array[index]) + steps * step_of(array)
            self.changed.emit(facts.slot, {index: float(f"{value:.6g}")})

    def _draw(self, index: Index, erase: bool) -> None:
        found = self._array()
        if found is not None and self._ask(found[1].slot):
            array, facts = found
            value = float(np.nanmin(array) if erase else np.nanmax(array))
            self.changed.emit(facts.slot, {index: value})

    def _ask(self, slot: int) -> bool:
        self.allowed = False
        self.asked.emit(slot)
        return self.allowed

    def _array(self) -> tuple[np.ndarray, ValueFacts] | None:
        facts = self._view.facts
        return None if facts is None or facts.value is None or not facts.value.size else (facts.value, facts)

    def _cell(self, index: Index) -> QRect:
        """Where an element is in the view."""
        view = self._view
        if view.as_table.isChecked():
            table = view.table
            rect = table.visualRect(table.numbers.cell(index))
            viewport = table.viewport()
            assert viewport is not None
            return QRect(viewport.mapTo(view, rect.topLeft()), rect.size())
        rect = view.heatmap.lens.rect_of(index).toRect()
        return QRect(view.heatmap.mapTo(view, rect.topLeft()), rect.size())

    def _give_focus_back(self) -> None:
        (self._view.table if self._view.as_table.isChecked() else self._view.heatmap).setFocus()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """F2 and Enter in the table."""
        if isinstance(event, QKeyEvent) and event.key() in _KEYS and not event.modifiers():
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            place = self._view.table.currentIndex()
            if event.type() == QEvent.Type.KeyPress and place.isValid():
                self.edit(self._view.table.numbers.element(place))
                return True
        return False


class AlteredMarks(QWidget):
    """Small corners over a heat map, on the elements that are changed by hand."""

    def __init__(self, heatmap: HeatMap, themes: ThemeManager) -> None:
        super().__init__(heatmap)
        self._heatmap = heatmap
        self._theme = themes.theme
        self._indices: tuple[Index, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        heatmap.installEventFilter(self)
        self.resize(heatmap.size())
        themes.changed.connect(self._set_theme)

    @property
    def indices(self) -> tuple[Index, ...]:
        """What is marked."""
        return self._indices

    def show_indices(self, indices: Iterable[Index]) -> None:
        """Mark other elements."""
        self._indices = tuple(indices)
        self.setVisible(bool(self._indices))
        self.update()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.Resize:
            self.resize(self._heatmap.size())
        return False

    def paintEvent(self, event: QPaintEvent | None) -> None:
        lens = self._heatmap.lens
        sliced = lens.plan.sliced
        with painting(self) as painter:
            painter.setPen(self._theme.card)
            painter.setBrush(self._theme.accent)
            for index in self._indices:
                if index[:sliced] == lens.leading[:sliced]:
                    cell = lens.rect_of(index)
                    size = min(max(cell.width() * 0.45, 4.0), 9.0)
                    corner = cell.topRight()
                    painter.drawPolygon(
                        QPolygonF([corner, corner - QPointF(size, 0), corner + QPointF(0, size)])
                    )

    def _set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()
