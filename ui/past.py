"""Going back in training: a field over the graph that takes the number of an iteration."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QEvent, QObject, QStringListModel, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QCompleter, QLabel, QLineEdit

from gradviz.app.i18n import language_changed, tr
from gradviz.app.iteration_query import Mark, epoch_marks, iteration_of

from .fonts import ui_font
from .graph.canvas import GraphCanvas
from .graph.entry import Entry
from .lab import Lab
from .listening import listen
from .theme import Theme, ThemeManager

OFFERED = 8  # rows of the list of marks

Marks = Callable[[], Sequence[Mark]]


class GoToIteration(Entry):
    """Hidden until `ask`; Enter shows the iteration, Escape leaves.

    `marks`: what can be gone to by a name, besides the ends of the epochs.
    """

    def __init__(self, lab: Lab, canvas: GraphCanvas, themes: ThemeManager, marks: Marks) -> None:
        self._lab, self._themes, self._more = lab, themes, marks
        self._marks: list[Mark] = []
        self.field, self.range = QLineEdit(), QLabel()
        self.range.setFont(ui_font(9))
        self.range.setProperty("tone", "muted")
        super().__init__(canvas, self.field, width=150, between=(self.range,))
        self.setObjectName("go-to-iteration")
        self.field.setMaxLength(60)
        self._titles = QStringListModel(self)
        self.completer = QCompleter(self._titles, self)
        self.completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.completer.setMaxVisibleItems(OFFERED)
        self.field.setCompleter(self.completer)
        self.field.textEdited.connect(self._check)
        self.field.installEventFilter(self)
        themes.changed.connect(self.retranslate)
        lab.shown.connect(self._show_range)
        listen(self, language_changed, self.retranslate)
        self.retranslate()

    def ask(self) -> None:
        """Show the field with the iteration that is shown, ready to be written over."""
        if (span := self._span()) is None:
            return
        log, now = self._lab.log, self._now()
        self._marks = [*epoch_marks(log.epochs if log is not None else ()), *self._more()]
        self._titles.setStringList([mark.title for mark in self._marks])
        self._show_range()
        self.field.setText(str(span[1] if now is None else now))
        self.open()

    def submit(self) -> None:
        """Go there, if the text means an iteration that is remembered."""
        try:
            number = self._number(self.field.text())
        except ValueError as error:
            self.tell(str(error))
            return
        self.leave()
        self._lab.go_to(number)

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
            self.tell("" if maybe or not text.strip() else str(error))
            return
        self.tell("" if text.strip() == str(number) else "= " + str(number), good=True)

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
        self.label.setText(tr("Iteration"))
        self._show_range()
        self.field.setAccessibleName(tr("Go to iteration"))
        self.field.setToolTip(
            tr("A number, −10 for ten back, 50 % of the way, “last”, or a mark: ↓ shows epochs and findings")
        )
        self.button.setText(tr("Go"))
        self.dress(self._themes.theme)
