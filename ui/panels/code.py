"""The code panel: the source of what is recorded, with the line that runs and what each line has computed."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from gradviz.engine.program import Phase, Program
from PyQt6.QtCore import QEvent, QPoint, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import QComboBox, QLabel, QStackedLayout, QVBoxLayout, QWidget

from gradviz.app.code_lines import CodeMap
from gradviz.app.i18n import language_changed, tr
from gradviz.app.selection import instrs_of
from gradviz.app.session import Session

from ..listening import listen
from ..theme import Theme, ThemeManager
from .code_menu import line_menu

if TYPE_CHECKING:
    from .code_editor import CodeEditor


class CodePanel(QWidget):
    """Follows the session; a click on a line selects what it computes, the next click its next operation."""

    line_chosen = pyqtSignal(frozenset)  # all instructions that come from the line

    def __init__(self, session: Session, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._themes = themes
        self._map: CodeMap | None = None
        self._file = ""
        self._lit: tuple[str, int] | None = None
        self._hurried = False
        self._due = QTimer(self, singleShot=True, interval=0)
        self.editor: CodeEditor | None = None
        self.files = QComboBox()
        self.empty = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self._lay_out()
        self._listen()
        self.retranslate()

    def _lay_out(self) -> None:
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.empty.setProperty("tone", "muted")
        self.empty.setMargin(24)
        self.files.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._page = QWidget()
        self._column = QVBoxLayout(self._page)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.files)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._page)

    def _listen(self) -> None:
        session = self._session
        listen(self, session.recording_changed, self._recording_changed)
        for signal in (session.moment_changed, session.selection_changed, session.veil.changed):
            listen(self, signal, self._changed)
        listen(self, session.graph_changed, self._changed)
        self._themes.changed.connect(self._recolour)
        listen(self, language_changed, self.retranslate)
        self.files.activated.connect(lambda row: self._show_file(self.files.itemData(row)))
        self._due.timeout.connect(self.refresh)

    # What is shown.

    @property
    def file(self) -> str:
        """The file that is shown, "" if none."""
        return self._file

    def show_line(self, file: str, line: int) -> None:
        """Bring a line of a file into sight."""
        if self._editor() is not None and file in self._sources():
            self._show_file(file)
            assert self.editor is not None
            self.editor.setFirstVisibleLine(max(0, line - 6))

    def hurry(self, on: bool) -> None:
        """Leave the notes out, as while one plays so fast that nobody can read them."""
        if on != self._hurried:
            self._hurried = on
            self._changed()

    def refresh(self) -> None:
        """Show the line that has just run, the selection's lines and the notes, at this moment."""
        self._due.stop()
        if not self._sources():
            self._file = ""
            self._stack.setCurrentWidget(self.empty)
            return
        editor = self._editor()
        if editor is None:
            return
        self._stack.setCurrentWidget(self._page)
        line = self._current_line()
        follows = line != self._lit and line is not None and line[0] in self._sources()
        self._lit = line
        if follows and line is not None:
            self._show_file(line[0])
        elif self._file not in self._sources():
            self._show_file(self._first_file())
        self._mark(line)

    def _mark(self, line: tuple[str, int] | None) -> None:
        editor, state = self.editor, self._session.state
        assert editor is not None
        here = line is not None and line[0] == self._file
        if line is not None and here:
            editor.set_current(line[1], self._themes.theme.phase(self._current_phase()))
        else:
            editor.set_current(None)
        code = self._code_map()
        if code is None or state is None:
            editor.set_notes({})
            editor.set_selected(())
            return
        editor.set_notes({} if self._hurried else code.notes(self._file, state))
        session = self._session
        chosen = instrs_of(session.selection, code.program, session.graph)
        editor.set_selected(n for name, n in code.lines_of(chosen) if name == self._file)

    def _sources(self) -> dict[str, str]:
        recording = self._session.recording
        return dict(recording.sources) if recording is not None else {}

    def _first_file(self) -> str:
        """The file with the error, or the first one."""
        recording, sources = self._session.recording, self._sources()
        wrong = recording.problem_file if recording is not None else None
        return wrong if wrong in sources and wrong is not None else next(iter(sources))

    def _code_map(self) -> CodeMap | None:
        program: Program | None = self._session.program
        if program is None:
            return None
        if self._map is None or self._map.program is not program:
            self._map = CodeMap(program, self._sources())
        return self._map

    def _current_line(self) -> tuple[str, int] | None:
        code, timeline = self._code_map(), self._session.timeline
        if code is None or timeline is None or timeline.current is None:
            return None
        return code.line_of(timeline.current[1])

    def _current_phase(self) -> Phase:
        timeline, program = self._session.timeline, self._session.program
        current = timeline.current if timeline is not None else None
        return program.instrs[current[1]].site.phase if program is not None and current else Phase.FORWARD

    def _show_file(self, file: str) -> None:
        editor = self.editor
        if editor is None or file == self._file or file not in self._sources():
            return
        self._file = file
        self.files.setCurrentIndex(self.files.findData(file))
        editor.show_source(self._sources()[file])
        recording = self._session.recording
        if recording is not None and recording.problem_file == file and recording.problem_line:
            editor.set_error(recording.problem_line, recording.problem or "")
        self._mark(self._current_line())

    def _recording_changed(self) -> None:
        """The files may be others, or the same with another error."""
        sources = self._sources()
        if [self.files.itemData(i) for i in range(self.files.count())] != list(sources):
            self.files.clear()
            for file in sources:
                self.files.addItem(PurePath(file).name, file)
                self.files.setItemData(self.files.count() - 1, file, Qt.ItemDataRole.ToolTipRole)
        self.files.setVisible(len(sources) > 1)
        self._file = ""
        self._lit = None
        self._changed()

    def _changed(self, moment: int = 0) -> None:
        if self.isVisible():
            self._due.start()

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self._recording_changed()
        self.refresh()

    def _editor(self) -> CodeEditor | None:
        """The editor, made when the panel is first seen."""
        if self.editor is None and self.isVisible():
            # imported here to keep start-up fast
            from .code_editor import CodeEditor

            self.editor = CodeEditor(self._themes.theme)
            self.editor.line_clicked.connect(self._select_line)
            self.editor.menu_wanted.connect(self._show_menu)
            self._column.addWidget(self.editor, 1)
            self._name_editor()
        return self.editor

    def _select_line(self, line: int) -> None:
        code = self._code_map()
        slot = code.next_slot((self._file, line), self._session.selection.slot) if code is not None else None
        if code is not None and slot is not None:
            self._session.select_slot(slot)
            self.line_chosen.emit(frozenset(code.instrs.get((self._file, line), ())))

    def _show_menu(self, line: int, place: QPoint) -> None:
        """The operations of a line, to choose one of them."""
        code, program = self._code_map(), self._session.program
        if code is not None and program is not None:
            menu = line_menu(self, program, code, (self._file, line), self._session.select_slot)
            if menu is not None:
                menu.popup(place)

    # Looks and words.

    def _recolour(self, theme: Theme) -> None:
        if self.editor is not None:
            self.editor.set_theme(theme)
            self._changed()

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.ApplicationFontChange:
            self._recolour(self._themes.theme)

    def _name_editor(self) -> None:
        if self.editor is not None:
            self.editor.setAccessibleName(tr("Code"))
            self.editor.setToolTip("")

    def retranslate(self, language: str = "") -> None:
        self.setAccessibleName(tr("Code"))
        self.empty.setText(tr("No code yet.\n\nThe source of what you record appears here: open a script."))
        self.files.setAccessibleName(tr("File"))
        self.files.setToolTip(tr("Which file is shown"))
        self._name_editor()
        self._changed()
