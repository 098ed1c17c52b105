"""The ledger of a gradient: its terms, += or =, and what the wrong one does further down."""

from __future__ import annotations

from html import escape

import numpy as np
from gradviz.engine.program import Program
from gradviz.engine.rerun import AbandonedError
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QProgressBar, QToolButton, QVBoxLayout, QWidget

from gradviz.app.facts import Facts
from gradviz.app.i18n import tr
from gradviz.app.inside.ledger import Consequence, Ledger, ledger, overwritten, subject
from gradviz.app.inside.subject import title_of
from gradviz.app.numerals import number
from gradviz.app.state import StateView

from ...fonts import mono_font, ui_font
from ...theme import Theme, ThemeManager
from ...workers.task import Report
from .latest import Latest
from .ledger_table import UNKNOWN, LedgerTable

_SHOWN = 12  # consequences


class LedgerPart(QWidget):
    """Hidden where there is no gradient; `table` has the terms."""

    slot_clicked = pyqtSignal(int)
    tried = pyqtSignal()  # += or =, or what follows from it

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._program: Program | None = None
        self._state: StateView | None = None
        self._element: tuple[int, ...] | None = None
        self._slot = -1
        self._consequences: tuple[Consequence, ...] = ()
        self.shown: Ledger | None = None
        self.worker = Latest(self)
        self.title = QLabel(wordWrap=True)
        self.title.setFont(ui_font(9.0, QFont.Weight.Medium))
        self.title.setProperty("tone", "muted")
        self.add, self.overwrite = (
            QToolButton(checkable=True, text="+="),
            QToolButton(checkable=True, text="="),
        )
        self.whole = QToolButton(checkable=True, text="‖·‖")
        self.table = LedgerTable(themes)
        self.total = QLabel(wordWrap=True)
        self.total.setFont(mono_font(9.0))
        self.follow = QToolButton()
        self.bar = QProgressBar(textVisible=False, maximumHeight=6)
        self.result = QLabel(wordWrap=True, textFormat=Qt.TextFormat.RichText)
        self.result.setFont(ui_font(9.0))
        self._lay_out()
        self.overwrite.toggled.connect(lambda _: self._show())
        self.overwrite.toggled.connect(lambda _: self.tried.emit())
        self.follow.clicked.connect(self.tried)
        self.whole.toggled.connect(lambda _: self._show())
        self.table.slot_clicked.connect(self.slot_clicked)
        self.follow.clicked.connect(self.compute)
        self.worker.finished.connect(self._computed)
        self.worker.failed.connect(lambda message, details: self.result.setText(escape(message)))
        self.worker.busy_changed.connect(self.bar.setVisible)
        themes.changed.connect(self._recolour)

    def _lay_out(self) -> None:
        self._switch = QButtonGroup(self)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.title, 1)
        for button in (self.whole, self.add, self.overwrite):
            button.setFont(mono_font(9.0))
            head.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        for button in (self.add, self.overwrite):
            self._switch.addButton(button)
        self.add.setChecked(True)
        self.bar.setRange(0, 0)
        self.bar.hide()
        self.follow.setFont(ui_font(9.0))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(head)
        for widget in (self.table, self.total):
            column.addWidget(widget)
        column.addWidget(self.follow, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.bar)
        column.addWidget(self.result)

    def show_facts(self, facts: Facts, state: StateView) -> None:
        """Show the ledger of the gradient that is looked at, or of the shown value's."""
        slot = subject(facts.program, facts.output.slot)
        known = bool(facts.program.gradients.get(slot))
        self.setVisible(known)
        if not known:
            self._forget()
            self.shown = None
            return
        same = self._state is not None and self._state.program is facts.program and self.shown is not None
        if not same or (self.shown is not None and self.shown.slot != slot):
            self._forget()
        self._program, self._state = facts.program, state
        shape = facts.program.slots[slot].shape
        own = facts.element if facts.output.shape == shape else None
        self._element = own if own is not None else (() if not shape else None)
        self._slot = slot
        self._show()

    def compute(self) -> None:
        """Work out what overwriting does to the other gradients and to the update."""
        if self._program is None or self.shown is None:
            return
        program, slot = self._program, self.shown.slot
        self.result.setText(tr("Computing…"))
        self.worker.run(lambda report: _compute(program, slot, report))

    def shut_down(self) -> None:
        """Wait for what runs, before the window goes."""
        self.worker.shut_down()

    def _forget(self) -> None:
        self.worker.cancel()
        self._consequences = ()
        self.result.setText("")

    def _show(self) -> None:
        state = self._state
        if state is None:
            return
        overwrite = self.overwrite.isChecked()
        element = None if self.whole.isChecked() else self._element
        self.shown = shown = ledger(state, self._slot, element)
        self.whole.setVisible(self._element not in (None, ()))
        self.table.show_ledger(state.program, shown, overwrite)
        name = title_of(state.program, self._slot, element, gradient=True)
        text = (
            tr("Where {gradient} comes from")
            if element is not None
            else tr("Where {gradient} comes from (norms)")
        )
        self.title.setText(text.format(gradient=name))
        self._show_total(shown, overwrite)
        self.follow.setVisible(overwrite and len(shown.arrived) > 1)
        self.result.setVisible(overwrite and bool(self.result.text()))

    def _show_total(self, shown: Ledger, overwrite: bool) -> None:
        theme = self._themes.theme
        right, wrong = (UNKNOWN if x is None else number(x) for x in (shown.total, shown.overwritten))
        text = f"+=&nbsp;&nbsp;<b>{right}</b>"
        if overwrite:
            verdict = tr("✓ the same here") if right == wrong else tr("✗ wrong")
            text += f" ✓<br>=&nbsp;&nbsp;&nbsp;<b>{wrong}</b> {escape(verdict)}"
        self.total.setText(f'<span style="color:{theme.gradient.name()}">{text}</span>')
        self.total.setAccessibleName(tr("Sum {right}, overwritten {wrong}").format(right=right, wrong=wrong))

    def _computed(self, found: object) -> None:
        assert isinstance(found, tuple)
        self._consequences = found
        if not found:
            self.result.setText(tr("Nothing else depends on it: every other number stays as it is."))
        else:
            rows = "".join(_row(each) for each in found[:_SHOWN])
            more = tr("… and {n} more").format(n=len(found) - _SHOWN) if len(found) > _SHOWN else ""
            head = "".join(f"<td>{escape(x)}&emsp;</td>" for x in ("", "+=", "=", tr("off by")))
            self.result.setText(f"<table><tr>{head}</tr>{rows}</table>{escape(more)}")
        self.result.setVisible(self.overwrite.isChecked())

    @property
    def consequences(self) -> tuple[Consequence, ...]:
        """What has been worked out."""
        return self._consequences

    def retranslate(self) -> None:
        tips = (
            (self.add, tr("+=: every term is added, as it has to be")),
            (self.overwrite, tr("=: each term overwrites those before it, the classic mistake")),
            (self.whole, tr("Norms of the whole tensors instead of one element")),
            (self.follow, tr("Compute the other gradients and the update with the overwritten gradient")),
        )
        for button, tip in tips:
            button.setToolTip(tip)
            button.setAccessibleName(tip)
        self.follow.setText(tr("What would follow?"))
        self.bar.setAccessibleName(tr("Progress"))
        self.table.retranslate()

    def _recolour(self, theme: Theme) -> None:
        if self.shown is not None:
            self._show_total(self.shown, self.overwrite.isChecked())


def _compute(program: Program, slot: int, report: Report) -> tuple[Consequence, ...]:
    def progress(done: int, total: int) -> bool:
        return report((done, total))

    if not report((0, 1)):
        raise AbandonedError
    return overwritten(program, slot, progress)


def _row(each: Consequence) -> str:
    name = each.name or f"%{each.slot}"
    title = f"∂L/∂{name}" if each.kind == "gradient" else f"Δ {name}"
    off = "∞" if np.isinf(each.off) else f"{number(100 * each.off, 3)} %"
    cells = (title, _size(each.right), _size(each.wrong), off)
    return "<tr>" + "".join(f"<td>{escape(cell)}&emsp;</td>" for cell in cells) + "</tr>"


def _size(value: np.ndarray) -> str:
    if value.size == 1:
        return number(float(value.reshape(())))
    return f"‖{number(float(np.linalg.norm(value.astype(np.float64).ravel())))}‖"
