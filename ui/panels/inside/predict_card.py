"""Predict, then reveal: what is asked, an answer, and then both side by side."""

from __future__ import annotations

from html import escape

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QWidget

from gradviz.app.i18n import tr
from gradviz.app.inside.predict import KINDS, Prediction
from gradviz.app.inside.quiz import Quiz
from gradviz.app.inside.subject import subject_of, title_of
from gradviz.app.lessons.answers import UnreadableAnswerError, answer_text

from ...fonts import mono_font, ui_font
from ...listening import listen
from ...theme import Theme, ThemeManager
from ..lesson.buttons import Button
from ..lesson.question import UNREADABLE
from .card import Card
from .latest import Latest

Asked = tuple[int, int, tuple[int, ...], str]


class PredictCard(Card):
    """Visible while the quiz is on; closing it ends the quiz."""

    def __init__(self, quiz: Quiz, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        self.quiz = quiz
        self._themes = themes
        self._shown: Asked | None = None
        self.score = QLabel()
        self.score.setFont(mono_font(9.0))
        self.subject_choice, self.kind_choice = QComboBox(), QComboBox()
        self.worker = Latest(self)  # mistakes about large tensors take their time
        self.field = QLineEdit()
        self.field.setFont(mono_font(10.0))
        self.check, self.give_up, self.other = Button(), Button(), Button()
        self.check.setProperty("primary", True)
        self.names = (QLabel(), QLabel())
        self.values = (QLabel(), QLabel())
        self.hint = QLabel(wordWrap=True)
        self._lay_out()
        self.worker.finished.connect(lambda judged: quiz.settle(*judged))
        self.worker.failed.connect(lambda message, details: self.show_problem(message))
        self.worker.busy_changed.connect(self.show_work)
        self.stopped.connect(self.worker.cancel)
        self.field.returnPressed.connect(self.submit)
        self.check.clicked.connect(self.submit)
        self.give_up.clicked.connect(quiz.reveal)
        self.other.clicked.connect(quiz.another)
        self.kind_choice.activated.connect(lambda number: quiz.choose_kind(KINDS[number]))
        self.subject_choice.activated.connect(lambda number: quiz.choose_gradient(number == 1))
        self.closed.connect(lambda: quiz.set_on(False))
        listen(self, quiz.changed, self.refresh)
        themes.changed.connect(self._recolour)
        self.retranslate()

    def _lay_out(self) -> None:
        choices = QHBoxLayout()
        choices.setSpacing(6)
        for box in (self.subject_choice, self.kind_choice):
            choices.addWidget(box)
        choices.addStretch(1)
        choices.addWidget(self.score)
        self.subject.setProperty("tone", "")
        self.subject.setFont(ui_font(9.5))
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.check, self.give_up, self.other):
            button.setFont(ui_font(9.0))
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.body = QWidget()
        grid = QGridLayout(self.body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(1)
        for column, (name, value) in enumerate(zip(self.names, self.values, strict=True)):
            name.setFont(ui_font(8.5))
            name.setProperty("tone", "muted")
            value.setFont(mono_font(11.0, QFont.Weight.DemiBold))
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(name, 0, column)
            grid.addWidget(value, 1, column)
        grid.setColumnStretch(2, 1)
        self.hint.setFont(ui_font(9.5))
        self.column.insertLayout(1, choices)
        for widget in (self.field, self.body, self.hint):
            self.column.addWidget(widget)
        self.column.addLayout(buttons)

    def submit(self) -> None:
        """Answer with what is typed."""
        quiz = self.quiz
        if quiz.prediction is None or quiz.revealed:
            return
        asked, text = quiz.prediction, self.field.text()
        try:
            if asked.slow(text):
                self.worker.run(lambda report: (asked, asked.judge(text)))
            else:
                quiz.answer(text)
        except UnreadableAnswerError:
            self.show_problem(UNREADABLE[asked.kind]())
            self.field.setFocus()

    def take_focus(self) -> None:
        """Put the keyboard where one answers."""
        if self.field.isVisibleTo(self):
            self.field.setFocus()

    def refresh(self) -> None:
        """Show the question or what it has come to."""
        quiz, asked = self.quiz, self.quiz.prediction
        self.setVisible(quiz.on)
        self.score.setText(f"{quiz.right} / {quiz.asked}")
        key = None if asked is None else (id(asked.program), asked.slot, asked.element, asked.kind)
        if key != self._shown:
            self._shown = key
            self.worker.cancel()
            self.field.clear()
            self.show_problem("")
        if quiz.revealed:
            self.show_problem("")
        open_ = asked is not None and not quiz.revealed
        self.subject.setText(self._question(asked))
        self.subject_choice.setVisible(asked is not None and quiz.has_gradient)
        self.subject_choice.setCurrentIndex(int(quiz.wants_gradient and quiz.has_gradient))
        self.kind_choice.setCurrentIndex(KINDS.index(quiz.kind))
        for widget in (self.field, self.check, self.give_up):
            widget.setVisible(open_)
        size = 0 if asked is None else asked.program.values[asked.slot].size
        self.other.setVisible(size > 1 and quiz.kind != "shape")
        self.body.setVisible(quiz.revealed)
        self.hint.setVisible(quiz.revealed and quiz.outcome is not None)
        if asked is not None and quiz.revealed:
            self._show_outcome(asked)

    def _question(self, asked: Prediction | None) -> str:
        if asked is None:
            return tr("Nothing to predict here. Step on, or select something that is computed.")
        program, slot = asked.program, asked.slot
        owner = subject_of(program, slot)
        element = None if asked.kind == "shape" else asked.element
        name = title_of(program, owner, element, gradient=owner != slot)
        return {
            "number": tr("What is {name}?"),
            "sign": tr("Which sign does {name} have?"),
            "shape": tr("Which shape does {name} have?"),
        }[asked.kind].format(name=name)

    def _show_outcome(self, asked: Prediction) -> None:
        outcome, theme = self.quiz.outcome, self._themes.theme
        given = outcome.given if outcome is not None else "–"
        expected = outcome.expected if outcome is not None else answer_text(asked.question, asked.answer)
        right = outcome is not None and outcome.correct
        colour = (theme.positive if right else theme.negative) if outcome is not None else theme.muted
        sign = "" if outcome is None else "✓ " if right else "✗ "
        texts = (f'<span style="color:{colour.name()}">{sign}{escape(given)}</span>', escape(expected))
        for label, text in zip(self.values, texts, strict=True):
            label.setText(text or tr("scalar"))
        if outcome is not None:
            self.hint.setText(tr("Right.") if outcome.correct else outcome.hint)
        spoken = tr("Your answer {given}, computed {expected}").format(given=given, expected=expected)
        self.body.setAccessibleName(spoken)

    def retranslate(self) -> None:
        super().retranslate()
        self.title.setText(tr("Predict, then reveal"))
        for box, texts, name in (
            (self.subject_choice, (tr("value"), tr("gradient")), tr("What is asked for")),
            (self.kind_choice, (tr("number"), tr("sign"), tr("shape")), tr("Kind of answer")),
        ):
            kept = max(0, box.currentIndex())
            box.clear()
            box.addItems(texts)
            box.setCurrentIndex(kept)
            box.setAccessibleName(name)
            box.setToolTip(name)
        self.field.setAccessibleName(tr("Your prediction"))
        self.field.setToolTip(tr("A number such as −0.5, 1/3 or 2 · 0.75; a sign: + − 0; a shape: 6×28×28"))
        self.field.setPlaceholderText(tr("Your prediction"))
        for button, text, tip in (
            (self.check, tr("Check"), tr("Compare your prediction with what the engine computed (Enter)")),
            (self.give_up, tr("Show the answer"), tr("Show what the engine computed")),
            (self.other, tr("Another element"), tr("Ask about another element of this tensor")),
        ):
            button.setText(text)
            button.setToolTip(tip)
        self.score.setToolTip(tr("Right answers of those asked for"))
        self.score.setAccessibleName(tr("Score"))
        self.names[0].setText(tr("your answer"))
        self.names[1].setText(tr("computed"))
        self.refresh()

    def _recolour(self, theme: Theme) -> None:
        self.refresh()
