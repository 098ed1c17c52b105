"""Shapes, dtype and attributes of an instruction, and links to what is inside of a folded module."""

from __future__ import annotations

from html import escape

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gradviz.app.facts import Facts
from gradviz.app.i18n import tr
from gradviz.app.inside.veil import HIDDEN
from gradviz.app.numerals import shape_text

from ...fonts import ui_font

_MANY = 12  # links at most


class Details(QWidget):
    """Two quiet lines and, for a folded module, the ops that it stands for."""

    slot_clicked = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shapes = QLabel(wordWrap=True)
        self.attributes = QLabel(wordWrap=True)
        self.inside = QLabel(wordWrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for label in (self.shapes, self.attributes, self.inside):
            label.setFont(ui_font(9.0))
            label.setTextFormat(Qt.TextFormat.RichText)
            label.setProperty("tone", "muted")
            column.addWidget(label)
        self.inside.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.inside.linkActivated.connect(lambda slot: self.slot_clicked.emit(int(slot)))

    def show_facts(self, facts: Facts) -> None:
        """Show what is known; lines without content are hidden."""
        self._show(self.shapes, _shapes(facts))
        attributes = facts.instr.attributes if facts.instr is not None else ()
        # Spaces within a pair must not break, those between pairs may.
        pairs = (f"{escape(key)}&nbsp;<b>{escape(value)}</b>" for key, value in attributes)
        self._show(self.attributes, " &nbsp; ".join(pair.replace(" ", "&nbsp;") for pair in pairs))
        self._show(self.inside, _inside(facts))

    def _show(self, label: QLabel, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))

    def retranslate(self) -> None:
        self.shapes.setAccessibleName(tr("Shapes"))
        self.attributes.setAccessibleName(tr("Attributes"))
        self.inside.setAccessibleName(tr("Operations inside"))


def _shapes(facts: Facts) -> str:
    """x 1×1×32×32 · weight 6×1×5×5 → 1×6×28×28 float32."""
    scalar = tr("scalar")
    shape = HIDDEN if facts.output.shapeless else shape_text(facts.output.shape) or scalar
    output = f"<b>{shape}</b> {facts.output.dtype}"
    if facts.instr is None:
        return output
    shapes = (HIDDEN if item.shapeless else shape_text(item.shape) or scalar for item in facts.inputs)
    labels = (escape(item.label) for item in facts.inputs)
    inputs = (f"{label}&nbsp;{text}" for label, text in zip(labels, shapes, strict=True))
    return f"{' · '.join(inputs)} → {output}"


def _inside(facts: Facts) -> str:
    if not facts.inside:
        return ""
    program = facts.program
    links = []
    for index in facts.inside[:_MANY]:
        instr = program.instrs[index]
        here = instr.output == facts.output.slot
        name = escape(instr.op)
        links.append(f"<b>{name}</b>" if here else f'<a href="{instr.output}">{name}</a>')
    if len(facts.inside) > _MANY:
        links.append("…")
    return tr("Inside: {ops}").format(ops=", ".join(links))
