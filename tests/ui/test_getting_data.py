"""Data of one's own and MNIST in the window: dropped, chosen, downloaded when the user says so."""

from __future__ import annotations

import gzip
import hashlib
import struct
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from gradviz.ui.app import Gradviz
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gradviz.data import download
from tests.gradviz.data.server import Behaviour, serving
from tests.ui.test_opener import drop, levels
from tests.ui.window import running

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def g(qtbot: QtBot, fresh_home: Path) -> Iterator[Gradviz]:
    with running(qtbot, fresh_home / "config") as made:
        yield made


def idle(g: Gradviz, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not g.window.lab.busy and not g.window.downloading.busy, timeout=60_000)


def idx(array: np.ndarray) -> bytes:
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return gzip.compress(head + array.astype(np.uint8).tobytes(), mtime=0)


def mnist_files() -> dict[str, bytes]:
    """Two hundred random digits under MNIST's names."""
    made = {}
    for part in ("train", "t10k"):
        images = np.random.default_rng(0).integers(0, 256, (200, 28, 28))
        made[f"{part}-images-idx3-ubyte.gz"] = idx(images)
        made[f"{part}-labels-idx1-ubyte.gz"] = idx(np.arange(200) % 10)
    return made


def serve(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Let the download believe that the test's server is a mirror, and its files MNIST's."""
    bodies = mnist_files()
    sums = {name: f"md5:{hashlib.md5(body).hexdigest()}" for name, body in bodies.items()}
    total = sum(map(len, bodies.values()))
    real = partial(download.fetch_mnist, mirrors=[address], files=sums, total=total)
    monkeypatch.setattr(download, "fetch_mnist", real)


def test_a_dropped_table_is_trained_on_and_remembered(g: Gradviz, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "flowers.csv"
    path.write_text("\n".join(["a,b,c,kind", *(f"{i},{i % 5},{-i},{'xyz'[i % 3]}" for i in range(45))]))
    drop(g, path)
    idle(g, qtbot)
    assert g.window.toolbar.data.currentData() == "file"
    assert g.window.toolbar.model.currentData() == "mlp"
    assert g.window.lab.experiment is not None
    assert g.window.lab.experiment.data.classes == ("x", "y", "z")
    (message,) = g.window.messages.messages
    assert message.text.startswith("flowers.csv: 45 samples, 3 features, 3 classes: x, y, z; 36 for training")
    assert g.session.settings.recent_files == [str(path)]
    g.window.lab.training.run(epochs=2)
    idle(g, qtbot)
    assert len(g.window.lab.experiment.log.epochs) == 2
    assert g.session.settings.data_file == str(path)


def test_a_broken_table_is_told_and_what_was_there_stays(g: Gradviz, qtbot: QtBot, tmp_path: Path) -> None:
    before = g.session.recording
    path = tmp_path / "broken.csv"
    path.write_text("a,b\n" + "1,x\n" * 6 + "oops,y\n")
    drop(g, path)
    idle(g, qtbot)
    (message,) = g.window.messages.messages
    assert (message.level, "broken.csv:8: column 'a': 'oops'" in message.text) == ("error", True)
    assert g.session.recording is before
    assert g.window.toolbar.data.currentData() == "digits"


def choose(g: Gradviz, data: str) -> None:
    box = g.window.toolbar.data
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def test_mnist_is_downloaded_only_on_the_user_s_word(
    g: Gradviz, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    behaviour = Behaviour(mnist_files())
    with serving(behaviour) as address:
        serve(monkeypatch, address)
        choose(g, "mnist")
        (message,) = g.window.messages.messages
        assert "11 MB" in message.text
        assert behaviour.asked == []
        assert g.window.toolbar.data.currentData() == "digits"
        qtbot.mouseClick(message.action_buttons[0], LEFT)
        qtbot.waitUntil(lambda: len(behaviour.asked) == 4, timeout=30_000)
        qtbot.waitUntil(lambda: not g.window.downloading.busy)
        idle(g, qtbot)
    assert g.window.toolbar.data.currentData() == "mnist"
    assert g.window.lab.experiment is not None
    assert len(g.window.lab.experiment.data) == 400  # its own test digits too


def test_a_server_that_dies_is_told_and_the_rest_comes_later(
    g: Gradviz, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    behaviour = Behaviour(mnist_files(), breaks_after=[90_000])
    with serving(behaviour) as address:
        serve(monkeypatch, address)
        g.window.commands["download-mnist"].trigger()
        qtbot.waitUntil(lambda: levels(g) == ["error"], timeout=30_000)
        (message,) = g.window.messages.messages
        assert "train-images-idx3-ubyte.gz cannot be loaded" in message.text
        qtbot.waitUntil(lambda: not g.window.downloading.busy)
        qtbot.mouseClick(message.action_buttons[0], LEFT)
        qtbot.waitUntil(lambda: g.window.toolbar.data.currentData() == "mnist", timeout=30_000)
        idle(g, qtbot)
    assert behaviour.asked[1][1] is not None, "it goes on where it broke off"


def test_a_download_can_be_stopped(g: Gradviz, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(folder: Path, told: object) -> Path:
        while told(1_000_000, 11_000_000):  # type: ignore[operator]
            pass
        raise download.DownloadCancelledError

    monkeypatch.setattr(download, "fetch_mnist", endless)
    g.window.commands["download-mnist"].trigger()
    assert g.window.downloading.busy
    (job,) = g.window.status.jobs.jobs
    qtbot.waitUntil(lambda: "1.0 of 11.0 MB" in job.text)
    g.window.commands["cancel"].trigger()
    qtbot.waitUntil(lambda: not g.window.downloading.busy)
    assert levels(g) == []
