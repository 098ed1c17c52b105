"""Start, pause and stop training; its numbers of now; the confusion matrix of the last finished epoch."""

from __future__ import annotations

import math

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from gradviz.app.experiment_table import OPTIMIZERS, RECIPE
from gradviz.app.i18n import language_changed, tr

from ...fonts import ui_font
from ...lab import Lab
from ...listening import listen
from ...theme import ThemeManager
from ...training import TrainingNews
from .confusion import ConfusionTable
from .mistakes import Mistakes
from .past import PastCard

REFRESH = 200  # ms between two looks at the log


class TrainingPanel(QWidget):
    """Controls and follows the training of a lab."""

    def __init__(self, lab: Lab, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lab, self._version = lab, -1
        self._cell: tuple[int | None, int | None] = None, None  # whose samples are shown
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.start, self.endless, self.stop = QPushButton(), QPushButton(), QPushButton()
        self.iteration, self.epoch = QPushButton(), QPushButton()
        self.count, self.unit = QSpinBox(minimum=1, maximum=1_000_000, value=RECIPE[2]), QComboBox()
        self.unit.addItems(["", ""])
        self.bar = QProgressBar(textVisible=False)
        self.numbers, self.judged, self.hint = (
            QLabel(wordWrap=True),
            QLabel(wordWrap=True),
            QLabel(wordWrap=True),
        )
        for label in (self.numbers, self.judged):
            label.setFont(ui_font(9.5, tabular=True))
        self.hint.setFont(ui_font(9))
        self.hint.setProperty("tone", "muted")
        self.recipe, self.copy = QPushButton(), QPushButton()
        self.confusion = ConfusionTable(themes)
        self.mistakes = Mistakes()
        self.past = PastCard(lab)
        self._lay_out()
        training = lab.training
        self.start.clicked.connect(self._start)
        self.endless.clicked.connect(lambda: training.run())
        self.stop.clicked.connect(training.stop)
        self.iteration.clicked.connect(training.one_iteration)
        self.epoch.clicked.connect(training.one_epoch)
        self.recipe.clicked.connect(lab.choose_recipe)
        self.confusion.chosen.connect(self._show_mistakes)
        self.copy.clicked.connect(self.confusion.copy)
        self.mistakes.chosen.connect(self._open_sample)
        lab.choices_changed.connect(self._tell)
        training.running_changed.connect(self._tell)
        training.advanced.connect(self._advance)
        lab.busy_changed.connect(self._tell)
        lab.shown.connect(self._look)
        self._poll = QTimer(self, interval=REFRESH)
        self._poll.timeout.connect(self._look)
        listen(self, language_changed, self.retranslate)
        listen(self, lab.session.recording_changed, self.past.refresh)
        listen(self, lab.session.moment_changed, self.past.follow)
        self.retranslate()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(6)
        for place, widget in enumerate((self.count, self.unit, self.start, self.stop)):
            grid.addWidget(widget, place // 2, place % 2)
        for place, widget in enumerate((self.iteration, self.epoch)):
            grid.addWidget(widget, 2, place)
        grid.addWidget(self.endless, 3, 0, 1, 2)
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(10, 10, 10, 10)
        rows.setSpacing(8)
        rows.addLayout(grid)
        for widget in (
            self.bar,
            self.numbers,
            self.past,
            self.hint,
            self.recipe,
            self.judged,
            self.confusion,
            self.copy,
            self.mistakes,
        ):
            rows.addWidget(widget)
        rows.addStretch(1)
        area = QScrollArea(widgetResizable=True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(inside)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(area)

    def _start(self) -> None:
        training = self._lab.training
        if training.running:
            training.pause()
        elif training.paused:
            training.resume()
        elif self.unit.currentIndex() == 0:
            training.run(epochs=self.count.value())
        else:
            training.run(iterations=self.count.value())

    def _say(self, text: str) -> None:
        """The numbers of now; without any they take no room."""
        self.numbers.setText(text)
        self.numbers.setVisible(bool(text))

    def _advance(self, news: TrainingNews) -> None:
        self.bar.setRange(0, news.total)
        self.bar.setValue(news.done)
        text = tr("Iteration {n}, epoch {epoch}: loss {loss:.4f}, {rate} iterations per second").format(
            n=news.row.iteration, epoch=news.epoch + 1, loss=news.row.loss, rate=_few(news.rate)
        )
        left = news.seconds_left
        if left is not None:
            text += "\n" + tr("{seconds:.0f} s left").format(seconds=left)
        self._say(text)

    def _sum_up(self) -> None:
        """Instead of a rate of now, which there is none any more: how long it took."""
        news = self._lab.training.news
        if news is None or not news.new:
            self._say("")
        else:
            text = tr(
                "Iteration {n}, loss {loss:.4f}: {new} iterations in {seconds:.1f} s, {rate} per second"
            )
            rate = _few(news.new / max(news.seconds, 1e-9))
            self._say(
                text.format(
                    n=news.row.iteration, loss=news.row.loss, new=news.new, seconds=news.seconds, rate=rate
                )
            )

    def _look(self) -> None:
        """Show the last epoch, if it is new, and what is remembered."""
        self.past.refresh()
        log = self._lab.log
        epochs = log.epochs if log is not None else ()
        key = hash((id(log), len(epochs)))
        if key == self._version:
            return
        self._version = key
        self.judged.setText("")
        experiment = self._lab.experiment
        if not epochs or experiment is None:
            self.confusion.show_counts((), ())
            self.copy.hide()
            self._show_mistakes(None, None)
            return
        last = epochs[-1]
        losses = tr("After epoch {n}: loss {train:.4f} in training, {test:.4f} on test samples").format(
            n=last.epoch, train=last.train_loss, test=last.test_loss
        )
        if not math.isnan(last.test_accuracy):
            losses += "\n" + tr("Accuracy {train:.1f} % in training, {test:.1f} % on test samples").format(
                train=100 * last.train_accuracy, test=100 * last.test_accuracy
            )
        self.judged.setText(losses)
        self.confusion.show_counts(last.confusion, experiment.data.classes)
        self.copy.setVisible(bool(last.confusion))
        self._show_mistakes(*self._cell)

    def _show_mistakes(self, true: int | None, said: int | None) -> None:
        """The samples behind a cell; all mistakes if none is chosen."""
        experiment, self._cell = self._lab.experiment, (true, said)
        judged = experiment.trainer.judged if experiment is not None else None
        if experiment is None or judged is None:
            self.mistakes.show_samples(None, ())
        else:
            self.mistakes.show_samples(experiment.data, judged.find(true, said), true, said)

    def _open_sample(self, place: int) -> None:
        """Record a sample; training that runs is paused first."""
        lab = self._lab
        if not lab.training.pause(lambda: self._open_sample(place)) and not lab.busy:
            lab.choose_sample(place)
            lab.choices_changed.emit()

    def _tell(self) -> None:
        training, busy = self._lab.training, self._lab.busy
        running = training.running
        if running:
            self._poll.start()
        else:
            self._poll.stop()
            self._sum_up()
            self.bar.setRange(0, max(self.bar.maximum(), 1))
        words = tr("Pause") if running else tr("Go on") if training.paused else tr("Train")
        self.start.setText(words)
        self.start.setEnabled(running or not busy)
        self.stop.setEnabled(running or training.paused)
        for widget in (self.iteration, self.epoch, self.endless, self.count, self.unit, self.recipe):
            widget.setEnabled(not busy)
        settings = self._lab.session.settings
        learns = (settings.optimizer, settings.learning_rate) == RECIPE[:2]
        for widget in (self.hint, self.recipe):
            widget.setVisible((settings.model, settings.data) == ("lenet", "digits") and not learns)
        self._look()

    def retranslate(self, language: str = "") -> None:
        self.setAccessibleName(tr("Training"))
        self.endless.setText(tr("Train until stopped"))
        self.stop.setText(tr("Stop"))
        self.iteration.setText(tr("One iteration"))
        self.epoch.setText(tr("One epoch"))
        self.unit.setItemText(0, tr("epochs"))
        self.unit.setItemText(1, tr("iterations"))
        self.unit.setAccessibleName(tr("Unit"))
        self.count.setAccessibleName(tr("How long to train"))
        self.bar.setAccessibleName(tr("Progress"))
        self.start.setToolTip(tr("Train in the background; a pause remembers how far to go"))
        self.endless.setToolTip(tr("Train in the background, without end"))
        self.stop.setToolTip(tr("Stop after this iteration and keep what is trained"))
        self.iteration.setToolTip(tr("Train one iteration and show it"))
        self.epoch.setToolTip(tr("Train to the end of this epoch"))
        text = tr("With {optimizer}, a rate of {rate} and {epochs} epochs LeNet reads 98 of 100 test digits.")
        optimizer, rate, epochs = RECIPE
        self.hint.setText(text.format(optimizer=OPTIMIZERS[optimizer], rate=rate, epochs=epochs))
        self.copy.setText(tr("Copy the table"))
        self.recipe.setText(tr("Begin anew with these"))
        self.recipe.setToolTip(tr("Choose them in the toolbar and make the model anew"))
        self.past.retranslate()
        self.mistakes.retranslate()
        self.confusion.retranslate()
        self._tell()


def _few(number: float) -> str:
    """Whole numbers, but two digits of a small one: of a large model's rate 0 would be left."""
    return f"{number:.0f}" if number >= 10 else f"{number:.2g}"
