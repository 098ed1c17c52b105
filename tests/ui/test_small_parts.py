"""The window's small parts: number field, running jobs, welcome strip, and what stands in for the graph."""

import pytest
from gradviz.ui.jobs import JobStrip
from gradviz.ui.number_field import NumberField
from gradviz.ui.skeleton import Skeleton
from gradviz.ui.status import ElidedLabel, MomentBar
from gradviz.ui.theme import ThemeManager
from gradviz.ui.welcome import WelcomeStrip
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from gradviz.app.i18n import set_language
from tests.ui.fakes import session

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def field(qtbot: QtBot) -> NumberField:
    made = NumberField(0.01, low=1e-9)
    qtbot.addWidget(made)
    made.show()
    return made


def enter(field: NumberField, text: str, qtbot: QtBot) -> None:
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


@pytest.mark.parametrize(
    ("text", "value"), [("0.5", 0.5), ("1e-3", 0.001), (" 2 ", 2.0), ("0,25", 0.25), (".5", 0.5)]
)
def test_a_number_is_taken(field: NumberField, qtbot: QtBot, text: str, value: float) -> None:
    with qtbot.waitSignal(field.value_changed) as caught:
        enter(field, text, qtbot)
    assert caught.args == [value]
    assert field.value == value
    assert not field.property("invalid")


@pytest.mark.parametrize("text", ["fast", "", "nan", "inf", "-1", "0", "1e9", "1..2", "0x10"])
def test_what_makes_no_sense_is_marked_and_never_used(field: NumberField, qtbot: QtBot, text: str) -> None:
    with qtbot.waitSignal(field.refused) as caught, qtbot.assertNotEmitted(field.value_changed):
        if text:
            enter(field, text, qtbot)
        else:
            field.clear()
            field.editingFinished.emit()
    assert caught.args[0]
    assert field.property("invalid")
    assert field.value == 0.01
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "0.01"
    assert not field.property("invalid")


def test_it_is_marked_while_one_types(field: NumberField, qtbot: QtBot) -> None:
    field.selectAll()
    qtbot.keyClicks(field, "x")
    assert field.property("invalid")
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    qtbot.keyClicks(field, "3")
    assert not field.property("invalid")


def test_the_same_number_again_is_no_change(field: NumberField, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(field.value_changed):
        enter(field, "0.010", qtbot)
    assert field.text() == "0.01"


def test_a_job_tells_how_far_it_is_and_is_stopped(qtbot: QtBot) -> None:
    strip = JobStrip(ThemeManager("light"))
    qtbot.addWidget(strip)
    strip.show()
    stopped: list[str] = []
    job = strip.begin("Training", lambda: stopped.append("yes"))
    assert strip.jobs == [job]
    job.report(3, 10, "loss 0.5")
    assert job.text == "Training · loss 0.5"
    assert "Training" in job.stop_button.accessibleName()
    qtbot.mouseClick(job.stop_button, LEFT)
    assert stopped == ["yes"]
    other = strip.begin("Saving")
    assert not other.stop_button.isVisible()
    job.end()
    assert strip.jobs == [other]
    strip.retranslate()
    other.end()


def test_the_welcome_offers_lessons_anew(qtbot: QtBot) -> None:
    strip = WelcomeStrip(ThemeManager("light"))
    qtbot.addWidget(strip)
    strip.offer([("one-neuron", "One neuron"), ("lenet", "LeNet")])
    strip.offer([("lenet", "LeNet-5")])
    strip.show()
    (button,) = [one for one in strip.findChildren(QPushButton) if not one.isHidden()]
    with qtbot.waitSignal(strip.lesson_chosen) as caught:
        qtbot.mouseClick(button, LEFT)
    assert caught.args == ["lenet"]


def test_the_skeleton_explains_a_long_wait(qtbot: QtBot) -> None:
    skeleton = Skeleton(ThemeManager("dark"))
    qtbot.addWidget(skeleton)
    skeleton._patience.setInterval(0)
    skeleton.resize(800, 500)
    skeleton.show()
    qtbot.waitUntil(lambda: "first start" in skeleton.detail.text())
    assert not skeleton.grab().isNull()
    skeleton.hide()
    assert not skeleton._patience.isActive()


def test_the_status_bar_speaks_the_language(qtbot: QtBot) -> None:
    s = session()
    bar = MomentBar(s, ThemeManager("light"))
    qtbot.addWidget(bar)
    bar.show()
    english = bar.sentence.text()
    set_language("zh_CN")
    try:
        assert bar.sentence.text() != english
        assert s.timeline is not None
        s.timeline.go(3)
        assert bar.sentence.text() not in (english, "")
    finally:
        set_language("en")


def test_a_long_sentence_is_cut_on_the_screen_only(qtbot: QtBot) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.setText("conv2d " * 100)
    label.resize(120, 24)
    label.show()
    assert label.width() == 120
    assert label.toolTip() == label.text()
    assert not label.grab().isNull()
