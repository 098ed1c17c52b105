"""The gallery of broken runs: a list beside the window; what is chosen trains in it."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gradviz.app.gallery.items import ITEMS
from gradviz.app.gallery.words import fault, repair, title
from gradviz.app.i18n import language_changed, tr

from .fonts import ui_font
from .listening import listen
from .panels.lesson.buttons import Button

Outcomes = Mapping[tuple[str, bool], str]
"""How a run ended, in words, by its rule and whether it was repaired."""


class GalleryWindow(QDialog):
    """Lists the runs; `chosen` has a rule and whether its run shall be repaired."""

    chosen = pyqtSignal(str, bool)

    def __init__(self, outcomes: Outcomes, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Dialog)
        self.setObjectName("gallery-window")
        self._outcomes = outcomes
        self.intro = QLabel(wordWrap=True)
        self.intro.setProperty("tone", "muted")
        self.list = QListWidget()
        self.list.setSpacing(1)
        self.list.setMinimumWidth(230)
        for rule in ITEMS:
            row = QListWidgetItem(self.list)
            row.setData(Qt.ItemDataRole.UserRole, rule)
            row.setSizeHint(QSize(0, 30))
        self.heading = QLabel(wordWrap=True)
        self.heading.setFont(ui_font(13.0, QFont.Weight.DemiBold))
        self.fault = QLabel(wordWrap=True)
        self.repair = QLabel(wordWrap=True)
        self.repaired = QCheckBox()
        self.compared = QLabel(wordWrap=True)
        self.compared.setFont(ui_font(9.5))
        self.train, self.close_button = Button(), Button()
        self.train.set_primary(True)
        self.close_button.setAutoDefault(False)
        self._lay_out()
        self.list.currentRowChanged.connect(lambda _: self.refresh())
        self.list.itemActivated.connect(lambda _: self._choose())
        self.repaired.toggled.connect(lambda _: self.refresh())
        self.train.clicked.connect(self._choose)
        self.close_button.clicked.connect(self.close)
        self.list.setCurrentRow(0)
        listen(self, language_changed, self.retranslate)
        self.retranslate()
        self.resize(720, 460)

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setSpacing(10)
        for widget in (self.heading, self.fault, self.repaired, self.repair, self.compared):
            right.addWidget(widget)
        right.addStretch(1)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.train)
        right.addLayout(buttons)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.list, 2)
        row.addLayout(right, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(12)
        column.addWidget(self.intro)
        column.addLayout(row, 1)

    @property
    def rule(self) -> str:
        """The rule of the run that is selected."""
        row = self.list.currentItem()
        return str(row.data(Qt.ItemDataRole.UserRole)) if row is not None else next(iter(ITEMS))

    def select(self, rule: str) -> None:
        """Select a run by its rule."""
        self.list.setCurrentRow(list(ITEMS).index(rule))

    def _choose(self) -> None:
        self.chosen.emit(self.rule, self.repaired.isChecked())

    def refresh(self) -> None:
        """Show what is selected, and how its runs have ended so far."""
        rule = self.rule
        self.heading.setText(title(rule))
        self.fault.setText(fault(rule))
        self.repair.setText(repair(rule))
        self.repair.setEnabled(self.repaired.isChecked())
        ends = [
            tr("{kind}: {outcome}").format(kind=kind, outcome=self._outcomes[rule, good])
            for good, kind in ((False, tr("Broken")), (True, tr("Repaired")))
            if (rule, good) in self._outcomes
        ]
        self.compared.setText("\n".join(ends))
        self.compared.setVisible(bool(ends))

    def retranslate(self, language: str = "") -> None:
        self.setWindowTitle(tr("Gallery of broken runs"))
        self.intro.setText(
            tr(
                "Each of these trains badly for one reason, in a few seconds, in the window behind. Watch it "
                "and its diagnosis, then repair it and train again."
            )
        )
        for number, rule in enumerate(ITEMS):
            row = self.list.item(number)
            if row is not None:
                row.setText(title(rule))
                row.setToolTip(fault(rule))
        self.list.setAccessibleName(tr("Broken runs"))
        self.list.setToolTip(tr("Runs that fail, one for each rule"))
        self.repaired.setText(tr("Repair it"))
        self.repaired.setToolTip(tr("Train the same run without its fault"))
        self.train.setText(tr("Train"))
        self.train.setToolTip(tr("Train this run in the window"))
        self.close_button.setText(tr("Close"))
        self.close_button.setToolTip(tr("Close this window"))
        self.refresh()
