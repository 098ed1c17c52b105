"""A lesson that is edited while it is open: step and answers stay; changed code runs only after a yes."""

from pathlib import Path

import pytest
from gradviz.ui.app import Gradviz
from pytestqt.qtbot import QtBot

from gradviz.app.lessons.command import new
from tests.ui.window import running


def edit(folder: Path, file: str, old: str, new_text: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new_text, 1), encoding="utf-8")


def opened(qtbot: QtBot, made: Gradviz, folder: Path) -> None:
    made.window.opener.open(folder)
    waiting = made.window.lesson.waiting
    assert waiting.state == "asking"
    with qtbot.waitSignal(made.window.lesson.lesson_opened, timeout=60_000):
        waiting.yes.click()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert new("my-lesson", tmp_path) == 0
    return tmp_path / "my-lesson"


def test_words_are_read_again_and_the_step_stays(qtbot: QtBot, tmp_path: Path, folder: Path) -> None:
    with running(qtbot, tmp_path / "settings", load=0) as made:
        opened(qtbot, made, folder)
        panel = made.window.lesson
        player = panel.player
        assert player is not None
        player.go(1)
        player.answer("8")
        assert player.given.tries == 1
        edit(folder, "lesson.en.md", "## A product", "## The product of both")
        qtbot.waitUntil(lambda: panel.page.heading.text() == "The product of both")
        fresh = panel.player
        assert fresh is not None
        assert fresh is not player
        assert (fresh.step.id, fresh.given.tries) == ("product", 1)
        edit(folder, "lesson.toml", 'id = "begin"', 'id = "began"')  # a fault: the text has no such step
        qtbot.waitUntil(lambda: any("lesson.en.md" in each.text for each in made.window.messages.messages))
        assert panel.player is fresh
        edit(folder, "lesson.toml", 'id = "began"', 'id = "begin"')
        edit(folder, "lesson.toml", '\'value("price") + value("count")\'', "'99'")
        qtbot.waitUntil(lambda: panel.player is not None and panel.player is not fresh)
        assert panel.player is not None
        assert panel.player.step.id == "product"
        assert panel.player.given.tries == 0, "another question: its answer is forgotten"


def test_changed_code_asks_again(qtbot: QtBot, tmp_path: Path, folder: Path) -> None:
    with running(qtbot, tmp_path / "settings", load=0) as made:
        opened(qtbot, made, folder)
        panel = made.window.lesson
        edit(folder, "setup.py", "5.0", "7.0")
        qtbot.waitUntil(lambda: panel.waiting.isVisible())
        assert panel.waiting.state == "asking"
        assert "7.0" in panel.waiting.details.toPlainText()
        with qtbot.waitSignal(panel.lesson_opened, timeout=60_000):
            panel.waiting.yes.click()
        assert "7" in panel.page.body.markdown()
