"""A question card: what is asked, the fitting input, Check and Show the answer, and the verdict."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from gradviz.app.i18n import tr
from gradviz.app.lessons.model import Question, StepText
from gradviz.app.lessons.player import Given, LessonPlayer

from ...theme import ThemeManager
from .buttons import Button
from .code_input import CodeInput
from .inputs import ChoiceInput, FieldInput, Input, SignInput
from .texts import STRONG, Label, PageText
from .verdict import Outcome, VerdictBox

UNREADABLE = {
    "number": lambda: tr("That is not a number yet. Write −0.5, 1/3 or 2 · 0.75."),
    "shape": lambda: tr("That is not a shape yet. Write sizes, such as 6×28×28."),
    "sign": lambda: tr("Choose a sign first."),
    "choice": lambda: tr("Choose one of them first."),
    "code": lambda: tr("There is no code yet."),
}


class QuestionCard(QFrame):
    """Shows one step's question; what is typed stays until another step's question comes."""

    checked = pyqtSignal(str)
    given_up = pyqtSignal()
    advanced = pyqtSignal()  # Enter once there is nothing left to answer

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        self._themes = themes
        self._step = ""
        self._question: Question | None = None
        self._given = Given()
        self.input: Input | None = None
        self._drafts: dict[str, str] = {}  # by step: typed and not yet right
        self._caption = Label(9, STRONG, tone="muted")
        self.words = PageText(themes)
        self.words.document_().setDocumentMargin(0)
        self.check = Button()
        self.check.setProperty("primary", True)
        self.give_up = Button()
        self.problem = Label(tone="error", wordWrap=True)
        self.problem.hide()
        self.verdict = VerdictBox(themes)
        self._build()
        self.check.clicked.connect(self._submit)
        self.give_up.clicked.connect(self.given_up)
        self.hide()

    def _build(self) -> None:
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 10, 12, 12)
        self._column.setSpacing(8)
        self._column.addWidget(self._caption)
        self._column.addWidget(self.words)
        self._place = self._column.count()  # of the input
        self._column.addWidget(self.problem)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.check)
        buttons.addWidget(self.give_up)
        buttons.addStretch(1)
        self._column.addLayout(buttons)
        self._column.addWidget(self.verdict)

    def ask(self, player: LessonPlayer, language: str) -> None:
        """Show the question of the player's step in a language, with what has been answered; or hide."""
        step, words = player.step, player.words(language)
        question = step.question
        self.setVisible(question is not None)
        if question is None:
            self._leave()
            return
        if step.id != self._step or question is not self._question:
            self._leave()
            self._step, self._question = step.id, question
            self._make_input(question)
        self._given = player.given
        choices = {name: player.text(text) for name, text in words.choices.items()}
        self._caption.setText(tr("Your turn") if question.kind == "code" else tr("Predict first"))
        self.words.set_markdown(player.text(words.question))
        self.words.setAccessibleName(tr("Question"))
        assert self.input is not None
        self.input.set_words(choices)
        self._name_buttons(question)
        self._show_state(self._outcome(player, question, words, choices, language))

    def _name_buttons(self, question: Question) -> None:
        if question.kind == "code":
            self.check.setText(tr("Run"))
            self.check.setToolTip(tr("Run your code in a process of its own, and check what it does"))
            self.give_up.setText(tr("Show a solution"))
            self.give_up.setToolTip(tr("Show code that passes all checks"))
        else:
            self.check.setText(tr("Check"))
            self.check.setToolTip(tr("Compare your prediction with what the engine computed (Enter)"))
            self.give_up.setText(tr("Show the answer"))
            self.give_up.setToolTip(tr("Show what the engine computed"))

    def set_running(self, running: bool) -> None:
        """The learner's code runs: no second run meanwhile."""
        self.check.setEnabled(not running)
        if running:
            self.check.setText(tr("Running…"))
        elif self._question is not None:
            self._name_buttons(self._question)

    def show_line(self, line: int) -> None:
        """Light up the line of the learner's code where an error is; 0 for none."""
        if isinstance(self.input, CodeInput):
            self.input.show_line(line)

    def set_unreadable(self) -> None:
        """Say that what was typed is no answer of this kind."""
        assert self._question is not None
        assert self.input is not None
        self.input.set_invalid(True)
        self.problem.setText(UNREADABLE[self._question.kind]())
        self.problem.setAccessibleName(self.problem.text())
        self.problem.show()
        self.input.take_focus()

    def take_focus(self) -> None:
        """Put the keyboard where one answers."""
        if self.input is not None and self.input.isEnabled():
            self.input.take_focus()

    def forget(self) -> None:
        """Another lesson: what was typed in this one is no more."""
        self._leave()
        self._drafts.clear()

    def _leave(self) -> None:
        if self.input is not None:
            self._drafts[self._step] = self.input.text()
            self._column.removeWidget(self.input)
            self.input.hide()
            self.input.deleteLater()
        self.input, self._step, self._question = None, "", None

    def _make_input(self, question: Question) -> None:
        self.input = input_for(question, self._themes)
        self.input.set_text(self._drafts.get(self._step, ""))
        self.input.submitted.connect(self._submit)
        self.input.edited.connect(self.problem.hide)
        self._column.insertWidget(self._place, self.input)
        self.problem.hide()

    def _submit(self) -> None:
        if self.input is None or self._given.revealed:
            self.advanced.emit()
        elif not self.input.text():
            self.set_unreadable()
        else:
            self.problem.hide()
            self.checked.emit(self.input.text())

    def _show_state(self, outcome: Outcome | None) -> None:
        assert self.input is not None
        open_ = not self._given.revealed
        self.input.setEnabled(open_)
        self.input.setVisible(open_ or self.input.stays)
        for button in (self.check, self.give_up):
            button.setVisible(open_)
        self.verdict.show_outcome(outcome)

    def _outcome(
        self,
        player: LessonPlayer,
        question: Question,
        words: StepText,
        choices: dict[str, str],
        language: str,
    ) -> Outcome | None:
        given = player.given
        if given.verdict is None and not given.revealed:
            return None
        if question.exercise is not None:
            return _code_outcome(player, words, language)
        answer = answer_words(question, given.verdict.given, choices) if given.verdict is not None else ""
        expected = answer_words(question, player.expected, choices)
        sentences = question.kind == "choice"
        if not given.revealed:
            return Outcome("wrong", answer, expected, player.hint(language), sentences)
        state = "right" if given.verdict is not None and given.verdict.correct else "shown"
        return Outcome(state, answer, expected, player.text(words.explanation), sentences)


def input_for(question: Question, themes: ThemeManager) -> Input:
    """The fitting input for a question."""
    if question.exercise is not None:
        return CodeInput(question.exercise.given.read_text(encoding="utf-8"))
    if question.kind == "sign":
        return SignInput()
    if question.kind == "choice":
        return ChoiceInput(question.choices, themes)
    return FieldInput(shape=question.kind == "shape")


def _code_outcome(player: LessonPlayer, words: StepText, language: str) -> Outcome:
    given = player.given
    if not given.revealed:
        return Outcome("wrong", "", "", player.hint(language))
    explanation = player.text(words.explanation)
    if given.verdict is not None and given.verdict.correct:
        return Outcome("right", "", "", explanation)
    return Outcome("shown", "", "", f"```python\n{player.expected}\n```\n\n{explanation}")


def answer_words(question: Question, answer: str, choices: dict[str, str]) -> str:
    """An answer as a learner reads it: a sign as a word, a choice as its sentence."""
    if question.kind == "sign":
        return {"+": tr("+ positive"), "−": tr("− negative"), "0": tr("0 zero")}[answer]
    return choices[answer] if question.kind == "choice" else answer
