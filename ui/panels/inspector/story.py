"""A backward instruction as a story: upstream gradient × local derivative → contribution → accumulated."""

from __future__ import annotations

from html import escape

import numpy as np
from gradviz.engine.op import REGISTRY
from gradviz.engine.program import Program
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from gradviz.app.facts import Facts, input_labels
from gradviz.app.gradient_facts import GradientStory
from gradviz.app.i18n import tr
from gradviz.app.inside.veil import HIDDEN
from gradviz.app.names import name_of
from gradviz.app.numerals import number
from gradviz.app.speech import spoken
from gradviz.app.state import StateView

from ...fonts import mono_font, ui_font
from ...math.label import MathLabel
from ...theme import Theme, ThemeManager

_SIGNS = {"upstream": "", "local": "×", "contribution": "→", "total": "Σ"}


class Story(QWidget):
    """Four rows; what the current instruction computes is marked, and every tensor can be clicked."""

    slot_clicked = pyqtSignal(int)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = QLabel(wordWrap=True)
        self.title.setFont(ui_font(9.0, QFont.Weight.Medium))
        self.title.setProperty("tone", "muted")
        self.local = MathLabel()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self.rows: dict[str, tuple[QLabel, QLabel, QLabel]] = {}
        self._slots: dict[str, int | None] = {}
        for number_, part in enumerate(_SIGNS):
            self._add_row(number_, part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.title)
        column.addLayout(self._grid)
        themes.changed.connect(self._recolour)
        self._recolour(themes.theme)

    def _add_row(self, row: int, part: str) -> None:
        sign = QLabel(_SIGNS[part], alignment=Qt.AlignmentFlag.AlignCenter)
        sign.setMinimumWidth(16)
        name = QLabel(wordWrap=True)
        name.setFont(ui_font(9.5))
        name.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        value = QLabel(alignment=Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        value.setFont(mono_font(8.5))
        value.setProperty("tone", "muted")
        self.rows[part] = (sign, name, value)
        self._grid.addWidget(sign, row, 0)
        if part == "local":
            self._grid.addWidget(self.local, row, 1, 1, 2)
            for unused in (name, value):
                unused.setParent(self)  # goes with it
                unused.hide()
        else:
            self._grid.addWidget(name, row, 1)
            self._grid.addWidget(value, row, 2)
        name.linkActivated.connect(lambda _: self._click(part))

    def _click(self, part: str) -> None:
        slot = self._slots.get(part)
        if slot is not None:
            self.slot_clicked.emit(slot)

    def show_facts(self, facts: Facts, state: StateView) -> None:
        """Tell the story of a backward instruction; hidden for any other."""
        story = facts.story
        self.setVisible(story is not None)
        if story is None:
            for _, _, value in self.rows.values():
                value.clear()  # nothing of another story stays
            return
        program = facts.program
        forward = f"{story.module} · {story.op}" if story.module and story.module != story.op else story.op
        stored = story.stage == "stored"
        title = tr("The gradient is complete and is kept in .grad") if stored else tr("Differentiates {op}")
        self.title.setText(title.format(op=forward))
        self._slots = {
            "upstream": story.upstream,
            "contribution": story.contribution,
            "total": story.total if story.steps > 1 or stored else None,
        }
        texts = self._texts(program, story)
        for part, slot in self._slots.items():
            sign, name, value = self.rows[part]
            for widget in (sign, name, value):
                widget.setVisible(slot is not None)
            current = slot == facts.output.slot
            text = escape(texts[part])
            name.setText(f"<b>{text}</b>" if current else f'<a href="#">{text}</a>')
            value.setText(_summary(state, slot) if slot is not None else "")
            name.setAccessibleName(texts[part])
            name.setToolTip(tr("Show this tensor"))
        self.local.set_text(f"${story.local}$" if story.local else "", spoken(story.local))
        self.local.setVisible(bool(story.local))
        self.rows["local"][0].setVisible(bool(story.local))

    def _texts(self, program: Program, story: GradientStory) -> dict[str, str]:
        target = ""
        if story.target is not None:
            op = REGISTRY.get(program.instrs[story.origin].op)
            count = len(program.instrs[story.origin].inputs)
            label = input_labels(op, count)[story.position or 0]
            target = name_of(program, story.target) or label
        if story.stage == "stored":
            producer = program.instrs[program.producers[story.total]] if story.total is not None else None
            kept = producer is not None and len(producer.inputs) > 1
            total = tr(".grad: what it held before, and this") if kept else tr(".grad, which was empty")
            return {
                "upstream": "",
                "contribution": tr("gradient of {name}").format(name=target),
                "total": total,
            }
        return {
            "upstream": tr("upstream gradient"),
            "contribution": tr("contribution to {name}").format(name=target),
            "total": tr("sum so far, {n} of {count}").format(n=story.step, count=story.steps),
        }

    def _recolour(self, theme: Theme) -> None:
        self.local.set_colours(theme.text, theme.gradient)


def _summary(state: StateView, slot: int) -> str:
    """The number itself, or the mean magnitude."""
    value = state.value(slot)
    if state.written(slot) and value is None:
        return HIDDEN
    if value is None:
        return "…"
    if value.size == 1:
        return number(float(value.reshape(())))
    mean = float(np.abs(value).mean()) if value.size else 0.0
    return tr("mean |g| {x}").format(x=number(mean, 3))
