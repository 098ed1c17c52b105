"""Fixtures of the lesson panel' tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gradviz.app.i18n import set_language
from gradviz.app.lessons.model import Lesson
from gradviz.app.lessons.reader import read_lesson
from tests.gradviz.app.lessons.folders import write_lesson
from tests.ui.panels.lesson.bench import Bench


@pytest.fixture
def lesson(tmp_path: Path) -> Lesson:
    return read_lesson(write_lesson(tmp_path / "sums"))


@pytest.fixture
def bench(lesson: Lesson, qtbot: QtBot, fresh_home: Path) -> Iterator[Bench]:
    bench = Bench([lesson])
    qtbot.addWidget(bench.panel, before_close_func=lambda panel: panel.shut_down())
    bench.panel.resize(380, 700)
    bench.panel.show()
    yield bench
    set_language("en")
