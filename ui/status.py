"""The status bar: the moment in one sentence on the left, running jobs on the right."""

from __future__ import annotations

from gradviz.engine.program import Program
from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QLabel, QSizePolicy, QStatusBar, QWidget

from gradviz.app.describe import Narrator, describe_moment
from gradviz.app.i18n import language_changed
from gradviz.app.session import Session

from .jobs import JobStrip
from .listening import listen
from .theme import ThemeManager


class MomentBar(QStatusBar):
    """Follows the session; its text is also what a screen reader announces, as the label's name."""

    told = pyqtSignal(str)  # the sentence

    def __init__(self, session: Session, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._narrator: tuple[Program, Narrator] | None = None
        self.setSizeGripEnabled(False)
        self.setMinimumHeight(34)  # it does not grow when a job comes
        self.sentence = ElidedLabel()
        self.jobs = JobStrip(themes)
        self.addWidget(self.sentence, 1)
        self.addPermanentWidget(self.jobs)
        listen(self, session.moment_changed, self._tell)
        listen(self, session.recording_changed, self._tell)
        listen(self, session.veil.changed, self._tell)
        listen(self, language_changed, self.retranslate)
        self._tell()

    def retranslate(self, language: str = "") -> None:
        self._tell()

    def _tell(self, moment: int = 0) -> None:
        timeline, program = self._session.timeline, self._session.program
        if timeline is None or program is None:
            self.sentence.setText(describe_moment(None, 0))
            return
        if self._narrator is None or self._narrator[0] is not program:
            self._narrator = program, Narrator(program)
            self._narrator[1].veil = self._session.veil
        self.sentence.setText(self._narrator[1].moment(timeline.locate()[1]))
        self.told.emit(self.sentence.text())


class ElidedLabel(QLabel):
    """Shows as much of one line as there is room for; the tooltip has it all."""

    def __init__(self) -> None:
        super().__init__(textFormat=Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setContentsMargins(12, 0, 8, 0)

    def setText(self, text: str | None) -> None:
        super().setText(text)
        self.setToolTip(text)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        room = self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
