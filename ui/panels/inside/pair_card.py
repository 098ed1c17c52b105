"""The shown value and its gradient in two runs, beside each other, with their difference."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QGridLayout, QLabel, QWidget

from gradviz.app.i18n import tr
from gradviz.app.inside.compare import Comparison, Pair
from gradviz.app.numerals import index_text, number
from gradviz.app.selection import inside
from gradviz.app.state import StateView

from ...fonts import mono_font, ui_font
from ...theme import Theme, ThemeManager
from .card import Card

Index = tuple[int, ...]
_ROWS = 2  # value and gradient


class PairCard(Card):
    """Visible while two runs are compared; closing it ends the comparison."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        self._themes = themes
        self.heads = [QLabel() for _ in range(4)]
        self.rows = [[QLabel() for _ in range(4)] for _ in range(_ROWS)]
        self.apart = QLabel(wordWrap=True)
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        for row, labels in enumerate([self.heads, *self.rows]):
            for column, label in enumerate(labels):
                label.setFont(ui_font(8.5) if row == 0 or column == 0 else mono_font(9.0))
                if row == 0:
                    label.setProperty("tone", "muted")
                if column:
                    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                grid.addWidget(label, row, column)
        self.apart.setFont(ui_font(9.0, QFont.Weight.Medium))
        self.column.addWidget(body)
        self.column.addWidget(self.apart)
        themes.changed.connect(self._recolour)
        self._recolour(themes.theme)
        self.retranslate()
        self.hide()

    def show_pair(
        self,
        comparison: Comparison | None,
        state: StateView | None,
        slot: int | None,
        element: Index | None,
        percent: Callable[[float], str],
    ) -> None:
        """Show a slot in both runs; hidden without a comparison."""
        self.setVisible(comparison is not None)
        if comparison is None:
            return
        self.subject.setText(comparison.title)
        rows: list[tuple[str, Pair]] = []
        if state is not None and state.program is comparison.first and slot is not None:
            rows = _pairs(comparison, state, slot)
        texts = [_line(name, pair, element) for name, pair in rows]
        for labels, line in zip(self.rows, [*texts, *[None] * _ROWS][:_ROWS], strict=True):
            for column, label in enumerate(labels):
                label.setText(line[column] if line is not None else "")
                label.setVisible(line is not None)
        for label in self.heads:
            label.setVisible(bool(texts))
        shares = [tr("{name} by {apart}").format(name=n, apart=percent(p.difference)) for n, p in rows]
        told = tr("Whole tensors are apart: {list}").format(list=" · ".join(shares))
        self.apart.setText(told if rows else tr("The second run has nothing that this stands for."))
        self.setAccessibleDescription("; ".join(" ".join(line) for line in texts))

    def retranslate(self) -> None:
        super().retranslate()
        self.title.setText(tr("Two runs"))
        self.setAccessibleName(tr("Two runs"))
        self.close_button.setToolTip(tr("Stop comparing"))
        self.close_button.setAccessibleName(tr("Stop comparing"))
        for label, text in zip(self.heads, ("", tr("first"), tr("second"), tr("difference")), strict=True):
            label.setText(text)

    def _recolour(self, theme: Theme) -> None:
        for labels in self.rows:
            labels[3].setStyleSheet(f"color: {theme.accent.name()}")


def _pairs(comparison: Comparison, state: StateView, slot: int) -> list[tuple[str, Pair]]:
    """The value and the gradient, as far as both are known and not hidden."""
    found = []
    for name, each in ((tr("value"), slot), (tr("gradient"), state.gradient_slot(slot))):
        if each is None or not state.written(each) or each in state.hidden:
            continue
        pair = comparison.pair(each)
        if pair is not None:
            found.append((name, pair))
    return found


def _line(name: str, pair: Pair, element: Index | None) -> tuple[str, str, str, str]:
    """Name, both numbers and how much the second is more: of one element, or of the whole tensor's norm."""
    one, two = (np.asarray(value, dtype=np.float64) for value in (pair.first, pair.second))
    if one.size == 1:
        a, b, title = float(one.reshape(())), float(two.reshape(())), name
    elif element is not None and inside(element, one.shape):
        a, b, title = float(one[element]), float(two[element]), name + index_text(element)
    else:
        a, b, title = float(np.linalg.norm(one)), float(np.linalg.norm(two)), f"‖{name}‖"
    return title, number(a), number(b), ("+" if b > a else "") + number(b - a)
