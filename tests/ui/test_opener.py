"""Opening scripts, recordings, folders: nothing runs unasked, and what goes wrong is told beside the work."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from gradviz.ui.app import Gradviz
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from gradviz.app.storage import load_recording, save_recording
from tests.ui.fakes import lenet
from tests.ui.window import running

SCRIPT = """
import gradviz as torch
x = torch.tensor([1.0, 2.0], requires_grad=True)
loss = (x * x).sum()
loss.backward()
print("loss", loss.item())
"""
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def g(qtbot: QtBot, tmp_path: Path) -> Iterator[Gradviz]:
    with running(qtbot, tmp_path / "config") as made:
        yield made


def script(tmp_path: Path, text: str = SCRIPT) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(text)
    return path


def drop(g: Gradviz, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    where = (Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(QPoint(300, 300), *where)
    g.window.dragEnterEvent(enter)
    assert enter.isAccepted()
    g.window.dropEvent(QDropEvent(QPointF(300, 300), *where))


def levels(g: Gradviz) -> list[str]:
    return [message.level for message in g.window.messages.messages]


def wait(g: Gradviz, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not g.window.opener.busy, timeout=60_000)


def test_a_dropped_script_runs_only_on_the_user_s_word(g: Gradviz, qtbot: QtBot, tmp_path: Path) -> None:
    before = g.session.recording
    drop(g, script(tmp_path))
    (message,) = g.window.messages.messages
    assert message.level == "warning"
    assert "mine.py" in message.text
    assert not g.window.opener.busy
    assert g.session.recording is before
    qtbot.mouseClick(message.action_buttons[0], LEFT)
    assert g.window.opener.busy
    wait(g, qtbot)
    assert g.session.recording is not before
    assert [instr.op for instr in g.session.program.instrs][:2] == ["mul", "sum"]  # type: ignore[union-attr]
    assert g.session.settings.recent_files == [str(tmp_path / "mine.py")]
    assert g.window.docks.tabs.currentIndex() == 1, "the code is shown"
    assert levels(g) == []


def test_an_error_in_a_script_is_told_with_its_place(g: Gradviz, qtbot: QtBot, tmp_path: Path) -> None:
    text = SCRIPT + "w = torch.ones(3, 4) @ torch.ones(5, 6)\n"
    g.window.opener.run(script(tmp_path, text))
    wait(g, qtbot)
    (message,) = g.window.messages.messages
    assert message.level == "error"
    assert "mine.py:7" in message.text
    assert "(3, 4) @ (5, 6)" in message.text
    assert g.session.program is not None
    assert "mul" in [instr.op for instr in g.session.program.instrs], "what ran before is shown"


def test_an_empty_script_is_told(g: Gradviz, qtbot: QtBot, tmp_path: Path) -> None:
    before = g.session.recording
    g.window.opener.run(script(tmp_path, ""))
    wait(g, qtbot)
    assert levels(g) == ["warning"]
    assert g.session.recording is before


def test_an_endless_script_is_stopped(g: Gradviz, qtbot: QtBot, tmp_path: Path) -> None:
    before = g.session.recording
    g.window.opener.run(script(tmp_path, "print('going', flush=True)\nwhile True: pass\n"))
    (job,) = g.window.status.jobs.jobs
    qtbot.waitUntil(lambda: "going" in job.text, timeout=30_000)
    qtbot.mouseClick(job.stop_button, LEFT)
    wait(g, qtbot)
    assert g.window.status.jobs.jobs == []
    assert g.session.recording is before
    assert g.window.isVisible()


def test_a_second_file_stops_the_first(g: Gradviz, qtbot: QtBot, tmp_path: Path) -> None:
    endless = tmp_path / "endless.py"
    endless.write_text("while True: pass\n")
    g.window.opener.run(endless)
    g.window.opener.run(script(tmp_path))
    wait(g, qtbot)
    assert g.session.settings.recent_files[0].endswith("mine.py")


def test_closing_stops_a_script(qtbot: QtBot, tmp_path: Path) -> None:
    with running(qtbot, tmp_path / "config", load=0) as g:
        g.window.opener.run(script(tmp_path, "print('going', flush=True)\nwhile True: pass\n"))
        qtbot.waitUntil(lambda: "going" in g.window.status.jobs.jobs[0].text, timeout=30_000)


def test_a_recording_is_saved_and_opened_again(g: Gradviz, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "walk.gradviz"
    g.window.exporter.save_recording(path)
    qtbot.waitUntil(lambda: bool(levels(g)), timeout=30_000)
    assert levels(g) == ["info"]
    before = g.session.program
    assert before is not None
    drop(g, path)
    wait(g, qtbot)
    after = g.session.program
    assert after is not None
    assert after is not before
    assert after.fingerprint() == before.fingerprint()
    assert all((a == b).all() for a, b in zip(after.values, before.values, strict=True))


def test_a_damaged_recording_is_told(g: Gradviz, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "walk.gradviz"
    save_recording(lenet(), path)
    path.write_bytes(path.read_bytes()[:1000])
    g.window.opener.open(path)
    wait(g, qtbot)
    assert levels(g) == ["error"]


def test_saving_where_one_may_not_is_told(g: Gradviz, qtbot: QtBot, tmp_path: Path) -> None:
    g.window.exporter.save_recording(tmp_path / "no such folder" / "walk.gradviz")
    qtbot.waitUntil(lambda: bool(levels(g)), timeout=30_000)
    assert levels(g) == ["error"]


@pytest.mark.parametrize("name", ["nothing.py", "picture.jpeg"])
def test_what_cannot_be_opened_is_told(g: Gradviz, tmp_path: Path, name: str) -> None:
    if name == "picture.jpeg":
        (tmp_path / name).write_bytes(b"x")
    g.window.opener.open(tmp_path / name)
    assert levels(g) == ["error"]


def test_a_folder_without_mnist_is_told(g: Gradviz, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    drop(g, tmp_path / "pictures")
    qtbot.waitUntil(lambda: bool(levels(g)) and not g.window.lab.busy, timeout=60_000)
    assert levels(g) == ["error"]
    assert g.window.toolbar.data.currentData() == "digits"


def test_nan_in_a_script_is_shown_and_found(g: Gradviz, qtbot: QtBot, tmp_path: Path) -> None:
    text = SCRIPT.replace("[1.0, 2.0]", "[1.0, float('nan')]")
    g.window.opener.run(script(tmp_path, text))
    wait(g, qtbot)
    assert g.session.timeline is not None
    for _ in range(g.session.timeline.length):
        g.window.commands["step-forward"].trigger()
        qtbot.wait(1)
    assert levels(g) == ["warning"]  # which offers to find where it began
    assert "NaN" in g.window.messages.messages[0].text


@pytest.mark.parametrize("name", ["graph.svg", "graph.png"])
def test_the_graph_is_exported(g: Gradviz, tmp_path: Path, name: str) -> None:
    g.window.exporter.export_graph(tmp_path / name)
    assert (tmp_path / name).stat().st_size > 2_000
    assert levels(g) == ["info"]


def test_exporting_where_one_may_not_is_told(g: Gradviz, tmp_path: Path) -> None:
    for name in ("x.png", "x.svg"):
        g.window.exporter.export_graph(tmp_path / "no such folder" / name)
    assert set(levels(g)) == {"error"}


def test_the_recording_is_exported_for_pytorch(g: Gradviz, qtbot: QtBot, tmp_path: Path) -> None:
    g.window.exporter.export_pytorch(tmp_path / "lenet.py")
    qtbot.waitUntil(lambda: bool(levels(g)), timeout=30_000)
    assert levels(g) == ["info"]
    assert "loss.backward()" in (tmp_path / "lenet.py").read_text("utf-8")
    assert (tmp_path / "lenet.npz").exists()


@pytest.mark.parametrize("command", ["open", "open-data", "save", "export", "export-pytorch"])
def test_dialogs_do_not_block(g: Gradviz, qtbot: QtBot, command: str) -> None:
    g.window.commands[command].trigger()
    (dialog,) = g.window.findChildren(QFileDialog)
    assert dialog.isVisible()
    dialog.reject()
    qtbot.waitUntil(lambda: g.window.findChildren(QFileDialog) == [])


def test_recent_files_are_in_the_menu(g: Gradviz, qtbot: QtBot, tmp_path: Path) -> None:
    recent = g.commands.menus.recent
    recent.aboutToShow.emit()
    assert [action.isEnabled() for action in recent.actions()] == [False]
    path = tmp_path / "walk.gradviz"
    save_recording(lenet(), path)
    g.window.opener.open(path)
    wait(g, qtbot)
    recent.aboutToShow.emit()
    assert [action.text() for action in recent.actions()] == ["walk.gradviz"]
    recent.actions()[0].trigger()
    wait(g, qtbot)
    assert load_recording(path).title == g.session.recording.title  # type: ignore[union-attr]
