"""The window "Draw": a sheet, what the network sees and thinks, and a button that records it."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from gradviz.app.drawing import Drawing, DrawingError
from gradviz.app.drawn_net import Seen, why_not
from gradviz.app.experiment import Experiment
from gradviz.app.i18n import language_changed, tr

from ...fonts import ui_font
from ...listening import listen
from ...theme import ThemeManager
from ..inside.small_map import SmallMap
from .bars import ProbabilityBars
from .files import PATTERN, read_ink
from .live import LiveNet
from .maps import FeatureMaps
from .pad import DrawPad
from .tools import DrawTools

_SEEN = QSize(96, 96)


class DrawWindow(QDialog):
    """Stays beside the main window; `record_wanted` has the drawing and its class."""

    record_wanted = pyqtSignal(object, int)

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Dialog)
        self._experiment: Experiment | None = None
        self._touched = False  # whether the user has chosen the class
        self.drawing = Drawing()
        self.live = LiveNet(self)
        self.pad = DrawPad(self.drawing, themes)
        self.tools = DrawTools(self.drawing, self.pad, themes)
        self.seen_title, self.bars_title, self.maps_title = QLabel(), QLabel(), QLabel()
        self.seen = SmallMap(themes, _SEEN)
        self.bars = ProbabilityBars(themes)
        self.maps = FeatureMaps(themes)
        self.verdict = QLabel(wordWrap=True)
        self.problem = QLabel(wordWrap=True)
        self.question, self.target = QLabel(), QComboBox()
        self.record = QPushButton()
        self.last: Seen | None = None
        self._lay_out()
        self._listen()
        self.retranslate()
        self.show_seen(None)

    def _lay_out(self) -> None:
        for label in (self.seen_title, self.bars_title, self.maps_title):
            label.setFont(ui_font(9.0, QFont.Weight.DemiBold))
            label.setProperty("tone", "muted")
        self.verdict.setFont(ui_font(22.0, QFont.Weight.DemiBold))
        self.problem.setProperty("tone", "error")
        self.record.setProperty("primary", True)
        self.record.setAutoDefault(False)
        left = QVBoxLayout()
        left.addWidget(self.pad)
        left.addWidget(self.tools)
        left.addStretch(1)
        network = QGridLayout()
        network.setHorizontalSpacing(16)
        network.addWidget(self.seen_title, 0, 0)
        network.addWidget(self.bars_title, 0, 1)
        network.addWidget(self.seen, 1, 0, Qt.AlignmentFlag.AlignTop)
        network.addWidget(self.verdict, 2, 0, Qt.AlignmentFlag.AlignTop)
        network.addWidget(self.bars, 1, 1, 2, 1, Qt.AlignmentFlag.AlignTop)
        network.setColumnStretch(1, 1)
        network.setRowStretch(2, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.maps)
        self._area = area
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addLayout(network)
        right.addWidget(self.maps_title)
        right.addWidget(area, 1)
        bottom = QHBoxLayout()
        for widget in (self.question, self.target, self.record):
            bottom.addWidget(widget)
        bottom.insertWidget(0, self.problem, 1)
        halves = QHBoxLayout()
        halves.setSpacing(20)
        halves.addLayout(left, 2)
        halves.addLayout(right, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 14)
        column.setSpacing(12)
        column.addLayout(halves, 1)
        column.addLayout(bottom)
        self.resize(880, 620)

    def _listen(self) -> None:
        listen(self, self.drawing.changed, self.look)
        listen(self, language_changed, self.retranslate)
        self.live.seen.connect(self.show_seen)
        self.live.failed.connect(self.problem.setText)
        self.pad.file_dropped.connect(self.open_file)
        self.tools.open.clicked.connect(self.ask_file)
        self.target.activated.connect(lambda _: self._touch())
        self.record.clicked.connect(self._record)

    # What it shows.

    def follow(self, experiment: Experiment | None) -> None:
        """Look with this experiment's model from now on, or with its weights of now."""
        if experiment is not self._experiment:
            self._experiment = experiment
            self._touched = False
            classes = experiment.data.classes if experiment is not None else ()
            self.target.clear()
            self.target.addItems(classes)
            self.show_seen(None)
        self.look()

    def look(self) -> None:
        """Show the drawing to the network."""
        reason = why_not(self._experiment)
        self.problem.setText(reason or "")
        if not self.drawing.visible:
            self._touched = False
        if reason is None and self._experiment is not None:
            self.live.show(self._experiment, self.drawing.visible)
        else:
            self.live.forget()
            self.show_seen(None)

    def show_seen(self, seen: Seen | None) -> None:
        """Show what the network makes of it; None for an empty sheet."""
        self.last = seen
        classes = self._experiment.data.classes if self._experiment is not None else ()
        usable = why_not(self._experiment) is None
        self.seen.show_value(seen.image if seen is not None else None)
        shown = classes if usable else ()
        self.bars.show_probabilities(shown, seen.probabilities if seen is not None else None)
        self.maps.show_maps(seen.maps if seen is not None else ())
        self.maps_title.setVisible(seen is not None)
        if seen is None or not self._touched:
            self.target.setCurrentIndex(seen.best if seen is not None else -1)
        self.verdict.setText(classes[seen.best] if seen is not None else "–")
        for widget in (self.question, self.target, self.record):
            widget.setEnabled(seen is not None)

    def _touch(self) -> None:
        self._touched = True

    # Commands.

    def ask_file(self) -> None:
        """Let the user choose an image file."""
        dialog = QFileDialog(
            self, tr("Open an image of a digit"), "", tr("Images ({pattern})").format(pattern=PATTERN)
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self.open_file(Path(path)))
        dialog.open()

    def open_file(self, path: Path) -> None:
        """Put the image on the sheet."""
        try:
            ink = read_ink(path)
        except DrawingError as error:
            self.problem.setText(str(error))
            return
        self.drawing.place(ink)

    def _record(self) -> None:
        if self.last is not None:
            self.record_wanted.emit(self.last.image, self.target.currentIndex())

    def shut_down(self) -> None:
        """Wait for what runs, before the window goes."""
        self.live.shut_down()

    def retranslate(self, language: str = "") -> None:
        self.setWindowTitle(tr("Draw a digit"))
        self.seen_title.setText(tr("What the network sees"))
        self.bars_title.setText(tr("What it thinks it is"))
        self.maps_title.setText(tr("What its layers make of it"))
        self.question.setText(tr("It is a"))
        self.target.setAccessibleName(tr("The right class"))
        self.target.setToolTip(tr("The right class, from which the loss is computed"))
        self.record.setText(tr("Record this drawing"))
        self.record.setToolTip(
            tr("Run a whole iteration on the drawing, to step through and to follow its gradients")
        )
        self.seen.setAccessibleName(tr("What the network sees"))
        for part in (self.pad, self.tools, self.bars, self.maps):
            part.retranslate()
        self.look()
