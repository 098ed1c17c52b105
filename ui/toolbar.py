"""The toolbar: what is trained on what, and the buttons that record and train."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PyQt6.QtCore import QEvent, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QResizeEvent
from PyQt6.QtWidgets import QComboBox, QLabel, QSpinBox, QToolBar, QToolButton, QWidget

from gradviz.app.i18n import language, language_changed, tr
from gradviz.app.settings import Settings

from . import icons
from .actions import Actions
from .fonts import text_scale
from .listening import listen
from .number_field import NumberField
from .theme import Theme, ThemeManager

ICON = QSize(20, 20)
MOST_ITERATIONS = 100_000
SMALLEST_RATE = 1e-9
ROOMY = 1360  # pixels


class MainToolBar(QToolBar):
    """Shows the choices of the settings and tells when one is changed; it never acts by itself."""

    model_chosen = pyqtSignal(str)
    data_chosen = pyqtSignal(str)
    sample_chosen = pyqtSignal(int)
    optimizer_chosen = pyqtSignal(str)
    learning_rate_chosen = pyqtSignal(float)
    iterations_chosen = pyqtSignal(int)
    language_switched = pyqtSignal()
    refused = pyqtSignal(str)

    def __init__(
        self, actions: Actions, settings: Settings, themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setIconSize(ICON)
        self._actions_of_window, self._settings, self._themes = actions, settings, themes
        self.model, self.data, self.optimizer = QComboBox(), QComboBox(), QComboBox()
        self.sample = QSpinBox(minimum=0, keyboardTracking=False)
        self.learning_rate = NumberField(settings.learning_rate, low=SMALLEST_RATE)
        self.iterations = QSpinBox(minimum=1, maximum=MOST_ITERATIONS, keyboardTracking=False)
        self.language_button = QToolButton(autoRaise=True)
        self._captions = {name: QLabel() for name in ("model", "data", "optimizer", "lr")}
        self._caption_actions: list[QAction] = []
        self._arrange()
        self._connect()
        themes.changed.connect(self._recolour)
        listen(self, language_changed, self.retranslate)
        self.retranslate()
        self._recolour(themes.theme)

    def _arrange(self) -> None:
        self.iterations.setValue(self._settings.train_iterations)
        self._measure()
        self.addWidget(self._button("lessons", with_text=True))
        self.addWidget(self._button("open", with_text=True))
        self.addSeparator()
        self._add("model", self.model)
        self._add("data", self.data)
        self.addWidget(self.sample)
        self.addWidget(self._button("next-sample"))
        self._add("optimizer", self.optimizer)
        self._add("lr", self.learning_rate)
        self.addSeparator()
        self.addWidget(self._button("record", with_text=True))
        self.addWidget(self._button("train", with_text=True))
        self.addWidget(self.iterations)
        self.addSeparator()
        self.addWidget(self._button("undo"))
        self.addWidget(self._button("redo"))
        self.addSeparator()
        self.addWidget(self._button("switch-theme"))
        self.addWidget(self.language_button)

    def _measure(self) -> None:
        widths = {
            self.model: 116,
            self.data: 170,
            self.sample: 74,
            self.optimizer: 126,
            self.learning_rate: 64,
            self.iterations: 76,
        }
        for field, width in widths.items():
            field.setFixedWidth(round(width * text_scale()))

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange:
            self._measure()

    def _add(self, caption: str, widget: QWidget) -> None:
        label = self._captions[caption]
        label.setBuddy(widget)
        label.setContentsMargins(6, 0, 2, 0)
        shown = self.addWidget(label)
        assert shown is not None
        self._caption_actions.append(shown)
        self.addWidget(widget)

    def _button(self, command: str, with_text: bool = False) -> QToolButton:
        button = QToolButton(autoRaise=True)
        button.setDefaultAction(self._actions_of_window[command])
        button.setObjectName(f"toolbar-{command}")
        if with_text:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return button

    def _connect(self) -> None:
        self.model.activated.connect(lambda row: self.model_chosen.emit(self.model.itemData(row)))
        self.data.activated.connect(lambda row: self.data_chosen.emit(self.data.itemData(row)))
        self.optimizer.activated.connect(lambda row: self.optimizer_chosen.emit(self.optimizer.itemData(row)))
        self.sample.valueChanged.connect(self.sample_chosen)
        self.learning_rate.value_changed.connect(self.learning_rate_chosen)
        self.learning_rate.refused.connect(self.refused)
        self.iterations.valueChanged.connect(self.iterations_chosen)
        self.language_button.clicked.connect(lambda: self.language_switched.emit())

    def offer(
        self, models: Mapping[str, str], data: Mapping[str, str], optimizers: Mapping[str, str]
    ) -> None:
        """Fill the lists (id -> title in the interface's language) and choose what the settings say."""
        for box, titles, chosen in (
            (self.model, models, self._settings.model),
            (self.data, data, self._settings.data),
            (self.optimizer, optimizers, self._settings.optimizer),
        ):
            _fill(box, titles.items(), chosen)

    def show_sample(self, index: int, count: int) -> None:
        """Show which of `count` samples is used, without telling anybody."""
        self.sample.blockSignals(True)
        self.sample.setMaximum(max(count - 1, 0))
        self.sample.setValue(index)
        self.sample.blockSignals(False)

    def retranslate(self, language_code: str = "") -> None:
        self.setWindowTitle(tr("Toolbar"))
        names = {
            "model": (tr("Model"), self.model, tr("The model to train")),
            "data": (tr("Data"), self.data, tr("The data to train it on")),
            "optimizer": (tr("Optimizer"), self.optimizer, tr("How the weights are updated")),
            "lr": (tr("lr"), self.learning_rate, tr("The learning rate: how far each update goes")),
        }
        for caption, (name, widget, tip) in names.items():
            self._captions[caption].setText(name)
            widget.setToolTip(tip)
            widget.setAccessibleName(name if caption != "lr" else tr("Learning rate"))
        self.sample.setToolTip(tr("Which sample of the data"))
        self.sample.setAccessibleName(tr("Sample"))
        self.sample.setPrefix("# ")
        self.iterations.setToolTip(tr("How many iterations to train"))
        self.iterations.setAccessibleName(tr("Iterations"))
        self.iterations.setSuffix(" ×")
        self.language_button.setText("中文" if language() == "en" else "EN")
        self.language_button.setToolTip(tr("Switch the language: English or 简体中文"))
        self.language_button.setAccessibleName(self.language_button.toolTip())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Where room is scarce, the fields go without their captions; names and tips tell what they are."""
        for action in self._caption_actions:
            action.setVisible(self.width() >= ROOMY * text_scale())
        super().resizeEvent(event)

    def _recolour(self, theme: Theme) -> None:
        self._actions_of_window["record"].setIcon(icons.icon("record", theme, theme.error))
        self._actions_of_window["train"].setIcon(icons.icon("train", theme, theme.accent))


def _fill(box: QComboBox, titles: Iterable[tuple[str, str]], chosen: str) -> None:
    box.blockSignals(True)
    box.clear()
    for identifier, title in titles:
        box.addItem(title, identifier)
    box.setCurrentIndex(max(box.findData(chosen), 0))
    box.blockSignals(False)
