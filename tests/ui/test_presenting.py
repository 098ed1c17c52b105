"""Presenting: a clicker turns the steps, answers are shown before one goes on, and the screen goes dark."""

from pathlib import Path

import pytest
from gradviz.ui.math.browser import MathTextBrowser
from gradviz.ui.math.dress import blocks, fragments
from gradviz.ui.presenting import LARGER, RADIUS
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

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
