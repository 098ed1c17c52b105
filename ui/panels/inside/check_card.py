"""The gradient check: the engine's number beside a finite difference, for every step."""

from __future__ import annotations

from gradviz.engine.program import Program
from gradviz.engine.rerun import AbandonedError
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QGridLayout, QLabel, QSlider, QWidget

from gradviz.app.i18n import tr
from gradviz.app.inside.check import STEPS, Check, Verdict, checks
from gradviz.app.inside.check_words import error_text, explanation, step_note, verdict_text
from gradviz.app.inside.subject import title_of, why_no_check
from gradviz.app.numerals import number
from gradviz.app.state import StateView

from ...fonts import mono_font, ui_font
from ...theme import Theme, ThemeManager
from ...workers.task import Report
from ..plots.style import power_label
from .card import Card
from .curve import Curves, ErrorCurve
from .latest import Latest

Index = tuple[int, ...]
_ROWS = ("engine", "numeric", "double", "error")
_SIGNS = {Verdict.AGREES: "✓", Verdict.DIFFERS: "≠", Verdict.KINK: "∧", Verdict.MISSING: "–"}
DIGITS = 6


class CheckCard(Card):
    """Checks one element of one value; computes in the background, and shows what it has so far."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        self._themes = themes
        self._about: tuple[Program, int, Index] | None = None
        self._state: StateView | None = None
        self._check: Check | None = None
        self._touched = False  # whether the user has chosen a step
        self.worker = Latest(self)
        self.verdict = QLabel(wordWrap=True)
        self.verdict.setFont(ui_font(10.0, QFont.Weight.DemiBold))
        self.explanation = QLabel(wordWrap=True)
        self.explanation.setFont(ui_font(9.0))
        self.explanation.setProperty("tone", "muted")
        self.rows = {name: (QLabel(), QLabel()) for name in _ROWS}
        self.step_name = QLabel()
        self.step_name.setFont(ui_font(9.0))
        self.step_note = QLabel(wordWrap=True)
        self.step_note.setFont(ui_font(8.5))
        self.step_note.setProperty("tone", "muted")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, len(STEPS) - 1)
        self.curve = ErrorCurve(themes)
        self.key = QLabel(wordWrap=True)
        self.key.setFont(ui_font(8.5))
        self._lay_out()
        self.slider.valueChanged.connect(lambda value: self._choose(len(STEPS) - 1 - value))
        self.slider.sliderPressed.connect(self._touch)
        self.slider.actionTriggered.connect(self._touch)
        self.curve.step_chosen.connect(self._chosen_in_curve)
        self.worker.progress.connect(self._progress)
        self.worker.failed.connect(lambda message, details: self.show_problem(message))
        self.worker.busy_changed.connect(self.show_work)
        self.stopped.connect(self.worker.cancel)
        self.closed.connect(self.clear)
        themes.changed.connect(self._recolour)
        self.retranslate()
        self._recolour(themes.theme)
        self.hide()

    def _lay_out(self) -> None:
        self.body = QWidget()
        grid = QGridLayout(self.body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(0, 1)
        grid.addWidget(self.verdict, 0, 0, 1, 2)
        grid.addWidget(self.explanation, 1, 0, 1, 2)
        for row, (name, value) in enumerate(self.rows.values(), 2):
            name.setFont(ui_font(9.0))
            value.setFont(mono_font(9.0))
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(name, row, 0)
            grid.addWidget(value, row, 1)
        below = 2 + len(self.rows)
        grid.addWidget(self.step_name, below, 0, 1, 2)
        grid.addWidget(self.slider, below + 1, 0, 1, 2)
        grid.addWidget(self.step_note, below + 2, 0, 1, 2)
        grid.addWidget(self.curve, below + 3, 0, 1, 2)
        grid.addWidget(self.key, below + 4, 0, 1, 2)
        self.column.addWidget(self.body)

    # What is shown.

    @property
    def check(self) -> Check | None:
        """What is known so far."""
        return self._check

    @property
    def step(self) -> float:
        """The chosen step."""
        return STEPS[self.curve.chosen]

    def show_subject(self, state: StateView, slot: int, element: Index) -> None:
        """Check another element, unless it is the one that is shown; `state` says what is known by now."""
        about = (state.program, slot, element)
        self._state = state
        problem = why_no_check(state, slot)
        if problem is None and self._about is not None and _same(self._about, about):
            self._tell()  # backward may have come nearer
            return
        self.subject.setText(title_of(state.program, slot, element, gradient=True))
        self.show_problem(problem or "")
        self._check = None
        self._touched = False
        self.body.hide()
        if problem is not None:
            self._about = None
            self.worker.cancel()
            return
        self._about = about
        self.worker.run(lambda report: _compute(state.program, slot, element, report))

    def begin_anew(self) -> None:
        """If the user has stopped it, the next `show_subject` begins again."""
        complete = self._check is not None and len(self._check.double) == len(STEPS)
        if not self.worker.busy and not complete:
            self._about = None

    def clear(self) -> None:
        """Forget what is shown, and stop."""
        self._about = self._check = None
        self.worker.cancel()

    def _progress(self, news: tuple[int, int, Check | None]) -> None:
        done, total, found = news
        self.show_progress(done, total)
        if found is not None and found is not self._check:
            first, self._check = self._check is None, found
            if not self._touched and found.best is not None:
                self._mark(found.best)
            self._tell()
            if first:
                self.grown.emit(self)

    def _tell(self) -> None:
        check, about, state = self._check, self._about, self._state
        self.body.setVisible(check is not None)
        if check is None or about is None or state is None:
            return
        arrived = state.gradient_slot(about[1]) is not None
        self.verdict.setText(f"{_SIGNS[check.verdict]}  {verdict_text(check)}")
        words = explanation(check, about[0], arrived)
        self.explanation.setText(words)
        self.explanation.setVisible(bool(words))
        own = check.precision != "float64"
        self.curve.show_curves(
            Curves(
                check.errors(wide=False),
                check.errors(wide=True) if own else None,
                check.bend,
                check.rounding,
            )
        )
        self.rows["engine"][1].setText("–" if check.gradient is None else number(check.gradient, DIGITS))
        self.rows["error"][1].setText(error_text(check))
        for label in self.rows["double"]:
            label.setVisible(own)
        self._tell_step()

    def _tell_step(self) -> None:
        check, place = self._check, self.curve.chosen
        self.step_name.setText(tr("Step h = {h}").format(h=_step_text(STEPS[place])))
        if check is None or self._about is None:
            return
        note = step_note(check, self._about[0], place)
        self.step_note.setText(note)
        self.step_note.setVisible(bool(note))
        for name, rows in (("numeric", check.single), ("double", check.double)):
            known = place < len(rows)
            slope = rows[place].slope if known else float("nan")
            text = number(slope, DIGITS) if slope == slope else tr("lost to rounding") if known else "…"
            self.rows[name][1].setText(text)
        errors = check.errors(wide=False)
        if place < len(errors):
            words = tr("Step {h}: error {error}").format(
                h=_step_text(STEPS[place]), error=number(errors[place])
            )
            self.curve.setAccessibleDescription(words)

    # Steps.

    def _touch(self, action: int = 0) -> None:
        self._touched = True

    def _chosen_in_curve(self, place: int) -> None:
        self._touched = True
        self._mark(place)

    def _mark(self, place: int) -> None:
        self.slider.setValue(len(STEPS) - 1 - place)
        self._choose(place)

    def _choose(self, place: int) -> None:
        self.curve.choose(place)
        self._tell_step()

    # Looks.

    def retranslate(self) -> None:
        super().retranslate()
        self.title.setText(tr("Gradient check"))
        self.setAccessibleName(tr("Gradient check"))
        names = {
            "engine": tr("Gradient by backward"),
            "numeric": tr("(L(x+h) − L(x−h)) / 2h"),
            "double": tr("the same in double precision"),
            "error": tr("Relative error"),
        }
        for name, text in names.items():
            self.rows[name][0].setText(text)
            self.rows[name][1].setAccessibleName(text)
        self.slider.setToolTip(tr("How far the number is moved up and down"))
        self.slider.setAccessibleName(tr("Step"))
        self.curve.retranslate()
        self._recolour(self._themes.theme)
        if self._about is not None:
            self.subject.setText(title_of(*self._about, gradient=True))
        self._tell()
        self._tell_step()

    def _recolour(self, theme: Theme) -> None:
        self.rows["engine"][1].setStyleSheet(f"color: {theme.gradient.name()}")
        words = tr("error in its own precision"), tr("in double precision")
        signs = ("●", theme.accent), ("■", theme.update)
        parts = (
            f'<span style="color:{colour.name()}">{sign}</span> {text}'
            for (sign, colour), text in zip(signs, words, strict=True)
        )
        self.key.setText(" &nbsp; ".join(parts))


def _same(a: tuple[Program, int, Index], b: tuple[Program, int, Index]) -> bool:
    return a[0] is b[0] and a[1:] == b[1:]


def _step_text(step: float) -> str:
    power = power_label(step)
    return power if abs(float(f"{step:.0e}") / step - 1) < 1e-6 else number(step, 2)


def _compute(program: Program, slot: int, element: Index, report: Report) -> None:
    """Report (done, total, what is known) until all is."""
    newest: Check | None = None
    done = (0, 0)

    def progress(*counts: int) -> bool:
        nonlocal done
        done = (counts[0], counts[1])
        return report((*done, newest))

    for found in checks(program, slot, element, STEPS, progress):
        newest = found
        if not report((*done, newest)):
            raise AbandonedError
