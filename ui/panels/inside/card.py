"""The frame of a card: a title, a button that closes it, and a line that tells how far its work is."""

from __future__ import annotations

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QFont, QKeyEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QToolButton, QVBoxLayout, QWidget

from gradviz.app.i18n import tr

from ... import icons
from ...fonts import ui_font
from ...theme import Theme, ThemeManager

PATIENCE = 250  # ms of work before it is shown


class Card(QFrame):
    """What a subclass adds goes to `column`; `closed` is told when the user closes it."""

    closed = pyqtSignal()
    stopped = pyqtSignal()
    grown = pyqtSignal(QWidget)  # it has something to show now, which shall be seen

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.title = QLabel()
        self.title.setFont(ui_font(10.0, QFont.Weight.DemiBold))
        self.subject = QLabel(wordWrap=True)
        self.subject.setFont(ui_font(9.0))
        self.subject.setProperty("tone", "muted")
        self.problem = QLabel(wordWrap=True)
        self.problem.setFont(ui_font(9.5))
        self.close_button = QToolButton(autoRaise=True)
        self.close_button.clicked.connect(self.leave)
        self.bar = QProgressBar(textVisible=False)
        self.stop = QToolButton(autoRaise=True)
        self.stop.clicked.connect(self.stopped)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.close_button)
        work = QHBoxLayout()
        work.setSpacing(6)
        work.addWidget(self.bar, 1)
        work.addWidget(self.stop)
        self._soon = QTimer(self, singleShot=True, interval=PATIENCE)
        self.work = QWidget()
        self._soon.timeout.connect(self.work.show)
        work.setContentsMargins(0, 0, 0, 0)
        self.work.setLayout(work)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(10, 6, 8, 10)
        self.column.setSpacing(6)
        self.column.addLayout(head)
        for widget in (self.subject, self.problem, self.work):
            self.column.addWidget(widget)
        self.work.hide()
        self.problem.hide()
        themes.changed.connect(self._recolour_frame)
        self._recolour_frame(themes.theme)

    def show_work(self, on: bool) -> None:
        """Whether something is being computed; what is quick is not worth a bar that flashes."""
        if not on:
            self._soon.stop()
            self.work.hide()
        elif self.work.isHidden() and not self._soon.isActive():
            self.bar.setRange(0, 0)
            self._soon.start()

    def show_progress(self, done: int, total: int) -> None:
        """How far it is."""
        self.bar.setRange(0, total)
        self.bar.setValue(done)

    def show_problem(self, text: str) -> None:
        """Say why there is nothing to show; "" if there is something."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    def leave(self) -> None:
        """Close the card, as its button does."""
        self.hide()
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    def retranslate(self) -> None:
        self.close_button.setToolTip(tr("Close"))
        self.close_button.setAccessibleName(tr("Close"))
        self.stop.setToolTip(tr("Stop"))
        self.stop.setAccessibleName(tr("Stop"))
        self.bar.setAccessibleName(tr("Progress"))

    def _recolour_frame(self, theme: Theme) -> None:
        self.close_button.setIcon(icons.icon("close", theme, theme.muted))
        self.stop.setIcon(icons.icon("stop", theme, theme.muted))
