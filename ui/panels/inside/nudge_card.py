"""Nudging a number: what its derivatives predict for all that follows, beside what happens."""

from __future__ import annotations

import math

from gradviz.engine.program import Program
from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QGridLayout, QLabel, QSlider, QWidget

from gradviz.app.i18n import tr
from gradviz.app.inside.nudge import Nudge, Nudger
from gradviz.app.inside.subject import title_of, why_no_nudge
from gradviz.app.numerals import number
from gradviz.app.state import StateView

from ...fonts import ui_font
from ...number_field import NumberField
from ...theme import Theme, ThemeManager
from ...workers.task import Report
from .card import Card
from .effect_list import MARKS, EffectList, gap_text
from .latest import Latest

Index = tuple[int, ...]
REST = 40  # ms without a change before it is computed
_LOW, _HIGH, _FINE = -7, 1, 20  # the slider's decades, and its places in each
USUAL = 0.01


class NudgeCard(Card):
    """Moves one element by ε; `nudged` has what came of it, None when nothing is nudged any more."""

    nudged = pyqtSignal(object)  # Nudge or None
    slot_clicked = pyqtSignal(int)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        self._themes = themes
        self._about: tuple[Program, int, Index] | None = None
        self._nudge: Nudge | None = None
        self._nudger: Nudger | None = None  # made with the first ε, and kept for others
        self.worker = Latest(self)
        self._rest = QTimer(self, singleShot=True, interval=REST)
        self._rest.timeout.connect(self._begin)
        self.name = QLabel("ε =")
        self.field = NumberField(USUAL, -1e6, 1e6)
        self.field.setFixedWidth(110)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(_LOW * _FINE, _HIGH * _FINE)
        self.slider.setValue(round(math.log10(USUAL) * _FINE))
        self.headline = QLabel(wordWrap=True)
        self.headline.setFont(ui_font(10.0, QFont.Weight.DemiBold))
        self.key = QLabel(wordWrap=True)
        self.key.setFont(ui_font(8.5))
        self.table = EffectList(themes)
        self._lay_out()
        self.field.value_changed.connect(self._typed)
        self.field.refused.connect(self.show_problem)
        self.slider.valueChanged.connect(self._slid)
        self.table.slot_clicked.connect(self.slot_clicked)
        self.worker.finished.connect(self._show)
        self.worker.progress.connect(lambda news: self.show_progress(*news))
        self.worker.failed.connect(lambda message, details: self.show_problem(message))
        self.worker.busy_changed.connect(self.show_work)
        self.stopped.connect(self.worker.cancel)
        self.closed.connect(self.clear)
        themes.changed.connect(self._recolour)
        self.retranslate()
        self.hide()

    def _lay_out(self) -> None:
        self.body = QWidget()
        grid = QGridLayout(self.body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        grid.setColumnStretch(2, 1)
        grid.addWidget(self.name, 0, 0)
        grid.addWidget(self.field, 0, 1)
        grid.addWidget(self.slider, 0, 2)
        for row, widget in enumerate((self.headline, self.table, self.key), 1):
            grid.addWidget(widget, row, 0, 1, 3)
        self.column.addWidget(self.body)

    # What is shown.

    @property
    def nudge(self) -> Nudge | None:
        """What is known."""
        return self._nudge

    @property
    def epsilon(self) -> float:
        """How far the number is moved."""
        return self.field.value

    def show_subject(self, state: StateView, slot: int, element: Index) -> None:
        """Nudge another element, unless it is the one that is nudged."""
        about = (state.program, slot, element)
        problem = why_no_nudge(state, slot)
        before = self._about
        if problem is None and before is not None and before[0] is about[0] and before[1:] == about[1:]:
            return
        self.subject.setText(title_of(*about))
        self.show_problem(problem or "")
        self.body.setVisible(problem is None)
        self._about = about if problem is None else None
        self._forget()
        if problem is None:
            self._begin()
        else:
            self._rest.stop()
            self.worker.cancel()

    def follow(self, state: StateView) -> None:
        """Nudge the same element of another iteration, or of this one with other values; or leave."""
        if self._about is None or self._about[0] is state.program:
            return
        before, slot, element = self._about
        slots = state.program.slots
        if slot < len(slots) and slots[slot] == before.slots[slot]:
            self.show_subject(state, slot, element)
        else:
            self.leave()

    def shut_down(self) -> None:
        """Wait for what runs, before the window goes."""
        self._rest.stop()
        self.worker.shut_down()

    def clear(self) -> None:
        """Nothing is nudged any more."""
        self._rest.stop()
        self._about = None
        self.worker.cancel()
        self._forget()

    def _forget(self) -> None:
        self._nudger = None
        if self._nudge is not None:
            self._nudge = None
            self.nudged.emit(None)

    def _begin(self) -> None:
        self._rest.stop()
        if self._about is not None:
            about, nudger, epsilon = self._about, self._nudger, self.epsilon
            self.worker.run(lambda report: _compute(about, nudger, epsilon, report))

    def _show(self, made: tuple[Nudger, Nudge]) -> None:
        self._nudger, found = made
        first, self._nudge = self._nudge is None, found
        self.show_problem("")
        self._fill()
        self.nudged.emit(found)
        if first:
            self.grown.emit(self)

    def _fill(self) -> None:
        for part in (self.headline, self.table, self.key):
            part.setVisible(self._nudge is not None)
        self.table.show_nudge(self._nudge)
        self.headline.setText(_headline(self._nudge) if self._nudge is not None else "")

    # How far.

    def set_epsilon(self, epsilon: float) -> None:
        """Move by another amount."""
        self.field.set_value(epsilon)
        self._typed(epsilon)

    def _typed(self, epsilon: float) -> None:
        self.show_problem("")
        self.slider.blockSignals(True)
        if epsilon:
            self.slider.setValue(round(math.log10(abs(epsilon)) * _FINE))
        self.slider.blockSignals(False)
        self._rest.start()

    def _slid(self, place: int) -> None:
        sign = -1.0 if self.epsilon < 0 else 1.0
        self.field.set_value(sign * float(f"{10 ** (place / _FINE):.2g}"))
        self._rest.start()

    def retranslate(self) -> None:
        super().retranslate()
        self.title.setText(tr("Nudge"))
        self.setAccessibleName(tr("Nudge"))
        self.field.setAccessibleName(tr("How far the number is moved"))
        self.field.setToolTip(tr("How far the number is moved"))
        self.slider.setAccessibleName(tr("How far the number is moved"))
        self.slider.setToolTip(tr("How far the number is moved"))
        self.table.retranslate()
        self._recolour(self._themes.theme)
        if self._about is not None:
            self.subject.setText(title_of(*self._about))
        self._fill()

    def _recolour(self, theme: Theme) -> None:
        rows = (
            ("∂", theme.gradient, tr("predicted: derivative × ε")),
            ("Δ", theme.value, tr("what happens")),
            (MARKS[1], theme.warning, tr("off by over 1 %")),
            (MARKS[2], theme.error, tr("over 10 %")),
        )
        parts = (
            f'<span style="color:{colour.name()}">{sign}</span>&nbsp;{text}' for sign, colour, text in rows
        )
        note = tr("Of a tensor, the length ‖·‖ of its change is shown.")
        self.key.setText(f"{' &nbsp; '.join(parts)}<br>{note}")


def _headline(found: Nudge) -> str:
    effect = found.effects.get(found.program.loss) if found.program.loss is not None else None
    if effect is None:
        return ""
    predicted, actual = effect.sizes
    text = tr("Loss: predicted {predicted}, true {actual}: {gap}")
    return text.format(predicted=number(predicted), actual=number(actual), gap=gap_text(effect))


def _compute(
    about: tuple[Program, int, Index], nudger: Nudger | None, epsilon: float, report: Report
) -> tuple[Nudger, Nudge]:
    def progress(done: int, of: int) -> bool:
        return report((done, of))

    nudger = nudger if nudger is not None else Nudger(*about, progress)
    return nudger, nudger.by(epsilon, progress)
