"""The strip shows each moment's bytes where the scrubber shows the moment, and says them."""

import numpy as np
import pytest
from gradviz.ui.panels.memory_paint import colour, columns
from gradviz.ui.panels.memory_strip import MemoryStrip
from gradviz.ui.panels.scrub_geometry import Span
from gradviz.ui.panels.timeline_bar import TimelineBar
from gradviz.ui.theme import LIGHT, ThemeManager
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradviz.app.inside.memory import Memory, Use
from gradviz.app.session import Session
from gradviz.app.settings import Settings
from tests.ui.fakes import lenet, session


def shown(qtbot: QtBot, made: Session) -> TimelineBar:
    bar = TimelineBar(made, ThemeManager("light"))
    qtbot.addWidget(bar)
    bar.resize(1400, 110)
    with qtbot.waitExposed(bar):
        bar.show()
    return bar


@pytest.fixture
def lenet_session() -> Session:
    made = Session(Settings())
    made.load(lenet(2))
    return made


def x_of(strip: MemoryStrip, bar: TimelineBar, moment: float) -> float:
    span = bar.scrubber.span()
    assert span is not None
    return span.x_of(moment)


@given(st.integers(1, 3000), st.integers(0, 50), st.integers(20, 900))
def test_columns_cover_all_instructions_in_order(count: int, offset: int, width: int) -> None:
    span = Span(0, count + offset, 8.0, float(width))
    lefts, rights, first = columns(span, count, offset)
    assert first[0] == 0
    assert (np.diff(first) > 0).all()
    assert (rights > lefts).all()
    assert lefts[0] >= np.floor(span.x_of(offset))
    assert rights[-1] <= span.left + width + 1.5


def test_what_is_painted_is_what_is_in_memory(qtbot: QtBot, lenet_session: Session) -> None:
    bar = shown(qtbot, lenet_session)
    program = lenet_session.program
    assert program is not None
    memory = Memory(program)
    image = bar.strip.grab().toImage()
    ratio = image.devicePixelRatio()
    heights = []
    ground = bar.strip.grab().toImage().pixelColor(2, 2)
    for moment in range(1, len(program) + 1):
        x = x_of(bar.strip, bar, moment - 0.5) * ratio
        column = [image.pixelColor(int(x), int((6 + y) * ratio)) for y in range(20)]
        heights.append(sum(c != ground for c in column))
    total = memory.total[1:]
    assert np.corrcoef(heights, total)[0, 1] > 0.95
    assert colour(LIGHT, Use.SAVED) != colour(LIGHT, Use.GRADIENT)


def test_the_read_out_tells_the_engines_numbers(qtbot: QtBot, lenet_session: Session) -> None:
    bar = shown(qtbot, lenet_session)
    text = bar.strip.tip_at(x_of(bar.strip, bar, 0.5))
    assert "117\u2009600 multiply-adds" in text
    assert "conv2d" in text
    assert lenet_session.timeline is not None
    lenet_session.timeline.go(1)
    assert "multiply-adds" in bar.strip.accessibleDescription()
    program = lenet_session.program
    assert program is not None
    assert str(round(Memory(program).total[1] / 1000)) in bar.memory.text()


def test_a_click_goes_there_and_a_command_to_the_peak(qtbot: QtBot, lenet_session: Session) -> None:
    bar = shown(qtbot, lenet_session)
    timeline = lenet_session.timeline
    assert timeline is not None
    place = QPointF(x_of(bar.strip, bar, 90.5), 15.0).toPoint()
    QTest.mouseClick(bar.strip, Qt.MouseButton.LeftButton, pos=place)
    assert timeline.moment == 91
    bar.strip.go_to_peak()
    second = timeline.programs[1]
    assert timeline.locate() == (1, Memory(second).peak)


def test_times_are_measured_once_and_said(qtbot: QtBot, lenet_session: Session) -> None:
    bar = shown(qtbot, lenet_session)
    with qtbot.waitSignal(bar.strip.measured, timeout=30_000):
        bar.strip.measure()
    profile = bar.strip.profile()
    assert profile is not None
    assert profile.seconds is not None
    assert len(profile.seconds) == len(profile.program)
    assert "measured here" in bar.strip.tip_at(x_of(bar.strip, bar, 0.5))
    bar.strip.measure()  # nothing left to measure
    assert bar.shut_down()


def test_it_can_be_hidden_and_stays_so(qtbot: QtBot, lenet_session: Session) -> None:
    bar = shown(qtbot, lenet_session)
    high = bar.sizeHint().height()
    bar.show_memory(False)
    assert bar.strip.isHidden()
    qtbot.waitUntil(lambda: bar.sizeHint().height() < high)
    assert not lenet_session.settings.memory_strip
    again = shown(qtbot, lenet_session)
    assert again.strip.isHidden()
    again.show_memory(True)
    assert again.strip.isVisible()
    assert again.memory.text()


def test_nothing_recorded_and_too_much(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    bar = shown(qtbot, session(0))
    assert bar.strip.text() == ""
    assert bar.memory.text() == ""
    bar.strip.measure()
    bar.strip.go_to_peak()
    monkeypatch.setattr("gradviz.ui.panels.memory_strip.LONGEST", 3)
    other = shown(qtbot, session(1))
    assert "Too many instructions" in other.strip.text(2)
    assert other.strip.summary() == ""
