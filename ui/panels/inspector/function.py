"""The composed function that an operation is a part of: its sentence, its formula and its derivative."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from gradviz.app.facts import Facts
from gradviz.app.i18n import tr
from gradviz.app.speech import spoken

from ...fonts import ui_font
from ...math.label import MathLabel
from ...theme import Theme, ThemeManager


class FunctionPart(QFrame):
    """A quiet card; hidden for operations that belong to no composed function."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.title = QLabel(wordWrap=True)
        self.title.setFont(ui_font(9.0, QFont.Weight.Medium))
        self.sentence = QLabel(wordWrap=True)
        self.sentence.setFont(ui_font(9.0))
        self.sentence.setProperty("tone", "muted")
        self.formula = MathLabel()
        self.derivative = MathLabel()
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(4)
        for widget in (self.title, self.sentence, self.formula, self.derivative):
            column.addWidget(widget)
        themes.changed.connect(self._recolour)
        self._recolour(themes.theme)

    def show_facts(self, facts: Facts) -> None:
        """Show the function around an instruction, if there is one."""
        function = facts.instr.function if facts.instr is not None else None
        self.setVisible(function is not None)
        if function is None:
            return
        self.title.setText(tr("A part of {name}").format(name=function.name))
        self.sentence.setText(function.sentence)
        for label, tex in ((self.formula, function.formula), (self.derivative, function.derivative)):
            label.set_text(f"${tex}$" if tex else "", spoken(tex))
            label.setVisible(bool(tex))

    def _recolour(self, theme: Theme) -> None:
        for label in (self.formula, self.derivative):
            label.set_colours(theme.text, theme.gradient)
