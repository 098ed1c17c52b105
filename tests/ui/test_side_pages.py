"""Practice and bug hunt for everyone: every control has a name and a tip, in both languages and themes."""

from pathlib import Path

import pytest
from PyQt6.QtWidgets import QAbstractButton, QLineEdit, QListWidget, QTextBrowser, QWidget
from pytestqt.qtbot import QtBot

from gradviz.app.lessons.bughunt.bugs import BUGS
from gradviz.app.lessons.bughunt.child import record
from gradviz.app.lessons.bughunt.hunt import Hunt
from tests.ui.window import running


def look(page: QWidget) -> None:
    kinds = (QAbstractButton, QLineEdit, QListWidget, QTextBrowser)
    shown = [each for kind in kinds for each in page.findChildren(kind) if each.isVisible()]
    assert shown
    for each in shown:
        assert each.accessibleName() or (isinstance(each, QAbstractButton) and each.text()), each
        assert each.toolTip() or isinstance(each, QTextBrowser), each
    page.grab()


@pytest.mark.parametrize(("language", "theme"), [("en", "dark"), ("zh_CN", "light")])
def test_every_control_has_a_name(
    qtbot: QtBot, tmp_path: Path, language: str, theme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["test"])
    with running(qtbot, tmp_path, load=0, language=language, theme=theme) as made:
        practice, hunting = made.practice, made.hunting
        practice.show()
        look(practice.page)
        for topic in ("mul", "broadcasting"):
            practice.begin(topic)
            look(practice.page)
        practice.give_up()
        look(practice.page)
        hunting.show()
        look(hunting.page)
        hunting.page.show_running()
        look(hunting.page)
        bug = BUGS["relu-open"]
        hunting.hunt = Hunt(bug, record(bug.scene, bug))
        hunting.page.show_hunt(hunting.hunt)
        hunting.page.suspects.setCurrentRow(0)
        look(hunting.page)
        hunting.accuse("op:mm")
        hunting.give_up()
        look(hunting.page)
