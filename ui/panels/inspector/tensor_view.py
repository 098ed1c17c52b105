"""One tensor: heat map or table, slices, read-out, statistics, export."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from gradviz.app.facts import ValueFacts
from gradviz.app.i18n import tr
from gradviz.app.numerals import index_text, number

from ... import icons
from ...fonts import mono_font, ui_font
from ...theme import Theme, ThemeManager
from .colours import Scale
from .export import as_lines, ask_and_save
from .heatmap import HeatMap
from .legend import Legend
from .slices import SliceBar
from .statistics import shape_line, statistics_text
from .table import TensorTable

Index = tuple[int, ...]
_TABLE_HEIGHT = 240
_CLIPBOARD_LIMIT = 1_000_000  # elements


class TensorView(QWidget):
    """Shows one `ValueFacts`; a value that is not computed yet is never shown."""

    element_chosen = pyqtSignal(object)  # Index
    told = pyqtSignal(str, str)  # text and level, for the message bar
    microscope_wanted = pyqtSignal()  # for the element that is looked at

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: ValueFacts | None = None
        self._array: np.ndarray | None = None
        self._scale = Scale(0.0, 1.0)
        self._element: Index | None = None
        self._themes = themes
        self.shape = QLabel()
        self.readout = QLabel()
        self.pending = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self.note = QLabel(wordWrap=True)
        self.statistics = QLabel(wordWrap=True)
        self.heatmap = HeatMap(themes)
        self.table = TensorTable(themes)
        self.legend = Legend(themes)
        self.slices = SliceBar()
        self.as_table = QToolButton(checkable=True)
        self.closely = QToolButton()
        self.more = QToolButton(popupMode=QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.more)
        self.more.setMenu(self.menu)
        self._lay_out()
        self._listen()
        self._recolour(themes.theme)
        self.retranslate()

    def _lay_out(self) -> None:
        for label in (self.shape, self.note, self.pending):
            label.setProperty("tone", "muted")
        self.pending.setMinimumHeight(96)
        self.readout.setFont(mono_font(9.5))
        self.readout.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for label in (self.note, self.statistics):
            label.setFont(ui_font(9.0))
        self.table.setFixedHeight(_TABLE_HEIGHT)
        self.table.hide()
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.shape, 1)
        for button in (self.closely, self.as_table, self.more):
            head.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(head)
        for widget in (
            self.slices,
            self.pending,
            self.heatmap,
            self.table,
            self.readout,
            self.legend,
            self.note,
            self.statistics,
        ):
            column.addWidget(widget)

    def _listen(self) -> None:
        self.heatmap.element_hovered.connect(self._hovered)
        self.heatmap.element_chosen.connect(self.element_chosen)
        self.table.element_chosen.connect(self.element_chosen)
        self.slices.changed.connect(lambda _: self._show_slice())
        self.closely.clicked.connect(self.microscope_wanted)
        self.as_table.toggled.connect(lambda _: self._switch())
        self._themes.changed.connect(self._recolour)

    # What is shown.

    @property
    def facts(self) -> ValueFacts | None:
        return self._facts

    @property
    def element(self) -> Index | None:
        """The element with the ring."""
        return self._element

    def show_value(
        self, facts: ValueFacts | None, element: Index | None = None, marked: Iterable[Index] = ()
    ) -> None:
        """Show a value with a ring around `element` and outlines around `marked` elements."""
        known = facts is not None and facts.value is not None
        self._facts = facts
        self._element = element
        self.shape.setText(shape_line(facts))
        self.pending.setVisible(not known)
        for button in (self.closely, self.as_table, self.more):
            button.setEnabled(known)
        self._switch()
        statistics = facts.statistics if facts is not None else None
        scale = self.legend.show_facts(statistics)
        array = facts.value if facts is not None else None
        self._scale = scale
        self._array = array
        self._resize_slices()
        if element is not None and array is not None and len(element) == array.ndim:
            self.slices.set_value(element)
        self.statistics.setVisible(known)
        self.statistics.setText(statistics_text(statistics) if statistics is not None else "")
        self._show_slice()
        self.heatmap.set_marked(marked)
        self._pending_text()

    def _resize_slices(self) -> None:
        if self._array is None:
            self.slices.set_sizes(())
            return
        table = self.as_table.isChecked()
        if not table:
            self.heatmap.show_array(self._array, self._scale, (0,) * self._array.ndim)
        count = max(0, self._array.ndim - 2) if table else self.heatmap.lens.plan.sliced
        self.slices.set_sizes(self._array.shape[:count])
        if self._element is not None and len(self._element) == self._array.ndim:
            self.slices.set_value(self._element)

    def _show_slice(self) -> None:
        """Bring the picture or the table up to date; the one that is hidden is left alone."""
        leading = self.slices.value()
        if self._array is None:
            self.heatmap.show_array(None, self._scale)
            self.table.show_array(None)
        elif self.as_table.isChecked():
            self.table.show_array(self._array, leading)
            self.table.set_element(self._element)
        else:
            self.heatmap.show_array(self._array, self._scale, leading)
            self.heatmap.set_element(self._element)
        self._hovered(None)
        self._note()

    def _switch(self) -> None:
        known = self._facts is not None and self._facts.value is not None
        table = self.as_table.isChecked()
        self.heatmap.setVisible(known and not table)
        self.table.setVisible(known and table)
        self.readout.setVisible(known)
        if known and self.sender() is self.as_table:
            self._resize_slices()
            self._show_slice()

    def _note(self) -> None:
        """Say so where one dot stands for many elements."""
        factor = 1
        if self._array is not None and not self.as_table.isChecked() and self._array.size:
            factor = self.heatmap.reduction()
        self.note.setVisible(factor > 1)
        text = tr("Reduced: each dot shows the largest magnitude of {n}×{n} elements. Zoom in to see all.")
        self.note.setText(text.format(n=factor))

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._note()

    def _hovered(self, index: Index | None) -> None:
        index = index if index is not None else self._element
        if self._array is None or index is None or len(index) != self._array.ndim:
            self.readout.setText(" ")
            self.legend.set_marker(None)
            return
        value = self._array[index]
        text = str(bool(value)) if self._array.dtype.kind == "b" else number(float(value), 6)
        self.readout.setText(f"{index_text(index)} = {text}" if index else f"= {text}")
        self.legend.set_marker(float(value))

    def _pending_text(self) -> None:
        self.pending.setText(_waiting(self._facts))

    # Export.

    def copy(self) -> None:
        """Put the table's selected block, or the whole tensor, on the clipboard, separated by tabs."""
        if self._array is None:
            return
        if self.as_table.isChecked():
            self.table.copy()
            return
        if self._array.size > _CLIPBOARD_LIMIT:
            self.told.emit(tr("The tensor is too large for the clipboard: save it as a file."), "warning")
            return
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(as_lines(self._array, "\t"))

    def save(self, kind: str) -> None:
        """Ask where to save the tensor as "csv" or "npy"."""
        if self._array is not None and self._facts is not None:
            ask_and_save(self, np.asarray(self._array), self._facts.title, kind, self.told.emit)

    def retranslate(self) -> None:
        self.closely.setToolTip(tr("Open the chosen element in the microscope (E)"))
        self.closely.setAccessibleName(tr("Element microscope"))
        self.as_table.setToolTip(tr("Show the numbers as a table"))
        self.as_table.setAccessibleName(tr("Table"))
        self.more.setToolTip(tr("Copy or save the tensor"))
        self.more.setAccessibleName(tr("Copy or save the tensor"))
        self.readout.setAccessibleName(tr("Element"))
        self.statistics.setAccessibleName(tr("Statistics"))
        self.menu.clear()
        self.menu.addAction(tr("Copy as a table"), self.copy)
        self.menu.addAction(tr("Save as CSV…"), lambda: self.save("csv"))
        self.menu.addAction(tr("Save as NumPy array…"), lambda: self.save("npy"))
        for part in (self.heatmap, self.table, self.legend, self.slices):
            part.retranslate()
        if self._facts is not None:
            self.show_value(self._facts, self._element, self.heatmap.marked())
        self._pending_text()

    def _recolour(self, theme: Theme) -> None:
        self.closely.setIcon(icons.icon("microscope", theme))
        self.as_table.setIcon(icons.icon("table", theme))
        self.more.setIcon(icons.icon("export", theme))


def _waiting(facts: ValueFacts | None) -> str:
    """Why there is nothing to see."""
    if facts is None:
        return tr("Nothing to show here.")
    if facts.hidden:
        return tr("Hidden: predict it first.")
    return tr("Not yet computed at this moment.\nStep forward to see it.")
