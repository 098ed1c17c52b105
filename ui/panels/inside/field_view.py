"""The receptive field of a cell, on the data: a button, and what it lights."""

from __future__ import annotations

from gradviz.engine.program import Phase
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QToolButton, QVBoxLayout, QWidget

from gradviz.app.facts import Facts, first_input
from gradviz.app.i18n import tr
from gradviz.app.inside.lens import Index
from gradviz.app.inside.lens_rows import told
from gradviz.app.inside.receptive import Field, depends, receptive_field

from ...fonts import ui_font
from ...theme import ThemeManager
from ..inspector.colours import scale_for
from .latest import Latest
from .lit_map import LitMap

TALLEST = 260  # pixels: every pixel of an image shall be seen


class FieldView(QWidget):
    """Lights the elements of the data that a value's element depends on, through all layers between."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: Facts | None = None
        self._cell: Index | None = None
        self.field: Field | None = None
        self.worker = Latest(self)
        self.button = QToolButton(checkable=True)
        self.label = QLabel(wordWrap=True)
        self.label.setFont(ui_font(9.0))
        self.heat = LitMap(themes, TALLEST)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.label)
        column.addWidget(self.heat)
        self.button.toggled.connect(lambda _: self._find())
        self.worker.finished.connect(self._found)
        self.worker.failed.connect(lambda message, details: self.label.setText(message))
        self.retranslate()
        self.forget()

    def offer(self, facts: Facts, cell: Index | None) -> None:
        """Offer it for an element of the output of a forward instruction that depends on the data."""
        if self._facts is facts and self._cell == cell:
            return
        self.forget()
        source = first_input(facts.program)
        if cell is None or source is None or facts.instr is None:
            return
        if facts.instr.phase in (Phase.FORWARD, Phase.LOSS) and depends(
            facts.program, facts.output.slot, source
        ):
            self._facts, self._cell = facts, cell
            self.show()
            self._find()

    def forget(self) -> None:
        """There is nothing to offer."""
        self._facts = self._cell = self.field = None
        self.worker.cancel()
        self.hide()

    def _find(self) -> None:
        facts, cell = self._facts, self._cell
        wanted = self.button.isChecked() and facts is not None
        self.label.setVisible(wanted)
        self.heat.setVisible(False)
        self.worker.cancel()
        source = first_input(facts.program) if facts is not None else None
        if not wanted or facts is None or cell is None or source is None:
            return
        program, slot = facts.program, facts.output.slot
        self.label.setText(tr("Walking back through the layers…"))
        self.worker.run(
            lambda report: receptive_field(program, slot, cell, source, lambda done, of: report(done))
        )

    def _found(self, field: Field) -> None:
        if self._facts is None:
            return
        self.field = field
        value = self._facts.program.values[field.source]
        cells = (tuple(int(i) for i in cell) for cell in zip(*field.cells.nonzero(), strict=True))
        factors = {cell: float(field.slopes[cell]) for cell in cells}
        text = tr("Of the data's {size} elements it depends on {told}").format(
            size=value.size, told=told(factors)
        )
        if field.whole:
            text += " " + tr("(A layer with very many terms counts as reading all of its input.)")
        self.label.setText(text)
        self.heat.show_lit(value, scale_for(float(value.min()), float(value.max())), factors)
        self.heat.setAccessibleDescription(text)
        self.heat.setVisible(True)

    def retranslate(self) -> None:
        self.button.setText(tr("Receptive field"))
        self.button.setAccessibleName(tr("Receptive field"))
        self.button.setToolTip(
            tr("Light the elements of the data that the chosen element depends on, through all layers")
        )
        self.heat.retranslate()
        self.heat.setAccessibleName(tr("Receptive field"))
        if self.field is not None:
            self._found(self.field)
