"""All that belongs to changing numbers by hand, beside one tensor's view."""

from __future__ import annotations

from gradviz.ui.panels.inspector.tensor_view import TensorView
from PyQt6.QtCore import QObject, pyqtSignal

from gradviz.app.inside.alterations import Alterations
from gradviz.app.session import Session

from ...listening import listen
from ...theme import ThemeManager
from .altered_strip import AlteredStrip
from .editor import Editor
from .value_editing import ValueEditing


class Changing(QObject):
    """Connects the view with the editor, and marks what is changed; `marked` counts the numbers."""

    told = pyqtSignal(str, str)
    marked = pyqtSignal(object)  # dict of slot -> number of changes

    def __init__(self, session: Session, view: TensorView, themes: ThemeManager) -> None:
        super().__init__(view)
        self._session, self._view = session, view
        self._marked: dict[int, int] = {}
        self.alterations = Alterations(session)
        self.editor = Editor(session, self.alterations, self)
        self.editing = ValueEditing(view, themes)
        self.strip = AlteredStrip(themes)
        self.editing.asked.connect(self._may_change)
        self.editing.changed.connect(self.editor.change)
        self.editing.refused.connect(lambda text: self.told.emit(text, "warning"))
        self.editor.told.connect(self.told)
        self.strip.reset_wanted.connect(self.editor.reset)
        listen(self, session.recording_changed, self._mark)
        listen(self, session.recording_changed, self._give_up)
        listen(self, session.moment_changed, self._mark)

    def refresh(self) -> None:
        """Bring strip and marks up to date with what is shown."""
        now, timeline = self.alterations.now, self._session.timeline
        last = timeline is None or timeline.locate()[0] == len(timeline.programs) - 1
        self.strip.show_altered(now, last)
        facts = self._view.facts
        changes = now.changes if now is not None else {}
        self.editing.marks.show_indices(changes.get(facts.slot, {}) if facts is not None else ())

    def _may_change(self, slot: int) -> None:
        problem = self.editor.problem(slot)
        self.editing.allowed = problem is None
        if problem is not None:
            self.told.emit(problem, "warning")

    def _give_up(self) -> None:
        """The cell that is being written in may be another one by now."""
        if self.editing.field.isVisible():
            self.editing.field.give_up()

    def _mark(self, moment: int = 0) -> None:
        now = self.alterations.now
        counts = {slot: len(elements) for slot, elements in now.changes.items()} if now is not None else {}
        if counts != self._marked:
            self._marked = counts
            self.marked.emit(counts)
