"""A task reports, can be cancelled, tells its errors and leaves no thread behind."""

import threading

import pytest
from gradviz.ui.workers.task import Report, Task
from PyQt6.QtCore import QThread
from pytestqt.qtbot import QtBot


def test_the_result_arrives_in_the_window_s_thread(qtbot: QtBot) -> None:
    here = threading.get_ident()
    places: list[int] = []

    def work(report: Report) -> int:
        places.append(threading.get_ident())
        return 42

    task = Task(work)
    task.finished.connect(lambda _: places.append(threading.get_ident()))
    with qtbot.waitSignals([task.finished, task.ended], order="strict") as caught:
        task.start()
    assert caught.all_signals_and_args[0].args == (42,)
    assert places[0] != here
    assert places[1] == here
    assert not task.running


def test_the_last_report_is_always_told_before_the_end(qtbot: QtBot) -> None:
    told: list[object] = []

    def work(report: Report) -> None:
        for number in range(10_000):
            report(number)

    task = Task(work)
    task.progress.connect(told.append)
    task.finished.connect(lambda _: told.append("end"))
    with qtbot.waitSignal(task.ended):
        task.start()
    assert told[-2:] == [9999, "end"]
    assert len(told) < 200, "reports must not flood the window"


def test_a_report_followed_by_silence_is_told(qtbot: QtBot) -> None:
    go_on = threading.Event()
    told: list[object] = []

    def work(report: Report) -> None:
        report("first")
        report("compiling")
        go_on.wait(10)

    task = Task(work)
    task.progress.connect(told.append)
    task.start()
    qtbot.waitUntil(lambda: "compiling" in told)
    go_on.set()
    qtbot.waitSignal(task.ended).wait()


def test_cancelling_keeps_what_there_is(qtbot: QtBot) -> None:
    def work(report: Report) -> int:
        count = 0
        while report(count):
            count += 1
        return count

    task = Task(work)
    with qtbot.waitSignal(task.progress):
        task.start()
    with qtbot.waitSignal(task.finished) as caught:
        task.cancel()
    assert task.cancelled
    assert isinstance(caught.args[0], int)


@pytest.mark.parametrize("error", [ValueError("no such digit"), SystemExit(3), KeyError()])
def test_errors_are_told_with_their_traceback(qtbot: QtBot, error: BaseException) -> None:
    def work(report: Report) -> None:
        raise error

    task = Task(work)
    with qtbot.waitSignals([task.failed, task.ended], order="strict") as caught:
        task.start()
    message, details = caught.all_signals_and_args[0].args
    assert message == (str(error) or type(error).__name__)
    assert "in work" in details


def test_shutting_down_waits_and_is_silent(qtbot: QtBot) -> None:
    heard: list[object] = []

    def work(report: Report) -> None:
        while report("tick"):
            QThread.yieldCurrentThread()

    task = Task(work)
    task.finished.connect(heard.append)
    with qtbot.waitSignal(task.progress):
        task.start()
    assert task.shut_down()
    qtbot.wait(1)  # lets posted events arrive
    assert heard == []
    assert not task.running


def test_shutting_down_gives_up_on_what_does_not_stop(qtbot: QtBot) -> None:
    let_go = threading.Event()
    task = Task(lambda report: let_go.wait(10))
    task.start()
    assert not task.shut_down(20)
    let_go.set()
    assert task.shut_down()


def test_a_task_that_never_started_can_be_shut_down(qtbot: QtBot) -> None:
    assert Task(lambda report: None).shut_down()
