"""Each test that asks for `about` and `g` runs on every subject."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from gradviz.ui.app import Gradviz
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.inside.subjects import SUBJECTS, Subject, shown, subject

Key = Qt.Key


# ResNet-18, with its thousand instructions, takes several seconds for each test.
LARGE = frozenset({"resnet"})


@pytest.fixture(
    params=[pytest.param(name, marks=pytest.mark.slow if name in LARGE else ()) for name in SUBJECTS]
)
def about(request: pytest.FixtureRequest) -> Subject:
    return subject(request.param)


@pytest.fixture
def g(qtbot: QtBot, tmp_path: Path, about: Subject) -> Iterator[Gradviz]:
    with shown(qtbot, tmp_path, about) as made:
        yield made
