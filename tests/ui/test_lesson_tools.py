"""What a lesson's steps ask of the window: tools open, panels show, and an experiment done by hand counts."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from gradviz.app.lessons.command import new
from tests.ui.window import running

STEPS = """
[[steps]]
id = "plot"
at = "end"
select = "price"
show = "plots:loss"

[[steps]]
id = "nudge"
at = "end"
select = "price"
tool = "nudge"
do = "nudge"

[[steps]]
id = "update"
at = "end"
select = "price"
tool = "update"
do = "update"

[[steps]]
id = "free"
at = "end"
do = "free"
"""
WORDS = (
    "# T\n\n## A {#plot}\na\n\n## B {#nudge}\nb\n\n### >\nNudge it.\n\n"
    "## U {#update}\nu\n\n### >\nClick.\n\n## C {#free}\nc\n\n### >\nThink.\n"
)


def test_steps_open_tools_and_experiments_count_once_they_are_done_by_hand(
    qtbot: QtBot, tmp_path: Path
) -> None:
    assert new("tools", tmp_path) == 0
    folder = tmp_path / "tools"
    (folder / "lesson.toml").write_text(STEPS, encoding="utf-8")
    (folder / "lesson.en.md").write_text(WORDS, encoding="utf-8")
    (folder / "lesson.zh_CN.md").unlink()
    with running(qtbot, tmp_path / "settings", load=0) as made:
        window = made.window
        window.opener.open(folder)
        with qtbot.waitSignal(window.lesson.lesson_opened, timeout=60_000):
            window.lesson.waiting.yes.click()
        page, player = window.lesson.page, window.lesson.player
        assert player is not None
        assert window.plots.tab == "loss"
        assert window.docks.plots.isVisible()
        assert not page.task.isVisible()
        nudge = window.inspector.experiments.nudge
        with qtbot.waitSignal(nudge.nudged, check_params_cb=lambda found: found is not None):
            page.go_on()
        assert nudge.isVisible()
        assert page.task.words.markdown() == "Nudge it."
        assert not player.given.done, "the step itself has opened it"
        with qtbot.waitSignal(nudge.nudged, check_params_cb=lambda found: found is not None):
            nudge.set_epsilon(0.5)
        assert player.given.done
        assert page.task.caption.text() == "Tried out"
        page.go_on()
        assert not player.given.done, "the step has shown the ledger, nobody has touched it"
        window.inspector.update_ledger.element_chosen.emit(0, ())
        assert player.given.done, "the first click counts: showing the ledger was no use of it"
        page.go_on()
        assert not page.task.open.isVisible()
        page.task.done.click()
        assert player.given.done
        page.go_back()
        assert player.given.done, "it stays done"
