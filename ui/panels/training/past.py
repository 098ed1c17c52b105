"""How far one can go back in training, what that takes, and training on from a past iteration."""

from __future__ import annotations

from PyQt6.QtWidgets import QComboBox, QLabel, QPushButton, QVBoxLayout, QWidget

from gradviz.app.experiment_table import OPTIMIZERS
from gradviz.app.i18n import tr

from ...fonts import ui_font
from ...lab import Lab


class PastCard(QWidget):
    """What is remembered; while a past iteration is shown, also the button that trains on from it."""

    def __init__(self, lab: Lab, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lab = lab
        self._number: int | None = None  # of the past iteration that is shown
        self.memory, self.where = QLabel(wordWrap=True), QLabel(wordWrap=True)
        self.optimizer, self.fork, self.back = QComboBox(), QPushButton(), QPushButton()
        for key, title in OPTIMIZERS.items():
            self.optimizer.addItem(title, key)
        for label in (self.memory, self.where):
            label.setFont(ui_font(9))
        self.memory.setProperty("tone", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.where)
        column.addWidget(self.fork)
        column.addWidget(self.optimizer)  # not beside the button: the panel may be narrow
        column.addWidget(self.back)
        column.addWidget(self.memory)
        self.fork.clicked.connect(lambda: lab.branches.fork(self.optimizer.currentData()))
        self.back.clicked.connect(lab.branches.switch)
        lab.shown.connect(self._choose_own)
        self.refresh()

    def refresh(self) -> None:
        """Show what is remembered now."""
        lab = self._lab
        experiment, other = lab.experiment, lab.branches.other
        self._number = number = None if lab.training.running else lab.branches.fork_point
        history = lab.history
        span = history.span if history is not None else None
        if history is None or span is None:
            self.memory.setText("")
        else:
            text = tr(
                "Iterations {first} to {last} can be opened as they were. Memory: {used:.0f} of {most:.0f} MB"
            )
            self.memory.setText(
                text.format(first=span[0], last=span[1], used=history.used / 1e6, most=history.budget / 1e6)
            )
        for widget in (self.where, self.fork, self.optimizer):
            widget.setVisible(number is not None)
        if number is not None and experiment is not None:
            shown = tr("Iteration {n} of {last} is shown.").format(n=number, last=experiment.trainer.count)
            self.where.setText(shown)
        self.back.setVisible(other is not None)
        if other is not None:
            self.back.setText(
                tr("To the other branch, iteration {n}").format(n=other.experiment.trainer.count)
            )
        for button in (self.fork, self.back, self.optimizer):
            button.setEnabled(not lab.busy)

    def follow(self, moment: int = 0) -> None:
        """The cursor has moved, perhaps into another iteration."""
        if not self._lab.training.running and self._lab.branches.fork_point != self._number:
            self.refresh()

    def _choose_own(self) -> None:
        """Offer the optimizer that it is trained with first."""
        if (experiment := self._lab.experiment) is not None:
            self.optimizer.setCurrentIndex(max(self.optimizer.findData(experiment.spec.optimizer), 0))
        self.refresh()

    def retranslate(self) -> None:
        self.fork.setText(tr("Train on from here"))
        self.fork.setToolTip(
            tr(
                "A second branch from the weights of this iteration, also from those that you have changed, "
                "at the toolbar's learning rate. What was trained since stays as the other branch."
            )
        )
        self.back.setToolTip(tr("Show the branch that was left, and go on training there"))
        self.optimizer.setAccessibleName(tr("Optimizer of the new branch"))
        self.optimizer.setToolTip(tr("Optimizer of the new branch"))
        self.refresh()
