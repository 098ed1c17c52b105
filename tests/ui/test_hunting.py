"""A bug hunt in the real window, from the choice of a level to the explanation."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from gradviz.app.lessons.bughunt.bugs import BUGS
from gradviz.app.settings import Settings
from tests.ui.window import running


def test_a_hunt_is_recorded_and_the_bug_found(qtbot: QtBot, tmp_path: Path) -> None:
    with running(qtbot, tmp_path, load=0) as made:
        window, hunting, session = made.window, made.hunting, made.session
        window.commands["hunt"].trigger()
        page = hunting.page
        assert page.isVisible()
        assert page.levels[1].hasFocus()
        hunting.begin(1, BUGS["mul-swapped"])
        assert page.bar.isVisible()
        qtbot.waitUntil(lambda: hunting.hunt is not None, timeout=60_000)
        hunt = hunting.hunt
        assert hunt is not None
        assert [page.suspects.item(row).text() for row in range(page.suspects.count())] == [
            "backward of mul",
            "backward of add",
            "backward of tanh",
            "backward of sub",
            "the sum over all uses of a value",
        ]
        page.suspects.setCurrentRow(2)
        assert session.current_node is not None
        slot = session.selection.slot
        assert slot is not None
        assert hunt.program.instrs[hunt.program.producers[slot]].op == "tanh"
        page.accuse.click()
        assert page.verdict.text.markdown() == "`backward of tanh` is innocent. Go on."
        assert page.suspects.item(2).text() == "backward of tanh (innocent)"
        p = next(number for number, slot in enumerate(hunt.program.slots) if slot.name == "p")
        session.select_slot(p)
        assert page.suspect == "op:mul", "the node that was clicked is chosen in the list"
        made.lesson_tools.note("check")
        assert page.used.text() == "1 check used · worth 76 points"
        page.accuse.click()
        assert page.verdict.title.text() == "Right"
        assert "76 points" in page.verdict.text.markdown()
        assert page.again.hasFocus()
        assert Settings.load(tmp_path).hunts == {"mul-swapped": 76}
        page.again.click()
        assert page.results.text() == f"Found so far: 1 of {len(BUGS)} bugs, 76 points"


def test_a_line_is_shown_in_the_code_and_one_can_give_up(qtbot: QtBot, tmp_path: Path) -> None:
    with running(qtbot, tmp_path, load=0) as made:
        hunting, page = made.hunting, made.hunting.page
        hunting.show()
        hunting.begin(2, BUGS["labels-shifted"])
        qtbot.waitUntil(lambda: hunting.hunt is not None, timeout=60_000)
        made.window.docks.show_code()
        made.window.docks.show_lesson()
        page.suspects.setCurrentRow(1)
        assert page.suspect == "line:t = targets[2 * i : 2 * i + 2]"
        assert made.window.code.file.endswith("sgd.py")
        page.give_up.click()
        assert page.verdict.title.text() == "The answer"
        assert "the target of the one before" in page.verdict.text.markdown()
        assert made.session.settings.hunts == {}
