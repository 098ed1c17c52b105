"""The op's formula, the same with this moment's numbers for one element, and its local derivatives."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFont, QGuiApplication
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from gradviz.app.facts import Facts
from gradviz.app.i18n import tr
from gradviz.app.numerals import index_text
from gradviz.app.speech import spoken

from ... import icons
from ...fonts import ui_font
from ...math.label import MathLabel
from ...theme import Theme, ThemeManager


class Formulas(QWidget):
    """Three parts: the formula, the numbers, and the derivatives, which can be folded away."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._facts: Facts | None = None
        self.formula = MathLabel()
        self.numbers_title = QLabel()
        self.numbers = MathLabel()
        self.hint = QLabel(wordWrap=True)
        self.copy_button = QToolButton(autoRaise=True)
        self.fold = QToolButton(autoRaise=True, toolButtonStyle=Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._open = False
        self.derivatives: list[MathLabel] = []
        self._holder = QWidget()
        self._lay_out()
        self.copy_button.clicked.connect(self.copy)
        self.fold.clicked.connect(lambda: self.open_derivatives(not self._open))
        themes.changed.connect(self._recolour)
        self._recolour(themes.theme)

    def _lay_out(self) -> None:
        self.numbers_title.setFont(ui_font(9.0, QFont.Weight.Medium))
        self.numbers_title.setProperty("tone", "muted")
        self.fold.setFont(ui_font(9.0, QFont.Weight.Medium))
        self.hint.setFont(ui_font(8.5))
        self.hint.setProperty("tone", "muted")
        top = QHBoxLayout()
        top.addWidget(self.formula, 1)
        top.addWidget(self.copy_button, 0, Qt.AlignmentFlag.AlignTop)
        inner = QVBoxLayout(self._holder)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(6)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        for widget in (self.numbers_title, self.numbers, self.hint):
            column.addWidget(widget)
        column.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._holder)

    def show_facts(self, facts: Facts, wait: bool = False) -> None:
        """Show an instruction's formulas, or the value alone; `wait` leaves the numbers for a later call."""
        self._facts = facts
        formula = facts.instr.formula if facts.instr is not None else ""
        self.formula.set_text(f"${formula}$" if formula else "", spoken(formula))
        self.formula.setVisible(bool(formula))
        self.copy_button.setVisible(bool(formula))
        numbers = facts.numbers if not wait else "…"
        self.numbers.set_text(numbers, spoken(numbers))
        self.numbers.setVisible(bool(numbers))
        self.numbers_title.setVisible(bool(numbers))
        place = index_text(facts.element) if facts.element else ""
        title = tr("With numbers, for element {index}").format(index=place) if place else tr("With numbers")
        self.numbers_title.setText(title)
        strong = r"\mathbf" in numbers
        self.hint.setVisible(strong)
        self._show_derivatives()

    def open_derivatives(self, opened: bool) -> None:
        """Show or hide the local derivatives, of this and all other instructions."""
        self._open = opened
        self._show_derivatives()

    def _show_derivatives(self) -> None:
        instr = self._facts.instr if self._facts is not None else None
        rows = [tex for _, tex in instr.derivatives] if instr is not None else []
        self.fold.setVisible(bool(rows))
        self._holder.setVisible(bool(rows) and self._open)
        while len(self.derivatives) < len(rows):
            label = MathLabel()
            self._colour(label, self._themes.theme)
            self.derivatives.append(label)
            layout = self._holder.layout()
            assert layout is not None
            layout.addWidget(label)
        for number, label in enumerate(self.derivatives):
            label.setVisible(number < len(rows))
            if number < len(rows):
                label.set_text(f"${rows[number]}$", spoken(rows[number]))
        self.fold.setIcon(icons.icon("fold-open" if self._open else "fold-closed", self._themes.theme))

    def copy(self) -> None:
        """Put formula, numbers and derivatives on the clipboard, as LaTeX."""
        clipboard = QGuiApplication.clipboard()
        if self._facts is None or self._facts.instr is None or clipboard is None:
            return
        lines = [f"${self._facts.instr.formula}$", self._facts.numbers]
        lines += [f"${tex}$" for _, tex in self._facts.instr.derivatives]
        clipboard.setText("\n".join(line for line in lines if line))

    def retranslate(self) -> None:
        self.fold.setText(tr("Local derivatives"))
        self.fold.setAccessibleName(tr("Local derivatives"))
        self.fold.setToolTip(tr("Show or hide the derivative with respect to each input"))
        self.copy_button.setToolTip(tr("Copy as LaTeX"))
        self.copy_button.setAccessibleName(tr("Copy as LaTeX"))
        self.hint.setText(tr("Bold: numbers that are, or come from, the upstream gradient."))

    def _recolour(self, theme: Theme) -> None:
        self.copy_button.setIcon(icons.icon("copy", theme, theme.muted))
        for label in (self.formula, self.numbers, *self.derivatives):
            self._colour(label, theme)
        self._show_derivatives()

    def _colour(self, label: MathLabel, theme: Theme) -> None:
        label.set_colours(theme.text, theme.gradient)
