"""Playing stops where it should and keeps its pace without painting more often than one can see."""

import pytest
from gradviz.ui.player import FRAMES, Player
from pytestqt.qtbot import QtBot

from tests.ui.fakes import recording, session


def test_playing_reaches_the_end_and_stops(qtbot: QtBot) -> None:
    s = session()
    player = Player(s)
    player.set_speed(1000)
    moments: list[int] = []
    s.moment_changed.connect(moments.append)
    with qtbot.waitSignal(player.playing_changed) as caught:
        player.play()
    assert caught.args == [True]
    qtbot.waitUntil(lambda: not player.playing)
    assert s.timeline is not None
    assert s.timeline.moment == s.timeline.length
    assert len(moments) <= s.timeline.length / (1000 / FRAMES) + 2
    assert moments == sorted(moments)


def test_from_the_end_it_begins_again(qtbot: QtBot) -> None:
    s = session()
    player = Player(s)
    assert s.timeline is not None
    s.timeline.end()
    player.play()
    assert s.timeline.moment == 0
    assert player.playing
    player.pause()
    assert not player.playing


def test_backwards_to_the_start(qtbot: QtBot) -> None:
    s = session()
    player = Player(s)
    player.set_speed(1000)
    assert s.timeline is not None
    s.timeline.go(20)
    player.play(-1)
    qtbot.waitUntil(lambda: not player.playing)
    assert s.timeline.moment == 0


@pytest.mark.parametrize("speed", [30.0, 100.0, 1000.0])
def test_a_breakpoint_is_never_jumped_over(qtbot: QtBot, speed: float) -> None:
    s = session()
    player = Player(s)
    player.set_speed(speed)
    s.toggle_op_breakpoint("linear")
    stops = []
    for _ in range(3):
        player.play()
        qtbot.waitUntil(lambda: not player.playing)
        assert s.timeline is not None
        assert s.program is not None
        assert s.timeline.current is not None
        stops.append(s.program.instrs[s.timeline.current[1]].site.module)
    assert stops == ["fc1", "fc2", "fc3"]


def test_toggling_turns_round(qtbot: QtBot) -> None:
    player = Player(session())
    player.toggle()
    player.toggle(-1)
    assert player.playing
    assert player.direction == -1
    player.toggle(-1)
    assert not player.playing


def test_without_a_recording_nothing_plays(qtbot: QtBot) -> None:
    player = Player(session(0))
    player.toggle()
    assert not player.playing


def test_another_recording_stops_it(qtbot: QtBot) -> None:
    s = session()
    player = Player(s)
    player.play()
    s.load(recording(2))
    assert not player.playing


def test_the_speed_is_remembered(qtbot: QtBot) -> None:
    s = session()
    Player(s).set_speed(16.0)
    assert s.settings.play_speed == 16.0
    assert Player(s).speed == 16.0
