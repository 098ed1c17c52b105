"""The lens: beside a tensor, the cells that a cell is made from or reaches, with their factors."""

from __future__ import annotations

from html import escape

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gradviz.app.facts import Facts, ValueFacts
from gradviz.app.i18n import tr
from gradviz.app.inside.lens import Index, slow
from gradviz.app.inside.lens_rows import Look, Row, look, title, told
from gradviz.app.numerals import index_text, number
from gradviz.app.state import StateView
from gradviz.app.tensor_facts import FactsCache

from ...fonts import ui_font
from ...theme import ThemeManager
from ..inspector.colours import scale_for
from .field_view import FieldView
from .latest import Latest
from .lit_map import LitMap

MOST = 4  # tensors beside the one that is looked at
_PAUSE = 12  # ms: a pointer that crosses many cells asks for the last one only
_REST = 120  # ms without a step before another tensor's cells are lit


class LensStrip(QWidget):
    """Follows the tensor that the inspector shows: `show_facts`, then `point` for each cell."""

    pointed = pyqtSignal()  # the user's pointer asks for another cell

    def __init__(self, themes: ThemeManager, cache: FactsCache, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cache = cache
        self._facts: Facts | None = None
        self._value: ValueFacts | None = None
        self._state: StateView | None = None
        self._chosen: Index | None = None
        self._cell: Index | None = None
        self.look: Look | None = None
        self.worker = Latest(self)
        self.title = QLabel(wordWrap=True)
        self.labels = [QLabel(wordWrap=True, textFormat=Qt.TextFormat.RichText) for _ in range(MOST)]
        self.maps = [LitMap(themes) for _ in range(MOST)]
        self.field = FieldView(themes)
        self._due = QTimer(self, singleShot=True)
        self._due.timeout.connect(self.light)
        self.worker.finished.connect(self._show)
        self._lay_out()
        self.hide()

    def _lay_out(self) -> None:
        self.title.setFont(ui_font(9.0, QFont.Weight.Medium))
        self.title.setProperty("tone", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.title)
        for label, heat in zip(self.labels, self.maps, strict=True):
            label.setFont(ui_font(9.0))
            column.addWidget(label)
            column.addWidget(heat)
            heat.element_hovered.connect(lambda cell, heat=heat: _read(heat, cell))
        column.addWidget(self.field)

    def show_facts(
        self, facts: Facts | None, value: ValueFacts | None, state: StateView | None, cell: Index | None
    ) -> None:
        """Look at another tensor, or at another chosen cell of it."""
        before = self._value
        same = value is not None and before is not None and value.slot == before.slot
        unchanged = same and value is not None and before is not None and value.program is before.program
        unchanged = unchanged and cell == self._chosen == self._cell and value.role != "gradient"
        self._facts, self._value, self._state = facts, value, state
        self._chosen = self._cell = cell
        known = value is not None and value.value is not None and cell is not None
        if facts is None or facts.instr is None or not known:
            self._due.stop()
            self.worker.cancel()
            self.look = None
            self.field.forget()
            self.hide()
            return
        if unchanged and self.isVisible() and not self.worker.busy:
            return
        if same and self.isVisible():
            self._due.start(_PAUSE)
        else:  # while one steps nothing is computed that nobody has time to look at
            self.hide()
            self._due.start(_REST)

    def point(self, cell: Index | None) -> None:
        """The pointer is on a cell; None: on none, the chosen one counts."""
        cell = cell if cell is not None else self._chosen
        if cell != self._cell and self._facts is not None and self._facts.instr is not None:
            self._cell = cell
            self._due.start(_PAUSE)
            self.pointed.emit()

    def light(self) -> None:
        """Show what belongs to the cell."""
        self._due.stop()
        facts, value, state, cell = self._facts, self._value, self._state, self._cell
        if facts is None or facts.instr is None or value is None or state is None or cell is None:
            return
        if slow(facts.program, facts.instr.index):
            self.worker.run(lambda report: look(facts, state, self._cache, value, cell))
        else:
            self.worker.cancel()
            self._show(look(facts, state, self._cache, value, cell))

    def _show(self, found: Look) -> None:
        facts, value = self._facts, self._value
        if facts is None or value is None or self._cell is None:
            return
        self.look = found
        text = title(value, self._cell, found)
        self.title.setText(text)
        rows = found.rows[:MOST]
        for i, (label, heat) in enumerate(zip(self.labels, self.maps, strict=True)):
            label.setVisible(i < len(rows))
            heat.setVisible(i < len(rows))
            if i < len(rows):
                _show_row(label, heat, rows[i])
        self.setAccessibleName(text)
        self.setAccessibleDescription("; ".join(f"{row.value.title}: {told(row.factors)}" for row in rows))
        self.field.offer(facts, self._chosen if value is facts.output else None)
        self.show()

    def shut_down(self) -> None:
        """Wait for what runs, before the window goes."""
        self._due.stop()
        self.worker.shut_down()
        self.field.worker.shut_down()

    def retranslate(self) -> None:
        for heat in self.maps:
            heat.retranslate()
        self.field.retranslate()
        if self.isVisible():
            self.light()


def _show_row(label: QLabel, heat: LitMap, row: Row) -> None:
    statistics = row.value.statistics
    assert row.value.value is not None
    assert statistics is not None
    heat.show_lit(row.value.value, scale_for(statistics.min, statistics.max), row.factors)
    name = row.value.title if heat.row is None else f"{row.value.title}[{heat.row}]"
    label.setText(f"<b>{escape(name)}</b> &nbsp;{escape(told(row.factors))}")
    heat.setAccessibleName(name)
    heat.setAccessibleDescription(told(row.factors))


def _read(heat: LitMap, cell: Index | None) -> None:
    """The pointer is over a cell of one of the maps."""
    factor = heat.factors.get(cell) if cell is not None else None
    if cell is None or factor is None:
        heat.setToolTip("")
    else:
        heat.setToolTip(
            tr("{place}: factor {x}").format(place=index_text(heat.place(cell)), x=number(factor))
        )
