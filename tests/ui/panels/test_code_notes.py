"""Beside each line stand its variables; lines choose operations by click, key and menu."""

import pytest
from gradviz.ui.fonts import ui_font
from gradviz.ui.panels.code import CodePanel
from gradviz.ui.panels.code_menu import line_menu
from gradviz.ui.panels.code_notes import fitting
from gradviz.ui.theme import LIGHT, ThemeManager
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QFontMetricsF
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradviz.app.code_lines import CodeMap, LineNote, gradient_text, value_text
from gradviz.app.session import Session
from gradviz.app.state import StateView
from tests.ui.fakes import lenet
from tests.ui.panels.test_code_panel import editor, go, program, shown


@pytest.fixture
def session() -> Session:
    made = Session()
    made.load(lenet())
    return made


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> CodePanel:
    return shown(qtbot, session, ThemeManager("light"))


def line_with(panel: CodePanel, text: str) -> int:
    return next(n for n, row in enumerate(editor(panel).text().split("\n"), 1) if text in row)


def test_each_line_shows_the_tensor_that_x_is_there(panel: CodePanel, session: Session) -> None:
    """LeNet's forward calls six different tensors x."""
    recorded = program(session)
    go(session, panel, len(recorded))
    panel.show_line(next(file for file in session.recording.sources if "lenet" in file), 1)  # type: ignore[union-attr]
    panel.refresh()
    for text, op, nth in (("self.conv1(x)", "max_pool2d", 0), ("self.fc3(x)", "linear", 2)):
        index = [i for i, x in enumerate(recorded.instrs) if x.op == op][nth]
        slot = recorded.instrs[index].output
        (note,) = editor(panel).notes()[line_with(panel, text)]
        assert note.text == f"x: {value_text(recorded.values[slot])}"
        total = recorded.gradient_slot(slot)
        assert total is not None
        assert note.gradient == gradient_text(recorded.values[total])


def test_parameters_show_their_gradients_where_they_are_made(panel: CodePanel, session: Session) -> None:
    recorded = program(session)
    go(session, panel, len(recorded))
    panel.show_line(next(file for file in session.recording.sources if "lenet" in file), 1)  # type: ignore[union-attr]
    panel.refresh()
    weight, bias = editor(panel).notes()[line_with(panel, "self.fc3 = nn.Linear")]
    assert (weight.name, bias.name) == ("weight", "bias")
    state = StateView(recorded, len(recorded))
    after, gradient = state.named("fc3.weight"), state.named("fc3.weight.grad")
    assert after is not None
    assert gradient is not None
    assert weight.value == value_text(after)
    assert weight.gradient == gradient_text(gradient)


def test_no_notes_while_nobody_could_read_them(panel: CodePanel, session: Session, qtbot: QtBot) -> None:
    go(session, panel, 4)
    assert editor(panel).notes()
    panel.hurry(True)
    qtbot.waitUntil(lambda: not editor(panel).notes())
    panel.hurry(False)
    qtbot.waitUntil(lambda: bool(editor(panel).notes()))


def test_a_click_on_the_text_and_enter_choose_a_line(panel: CodePanel, session: Session) -> None:
    index = next(i for i, x in enumerate(program(session).instrs) if x.op == "conv2d")
    go(session, panel, index + 1)
    line = program(session).instrs[index].site.line
    send = editor(panel).SendScintilla
    position = send(editor(panel).SCI_POSITIONFROMLINE, line - 1) + 12
    place = QPoint(
        send(editor(panel).SCI_POINTXFROMPOSITION, 0, position),
        send(editor(panel).SCI_POINTYFROMPOSITION, 0, position) + 6,
    )
    chosen: list[frozenset[int]] = []
    panel.line_chosen.connect(chosen.append)
    QTest.mouseClick(editor(panel).viewport(), Qt.MouseButton.LeftButton, pos=place)
    instrs = CodeMap(program(session)).instrs[panel.file, line]
    assert session.selection.slot == program(session).instrs[instrs[0]].output
    assert chosen == [frozenset(instrs)]
    assert editor(panel).caret_line() == line
    QTest.keyClick(editor(panel), Qt.Key.Key_Return)
    assert session.selection.slot == program(session).instrs[instrs[1]].output


def test_the_menu_of_a_line_lists_its_operations(panel: CodePanel, session: Session) -> None:
    recorded = program(session)
    index = next(i for i, x in enumerate(recorded.instrs) if x.op == "conv2d")
    go(session, panel, index + 1)
    site = recorded.instrs[index].site
    code = CodeMap(recorded)
    chosen: list[int] = []
    menu = line_menu(panel, recorded, code, (site.file, site.line), chosen.append)
    assert menu is not None
    actions = [action for action in menu.actions() if not action.isSeparator()]
    assert len(actions) == len(code.instrs[site.file, site.line])
    assert actions[0].text().startswith("conv2d · conv1")
    for action in actions:
        action.trigger()
    assert chosen == [recorded.instrs[i].output for i in code.instrs[site.file, site.line]]
    assert line_menu(panel, recorded, code, ("nowhere.py", 1), chosen.append) is None


@pytest.mark.parametrize("width", [900, 300, 200, 90, 10])
def test_notes_never_leave_their_room(qapp: QApplication, width: int) -> None:
    notes = [
        LineNote("1×6×28×28 · mean 0.03", "∂ mean size 0.2", "x", "1×6×28×28", "|∂| 0.2"),
        LineNote("2.5", "", "lr"),
    ]
    metrics = QFontMetricsF(ui_font(8.5))
    parts = fitting(notes, width, metrics, 8.0, LIGHT)
    assert sum(metrics.horizontalAdvance(text) + 8 for text, _ in parts) - 8 <= width
    assert bool(parts) == (width > 80)
    if width == 900:
        assert [text for text, _ in parts] == ["x: 1×6×28×28 · mean 0.03", "∂ mean size 0.2", "lr = 2.5"]
