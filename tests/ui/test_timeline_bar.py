"""The scrubber and its buttons move the cursor exactly, by pointer and keyboard, and say where it is."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from gradviz.engine.program import Phase
from gradviz.ui.panels.scrub_geometry import WHOLE, visible_range
from gradviz.ui.panels.scrub_paint import PATTERNS, SIGNS
from gradviz.ui.panels.timeline_bar import TimelineBar
from gradviz.ui.theme import DARK, ThemeManager
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from gradviz.app.describe import describe_moment
from gradviz.app.i18n import set_language
from gradviz.app.session import Session
from tests.programs import chain, lenet_like
from tests.ui.fakes import recording, session

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def themes() -> ThemeManager:
    return ThemeManager("light")


def shown(qtbot: QtBot, s: Session, themes: ThemeManager) -> TimelineBar:
    bar = TimelineBar(s, themes)
    qtbot.addWidget(bar)
    bar.resize(1000, 70)
    with qtbot.waitExposed(bar):
        bar.show()
    return bar


@pytest.fixture
def bar(qtbot: QtBot, themes: ThemeManager) -> Iterator[TimelineBar]:
    yield shown(qtbot, session(), themes)
    set_language("en")


def point(bar: TimelineBar, moment: float) -> QPoint:
    span = bar.scrubber.span()
    assert span is not None
    return QPointF(span.x_of(moment), bar.scrubber.band().center().y()).toPoint()


# What is drawn.


def test_many_iterations_show_only_the_current_one() -> None:
    s = session(WHOLE)
    assert s.timeline is not None
    assert visible_range(s.timeline) == (0, s.timeline.length)
    s.load(recording(WHOLE + 1))
    length = len(lenet_like())
    s.timeline.go(3 * length + 5)
    assert visible_range(s.timeline) == (3 * length, 4 * length)


def test_iterations_are_called_as_they_were_trained(bar: TimelineBar) -> None:
    """Between the first and the last of training there are others that are not on the timeline."""
    s = bar._session
    s.add_iteration(replace(recording().iterations[0], number=21))
    assert s.timeline is not None
    assert bar.label.text() == f"iteration 21 of 21 · 1/{len(lenet_like())}"
    span, marks = bar.scrubber.span(), bar.scrubber.marks
    assert span is not None
    assert marks is not None
    assert [text for _, _, text in marks.names(span)] == ["iteration 1", "iteration 21"]
    assert ", iteration 21: " in bar.scrubber.value_text()
    s.timeline.go(3)
    assert bar.label.text().startswith("iteration 1 of 21 · 3/")
    s.load(replace(recording(), iterations=(replace(recording().iterations[0], number=40),)))
    assert bar.label.text().startswith("iteration 40 of 40")


# Pointer.


@pytest.mark.parametrize("moment", [0, 1, 17, 40, 73, 74])
def test_a_click_goes_to_the_nearest_moment(bar: TimelineBar, qtbot: QtBot, moment: int) -> None:
    qtbot.mouseClick(bar.scrubber, LEFT, pos=point(bar, moment))
    assert bar._session.timeline is not None
    assert bar._session.timeline.moment == moment
    assert bar.scrubber.value() == moment


def test_dragging_follows_and_stops_at_the_ends(bar: TimelineBar, qtbot: QtBot) -> None:
    timeline = bar._session.timeline
    assert timeline is not None
    QTest.mousePress(bar.scrubber, LEFT, pos=point(bar, 10))
    for moment in (11, 30, 5):
        QTest.mouseMove(bar.scrubber, point(bar, moment))
        assert timeline.moment == moment
    QTest.mouseMove(bar.scrubber, QPoint(5000, 5))
    assert timeline.moment == timeline.length
    QTest.mouseRelease(bar.scrubber, LEFT, pos=QPoint(5000, 5))
    QTest.mouseMove(bar.scrubber, point(bar, 20))
    assert timeline.moment == timeline.length


def test_the_wheel_steps(bar: TimelineBar, qapp: QApplication) -> None:
    for turn, expected in ((-120, 1), (-120, 2), (120, 1)):
        place = QPointF(50, 20)
        event = QWheelEvent(
            place,
            place,
            QPoint(),
            QPoint(0, turn),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        qapp.sendEvent(bar.scrubber, event)
        assert bar._session.timeline is not None
        assert bar._session.timeline.moment == expected


def test_the_overview_jumps_to_an_iteration(qtbot: QtBot, themes: ThemeManager) -> None:
    s = session(WHOLE + 3)
    bar = shown(qtbot, s, themes)
    strip = bar.scrubber.strip()
    share = 5.5 / (WHOLE + 3)
    qtbot.mouseClick(bar.scrubber, LEFT, pos=QPoint(round(strip.left() + share * strip.width()), 3))
    assert s.timeline is not None
    assert s.timeline.locate() == (5, 1)


def test_the_tip_names_the_instruction(bar: TimelineBar) -> None:
    assert bar.scrubber.tip_at(point(bar, 0.5).x()) == describe_moment(lenet_like(), 1)
    assert bar.scrubber.tip_at(-10) == ""


# Keyboard.


@pytest.mark.parametrize(
    ("key", "modifier", "expected"),
    [
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 21),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, 19),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier, 0),
        (Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier, 74),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, "start"),
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, "stop"),
        (Qt.Key.Key_PageDown, Qt.KeyboardModifier.NoModifier, "stop"),
    ],
)
def test_keys_move(
    bar: TimelineBar, qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier, expected: int | str
) -> None:
    timeline = bar._session.timeline
    assert timeline is not None
    timeline.go(20)
    segment = timeline.segment
    qtbot.keyClick(bar.scrubber, key, modifier)
    assert timeline.moment == (expected if isinstance(expected, int) else getattr(segment, expected))


def test_by_keyboard_alone_to_the_end_and_back(bar: TimelineBar, qtbot: QtBot) -> None:
    timeline = bar._session.timeline
    assert timeline is not None
    for moment in range(1, timeline.length + 1):
        qtbot.keyClick(bar.scrubber, Qt.Key.Key_Right)
        assert timeline.moment == moment
    for moment in reversed(range(timeline.length)):
        qtbot.keyClick(bar.scrubber, Qt.Key.Key_Left)
        assert timeline.moment == moment


# Buttons.


def test_buttons_move(bar: TimelineBar, qtbot: QtBot) -> None:
    timeline = bar._session.timeline
    assert timeline is not None
    timeline.go(20)

    def press(name: str) -> int:
        qtbot.mouseClick(bar.buttons[name], LEFT)
        return timeline.moment

    assert press("step-forward") == 21
    assert press("step-back") == 20
    after = press("module-forward")
    assert after > 20
    assert press("module-back") <= 20
    timeline.go(20)
    segment = timeline.segment
    assert segment is not None
    assert press("phase-end") == segment.stop
    assert press("phase-start") == segment.start


def test_play_becomes_pause(bar: TimelineBar, qtbot: QtBot) -> None:
    assert "Play" in bar.buttons["play"].accessibleName()
    qtbot.mouseClick(bar.buttons["play"], LEFT)
    assert bar.player.playing
    assert "Pause" in bar.buttons["play"].accessibleName()
    qtbot.mouseClick(bar.buttons["play"], LEFT)
    assert not bar.player.playing


def test_the_speed_is_chosen(bar: TimelineBar, qtbot: QtBot) -> None:
    bar.speed.setFocus()
    bar.speed.setCurrentIndex(0)
    bar.speed.activated.emit(0)
    assert bar.player.speed == 0.5
    bar.retranslate()
    assert bar.speed.currentData() == 0.5


def test_run_to_breakpoint(bar: TimelineBar, qtbot: QtBot) -> None:
    s = bar._session
    assert s.timeline is not None
    assert not bar.buttons["to-breakpoint"].isEnabled()
    s.toggle_op_breakpoint("nll_loss")
    assert bar.buttons["to-breakpoint"].isEnabled()
    before = bar.scrubber.grab().toImage()
    s.clear_breakpoints()
    assert bar.scrubber.grab().toImage() != before, "the breakpoint was marked"
    s.toggle_op_breakpoint("relu")
    qtbot.mouseClick(bar.buttons["to-breakpoint"], LEFT)
    assert s.program is not None
    assert s.timeline.current is not None
    assert s.program.instrs[s.timeline.current[1]].op == "relu"


# What it says.


def test_without_a_recording_all_is_off(qtbot: QtBot, themes: ThemeManager) -> None:
    s = session(0)
    bar = shown(qtbot, s, themes)
    assert not any(button.isEnabled() for button in bar.findChildren(QToolButton))
    assert not bar.scrubber.isEnabled()
    assert bar.scrubber.toolTip()
    assert bar.scrubber.grab().toImage().size().width() > 100
    s.load(recording())
    assert bar.scrubber.isEnabled()
    assert bar.scrubber.maximum() == 74


def test_it_says_where_it_is(bar: TimelineBar) -> None:
    assert bar._session.timeline is not None
    bar._session.timeline.go(1)
    assert bar.label.text() == "iteration 1 of 1 · 1/74"
    sentence = describe_moment(lenet_like(), 1)
    assert bar.scrubber.value_text() == f"Moment 1 of 74, iteration 1: {sentence}"
    assert bar.scrubber.accessibleDescription() == bar.scrubber.value_text()


def test_every_control_has_a_name_and_a_tip(bar: TimelineBar) -> None:
    for control in (*bar.buttons.values(), bar.speed):
        assert control.accessibleName()
        assert control.toolTip()


def test_phases_differ_by_more_than_colour() -> None:
    assert len(set(SIGNS.values())) == len(Phase)
    assert len(set(PATTERNS.values())) == len(Phase)


def test_the_theme_changes_the_picture(bar: TimelineBar, themes: ThemeManager) -> None:
    before = bar.scrubber.grab().toImage()
    themes.set_choice("dark")
    assert themes.theme is DARK
    assert bar.scrubber.grab().toImage() != before


def test_a_long_program_is_painted_quickly(qtbot: QtBot, themes: ThemeManager) -> None:
    s = session(1, program=chain(20_000, backward=False))
    bar = shown(qtbot, s, themes)
    assert s.timeline is not None
    s.timeline.go(10_000)
    assert not bar.scrubber.grab().isNull()
    assert bar.scrubber.marks is not None
    assert bar.scrubber.marks.runs == {}, "twenty thousand runs cannot be told apart anyway"
