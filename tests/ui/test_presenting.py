"""Presenting: a clicker turns the steps, answers are shown before one goes on, and the screen goes dark."""

from pathlib import Path

import pytest
from gradviz.ui.graph.state import NodeState
from gradviz.ui.graph.veiling import veiled
from gradviz.ui.math.browser import MathTextBrowser
from gradviz.ui.math.dress import blocks, fragments
from gradviz.ui.presenting import LARGER, RADIUS, SHARE, STRIDE
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from gradviz.app.inside.veil import HIDDEN
from tests.ui.inside.telling import tells, told
from tests.ui.window import running

Key = Qt.Key


def test_a_clicker_leads_through_a_lesson(qtbot: QtBot, tmp_path: Path) -> None:
    with running(qtbot, tmp_path, load=0) as made:
        window, presenting = made.window, made.presenting
        with qtbot.waitSignal(window.lesson.lesson_opened, timeout=60_000):
            window.lesson.start_by_id("one-neuron")
        player = window.lesson.player
        assert player is not None
        before = made.session.settings.text_scale
        size = size_of_words(window.lesson.page.body)
        window.commands["present"].trigger()
        assert presenting.on
        assert made.session.settings.text_scale > before
        assert size_of_words(window.lesson.page.body) == pytest.approx(
            size * made.session.settings.text_scale / before
        )
        target = window.lesson.page.footer.next
        moment = made.session.timeline.moment if made.session.timeline is not None else -1
        QTest.keyClick(target, Key.Key_PageDown)
        assert (player.index, player.waiting) == (1, True)
        QTest.keyClick(target, Key.Key_PageDown)
        assert (player.index, player.waiting) == (1, False), "the answer is shown first"
        QTest.keyClick(target, Key.Key_PageDown)
        assert player.index == 2
        QTest.keyClick(target, Key.Key_PageUp)
        assert player.index == 1
        assert moment == 0
        QTest.keyClick(target, Key.Key_B)
        assert (presenting.curtain.isVisible(), presenting.curtain.mode) == (True, "blank")
        assert window.grab().toImage().pixelColor(40, 200).name() == "#000000"
        QTest.keyClick(target, Key.Key_S)
        assert presenting.curtain.mode == "spot"
        presenting.curtain.point(window.rect().center())
        assert presenting.curtain.spot().center().x() in range(
            window.rect().center().x() - 2, window.rect().center().x() + 2
        )
        assert presenting.curtain.spot().width() == 2 * RADIUS
        QTest.keyClick(target, Key.Key_Escape)
        assert presenting.on, "Escape first takes the curtain away"
        assert not presenting.curtain.isVisible()
        QTest.keyClick(target, Key.Key_Escape)
        assert not presenting.on
        assert abs(made.session.settings.text_scale - before) < 0.01 * LARGER
        assert not window.commands["present"].isChecked()


def test_the_lesson_has_room_for_large_type(qtbot: QtBot, tmp_path: Path) -> None:
    with running(qtbot, tmp_path, load=0) as made:
        window = made.window
        with qtbot.waitSignal(window.lesson.lesson_opened, timeout=60_000):
            window.lesson.start_by_id("one-neuron")
        window.lesson.player.go(1)  # type: ignore[union-attr]
        before = window.docks.left.width()
        made.presenting.start()
        qtbot.waitUntil(lambda: window.docks.left.width() >= SHARE * window.width() - 2)
        bar = window.lesson.page.area.horizontalScrollBar()
        assert bar is not None
        qtbot.waitUntil(lambda: bar.maximum() == 0)
        card, give_up = window.lesson.page.card, window.lesson.page.card.give_up
        assert give_up.mapTo(card, give_up.rect().bottomRight()).x() <= card.width()
        assert card.mapTo(window.docks.left, card.rect().topRight()).x() <= window.docks.left.width()
        made.presenting.stop()
        qtbot.waitUntil(lambda: abs(window.docks.left.width() - before) <= 2)


def size_of_words(body: MathTextBrowser) -> float:
    """Of the first stretch of text, in points."""
    return next(fragments(next(blocks(body.document_())))).charFormat().fontPointSize()


def test_letters_can_still_be_typed(qtbot: QtBot, tmp_path: Path) -> None:
    with running(qtbot, tmp_path, load=0) as made:
        field = QLineEdit(made.window)
        field.show()
        made.presenting.start()
        field.setFocus()
        qtbot.keyClicks(field, "bs.")
        assert field.text() == "bs."
        assert made.presenting.curtain.mode == ""
        made.presenting.stop()


def test_nothing_tells_an_answer_before_it_is_shown(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(qtbot, tmp_path, load=0) as made:
        window, session = made.window, made.session
        with qtbot.waitSignal(window.lesson.lesson_opened, timeout=60_000):
            window.lesson.start_by_id("one-neuron")
        player = window.lesson.player
        assert player is not None
        asked = 0
        while not (player.waiting and len(player.expected) > 5):  # a number that stands there by no chance
            asked += 1
            player.go(asked)
        assert session.timeline is not None
        session.timeline.end()
        answer = player.expected
        assert tells(told(made, monkeypatch), answer), "as long as nobody presents"
        made.presenting.start()
        assert tells(told(made, monkeypatch), answer) == []
        window.commands["step-back"].trigger()
        assert tells(told(made, monkeypatch), answer) == []
        QTest.keyClick(window.lesson.page.footer.next, Key.Key_PageDown)
        assert not player.waiting
        assert tells(told(made, monkeypatch), answer)
        player.go(asked - 1)
        player.start_over()
        player.go(asked)
        assert session.veil.slots(session.program)
        made.presenting.stop()
        assert not session.veil.slots(session.program)


def test_shapes_that_are_asked_for_are_hidden(qtbot: QtBot, tmp_path: Path) -> None:
    with running(qtbot, tmp_path, load=0) as made:
        window, session = made.window, made.session
        with qtbot.waitSignal(window.lesson.lesson_opened, timeout=60_000):
            window.lesson.start_by_id("convolution")
        player = window.lesson.player
        assert player is not None
        player.go([step.id for step in player.lesson.steps].index("size"))
        slot = player.anchors.slot("y")
        assert slot in session.veil.shapes(session.program), "also for who learns alone"
        assert not session.veil.slots(session.program)
        assert session.graph is not None
        box = next(node.id for node in session.graph.nodes if node.slot == slot)
        assert veiled(session, session.graph, {box: NodeState()})[box].shape == HIDDEN
        made.presenting.start()
        assert slot in session.veil.slots(session.program)
        assert player.anchors.slot("x") not in session.veil.shapes(session.program)
        made.presenting.stop()
        assert slot in session.veil.shapes(session.program)
        player.answer("1x1x2x2")
        assert not session.veil.shapes(session.program)
        assert veiled(session, session.graph, {box: NodeState()})[box].shape is None


def test_the_light_moves_by_keys(qtbot: QtBot, tmp_path: Path) -> None:
    with running(qtbot, tmp_path, load=0) as made:
        window, presenting = made.window, made.presenting
        presenting.start()
        QTest.keyClick(window, Key.Key_S)
        presenting.curtain.point(window.rect().center())
        before = presenting.curtain.spot().center()
        QTest.keyClick(window, Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClick(window, Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
        assert presenting.curtain.spot().center() == before + QPoint(STRIDE, -STRIDE)
        for _ in range(100):
            QTest.keyClick(window, Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
        assert presenting.curtain.spot().center().x() in (-1, 0), "it stays on the window"
        presenting.stop()
