"""Messages are shown, counted, copied, acted on, and only the harmless ones go away by themselves."""

import threading
from collections.abc import Iterator

import pytest
from gradviz.ui.messages import AT_MOST, MessageBar
from gradviz.ui.theme import ThemeManager
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QPlainTextEdit, QToolButton
from pytestqt.qtbot import QtBot

from gradviz.app.i18n import set_language


@pytest.fixture
def bar(qtbot: QtBot) -> Iterator[MessageBar]:
    bar = MessageBar(ThemeManager("light"))
    qtbot.addWidget(bar)
    bar.show()
    yield bar
    set_language("en")


def test_an_error_stays_with_its_word_and_details(bar: MessageBar, qtbot: QtBot) -> None:
    message = bar.show_message("matmul: 400 != 120", "error", "Traceback ...")
    assert message.accessibleName() == "Error: matmul: 400 != 120"
    details = message.findChild(QPlainTextEdit)
    assert details is not None
    assert not details.isVisible()
    qtbot.mouseClick(message._more, Qt.MouseButton.LeftButton)
    assert details.isVisible()
    assert details.toPlainText() == "Traceback ..."
    assert not message._timer.isActive()


def test_an_info_goes_by_itself(bar: MessageBar, qtbot: QtBot) -> None:
    message = bar.show_message("Saved.")
    assert message._timer.isActive()
    message._timer.setInterval(0)
    qtbot.waitUntil(lambda: bar.messages == [])


def test_an_info_waits_while_one_is_in_it(bar: MessageBar, qtbot: QtBot) -> None:
    message = bar.show_message("Saved.")
    with qtbot.waitActive(bar):
        bar.activateWindow()
    message._close.setFocus()
    with qtbot.assertNotEmitted(message.closed):
        message._close_itself()
    message._close.clearFocus()
    message.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    with qtbot.waitSignal(message.closed):
        message._close_itself()


def test_the_same_again_is_counted(bar: MessageBar) -> None:
    bar.show_message("No layout", "warning")
    message = bar.show_message("No layout", "warning", "second time")
    assert bar.messages == [message]
    assert message.count == 2
    assert "2" in message._label.text()


def test_there_are_never_many(bar: MessageBar) -> None:
    for number in range(AT_MOST + 2):
        bar.show_message(str(number), "warning")
    assert [message.text for message in bar.messages] == ["2", "3", "4"]


def test_an_action_is_done_once_and_closes_the_message(bar: MessageBar, qtbot: QtBot) -> None:
    done: list[str] = []
    message = bar.show_message("Run a.py?", actions=[("Run it", lambda: done.append("run"))])
    assert not message._timer.isActive()
    qtbot.mouseClick(message.action_buttons[0], Qt.MouseButton.LeftButton)
    assert done == ["run"]
    assert bar.messages == []


def test_copy_takes_the_details_too(bar: MessageBar, qapp: QApplication, qtbot: QtBot) -> None:
    message = bar.show_message("Oh", "error", "in line 3")
    qtbot.mouseClick(message._copy, Qt.MouseButton.LeftButton)
    clipboard = qapp.clipboard()
    assert clipboard is not None
    assert clipboard.text() == "Oh\n\nin line 3"


def test_escape_closes(bar: MessageBar, qtbot: QtBot) -> None:
    message = bar.show_message("Oh", "error")
    qtbot.keyClick(message, Qt.Key.Key_Escape)
    assert bar.messages == []


def test_any_thread_may_post(bar: MessageBar, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bar.shown) as caught:
        thread = threading.Thread(target=bar.post, args=("from afar", "error", "trace"))
        thread.start()
        thread.join()
    assert caught.args == ["error", "from afar"]


def test_every_button_has_a_name_and_a_tip(bar: MessageBar) -> None:
    bar.show_message("Run?", "warning", "details", [("Run it", lambda: None)])
    buttons = bar.findChildren(QToolButton)
    assert buttons
    for button in buttons:
        assert button.accessibleName()
        assert button.toolTip()


def test_a_theme_change_recolours(bar: MessageBar) -> None:
    message = bar.show_message("Oh", "error")
    before = message.styleSheet()
    bar._themes.set_choice("dark")
    assert message.styleSheet() != before
