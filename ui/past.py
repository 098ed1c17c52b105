"""Going back in training: a field over the graph that takes the number of an iteration."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QEvent, QObject, QStringListModel, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QCompleter, QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QToolButton

from gradviz.app.i18n import language_changed, tr
from gradviz.app.iteration_query import Mark, epoch_marks, iteration_of

from . import icons
from .fonts import mono_font, ui_font
from .graph.canvas import GraphCanvas
from .graph.corners import EDGE
from .lab import Lab
from .listening import listen
from .theme import Theme, ThemeManager

OFFERED = 8  # rows of the list of marks

Marks = Callable[[], Sequence[Mark]]


class GoToIteration(QFrame):
    """Hidden until `ask`; Enter shows the iteration, Escape leaves. Nothing else waits for it.

    `marks`: what can be gone to by a name, besides the ends of the epochs.
    """

    def __init__(self, lab: Lab, canvas: GraphCanvas, themes: ThemeManager, marks: Marks) -> None:
        super().__init__(canvas)
        self._lab, self._canvas, self._themes, self._more = lab, canvas, themes, marks
        self._marks: list[Mark] = []
        self.setObjectName("go-to-iteration")
        self.setProperty("surface", "card")
        self.label, self.field, self.range, self.problem = QLabel(), QLineEdit(), QLabel(), QLabel()
        self.button, self.close_button = QPushButton(), QToolButton(autoRaise=True)
        for label in (self.label, self.range, self.problem):
            label.setFont(ui_font(9))
        self.range.setProperty("tone", "muted")
        self.problem.setProperty("tone", "error")
        self.field.setFont(mono_font(9))
        self.field.setFixedWidth(150)
        self.field.setMaxLength(60)
        self.button.setProperty("primary", True)
        self._titles = QStringListModel(self)
        self.completer = QCompleter(self._titles, self)
        self.completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.completer.setMaxVisibleItems(OFFERED)
        self.field.setCompleter(self.completer)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 6, 6)
        row.setSpacing(8)
        for widget in (self.label, self.field, self.range, self.problem, self.button, self.close_button):
            row.addWidget(widget)
        self.field.textEdited.connect(self._check)
        self.field.returnPressed.connect(self.submit)
        self.button.clicked.connect(self.submit)
        self.close_button.clicked.connect(self.leave)
        self.field.installEventFilter(self)
        themes.changed.connect(self.retranslate)
        lab.shown.connect(self._show_range)
        listen(self, language_changed, self.retranslate)
        self.retranslate()
        self.hide()

    def ask(self) -> None:
        """Show the field with the iteration that is shown, ready to be written over."""
        if (span := self._span()) is None:
            return
        log, now = self._lab.log, self._now()
        self._marks = [*epoch_marks(log.epochs if log is not None else ()), *self._more()]
        self._titles.setStringList([mark.title for mark in self._marks])
        self._show_range()
        self.field.setText(str(span[1] if now is None else now))
        self._tell("")
        self.show()
        self.raise_()
        self.field.selectAll()
        self.field.setFocus()

    def submit(self) -> None:
        """Go there, if the text means an iteration that is remembered."""
        try:
            number = self._number(self.field.text())
        except ValueError as error:
            self._tell(str(error))
            return
        self.leave()
        self._lab.go_to(number)

    def leave(self) -> None:
        """Away without going anywhere."""
        self.hide()
        self._canvas.setFocus()

    # How.

    def _span(self) -> tuple[int, int] | None:
        history = self._lab.history
        return None if history is None else history.span

    def _show_range(self) -> None:
        """Training may have gone on, or another run may have begun."""
        if (span := self._span()) is not None:
            self.range.setText(tr("{first} to {last}").format(first=span[0], last=span[1]))
            self.adjustSize()

    def _now(self) -> int | None:
        shown = self._lab.branches.shown
        return None if shown is None else shown.number

    def _number(self, text: str) -> int:
        first, last = self._span() or (1, 1)
        return iteration_of(text, first, last, self._now(), self._marks)

    def _check(self, text: str) -> None:
        """Say at once what a name, a sign or a share means."""
        try:
            number = self._number(text)
        except ValueError as error:
            maybe = any(text.strip().casefold() in mark.title.casefold() for mark in self._marks)
            self._tell("" if maybe or not text.strip() else str(error))
            return
        self._tell("" if text.strip() == str(number) else "= " + str(number), good=True)

    def _tell(self, text: str, good: bool = False) -> None:
        self.problem.setText(text)
        tone = "muted" if good else "error"
        if self.problem.property("tone") != tone:
            self.problem.setProperty("tone", tone)
            if (style := self.problem.style()) is not None:
                style.polish(self.problem)
        self.problem.setVisible(bool(text))
        self.adjustSize()
        self.move(EDGE, EDGE)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Escape leaves, also where a shortcut of the window would take it; ↓ shows all marks."""
        if not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        if event.key() == Qt.Key.Key_Escape and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
            self.leave()
            return True
        if event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Down and self._marks:
            self.completer.setCompletionPrefix("")
            self.completer.complete()
            return True
        return super().eventFilter(watched, event)

    def retranslate(self, change: Theme | str | None = None) -> None:
        """Its texts and its icon."""
        theme = self._themes.theme
        self.label.setText(tr("Iteration"))
        self._show_range()
        self.field.setAccessibleName(tr("Go to iteration"))
        self.field.setToolTip(
            tr("A number, −10 for ten back, 50 % of the way, “last”, or a mark: ↓ shows epochs and findings")
        )
        self.button.setText(tr("Go"))
        self.close_button.setIcon(icons.icon("close", theme, theme.muted))
        self.close_button.setToolTip(tr("Close"))
        self.close_button.setAccessibleName(tr("Close"))
