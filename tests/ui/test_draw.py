"""Drawing in the real window: by mouse, from a file, live through the network, and recorded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gradviz.ui.app import Gradviz
from gradviz.ui.panels.draw.files import read_ink
from gradviz.ui.panels.draw.window import DrawWindow
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QImage
from pytestqt.qtbot import QtBot

from gradviz.app.drawing import DrawingError, ink_of, prepared
from gradviz.app.i18n import set_language
from gradviz.data import digits
from tests.digit_strokes import DIGITS
from tests.ui.window import running


@pytest.fixture
def g(qtbot: QtBot, tmp_path: Path) -> Iterator[Gradviz]:
    with running(qtbot, tmp_path, load=0) as made:
        made.window.lab.start_over()
        qtbot.waitUntil(lambda: made.window.lab.experiment is not None and not made.window.lab.busy)
        yield made


@pytest.fixture
def window(g: Gradviz) -> DrawWindow:
    g.window.commands["draw"].trigger()
    found = g.tools.drawing
    assert found is not None
    assert found.isVisible()
    return found


def draw(qtbot: QtBot, window: DrawWindow, digit: int) -> None:
    """With the mouse."""
    sheet = window.pad.sheet
    for points in DIGITS[digit]:
        places = [
            QPoint(round(sheet.x() + x * sheet.width()), round(sheet.y() + y * sheet.height()))
            for x, y in points
        ]
        qtbot.mousePress(window.pad, Qt.MouseButton.LeftButton, pos=places[0])
        for place in places[1:]:
            qtbot.mouseMove(window.pad, place)
        qtbot.mouseRelease(window.pad, Qt.MouseButton.LeftButton, pos=places[-1])


def settled(qtbot: QtBot, window: DrawWindow) -> None:
    """Wait until the network has seen what is drawn now."""

    def seen() -> bool:
        wanted = prepared(ink_of(window.drawing.visible), 32, "digits")
        return window.last is not None and np.array_equal(window.last.image, wanted)

    qtbot.waitUntil(seen)


def test_a_drawing_is_seen_and_recorded(g: Gradviz, window: DrawWindow, qtbot: QtBot) -> None:
    assert not window.record.isEnabled()
    draw(qtbot, window, 3)
    settled(qtbot, window)
    seen, experiment = window.last, g.window.lab.experiment
    assert seen is not None
    assert experiment is not None
    scores = experiment.evaluator().outputs(seen.image[np.newaxis, np.newaxis])[0].astype(np.float64)
    shares = np.exp(scores) / np.exp(scores).sum()
    np.testing.assert_allclose(window.bars.probabilities, shares, atol=1e-6)
    assert window.bars.texts()[seen.best] == f"{seen.best}: {100 * seen.probabilities[seen.best]:.1f} %"
    assert window.target.currentIndex() == seen.best
    assert [p.isVisible() for p in window.maps.pictures] == [True] * len(seen.maps)
    window.grab()

    window.target.setCurrentIndex(3)
    window.target.activated.emit(3)
    recorded = g.session.recording
    assert recorded is not None
    count = len(recorded.iterations)
    window.record.click()
    qtbot.waitUntil(lambda: len(g.session.recording.iterations) == count + 1 and not g.window.lab.busy)
    recorded = g.session.recording
    assert recorded is not None
    program = recorded.iterations[-1].program
    names = {slot.name: i for i, slot in enumerate(program.slots) if slot.name}
    np.testing.assert_array_equal(program.values[names["x"]][0, 0], seen.image)
    assert program.values[names["target"]].tolist() == [3]
    assert program.gradients  # it has been back-propagated
    qtbot.waitUntil(lambda: window.last is not None and window.last.probabilities[3] > seen.probabilities[3])
    assert window.target.currentIndex() == 3  # the user's choice stays


def test_undo_redo_and_wiping(window: DrawWindow, qtbot: QtBot) -> None:
    tools = window.tools
    assert not any(button.isEnabled() for button in (tools.undo, tools.redo, tools.clear))
    draw(qtbot, window, 4)
    assert len(window.drawing.visible) == 2
    tools.brush.setValue(20)
    draw(qtbot, window, 1)
    assert window.drawing.items[-1].width == 0.2
    tools.undo.click()
    assert len(window.drawing.visible) == 2
    tools.redo.click()
    assert len(window.drawing.visible) == 3
    tools.clear.click()
    qtbot.waitUntil(lambda: window.last is None and window.bars.probabilities is None)
    assert not window.record.isEnabled()
    tools.undo.click()
    settled(qtbot, window)


def save_digit(path: Path, dark: bool) -> np.ndarray:
    ink = digits(8).inputs[12, 0]
    grey = np.kron(ink if dark else 1 - ink, np.ones((20, 20)))
    pixels = np.ascontiguousarray(np.rint(grey * 255).astype(np.uint8))
    image = QImage(pixels.data, 160, 160, 160, QImage.Format.Format_Grayscale8)
    assert image.save(str(path))
    return ink


@pytest.mark.parametrize("name", ["light.png", "dark.png", "photo.jpg"])
def test_an_image_file_is_as_good_as_a_drawing(
    window: DrawWindow, qtbot: QtBot, tmp_path: Path, name: str
) -> None:
    ink = save_digit(tmp_path / name, name == "dark.png")
    found = read_ink(tmp_path / name)
    error = 0.1 if name.endswith("jpg") else 0.01
    np.testing.assert_allclose(found[10::20, 10::20], np.where(ink < 0.1, 0, ink), atol=error)
    window.pad.file_dropped.emit(tmp_path / name)
    settled(qtbot, window)
    assert window.problem.text() == ""
    window.grab()


def test_what_is_no_image_is_told(window: DrawWindow, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    plain = tmp_path / "plain.png"
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    image.save(str(plain))
    for path in (broken, plain, tmp_path / "missing.png"):
        with pytest.raises(DrawingError):
            read_ink(path)
        window.open_file(path)
        assert window.problem.text()
        assert not window.drawing.items


def test_other_models_and_languages(g: Gradviz, window: DrawWindow, qtbot: QtBot) -> None:
    draw(qtbot, window, 7)
    settled(qtbot, window)
    title = window.windowTitle()
    set_language("zh_CN")
    assert window.windowTitle() != title
    set_language("en")
    g.window.commands["theme-dark"].trigger()
    window.grab()
    g.window.lab.choose_data("moons")
    qtbot.waitUntil(lambda: not g.window.lab.busy and "drawings" in window.problem.text())
    assert window.bars.probabilities is None
    assert not window.record.isEnabled()
