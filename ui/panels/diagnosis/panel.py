"""The notes of the diagnosis, the worst first."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from gradviz.app.diagnosis.model import Finding
from gradviz.app.diagnosis.rules import causes_of
from gradviz.app.i18n import language_changed, ntr, tr

from ...fonts import ui_font
from ...listening import listen
from ...theme import ThemeManager
from ..lesson.buttons import Button
from .note import Note


class DiagnosisPanel(QWidget):
    """Shows findings; `wanted` names the one whose place the user wants to see."""

    wanted = pyqtSignal(object)  # a Finding
    gallery_wanted = pyqtSignal()

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._findings: tuple[Finding, ...] = ()
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.summary = QLabel(wordWrap=True)
        self.summary.setFont(ui_font(9.5))
        self.summary.setProperty("tone", "muted")
        self.gallery = Button()
        self.gallery.clicked.connect(self.gallery_wanted)
        self._column = QVBoxLayout()
        self._column.setSpacing(8)
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(10, 10, 10, 10)
        rows.setSpacing(8)
        rows.addWidget(self.summary)
        rows.addLayout(self._column)
        rows.addWidget(self.gallery, 0, Qt.AlignmentFlag.AlignLeft)
        rows.addStretch(1)
        self.area = QScrollArea(widgetResizable=True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(inside)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.area)
        self.setFocusProxy(self.area)
        listen(self, language_changed, self.retranslate)
        self.retranslate()

    @property
    def notes(self) -> list[Note]:
        """What is shown, the worst first."""
        widgets = (self._column.itemAt(i).widget() for i in range(self._column.count()))
        return [widget for widget in widgets if isinstance(widget, Note)]

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Show these; notes that stay keep what is open in them."""
        self._findings = tuple(findings)
        known = {note.finding: note for note in self.notes} if findings else {}
        for note in self.notes:
            if note.finding not in findings:
                self._column.removeWidget(note)
                note.hide()
                note.deleteLater()
        for place, finding in enumerate(findings):
            note = known.get(finding) or self._made(finding)
            note.set_causes(causes_of(finding, findings))
            self._column.insertWidget(place, note)
        self._tell()

    def _made(self, finding: Finding) -> Note:
        note = Note(finding, self._themes, self)
        note.wanted.connect(self.wanted)
        note.opened.connect(lambda opened: self.area.ensureWidgetVisible(opened.more))
        return note

    def retranslate(self, language: str = "") -> None:
        self.setAccessibleName(tr("Diagnosis"))
        self.area.setAccessibleName(tr("Findings"))
        self.gallery.setText(tr("Gallery of broken runs…"))
        self.gallery.setToolTip(tr("Training runs that fail, one for each rule, to watch and to repair"))
        for note in self.notes:
            note.retranslate()
        self._tell()

    def _tell(self) -> None:
        count = len(self._findings)
        if count:
            text = ntr("{n} finding in this training run", "{n} findings in this training run", count)
            self.summary.setText(text.format(n=count))
        else:
            self.summary.setText(
                tr(
                    "Nothing found. While a model trains, rules watch its losses, gradients, updates and "
                    "activations. What looks wrong appears here, with its numbers and what to try."
                )
            )
