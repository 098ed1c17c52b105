"""The parts of the race's window, and how they stand."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gradviz.app.i18n import tr
from gradviz.app.race import PRESETS
from gradviz.app.race_tracks import TRACKS

from ... import icons
from ...fonts import ui_font
from ...number_field import NumberField
from ...theme import Theme, ThemeManager
from .choice import Choice
from .curves import RaceCurves
from .map_view import RaceMapView
from .runner import RaceState
from .table import RaceTable

_SIDE = 300


class RaceForm:
    """All widgets; the window says what they do."""

    def __init__(self, window: QWidget, themes: ThemeManager) -> None:
        self._themes = themes
        self.track, self.preset = QComboBox(), QComboBox()
        self.track.addItems([""] * len(TRACKS))
        self.preset.addItems([""] * len(PRESETS))
        self.choice = Choice(themes)
        self.iterations = QSpinBox(minimum=1, maximum=20_000, value=200)
        self.start, self.stop = QPushButton(), QPushButton()
        self.start.setProperty("primary", True)
        self.bar = QProgressBar(textVisible=False)
        self.note = QLabel(wordWrap=True)
        self.curves, self.map = RaceCurves(themes), RaceMapView(themes)
        self.log = QCheckBox(checked=True)
        self.goal_name, self.goal = QLabel(), NumberField(0.1, 1e-12, 1e12)
        self.copy = QToolButton(autoRaise=True, iconSize=QSize(16, 16))
        self.table = RaceTable()
        self.titles = [QLabel() for _ in range(3)]
        self._names = [QLabel() for _ in range(3)]
        self._lay_out(window)
        themes.changed.connect(self._recolour)
        self._recolour(themes.theme)

    def _lay_out(self, window: QWidget) -> None:
        for label in self.titles:
            label.setFont(ui_font(9.0, QFont.Weight.DemiBold))
            label.setProperty("tone", "muted")
        self.note.setProperty("tone", "muted")
        self.goal.setMaximumWidth(90)
        for button in (self.start, self.stop):
            button.setAutoDefault(False)
        row = QHBoxLayout(window)
        row.setContentsMargins(16, 14, 16, 14)
        row.setSpacing(18)
        row.addLayout(self._left())
        row.addLayout(self._right(), 1)
        window.resize(1040, 660)

    def _left(self) -> QVBoxLayout:
        side = QVBoxLayout()
        side.setSpacing(10)
        fields = QFormLayout()
        fields.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        fields.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for name, field in zip(self._names, (self.track, self.preset, self.iterations), strict=True):
            name.setBuddy(field)
            fields.addRow(name, field)
        side.addLayout(fields)
        side.addWidget(self.choice)
        buttons = QHBoxLayout()
        for button in (self.start, self.stop):
            buttons.addWidget(button, 1)
        side.addLayout(buttons)
        side.addWidget(self.bar)
        side.addWidget(self.note)
        side.addStretch(1)
        for box in (self.track, self.preset):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(20)
        self.note.setFixedWidth(_SIDE)
        return side

    def _right(self) -> QVBoxLayout:
        losses, paths = QVBoxLayout(), QVBoxLayout()
        head = QHBoxLayout()
        head.addWidget(self.titles[0], 1)
        head.addWidget(self.log)
        losses.addLayout(head)
        losses.addWidget(self.curves, 1)
        paths.addWidget(self.titles[1])
        paths.addWidget(self.map, 1)
        above = QHBoxLayout()
        above.setSpacing(16)
        above.addLayout(losses, 5)
        above.addLayout(paths, 4)
        below = QHBoxLayout()
        below.addWidget(self.titles[2], 1)
        for widget in (self.goal_name, self.goal, self.copy):
            below.addWidget(widget)
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addLayout(above, 3)
        column.addLayout(below)
        column.addWidget(self.table, 2)
        return column

    def name_buttons(self, state: RaceState) -> None:
        """What pressing them does in this state."""
        start = {
            RaceState.IDLE: tr("Start"),
            RaceState.RUNNING: tr("Pause"),
            RaceState.PAUSED: tr("Go on"),
            RaceState.JUDGING: tr("Start"),
        }
        self.start.setText(start[state])
        self.stop.setText(tr("Cancel") if state is RaceState.JUDGING else tr("Stop"))
        self.stop.setToolTip(
            tr("Do without the rest of the loss surface")
            if state is RaceState.JUDGING
            else tr("End the race here, with a table of what there is")
        )

    def _recolour(self, theme: Theme) -> None:
        self.copy.setIcon(icons.icon("copy", theme, theme.muted))

    def retranslate(self) -> None:
        for label, text in zip(self._names, (tr("Problem"), tr("Contenders"), tr("Iterations")), strict=True):
            label.setText(text)
        titles = (tr("Loss"), tr("Paths on the loss surface"), tr("How the race has ended"))
        for label, text in zip(self.titles, titles, strict=True):
            label.setText(text)
        presets = {
            "all": tr("All optimizers"),
            "momentum": tr("With and without momentum"),
            "adaptive": tr("Adaptive ones against SGD"),
            "sgd-rates": tr("Learning rates of SGD"),
            "adam-rates": tr("Learning rates of Adam"),
        }
        for place, name in enumerate(PRESETS):
            self.preset.setItemText(place, presets[name])
        self.log.setText(tr("log"))
        self.log.setToolTip(tr("Losses on a logarithmic axis"))
        self.goal_name.setText(tr("Goal"))
        tips = (
            (self.track, tr("What they train: the network of the window, or a problem with two parameters")),
            (self.preset, tr("Who is offered")),
            (self.iterations, tr("How many iterations each of them runs")),
            (self.start, tr("All start from the same weights and get the same batches in the same order")),
            (self.goal, tr("The table tells after how many iterations the loss was down to this")),
            (self.copy, tr("Copy the table as CSV")),
            (self.bar, tr("Progress")),
        )
        for widget, tip in tips:
            widget.setToolTip(tip)
            widget.setAccessibleName(tip)
        for part in (self.choice, self.curves, self.map, self.table):
            part.retranslate()
