"""The main window: the panels around the graph, and the objects that act on them."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from gradviz.app.i18n import language_changed, tr
from gradviz.app.inside.quiz import Quiz
from gradviz.app.session import Session

from .actions import Actions
from .docks import Docks
from .downloading import Downloading
from .exporter import Exporter
from .graph.panel import GraphPanel
from .key_filter import KeyFilter
from .lab import Lab
from .listening import listen
from .messages import MessageBar
from .opener import Opener
from .panels.code import CodePanel
from .panels.diagnosis.panel import DiagnosisPanel
from .panels.inside.microscope import MicroscopePanel
from .panels.inspector.panel import InspectorPanel
from .panels.lesson import LessonPanel
from .panels.plots.panel import PlotsPanel
from .panels.timeline_bar import TimelineBar
from .panels.training.panel import TrainingPanel
from .player import Player
from .plot_link import PlotLink
from .preferences import Preferences
from .skeleton import Skeleton
from .status import MomentBar
from .theme import ThemeManager
from .toolbar import MainToolBar
from .veil_cover import Cover
from .welcome import WelcomeStrip
from .workers.layout import LayoutClient

DEFAULT_SIZE = (1440, 900)


class MainWindow(QMainWindow):
    """Holds everything that one sees; commands.py says what its commands do."""

    closing = pyqtSignal()  # stop what runs

    def __init__(
        self, app: QApplication, session: Session, themes: ThemeManager, preferences: Preferences
    ) -> None:
        super().__init__()
        self.setObjectName("main")
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # not on some button while nothing is recorded
        self.resize(*DEFAULT_SIZE)
        self.session, self.themes, self.preferences = session, themes, preferences
        self.quiz = Quiz(session)  # before all that shows what it hides
        self.messages = MessageBar(themes)
        self.welcome = WelcomeStrip(themes)
        self.skeleton = Skeleton(themes)
        self.layouts = LayoutClient(self)
        self.graph = GraphPanel(session, themes, self.layouts)
        self.microscope = MicroscopePanel(session, themes, self.graph)
        self.inspector = InspectorPanel(session, themes, self.quiz)
        self.code = CodePanel(session, themes)
        self.diagnosis = DiagnosisPanel(themes)
        self.plots = PlotsPanel(session, themes)
        self.lesson = LessonPanel(session, themes)
        self.player = Player(session, self)
        self.timeline = TimelineBar(session, themes, player=self.player)
        self.status = MomentBar(session, themes)
        self.commands = Actions(self, themes)
        self.toolbar = MainToolBar(self.commands, session.settings, themes)
        self.lab = Lab(session, self.messages, self.status.jobs, self)
        self.training = TrainingPanel(self.lab, themes)
        PlotLink(self.plots, self.lab, session)
        Cover(session, self.plots, self.plots.figure)
        self.opener = Opener(self, session, self.messages, self.status.jobs)
        self.downloading = Downloading(self)
        self.exporter = Exporter(self, session, self.graph.canvas, self.messages, self.status.jobs)
        self._assemble()
        self.docks = Docks(
            self,
            themes,
            lesson=self.lesson,
            code=self.code,
            diagnosis=self.diagnosis,
            training=self.training,
            inspector=self.inspector,
            timeline=self.timeline,
            plots=self.plots,
        )
        self._keys = KeyFilter(app, self)
        self._arranged = self.docks.restore(session.settings)
        self.status.told.connect(self.graph.canvas.setAccessibleDescription)  # where the keyboard is
        listen(self, language_changed, self.retranslate)
        listen(self, session.recording_changed, self._recording_changed)
        self.opener.lesson_folder_chosen.connect(self._open_lesson)
        self.retranslate()

    def _assemble(self) -> None:
        self.centre = QStackedWidget()
        self.centre.addWidget(self.skeleton)
        self.centre.addWidget(self.graph)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.messages)
        column.addWidget(self.welcome)
        column.addWidget(self.centre, 1)
        self.setCentralWidget(middle)
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, self.toolbar)
        self.setStatusBar(self.status)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)  # Qt's own would hide the timeline
        self.welcome.setVisible(self.session.settings.welcome)

    def show(self) -> None:
        """Show the window, arranged as last time, or as it looks right at its present size."""
        super().show()
        if not self._arranged:
            self.docks.reset()
            self._arranged = True
        self.setFocus()

    def _open_lesson(self, folder: Path) -> None:
        self.docks.show_lesson()
        self.lesson.open_folder(folder)

    def _recording_changed(self) -> None:
        if self.session.timeline is not None:
            self.centre.setCurrentWidget(self.graph)
            if self.hasFocus():  # nobody has gone elsewhere yet
                self.graph.setFocus()
        self.retranslate()

    def retranslate(self, language: str = "") -> None:
        recording = self.session.recording
        title = recording.title if recording is not None else ""
        self.setWindowTitle(tr("{title} — gradviz").format(title=title) if title else "gradviz")

    # Files dropped on the window.

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if event is not None and _dropped(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        if event is not None and (path := _dropped(event)) is not None:
            event.acceptProposedAction()
            self.opener.open(path)

    # The end.

    def closeEvent(self, event: QCloseEvent | None) -> None:
        self.player.pause()
        self.closing.emit()
        self.docks.remember(self.session.settings)
        self.session.settings.save()
        self.hide()  # what follows may take a moment
        for worker in (self.opener, self.exporter, self.lesson, self.plots, self.inspector, self.microscope):
            worker.shut_down()
        self.lab.shut_down()
        self.graph.overlaying.shut_down()
        self.layouts.close()
        super().closeEvent(event)


def _dropped(event: QDropEvent) -> Path | None:
    """The one local file or folder that is being dropped."""
    data = event.mimeData()
    urls = data.urls() if data is not None else []
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
