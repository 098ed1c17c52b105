"""The code panel lights the line that has just run, says what lines computed, and selects by a click."""

from dataclasses import replace

import pytest
from gradviz.engine.program import Program
from gradviz.ui.panels.code import CodePanel
from gradviz.ui.panels.code_style import ARROW, CURRENT, SELECTED, WRONG
from gradviz.ui.theme import DARK, ThemeManager
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradviz.app.code_lines import CodeMap
from gradviz.app.recording import Recording
from gradviz.app.session import Session
from gradviz.app.state import StateView
from tests.ui.fakes import lenet


@pytest.fixture
def session() -> Session:
    made = Session()
    made.load(lenet())
    return made


@pytest.fixture
def themes(qapp: QApplication) -> ThemeManager:
    return ThemeManager("light")


@pytest.fixture
def panel(qtbot: QtBot, session: Session, themes: ThemeManager) -> CodePanel:
    return shown(qtbot, session, themes)


def shown(qtbot: QtBot, session: Session, themes: ThemeManager) -> CodePanel:
    made = CodePanel(session, themes)
    qtbot.addWidget(made)
    made.resize(420, 500)
    with qtbot.waitExposed(made):
        made.show()
    made.refresh()
    return made


def program(session: Session) -> Program:
    assert session.program is not None
    return session.program


def editor(panel: CodePanel):  # type: ignore[no-untyped-def]
    assert panel.editor is not None
    return panel.editor


def below(panel: CodePanel, line: int) -> str:
    """The text below a line, counted from 0 (QScintilla's own annotation() reads beyond its end)."""
    send = editor(panel).SendScintilla
    text = bytearray(1000)
    length = send(editor(panel).SCI_ANNOTATIONGETTEXT, line, text)
    return text[:length].decode()


def go(session: Session, panel: CodePanel, moment: int) -> None:
    assert session.timeline is not None
    session.timeline.go(moment)
    panel.refresh()


def test_each_instruction_lights_its_line_in_its_file(panel: CodePanel, session: Session) -> None:
    for moment in [*range(1, len(program(session)) + 1), 3]:
        go(session, panel, moment)
        site = program(session).instrs[moment - 1].site
        assert panel.file == site.file
        assert editor(panel).text() == session.recording.sources[site.file]  # type: ignore[union-attr]
        assert editor(panel).marked(ARROW) == editor(panel).marked(CURRENT) == [site.line]
        first = editor(panel).firstVisibleLine()
        assert first <= editor(panel).SendScintilla(editor(panel).SCI_VISIBLEFROMDOCLINE, site.line - 1)
    go(session, panel, 0)
    assert editor(panel).marked(ARROW) == []


def test_the_cursor_is_followed_by_itself(qtbot: QtBot, panel: CodePanel, session: Session) -> None:
    assert session.timeline is not None
    session.timeline.go(5)
    line = program(session).instrs[4].site.line
    qtbot.waitUntil(lambda: editor(panel).marked(ARROW) == [line])


def test_notes_say_what_the_program_holds(panel: CodePanel, session: Session) -> None:
    recording = session.recording
    assert recording is not None
    code = CodeMap(program(session), recording.sources)
    for moment in (0, 4, 20, len(program(session))):
        go(session, panel, moment)
        expected = code.notes(panel.file, StateView(program(session), moment))
        assert editor(panel).notes() == expected


def test_the_current_lines_note_is_below_it(panel: CodePanel, session: Session) -> None:
    index = next(i for i, x in enumerate(program(session).instrs) if x.op == "conv2d")
    go(session, panel, index + 1)
    line = program(session).instrs[index].site.line
    assert "1×6×28×28" in below(panel, line - 1)
    go(session, panel, len(program(session)))
    assert below(panel, line - 1) == ""


def test_a_click_in_the_margin_selects_the_lines_operations(panel: CodePanel, session: Session) -> None:
    index = next(i for i, x in enumerate(program(session).instrs) if x.op == "conv2d")
    go(session, panel, index + 1)
    line = program(session).instrs[index].site.line
    send = editor(panel).SendScintilla
    position = send(editor(panel).SCI_POSITIONFROMLINE, line - 1)
    y = send(editor(panel).SCI_POINTYFROMPOSITION, 0, position) + 6
    QTest.mouseClick(editor(panel).viewport(), Qt.MouseButton.LeftButton, pos=QPoint(8, y))
    instrs = CodeMap(program(session)).instrs[panel.file, line]
    assert session.selection.slot == program(session).instrs[instrs[0]].output
    QTest.mouseClick(editor(panel).viewport(), Qt.MouseButton.LeftButton, pos=QPoint(8, y))
    assert session.selection.slot == program(session).instrs[instrs[1]].output
    panel.refresh()
    assert editor(panel).marked(SELECTED) == [line]


def test_a_click_beside_code_that_computes_nothing_selects_nothing(
    panel: CodePanel, session: Session
) -> None:
    go(session, panel, 3)
    editor(panel).line_clicked.emit(1)
    assert session.selection.slot is None


def test_selected_parameters_mark_the_lines_that_read_them(panel: CodePanel, session: Session) -> None:
    go(session, panel, len(program(session)))
    slot = next(i for i, s in enumerate(program(session).slots) if s.name == "conv1.weight")
    session.select_slot(slot)
    reader = program(session).consumers[slot][0][0]
    panel.show_line(program(session).instrs[reader].site.file, 1)
    panel.refresh()
    assert program(session).instrs[reader].site.line in editor(panel).marked(SELECTED)


def test_files_can_be_chosen(panel: CodePanel, session: Session) -> None:
    sources = list(session.recording.sources)  # type: ignore[union-attr]
    assert [panel.files.itemData(i) for i in range(panel.files.count())] == sources
    assert panel.files.isVisible() is (len(sources) > 1)
    for row, file in enumerate(sources):
        panel.files.setCurrentIndex(row)
        panel.files.activated.emit(row)
        assert panel.file == file


def test_show_line_goes_there(panel: CodePanel, session: Session) -> None:
    file = max(session.recording.sources, key=lambda f: len(session.recording.sources[f]))  # type: ignore[union-attr]
    panel.show_line(file, 30)
    assert panel.file == file
    assert editor(panel).firstVisibleLine() <= 30
    panel.show_line("not-there.py", 1)
    assert panel.file == file


def test_the_wrong_line_is_marked_with_the_error(qtbot: QtBot, themes: ThemeManager) -> None:
    session = Session()
    source = "import gradviz\n\n\nx = 1 / 0\n"
    session.load(
        Recording(
            "broken", (), {"broken.py": source}, problem="ZeroDivisionError: division by zero",
            problem_file="broken.py", problem_line=4,
        )
    )  # fmt: skip
    panel = shown(qtbot, session, themes)
    assert panel.file == "broken.py"
    assert editor(panel).marked(WRONG) == [4]
    assert "ZeroDivisionError" in below(panel, 3)
    panel.resize(200, 400)
    assert below(panel, 3).count("\n") >= 1
    session.load(lenet())
    panel.refresh()
    assert editor(panel).marked(WRONG) == []


def test_a_problem_without_a_line_is_no_problem(qtbot: QtBot, themes: ThemeManager) -> None:
    session = Session()
    session.load(replace(lenet(), problem="stopped", problem_file="elsewhere.py", problem_line=99))
    panel = shown(qtbot, session, themes)
    assert editor(panel).marked(WRONG) == []


def test_empty_state(qtbot: QtBot, themes: ThemeManager) -> None:
    session = Session()
    panel = shown(qtbot, session, themes)
    assert panel.empty.isVisible()
    assert panel.editor is None  # QScintilla is not needed yet
    session.load(lenet())
    qtbot.waitUntil(lambda: panel.editor is not None and panel.editor.isVisible())


def test_it_cannot_be_edited(panel: CodePanel, session: Session) -> None:
    go(session, panel, 1)
    text = editor(panel).text()
    editor(panel).setFocus()
    QTest.keyClicks(editor(panel), "abc")
    QTest.keyClick(editor(panel), Qt.Key.Key_Delete)
    assert editor(panel).text() == text


def test_colours_follow_the_theme(panel: CodePanel, session: Session, themes: ThemeManager) -> None:
    go(session, panel, 1)
    themes.set_choice("dark")
    panel.refresh()
    image = editor(panel).viewport().grab().toImage()
    colours = {image.pixelColor(image.width() - 4, y).name() for y in range(4, image.height() - 4)}
    assert DARK.code_background.name() in colours
    assert not any(image.pixelColor(x, 4).lightness() > 240 for x in range(image.width()))


def test_hidden_panel_catches_up(qtbot: QtBot, panel: CodePanel, session: Session) -> None:
    panel.hide()
    assert session.timeline is not None
    session.timeline.go(4)
    QApplication.processEvents()
    assert editor(panel).marked(ARROW) == []
    panel.show()
    assert editor(panel).marked(ARROW) == [program(session).instrs[3].site.line]
