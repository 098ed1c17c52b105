"""The plots show the experiment's log while the session shows it, and lead back into the past."""

from collections.abc import Iterator

import pytest
from gradviz.ui.panels.plots.panel import PlotsPanel
from gradviz.ui.plot_link import PlotLink
from gradviz.ui.theme import ThemeManager
from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradviz.app.session import Session
from gradviz.app.settings import Settings
from tests.ui.fakes import lenet
from tests.ui.panels.plot_runs import MoonsRun


class Laboratory(QObject):
    """What the link knows of a lab."""

    shown = pyqtSignal()
    busy_changed = pyqtSignal(bool)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.experiment = MoonsRun()
        self.own = self.experiment.recording()
        self.history = (1, 2)  # what is remembered can be asked for by `in`
        self.went: list[int] = []

    @property
    def is_shown(self) -> bool:
        return self.own.is_of(self._session.recording)

    def go_to(self, number: int) -> None:
        self.went.append(number)


@pytest.fixture
def session() -> Session:
    return Session(Settings())


@pytest.fixture
def lab(qapp: QApplication, session: Session) -> Laboratory:
    return Laboratory(session)


@pytest.fixture
def plots(qtbot: QtBot, session: Session, lab: Laboratory) -> Iterator[PlotsPanel]:
    made = PlotsPanel(session, ThemeManager("light"))
    qtbot.addWidget(made)
    PlotLink(made, lab, session)  # type: ignore[arg-type]
    yield made
    made.shut_down()


def test_the_log_is_that_of_what_is_shown(plots: PlotsPanel, session: Session, lab: Laboratory) -> None:
    assert not plots.data().rows.rows
    session.load(lab.own)
    assert plots.data().log is lab.experiment.log
    session.load(lenet())
    assert plots.data().log is not lab.experiment.log
    assert [row.loss for row in plots.data().rows.rows] == [row.loss for row in session.metrics]
    session.load(lab.own)
    lab.shown.emit()
    assert plots.data().log is lab.experiment.log


def test_the_log_is_looked_at_only_while_something_runs(plots: PlotsPanel, lab: Laboratory) -> None:
    assert not plots._poll.isActive()
    lab.busy_changed.emit(True)
    assert plots._poll.isActive()
    lab.busy_changed.emit(False)
    assert not plots._poll.isActive()


def test_a_click_leads_to_what_is_remembered(plots: PlotsPanel, lab: Laboratory) -> None:
    plots.iteration_wanted.emit(2)
    plots.iteration_wanted.emit(3)
    assert lab.went == [2]
